#!/usr/bin/env bash
# `log tail --where`: what it may name, and what it refuses because it would wait for ever.
# shellcheck source-path=SCRIPTDIR source=stage.bash
source "$(dirname "$0")/stage.bash"
# shellcheck source-path=SCRIPTDIR source=sql.bash
source "$(dirname "$0")/sql.bash"
have_sql

log_site 'access: {from: {web: {on: [app1, app2], path: /access.log}}}'
server_start
start one rusuban_here log tail access --where 'server = app1 and status >= 500'
start all rusuban_here log tail access --where 'server ~ app*'
{ rusuban log tail access 2>"$play/err" || echo $? >"$play/seen"; } | head -n 1 >/dev/null &
rig_wait 5 alive one
rig_wait 5 alive all
for host in app1 app2; do
    for status in 200 500; do
        printf 'time:%s\turi:/%s\tstatus:%d\treqtime:0.800\n' "$(date +%Y-%m-%dT%H:%M:%S+09:00 -d '+9 hours')" \
            "$host-$status" "$status"
    done >"$play/hosts/$host/access.log"
    agent_start "$host"
done
shown() { # NAME LINES
    [ "$(wc -l <"$play/$1.log")" -ge "$2" ]
}
rig_wait 10 shown all 4 || fail "not all lines came: $(<"$play/all.log")"
rig_wait 10 shown one 1 || fail "the line of app1 did not come"
a_line_more() {
    printf 'time:%s\turi:/more\tstatus:200\n' "$(date +%Y-%m-%dT%H:%M:%S%:z)" >>"$play/hosts/app1/access.log"
    [ -s "$play/seen" ]
}
rig_wait 10 a_line_more || fail "a tail whose reader has seen enough goes on"
expect "and is no trouble" "$(<"$play/seen") $(<"$play/err")" "141 "
expect "the host is a label" "$(cut -f1,3 "$play/one.log")" $'server:app1\turi:/app1-500'

# For programs, one object a line.
start json rusuban_here log tail access --where 'status = 503' --json --lines 1
sleep 0.5
printf 'time:%s\turi:/"q"\tstatus:503\tnolabel\n' "$(date +%Y-%m-%dT%H:%M:%S+09:00 -d '+9 hours')" >>"$play/hosts/app1/access.log"
rig_wait 10 shown json 1 || fail "no line as JSON: $(<"$play/json.log")"
expect "a line as JSON" "$(jq -c '[.server, .uri, .status, ._4]' "$play/json.log")" '["app1","/\"q\"","503","nolabel"]'

# A label that no line has would be waited for for ever: who waits is told, and goes on waiting.
start typo rusuban_here log tail access --where 'stauts >= 500'
told() { # NAME: and lines go on coming
    printf 'time:%s\turi:/more\tstatus:200\n' "$(date +%Y-%m-%dT%H:%M:%S%:z)" >>"$play/hosts/app1/access.log"
    grep -q 'no label\|a label' "$play/$1.log"
}
rig_wait 30 told typo || fail "nobody said that no line has the label"
expect_in "which was meant" "$(<"$play/typo.log")" ' label "stauts"; did you mean "status"? there are server, time, uri, status'
alive typo || fail "it did not go on waiting"

for column in page client dt hour; do
    try log tail --where "status = 200 or $column = x"
    expect "$column" "$code" 2
    expect_in "$column" "$err" "$column is a column of rows, and no label of lines"
done

# ---- a person's rows in order of time, also when some share a second

old() { # SECOND URI
    printf 'time:2018-02-15T11:00:%s+09:00\tmethod:GET\turi:%s\tuser_id:77\tstatus:200\n' "$1" "$2"
}
{ old 01 /z; old 03 /b; old 03 /y; old 04 /a; old 02 /c; } >"$play/old.log"
try log import --host app1 "$play/old.log"
expect "imported" "$code" 0
sql_start
try log user 77 --day 2018-02-15 --csv
expect "in order of time" "$(sed 1d <<<"$out" | cut -c18-19 | xargs)" "01 02 03 03 04"

curtain

#!/usr/bin/env bash
# Mei asks the log from her own machine: `rusuban log sql --at URL` and the questions of every day, with a token. What she
# reads, and how it ends, is what she would read on the server, byte for byte.
# shellcheck source-path=SCRIPTDIR/../log source=../log/stage.bash disable=SC2154
source "$(dirname "$0")/../log/stage.bash"
# shellcheck source-path=SCRIPTDIR/../log source=../log/sql.bash
source "$(dirname "$0")/../log/sql.bash"
have_sql
export RUSUBAN_PACE_COMMIT=500

log_site 'access: {from: {web: {on: [app1], path: /access.log}}}' 'sql: {children: 3, warm: 1, memory: 300M}'
port=$(play_ports)
printf 'web: {listen: 127.0.0.1:%s, hooks: 127.0.0.1:%s}\n' "$port" "$((port + 1))" >>"$site_file"
door=http://127.0.0.1:$port

web_listens() { [ -S "$data/run/web.sock" ]; }
pages_are_known() { [ "$(rusuban log pages --json 2>/dev/null | wc -l)" -gt 3 ]; }
start web rusuban_here serve web
rig_wait 20 web_listens || { cat "$play/web.log"; fail "the web role does not listen"; curtain; }
server_start
first=$(TZ=Asia/Tokyo date -d '1 day ago' +%F)
rusuban log generate --pages kotori --rate 0.5 --from "$(date -d '1 day ago' +%FT%T%:z)" --until "$(date +%FT%T%:z)" |
    rusuban log import --host app1 - >"$play/import.log" 2>&1 || fail "no past: $(tail -n 1 "$play/import.log")"
sql_start
rig_wait 20 pages_are_known || fail "the log knows no pages"
end server                              # from here on the lake stays as it is

token=$(rusuban token make mei --role analyst --quiet)
# Her machine knows nothing of the site: no site file, no data directory, no rusuban-sql.
mkdir -p "$play/hers"
cp "$RUSUBAN" "$play/hers/rusuban"
far() {
    (cd "$play/hers" && env PATH=/usr/bin:/bin RUSUBAN_TOKEN="$token" ./rusuban "$@" --at "$door")
}
ran() { # NAME COMMAND...: its streams and its exit code in files; how long it took is another one each time
    local name=$1 code=0
    shift
    "$@" >"$play/$name.out" 2>"$play/$name.raw" </dev/null || code=$?
    sed -E 's/[0-9]+\.[0-9]{2} s$/T/' "$play/$name.raw" >"$play/$name.err"
    echo "$code" >>"$play/$name.err"
}
same() { # WORDS OF rusuban...: asked again when they differ, since a line may leave "the last 90 minutes" in between
    for _ in 1 2 3 4 5 6 7 8; do
        ran here rusuban "$@"
        ran there far "$@"
        cmp -s "$play/here.out" "$play/there.out" && break
    done
    cmp -s "$play/here.out" "$play/there.out" ||
        fail "$*: $(diff "$play/here.out" "$play/there.out" | head -n 5)"
    diff "$play/here.err" "$play/there.err" >"$play/differ" || fail "$*: talk: $(head -n 6 "$play/differ")"
}

# ---- SQL: every kind of value, in each form, with all that is said beside it

values="select 1 as one, -2.50::decimal(9,2) as d, 1e-7::double as f, 'a\"b,c' as text, '' as empty, null as nothing,
    9007199254740993 as large, [1,2] as list, {'a': 'x]', 'b': null} as pair, true as yes, date '2026-11-21' as day,
    make_timestamptz(1795233600250000) as at, chr(27) || '[31m' || chr(10) || '日本' as nasty, 'infinity'::timestamptz as never"
for form in table --csv --json; do
    style=()
    [ $form = table ] || style=("$form")
    same log sql "${style[@]}" "$values"
    same log sql "${style[@]}" --all "select status, count(*) n from access_log group by 1 order by 1"
    same log sql "${style[@]}" "select count(*) > 0 as some from access_log"
    same log sql "${style[@]}" --all "select time, page, uri, reqtime, ua, extra from access_log order by all"
    same log sql "${style[@]}" --quiet --all --limit 3 "select time, uri from access_log order by all"
    same log sql "${style[@]}" "select 1 where false"
    same log sql "${style[@]}" $'select count(*)\nfrom acces_log'
    breaks=(log sql "${style[@]}" "select range, cast(repeat('x', (range = 90000)::int) || range as int) from range(100000)")
    ran here rusuban "${breaks[@]}"
    ran there far "${breaks[@]}"
    expect "a failure in mid-answer" "$(<"$play/there.err")" "$(<"$play/here.err")"
    [ "$(wc -l <"$play/there.out")" -gt 1000 ] || fail "nothing came before it failed"
done
same log sql "select range from range(20000)"
same log sql --param day=yesterday --param "app='; --" "select {{day}} - 1 as d, {{app}} as a, {{n?:number}} as n"
same log sql "select {{day}}"
same log sql --param dya=1 "select {{day?}}"
same log sql --day 2020-02-30 "select count(*) from access_log"
same log sql --day today --all "select 1"
same log sql --day 2001-01-01 "select count(*) from access_log"
same log sql "delete from access_log"
same log sql "describe access_log"
same log sql "explain select 1"
grep -q 'will read about .* of .* files' "$play/here.err" && fail "EXPLAIN reads nothing"
echo "select 42" >"$play/hers/q.sql"
expect "from standard input" "$(far log sql --csv --quiet <"$play/hers/q.sql" | tail -n 1)" 42
expect "from a file" "$(far log sql --csv --quiet --file q.sql | tail -n 1)" 42

# ---- the questions of every day

for form in table --csv --json; do
    style=()
    [ $form = table ] || style=("$form")
    same log top "${style[@]}"
    same log top "${style[@]}" --by requests --limit 3
done
same log top --day 2001-01-01
same log top --by colour
same log top --sql
page=$(rusuban log pages --json --quiet | head -n 1 | jq -r .page)
same log page "$page"
same log page --json "$page"
same log page /no/such/page
same log page "$page" --day 2001-01-01
user=$(rusuban log sql --csv --quiet "select user_id from access_log where user_id > 0 limit 1" | tail -n 1)
[[ $user =~ ^[0-9]+$ ]] || fail "nobody is signed in: \"$user\""
same log user "$user"
same log user nobody
same log pages
same log pages --json --since 2h
same log pages --since never
for times in '--day yesterday' '--day 2001-01-01' '--since 90m' '--day today --since 2h' '--from 2001-01-01 --to 2001-01-01'; do
    read -ra when <<<"$times"
    same log pages --json "${when[@]}"
    same log top --json "${when[@]}"
done
half=$(TZ=Asia/Tokyo date -d '3 hours ago' '+%F %H:30')
same log pages --from "$half"
rusuban log pages --json --from "$half" --quiet | jq -s 'map(.requests) | add' >"$play/by_minutes"
expect "figures and lines agree" "$(<"$play/by_minutes")" \
    "$(rusuban log sql --csv --quiet --from "$half" 'select count(*) from access_log' | tail -n 1)"
expect "so they do of a day" "$(rusuban log pages --json --day yesterday | jq -s 'map(.requests) | add')" \
    "$(rusuban log sql --csv --quiet --day yesterday 'select count(*) from access_log' | tail -n 1)"
try log pages --day 2001-01-01
expect_in "which days there are" "$err" "The log has no page of access on 2001-01-01, and pages are made of uri; there are figures of $first to "

# ---- much to read: said, and asked first

same log sql --all --no-input "select max(reqtime) from access_log"
export RUSUBAN_ASK_BEFORE=10
end web
start web rusuban_here serve web
rig_wait 20 web_listens
for style in --json --csv; do
    same log sql "$style" --all --no-input "select max(reqtime) from access_log"
    same log sql "$style" --all --yes "select max(reqtime) from access_log"
done
expect "how it ends" "$(tail -n 1 "$play/there.err")" 0
unset RUSUBAN_ASK_BEFORE
end web
start web rusuban_here serve web
rig_wait 20 web_listens

# ---- who may not, who is nobody, and a server that leaves in the middle

viewer=$(rusuban token make ono --role viewer --quiet)
expect "a viewer" "$(RUSUBAN_TOKEN=$viewer token=$viewer far log sql 'select 1' 2>&1 >/dev/null || echo "$?")" \
    "$(RUSUBAN_TOKEN=$viewer rusuban log sql 'select 1' --at "$door" 2>&1 >/dev/null || echo "$?")"
code=0
token=$viewer far log sql 'select 1' >/dev/null 2>&1 || code=$?
expect "its exit code" "$code" 4
code=0
token=rsb_nobody far log sql 'select 1' >/dev/null 2>"$play/nobody" || code=$?
expect "nobody's exit code" "$code" 4
end sql
code=0
far log sql 'select 1' >/dev/null 2>"$play/dead" || code=$?
expect "without the role" "$code" 5
expect_in "what it says" "$(<"$play/dead")" "the role sql does not run"
sql_start
code=0
(sleep 1.2; end web KILL) &
far log sql --csv "select range, repeat('x', 1000) from range(3000000)" 2>"$play/cut" | (sleep 0.5; cat) >"$play/cut.csv" ||
    code=${PIPESTATUS[0]}
wait
expect "an answer that was cut off" "$code" 5
expect_in "what is said of it" "$(<"$play/cut")" "in the middle of its answer"
code=0
far log sql 'select 1' >/dev/null 2>"$play/dead" || code=$?
expect "without a server" "$code" 5
curtain

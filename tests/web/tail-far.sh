#!/usr/bin/env bash
# Mei watches lines come from her own machine: `rusuban log tail --at URL`, with a token. What she sees is what she
# would see on the server; the web role is killed meanwhile, the log server goes away, and she may not, or is nobody.
# shellcheck source-path=SCRIPTDIR/../log source=../log/stage.bash disable=SC2154
source "$(dirname "$0")/../log/stage.bash"
command -v jq >/dev/null || { echo "there is no jq"; exit 77; }

log_site 'access: {from: {web: {on: [app1], path: /access.log}}}'
port=$(rig_free_ports 20000 2)
printf 'web: {listen: 127.0.0.1:%s, hooks: 127.0.0.1:%s}\n' "$port" "$((port + 1))" >>"$site_file"
door=http://127.0.0.1:$port
# shellcheck disable=SC2317     # rig_wait calls it
web_listens() { [ -S "$data/run/web.sock" ] && curl -s -o /dev/null "$door/"; }
web_start() {
    start web rusuban_here serve web
    rig_wait 20 web_listens || { cat "$play/web.log"; fail "the web role does not listen"; curtain; }
}
put_line() { # URI STATUS
    printf 'time:%s\turi:%s\tstatus:%s\n' "$(TZ=Asia/Tokyo date +%Y-%m-%dT%H:%M:%S+09:00)" "$1" "$2" \
        >>"$play/hosts/app1/access.log"
}
mkdir -p "$play/hers"
cp "$RUSUBAN" "$play/hers/rusuban"
far() { # WORDS: as she types them
    (cd "$play/hers" && exec env RUSUBAN_TOKEN="$token" ./rusuban log tail "$@" --at "$door")
}
try_far() { # WORDS
    code=0
    out=$(far "$@" 2>"$play/err" </dev/null) || code=$?
    err=$(<"$play/err")
}

# ---- nobody there, and what cannot be asked

token=rsb_nobody
try_far
expect "no server" "$code $out" "5 "
[ -n "$err" ] || fail "nothing is said of a server that is not there"
web_start
token=$(rusuban token make mei --role analyst --quiet)
try_far
expect "no log server" "$code $err" "5 the log server does not run"
server_start
try_far acess
expect_in "another dataset" "$code $err" '2 there is no dataset "acess"'
expect_in "the one that is meant" "$err" 'did you mean "access"?'
try_far --where 'page = /x'
expect_in "a column" "$code $err" "2 page is a column of rows, and no label of lines"
token=rsb_nobody try_far
expect_in "nobody" "$code $err" "4 this token is not known"
viewer=$(rusuban token make ono --role viewer --quiet)
token=$viewer try_far
expect "who may not" "$code $out" "4 "
expect_in "is told who can give it" "$err" "role"

# ---- lines come as on the server

agent_start app1
start far far --where 'status >= 500'
start here rusuban_here log tail --where 'status >= 500'
start json far --where 'status >= 500' --json --lines 1
comes() { # NAME URI: asked again, since nobody knows when a tail has begun
    put_line "$2" 503
    put_line /other 200
    grep -q "$2" "$play/$1.log"
}
for name in far here; do
    patiently 20 comes "$name" "/$name" || fail "no line came to $name: $(<"$play/$name.log")"
done
put_line $'/\e[31m' 500
put_line /last 500
for name in far here; do patiently 10 grep -q /last "$play/$name.log" || fail "the last did not come to $name"; done
expect "the same line" "$(grep -m 1 uri:/here "$play/far.log")" "$(grep -m 1 uri:/here "$play/here.log")"
expect "no other lines" "$(grep -c /other "$play/far.log")" 0
expect "nothing that moves a cursor" "$(grep -c $'\e' "$play/far.log")" 0
patiently 20 comes json status || fail "no line came to json"
patiently 10 not_alive json || fail "--lines 1 does not end it"
expect "as JSON" "$(head -n 1 "$play/json.log" | jq -r '.server + " " + .status')" "app1 503"
end here
start typo far --where 'stauts >= 500'
patiently 20 comes typo 'did you mean "status"?' || fail "nobody said that no line has it: $(<"$play/typo.log")"
end typo

# ---- the log server goes away, then the web role: she is told, and it goes on

end server
patiently 20 grep -q '^waiting: the log server' "$play/far.log" || fail "nobody said that the log server is gone"
server_start
patiently 30 comes far /again || fail "no line after the log server was away: $(tail -n 3 "$play/far.log")"
end web KILL
patiently 20 grep -q '^the connection was cut, trying again: ' "$play/far.log" || fail "nobody said that it is cut"
web_start
patiently 40 comes far /back || fail "no line after the web role was away: $(tail -n 3 "$play/far.log")"
expect "told once each" "$(grep -c -e '^the connection was cut' -e '^connected again' "$play/far.log")" 2

# ---- she presses Ctrl-C; her token ends

code=0
RUSUBAN_TOKEN=$token timeout --preserve-status -s INT 2 "$RUSUBAN" log tail --at "$door" >/dev/null 2>&1 || code=$?
expect "Ctrl-C" "$code" 130
rusuban token revoke 1 --quiet
patiently 40 not_alive far || fail "who may not any more goes on: $(tail -n 2 "$play/far.log")"
expect_in "why" "$(tail -n 2 "$play/far.log")" "this token is not known, or its time is over"
curtain

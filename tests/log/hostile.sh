#!/usr/bin/env bash
# Agents that mean harm: each is refused or not read any more, the server's memory stays what it is, a good agent ships on, and
# whoever asks how things are is told.
source "$(dirname "$0")/stage.bash"

port=$(play_ports)
log_site 'access: {from: {web: {on: [app1, app2], path: /access.log}}}, secret: {from: {web: {on: [app2], path: /secret.log}}}' \
    "listen: 127.0.0.1:$port"
server_start
rusuban log enroll app1 --quiet >"$play/app1.token"
chmod 600 "$play/app1.token"

harm() { # KIND [TOKEN_FILE]: from this machine, or from another one with a token
    if [ $# = 2 ]; then
        timeout 60 perl "$tests/log/hostile.pl" "127.0.0.1:$port" "$2" "$1" 2>/dev/null
    else
        timeout 60 perl "$tests/log/hostile.pl" "$data/run/log.sock" "$1"
    fi
}

small() { # WHEN
    local kb
    kb=$(awk '/^VmHWM/ { print $2 }' "/proc/$(<"$play/server.pid")/status")
    ((kb < 150000)) || [ "${TEST_V:-}" = asan ] || fail "$1: the server's memory was $kb KB"
}

# It says that 60,000 files follow; who asks for the status meanwhile sees none of what lies in memory behind.
harm status >"$play/status.out" &
sleep 1
try log status --json
expect "status while somebody lies" "$code" 0
valid_json <<<"$out" || fail "its answer is no JSON"
wait $!
expect_in "the liar" "$(<"$play/status.out")" "refused: 60000 files in a status; 256 at most"
for paths in paths longpaths; do
    harm "$paths" >"$play/paths.out" &
    sleep 1
    try log status --json
    expect "status with $paths" "$code" 0
    valid_json <<<"$out" || fail "its answer is cut off with $paths"
    try log status
    expect_not_in "what a terminal would obey" "$out" $'\x01'
    wait $!
done

# Questions whose answers it does not read.
for kind in opens pings; do
    expect_in "$kind" "$(harm "$kind")" "sent"
    small "$kind"
    server_answers || fail "after $kind the server does not answer"
done

# Files without end, each with a long path: one host has its share, and no more.
expect_in "claims" "$(harm claims)" "is one file too many to remember"
small claims

# From another machine, with a host's token.
expect_in "an import from afar" "$(harm imports "$play/app1.token")" "refused: a claim of no dataset of ours, or of an import by an agent"
expect_in "another's dataset" "$(harm other "$play/app1.token")" 'refused: the site'\''s file gives dataset "secret" nothing from app1'

# Connections that say nothing take every place; an agent comes in all the same, and a person is answered.
start strangers perl "$tests/log/hostile.pl" "127.0.0.1:$port" strangers
rig_wait 20 grep -q connected "$play/strangers.log" || fail "the strangers do not come"
rusuban log generate --lines 1000 >"$play/hosts/app2/access.log"
rusuban log enroll app2 --quiet >"$play/app2.token"
chmod 600 "$play/app2.token"
start agent-app2 rusuban_here log agent --server "127.0.0.1:$port" --token "$play/app2.token"
until_rows 1000 15
alive strangers || fail "the strangers had gone"
small strangers
end strangers KILL
end server
expect_in "it ended well" "$(tail -n 1 "$play/server.log")" "what:log.end"
curtain

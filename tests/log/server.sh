#!/usr/bin/env bash
# The log server alone: it starts without datasets and waits; a second one is turned away; what speaks no protocol is
# too.
source "$(dirname "$0")/stage.bash"

log_site 'access: {from: {web: {on: [app1], path: /access.log}}}'
try log status
expect "nobody runs" "$code" 5
expect_in "and how to" "$err" "rusuban serve"

server_start
try log status
expect "it answers" "$code" 0
expect_in "no agent yet" "$out" "app1     no agent is connected, its lines wait there; on it: rusuban log agent"
expect_in "an empty lake" "$out" "lake     0 rows"

start second rusuban_here serve logserver
rig_wait 20 not_alive second || fail "a second server goes on"
expect_in "who was first" "$(<"$play/second.log")" "logserver runs already"

coproc { curl -s --max-time 3 --unix-socket "$data/run/log.sock" http://localhost/; }
wait "$COPROC_PID" 2>/dev/null || true
try log status
expect "a web browser does no harm" "$code" 0
expect_in "it was refused" "$(<"$play/server.log")" "what:log.refused"

try log tail nothing
expect "no such dataset" "$code" 2
expect_in "its name" "$err" 'there is no dataset "nothing"'
try log tail --where 'status >'
expect "no filter" "$code" 2

end server
expect_in "it ended well" "$(tail -n 1 "$play/server.log")" "what:log.end"
curtain

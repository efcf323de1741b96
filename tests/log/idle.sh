#!/usr/bin/env bash
# A log server that starts, hears from nobody, and ends, knows afterwards what it knew before: where each file of each
# host stands. Whoever forgets that reads every file a second time.
source "$(dirname "$0")/stage.bash"

export RUSUBAN_PACE_COMMIT=300
log_site 'access: {from: {web: {on: [app1], path: /access.log}}}'
server_start
agent_start app1
writer_start app1 20000 5000
until_rows 5000
end agent-app1
end server

for signal in TERM KILL; do
    server_start                        # nobody ships anything
    sleep 0.8                           # longer than a commit takes
    end server "$signal"
done

server_start
agent_start app1
rig_wait 10 grep -q 'what:log.agent' "$play/server.log" || fail "no agent came"
"$(writer_program)" "$play/hosts/app1/more.log" 20000 700 >/dev/null
cat "$play/hosts/app1/more.log" >>"$play/hosts/app1/access.log"
until_rows 5700 20
sleep 0.5
expect "rows, and still that many" "$(status_number rows)" 5700
end agent-app1
try log audit
expect "nothing lost, nothing doubled" "$code" 0
curtain

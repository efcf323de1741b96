#!/usr/bin/env bash
# Agent and server are killed with -9 while lines come and the file is rotated: every line is one row.
source "$(dirname "$0")/stage.bash"

export RUSUBAN_AGENT_MS=500
log_site 'access: {from: {web: {on: [app1], path: /access.log}}}'
log=$play/hosts/app1/access.log
lines=60000

server_start
agent_start app1
writer_start app1 12000 "$lines"
rig_wait 10 test -s "$log" || fail "the writer does not write"
for round in 1 2 3 4 5; do
    sleep 0.4
    end agent-app1 KILL
    if ((round % 2)) && alive writer-app1; then
        mv "$log" "$log.$round"
        kill -USR1 "$(<"$play/writer-app1.pid")" 2>/dev/null || true
        rig_wait 5 test -e "$log" || not_alive writer-app1 || fail "the writer did not open its log again"
    fi
    agent_start app1
    sleep 0.4
    end server KILL
    server_start
done
rig_wait 30 not_alive writer-app1 || fail "the writer does not end"
written=$(cat "$log"* | wc -l)
expect "the writer wrote" "$written" "$lines"
until_rows "$lines"
sleep 1
rows_are "$lines" || fail "$(status_number rows) rows, wanted $lines: something came twice"
expect "bad lines" "$(status_number bad)" 0
curtain

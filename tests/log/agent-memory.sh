#!/usr/bin/env bash
# The server is away and files grow and rotate; then it comes back to all of it. The agent stays small all the time.
source "$(dirname "$0")/stage.bash"

export RUSUBAN_AGENT_MS=500
limit_kb=32768
log_site 'access: {from: {web: {on: [app1], path: /access.log}}}'
log=$play/hosts/app1/access.log

peak_kb() {
    awk '/^VmHWM/ { print $2 }' "/proc/$(<"$play/agent-app1.pid")/status"
}

agent_start app1
server_start
rusuban log generate --lines 1000 >"$log"
until_rows 1000
end server KILL
for i in 2 3 4 5; do
    rusuban log generate --lines 100000 --seed "$i" >>"$log"
    mv "$log" "$log.$i"
    sleep 0.3
    rusuban log generate --lines 1000 --seed "1$i" >>"$log"
    sleep 0.3
    if ((i == 3)); then gzip -1 "$log.3"; fi
    if ((i == 4)); then rm "$log.4"; fi     # held open
done
server_start
until_rows 405000 120
expect "bad lines" "$(status_number bad)" 0
peak=$(peak_kb)
# Sanitizers keep a shadow of all memory and what was freed.
[ "$peak" -lt "$limit_kb" ] || grep -q __asan_init "$RUSUBAN" || fail "the agent took $peak KiB, more than $limit_kb"
curtain

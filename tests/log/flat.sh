#!/usr/bin/env bash
# At full speed, for as long as one likes, agent and log server take no more memory: lines are written as fast as it
# goes into a file that is rotated every few seconds, and both are looked at each second.
#
#     FOR=600 RATE=2000000 tests/log/flat.sh
#
# The writer is held up while half a gigabyte waits, so that the files do not fill the disk; what was shipped is
# removed. In the end every line is in the lake, and the picture shows how memory went.
# shellcheck source-path=SCRIPTDIR source=stage.bash disable=SC2154
source "$(dirname "$0")/stage.bash"

seconds=${FOR:-8} rate=${RATE:-200000} rotate_s=${ROTATE_S:-3}
agent_limit_mb=32 server_limit_mb=256
behind_max=$((1 << 29))
export RUSUBAN_PACE_QUIET=2000 RUSUBAN_AGENT_MS=500
log_site 'access: {from: {web: {on: [app1], path: /access.log}}}'
file=$play/hosts/app1/access.log

rss_kb() { # NAME [FIELD]
    awk -v field="${2:-VmRSS}:" '$1 == field { print $2 }' "/proc/$(<"$play/$1.pid")/status" 2>/dev/null || true
}

behind() { # bytes that nobody has acknowledged yet, as agents told last
    rusuban log status --json 2>/dev/null | jq '[.agents[].files[] | .size - .acked] | add // 0'
}

rotate() {
    rotated=$((rotated + 1))
    mv "$file" "$file.$rotated"
    kill -USR1 "$(<"$play/writer-app1.pid")"
}

# A rotated file that the agent has let go of is done. What is still held open, removed or not, is in its /proc.
sweep() {
    local held f
    held=$(find "/proc/$(<"$play/agent-app1.pid")/fd" -lname "$file*" -printf '%l\n' 2>/dev/null)
    for f in "$file".*; do
        [ -e "$f" ] || continue
        if ! grep -qxF "$f" <<<"$held" && [ "$(($(date +%s) - $(stat -c %Z "$f")))" -ge 6 ]; then rm "$f"; fi
    done
}

hold_or_go() {
    local waiting
    waiting=$(behind)
    [ -n "$waiting" ] || waiting=0
    if [ "$waiting" -gt "$behind_max" ] && [ "$writing" = yes ]; then
        kill -STOP "$(<"$play/writer-app1.pid")"
        writing=no held=$((held + 1))
    elif [ "$waiting" -lt $((behind_max / 2)) ] && [ "$writing" = no ]; then
        kill -CONT "$(<"$play/writer-app1.pid")"
        writing=yes
    fi
}

# A picture of at most 24 rows: a # is 4 MB, of the most in that time.
picture() {
    awk -v rows=24 '
        function bar(kb,   n, s) { for (n = 0; n * 4096 < kb; n++) s = s "#"; return s }
        { at[NR] = $1; a[NR] = $2; s[NR] = $3 }
        END {
            step = NR > rows ? NR / rows : 1
            printf "%6s  %9s %-10s %9s\n", "s", "agent MB", "", "server MB"
            for (i = 0; i * step < NR; i++) {
                most_a = most_s = 0
                for (k = int(i * step) + 1; k <= (i + 1) * step && k <= NR; k++) {
                    if (a[k] > most_a) most_a = a[k]
                    if (s[k] > most_s) most_s = s[k]
                    last = k
                }
                printf "%6d  %9.1f %-10s %9.1f %s\n", at[last], most_a / 1024, bar(most_a), most_s / 1024, bar(most_s)
            }
        }' "$play/memory"
}

server_start
agent_start app1
writer_start app1 "$rate" 100000000000
rig_wait 10 test -s "$file" || fail "nobody writes"
rotated=0 writing=yes held=0
began=$(rig_uptime_cs)
until now=$((($(rig_uptime_cs) - began) / 100)) && [ "$now" -ge "$seconds" ]; do
    alive server || { fail "the server ended: $(tail -n 2 "$play/server.log")"; curtain; }
    alive agent-app1 || { fail "the agent ended: $(tail -n 2 "$play/agent-app1.log")"; curtain; }
    echo "$now $(rss_kb agent-app1) $(rss_kb server)" >>"$play/memory"
    if [ $((now / rotate_s)) -gt "$rotated" ] && [ "$writing" = yes ]; then rotate; fi
    sweep
    hold_or_go
    sleep 1
done
kill -CONT "$(<"$play/writer-app1.pid")"
end writer-app1
written=$(tail -n 1 "$play/writer-app1.log")
until_rows "$written" 300
took=$((($(rig_uptime_cs) - began) / 100))
agent_kb=$(rss_kb agent-app1 VmHWM) server_kb=$(rss_kb server VmHWM)

picture
awk -v n="$written" -v s="$took" -v a="$agent_kb" -v b="$server_kb" -v r="$rotated" -v h="$held" 'BEGIN {
    printf "%d lines, %d rotations, held up %d times, in %d s (%.2f million lines a second); most memory: agent %.1f MB, server %.1f MB\n",
        n, r, h, s, n / s / 1e6, a / 1024, b / 1024 }'
expect "bad lines" "$(status_number bad)" 0
[ "$rotated" -ge 2 ] || fail "the file was rotated $rotated times"
[ "$(wc -l <"$play/memory")" -ge $((seconds / 2)) ] || fail "memory was looked at $(wc -l <"$play/memory") times only"
# Sanitizers keep a shadow of all memory and what was freed.
if ! grep -q __asan_init "$RUSUBAN"; then
    [ "$agent_kb" -le $((agent_limit_mb * 1024)) ] ||
        fail "the agent took $agent_kb KiB, the limit is $agent_limit_mb MB"
    [ "$server_kb" -le $((server_limit_mb * 1024)) ] ||
        fail "the server took $server_kb KiB, the limit is $server_limit_mb MB"
fi
curtain

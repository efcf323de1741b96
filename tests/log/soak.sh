#!/usr/bin/env bash
# Nothing lost, nothing doubled: numbered lines are written while agent and server are killed, the link between them is
# cut or falls silent, the agent gets no turn, the file is rotated in every style, the lake's disk is full, and the clock
# jumps. In the end each number stands in the lake exactly once.
#
#     EVENTS=1000 RATE=20000 SEED=7 tests/log/soak.sh
#
# The seed is printed; the same seed makes the same events in the same order.
source "$(dirname "$0")/stage.bash"

events=${EVENTS:-60} rate=${RATE:-20000} pause_ms=${PAUSE_MS:-150}
seed=${SEED:-$((RANDOM * 32768 + RANDOM))}
RANDOM=$((seed % 32768))
echo "seed $seed, $events events, $rate lines a second"

# A small disk for the lake is a mount; in a mount namespace of our own it ends with us. Without that the event is left
# out.
if [ "${SOAK_INSIDE:-}" = "" ] && unshare -m --propagation private true 2>/dev/null; then
    rm -rf "$play"
    exec env SOAK_INSIDE=yes SEED="$seed" EVENTS="$events" unshare -m --propagation private bash "$0"
fi
kinds=(agent_killed server_killed link_cut link_silent renamed renamed_and_packed copied_and_cut clock_jumps
    agent_ended agent_stalls relay_stalls)
if [ "${SOAK_INSIDE:-}" = yes ]; then kinds+=(disk_full); fi

export RUSUBAN_PACE_COMMIT=1500 RUSUBAN_PACE_QUIET=700 RUSUBAN_PACE_STALE=1000 RUSUBAN_CLOCK=$play/clock
head -c 8 /dev/zero >"$play/clock"
log_site 'access: {from: {web: {on: [app1], path: /access.log}}}'
file=$play/hosts/app1/access.log
rotated=0

# ---- the link: a relay between agent and server that can be cut, or stopped so that nobody hears anything

relay_start() {
    end relay KILL
    start relay perl "${RELAY:-$tests/log/relay.pl}" "$play/link.sock" "$data/run/log.sock"
    rig_wait 10 test -S "$play/link.sock" || fail "the relay does not start"
}

agent_up() {
    start agent rusuban_here log agent --host app1 --socket "$play/link.sock"
}

# ---- what happens

agent_killed() { end agent KILL; agent_up; }
agent_ended() { end agent TERM; sleep 0.2; agent_up; }
server_killed() { end server KILL; start server rusuban_here serve logserver; }
link_cut() { end relay KILL; rm -f "$play/link.sock"; relay_start; }

link_silent() {
    alive relay || { fail "the relay ended: $(tail -n 2 "$play/relay.log")"; relay_start; }
    kill -STOP "$(<"$play/relay.pid")"
    sleep 0.4
    kill -CONT "$(<"$play/relay.pid")"
    if ((RANDOM % 2)); then link_cut; fi
}

tell_writer() { kill -USR1 "$(<"$play/writer-app1.pid")" 2>/dev/null || true; }

renamed() {
    rotated=$((rotated + 1))
    mv "$file" "$file.$rotated"
    sleep 0.0$((RANDOM % 10))
    tell_writer
}

# Packed at once, with the writer's last lines in: it has let go of the file before.
renamed_and_packed() {
    renamed
    rig_wait 5 test -e "$file" || fail "the writer did not open its file anew"
    if ((RANDOM % 2)); then
        gzip "$file.$rotated"
    else
        gzip -1 <"$file.$rotated" >"$file.$rotated.gz" && rm "$file.$rotated"
    fi
}

# What is written between copy and cut is lost, whoever ships it; so nobody writes then.
copied_and_cut() {
    rotated=$((rotated + 1))
    kill -STOP "$(<"$play/writer-app1.pid")"
    cp "$file" "$file.$rotated"
    : >"$file"
    kill -CONT "$(<"$play/writer-app1.pid")"
}

# As on a machine that gives it no turn: whatever can happen between two steps of the agent, or between its question and
# the answer, happens now.
stalls() { # NAME
    local turns=(renamed renamed_and_packed copied_and_cut) i
    kill -STOP "$(<"$play/$1.pid")"
    for ((i = RANDOM % 3; i >= 0; i--)); do
        "${turns[RANDOM % ${#turns[@]}]}"
        sleep "0.0$((RANDOM % 10))"
    done
    kill -CONT "$(<"$play/$1.pid")"
}

agent_stalls() { stalls agent; }
relay_stalls() { stalls relay; }

clock_jumps() { # by up to half an hour; lines say the machine's own time all the same
    perl -e 'print pack("q", shift)' -- $(((RANDOM % 3600 - 1800) * 1000)) >"$play/clock.new"
    dd if="$play/clock.new" of="$play/clock" conv=notrunc status=none
}

disk_full() {
    head -c 3G /dev/zero >"$lake/filler" 2>/dev/null || true
    sleep 0.5
    rm -f "$lake/filler"
}

# ---- the play

mkdir -p "$lake"
if [ "${SOAK_INSIDE:-}" = yes ]; then
    mount -t tmpfs -o size=2g,mode=755 tmpfs "$lake"
    at_the_end() { end_everything; umount -l "$lake"; }
fi
server_start
relay_start
agent_up
writer_start app1 "$rate" 1000000000
rig_wait 10 test -s "$file" || fail "nobody writes"
for ((i = 1; i <= events; i++)); do
    kind=${kinds[RANDOM % ${#kinds[@]}]}
    if [ -n "${TELL:-}" ]; then echo "$i $kind"; fi
    "$kind"
    sleep "$(printf '0.%03d' $((RANDOM % (2 * pause_ms))))"
    alive server || start server rusuban_here serve logserver
    alive agent || { fail "the agent ended by itself: $(tail -n 3 "$play/agent.log")"; agent_up; }
done

# All told, and all in: the writer says how many lines it wrote.
head -c 8 /dev/zero | dd of="$play/clock" conv=notrunc status=none
kill -CONT "$(<"$play/relay.pid")" 2>/dev/null || true
end writer-app1 TERM
written=$(tail -n 1 "$play/writer-app1.log")
until_rows "$written" 120
rusuban log sql \
    --all --csv 'select count(*), count(distinct seq), min(cast(seq as bigint)), max(cast(seq as bigint)) from access_log' \
    >"$play/count" 2>"$play/count.err" || fail "sql: $(cat "$play/count.err")"
expect "rows, different numbers, first, last" "$(tail -n 1 "$play/count")" "$written,$written,1,$written"
expect "bad lines" "$(status_number bad)" 0
end agent
try log audit
# What was between a copy and its cut, nobody can prove; everything else is.
expect "lines of the audit that say lost or doubled" "$(grep -cE '^(lost|doubled) ' <<<"$out")" 0
grep -E '^(lost|doubled) ' <<<"$out" || true
if ((failed > 0)); then
    rusuban log status 2>&1 || true
    rusuban log sql \
        --all --csv 'with t as (select cast(seq as bigint) s, count(*) n from access_log group by 1 having n > 1)
        select min(s), max(s), count(*), max(n) from (select s, n, s - row_number() over (order by s) g from t) group by g order by 1' \
        2>&1 || true
    for name in relay agent server; do
        echo "---- the end of $name.log:"
        tail -n "${LOG_LINES:-15}" "$play/$name.log"
    done
    ls -l "$play/hosts/app1"
    curtain
fi
echo "$written lines, $events events: 0 lost, 0 doubled"

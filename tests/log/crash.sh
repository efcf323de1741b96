#!/usr/bin/env bash
# The log server dies at every point where it writes something down, again and again, while numbered lines come in. In
# the end each number stands in the lake exactly once, and the audit finds nothing lost and nothing doubled.
source "$(dirname "$0")/stage.bash"

points=(wal:before-write wal:after-write wal:after-sync lake:after-files lake:after-ledger lake:after-bad
    lake:after-rows)
rounds=${ROUNDS:-2}
export RUSUBAN_PACE_COMMIT=300 RUSUBAN_PACE_QUIET=400 RUSUBAN_PACE_STALE=300 RUSUBAN_DIE_ONCE=$play/die
mkdir -p "$play/die"
log_site 'access: {from: {web: {on: [app1], path: /access.log}}}'

# Not server_start: a server may die again before it answers. The agent begins anew, too: after so many deaths in a row
# the old one would wait for half a minute.
server_again() {
    end server KILL
    end agent-app1 KILL
    start server rusuban_here serve logserver
    agent_start app1
}

die_at() { # POINT PASSINGS: waits until it did
    head -c "$2" /dev/zero >"$play/next"
    mv "$play/next" "$play/die/$1"
    rig_wait 20 not_alive server || fail "the server never came to $1"
    [ ! -e "$play/die/$1" ] || fail "it died elsewhere than at $1: $(tail -n 2 "$play/server.log")"
}

server_start
agent_start app1
writer_start app1 8000 1000000000
rig_wait 10 test -s "$play/hosts/app1/access.log" || fail "nobody writes"
for ((round = 0; round < rounds; round++)); do
    for point in "${points[@]}"; do
        die_at "$point" "$round"
        printf 'no line of any dataset %s %s\n' "$round" "$point" >>"$play/hosts/app1/access.log"
        server_again
    done
    # Twice in a row: the second life dies while it does again what the first one did.
    for point in lake:after-ledger lake:after-bad; do
        die_at "$point" 0
        : >"$play/die/$point"
        server_again
        rig_wait 20 not_alive server || fail "the second life never came to $point"
        server_again
    done
done
end writer-app1 TERM
written=$(tail -n 1 "$play/writer-app1.log")
until_rows "$written" 60
rusuban log sql \
    --all --csv 'select count(*), count(distinct seq), min(cast(seq as bigint)), max(cast(seq as bigint)) from access_log' \
    >"$play/count" 2>"$play/count.err" || fail "sql: $(cat "$play/count.err")"
expect "rows, different numbers, first, last" "$(tail -n 1 "$play/count")" "$written,$written,1,$written"
expect "bad lines" "$(status_number bad)" $((rounds * ${#points[@]}))
end agent-app1
end server
server_start
expect "rows after an end in peace" "$(status_number rows)" "$written"
try log audit
expect "the audit" "$code" 0
expect "what it says is lost or doubled" "$(grep -cE '^(lost|doubled) ' <<<"$out")" 0
if ((failed > 0)); then printf '%s\n' "$out"; tail -n 20 "$play/server.log"; fi
[ ! -e "$lake/access/aside" ] || fail "leftovers were taken for the only copy: $(find "$lake/access/aside" -type f)"
curtain

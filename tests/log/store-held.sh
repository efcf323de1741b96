#!/usr/bin/env bash
# Somebody holds the store, so that figures cannot be written: lines are taken all the same, the commit waits and says why, and
# afterwards every line is there and counted, once. Then the same, and the log server dies in the middle of it.
# shellcheck source-path=SCRIPTDIR source=stage.bash disable=SC2154
source "$(dirname "$0")/stage.bash"

export RUSUBAN_PACE_COMMIT=300
log_site 'access: {from: {web: {on: [app1], path: /access.log}}}' 'stop_at: 99'
counted() { rusuban log pages --json 2>/dev/null | jq -s 'map(.requests) | add // 0'; }
counted_are() { [ "$(counted)" = "$1" ]; }
generate() { # LINES SEED: of the last hour
    "$RUSUBAN" log generate --lines "$1" --seed "$2" --rate 2 --from "$(date -u -d '-50 minutes' +%Y-%m-%dT%H:%M:%S+00:00)" \
        >>"$play/hosts/app1/access.log"
}
hold() {
    rm -f "$play/hold.log" "$play/words"
    mkfifo "$play/words"
    start hold sqlite3_of_words
    exec 7>"$play/words"
    printf '%s\n' '.timeout 10000' 'begin immediate;' "select 'held';" >&7
    rig_wait 10 grep -q held "$play/hold.log" || fail "nobody holds the store"
}
sqlite3_of_words() { exec sqlite3 "$data/store.db" <"$play/words"; }
let_go() {
    echo 'rollback;' >&7
    exec 7>&-
    rig_wait 10 not_alive hold || fail "the store is held still"
}

server_start
agent_start app1
generate 1000 1
until_rows 1000
patiently 10 counted_are 1000 || fail "$(counted) of 1000 are counted"

hold
generate 2000 2
patiently 30 grep -q 'what:log.commit.*figures' "$play/server.log" || fail "the commit does not say what it waits for"
expect "counted meanwhile" "$(counted)" 1000
generate 500 3
let_go
until_rows 3500
patiently 20 counted_are 3500 || fail "$(counted) of 3500 are counted"

# ---- held again, and the log server dies before it could commit

hold
generate 700 4
sleep 2
end server KILL
let_go
server_start
until_rows 4200
patiently 20 counted_are 4200 || fail "$(counted) of 4200 are counted"
try log audit
expect "audit" "$code" 0
curtain

#!/usr/bin/env bash
# What is older than a dataset keeps leaves, with its figures. A clock that jumps a year ahead and back takes nothing with it.
# shellcheck source-path=SCRIPTDIR source=stage.bash disable=SC2154
source "$(dirname "$0")/stage.bash"

export RUSUBAN_PACE_COMMIT=300 RUSUBAN_PACE_STALE=100 RUSUBAN_PACE_STEADY=3000 RUSUBAN_CLOCK=$play/clock
log_site 'access: {from: {web: {on: [app1], path: /access.log}}, keep: 30d}' 'stop_at: 99'
jump() { # SECONDS from the machine's own time
    perl -e 'print pack("q", shift)' -- "$(($1 * 1000))" >"$play/clock.new"
    dd if="$play/clock.new" of="$play/clock" conv=notrunc status=none
}
generate() { # LINES DAYS AGO SEED
    "$RUSUBAN" log generate --lines "$1" --seed "$3" --rate 1 --from "$(date -u -d "-$2 days" +%Y-%m-%dT05:00:00+00:00)"
}
figures() { sqlite3 "$data/store.db" "select count(*) from log_day"; }
figures_are() { [ "$(figures)" = "$1" ]; }
head -c 8 /dev/zero >"$play/clock"

server_start
agent_start app1
generate 300 2 1 >"$play/new.log"
generate 500 500 2 >"$play/old.log"
rusuban log import "$play/new.log" "$play/old.log" >"$play/import.out" 2>&1 || fail "import: $(<"$play/import.out")"
rig_wait 20 grep -q what:log.retired "$play/server.log" || fail "nothing left"
until_rows 300
generate 10 1 3 >>"$play/hosts/app1/access.log"         # figures are forgotten when others are stored
until_rows 310
rig_wait 10 figures_are 2 || fail "figures of $(figures) days are kept, wanted two"

# ---- a year ahead, while lines come, and back; twice

jumps=0
jumped() { # SECONDS: the log server has seen it
    jump "$1"
    jumps=$((jumps + 1))
    rig_wait 20 said_jumps "$jumps" || fail "jump $jumps was not said"
}
said_jumps() { [ "$(grep -c 'what:log.clock' "$play/server.log")" -ge "$1" ]; }

for days in 370 4000; do
    jumped $((days * 86400))
    generate 10 1 "$days" >>"$play/hosts/app1/access.log"
    sleep 1.7
    jumped 0
done
sleep 5
until_rows 310
expect "lines that came meanwhile are older than what is kept" "$(status_number bad)" 20
expect "days with figures" "$(figures)" 2
expect "it was said" "$(grep -c 'what:log.clock' "$play/server.log")" 4
try log audit
expect "audit" "$code" 0
curtain

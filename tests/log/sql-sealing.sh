#!/usr/bin/env bash
# Somebody asks a question that takes long while the hours that it reads are sealed and their files replaced: it loses no row
# and does not fail, and the files go when it is answered. And while the catalog that readers see cannot be written, what it
# names stays.
# shellcheck source-path=SCRIPTDIR source=stage.bash disable=SC2154
source "$(dirname "$0")/stage.bash"
# shellcheck source-path=SCRIPTDIR source=sql.bash
source "$(dirname "$0")/sql.bash"
have_sql
log_site 'access: {from: {web: {on: [app1], path: /access.log}}}' 'stop_at: 99'
export RUSUBAN_PACE_COMMIT=300 RUSUBAN_PACE_STALE=100 RUSUBAN_PACE_SEAL=1000000000 RUSUBAN_PACE_RETRY=3000       # only when an import ends
server_start
agent_start app1
sql_start
day=$(TZ=Asia/Tokyo date -d yesterday +%F)

a_day() { # SEED ROWS: 12,000 more lines in six hours; ROWS are there then
    local hour
    for hour in 10 11 12 13 14 15; do
        "$RUSUBAN" log generate --lines 2000 --seed "$1$hour" --from "${day}T$hour:00:00+09:00" --rate 1
    done >>"$play/hosts/app1/access.log"
    until_rows "$2"
    patiently 10 six_committed || fail "$(committed) files are committed, wanted six at least"
}
seal_now() { # SEED: an import of one line
    "$RUSUBAN" log generate --lines 1 --seed "$1" --from "${day}T12:00:00+09:00" --rate 1 >"$play/one-$1.log"
    rusuban log import "$play/one-$1.log" >"$play/import.out" 2>&1 || [ "$1" = 10 ] || fail "import: $(<"$play/import.out")"
}
committed() { find "$lake/access/live" -name 'm-*.parquet' | wc -l; }
sealed() { find "$lake/access" -name 'log-*.parquet' | wc -l; }
six_committed() { [ "$(committed)" -ge 6 ]; }
no_committed() { [ "$(committed)" = 0 ]; }
sealed_are() { [ "$(sealed)" = "$1" ]; }
slow='select count(*), sum(length(sha256(repeat(uri, 6000)))) from access_log'

# ---- a question that takes seconds, and every file beneath it replaced

a_day 1 12000
answer_slowly() { answer "$slow where dt = '$day'" >"$play/slow.out"; cat "$play/answer.err" >>"$play/slow.out"; }
start slow answer_slowly
reading() { compgen -G "$lake/spill/*/lease" >/dev/null && grep -qx '[1-9][0-9]*' "$lake"/spill/*/lease 2>/dev/null; }
rig_wait 5 reading || fail "nobody holds a lease"
seal_now 8
rig_wait 30 sealed_are 6 || fail "$(sealed) hours are sealed"
alive slow || fail "the question was over before everything was sealed: it proves nothing"
sleep 0.5
six_committed || fail "files that somebody reads are gone"
rig_wait 60 not_alive slow || fail "the question did not end"
expect "its answer" "$(<"$play/slow.out")" "12000,$((12000 * 64))"
rig_wait 10 no_committed || fail "$(committed) files stay after the question"
expect "the same of the sealed hours" "$(answer "select count(*) from access_log where dt = '$day'")" 12001

# ---- the catalog that readers see cannot be written: they go on with the old one, whose files stay

a_day 2 24001
mkdir "$lake/access/manifest.tmp"
seal_now 9
rig_wait 30 sealed_are 12 || fail "$(sealed) files are sealed"
sleep 2.5
for try in 1 2 3; do
    expect "question $try of the old catalog" "$(answer "select count(*) from access_log where dt = '$day'")$(<"$play/answer.err")" 24001
done
rmdir "$lake/access/manifest.tmp"
rig_wait 20 no_committed || fail "$(committed) files stay after the catalog could be written"
expect "and then" "$(answer "select count(*) from access_log where dt = '$day'")" 24002

# ---- one hour cannot be sealed: the others go on, status and doctor tell, and it is tried again

a_day 3 36002
stuck=$lake/access/dt=$day/hour=11/log-late-002.parquet
mkdir "$stuck"
seal_now 11
rig_wait 60 sealed_are 17 || fail "$(sealed) hours are sealed beside the one that cannot be"
unsealed() { [[ $(rusuban log status) == *"UNSEALED: 1 hour of"*"dt=$day/hour=11"* ]]; }
rig_wait 20 unsealed || fail "status does not tell: $(rusuban log status)"
expect_in "nor doctor" "$(rusuban doctor 2>&1)" "1 hour could not be sealed: access/dt=$day/hour=11"
expect "its rows are there" "$(answer "select count(*) from access_log where dt = '$day' and hour(time at time zone 'Asia/Tokyo') = 11")" 6000
rmdir "$stuck"
rig_wait 60 sealed_are 18 || fail "it was not tried again"
not_unsealed() { ! unsealed; }
rig_wait 20 not_unsealed || fail "status goes on telling: $(rusuban log status)"

# ---- the log server dies between the catalog that is flushed and the one that readers see, and nothing comes afterwards

a_day 4 48003
mkdir "$play/die"
touch "$play/die/lake:after-exchange"
end server
RUSUBAN_DIE_ONCE=$play/die server_start
seal_now 10 || true
rig_wait 20 not_alive server || fail "the log server did not die"
end agent-app1
server_start
sleep 2.5
expect "a question after the crash" "$(answer "select count(*) from access_log where dt = '$day'")$(<"$play/answer.err")" 48004
try log audit
expect "audit" "$code" 0
curtain

#!/usr/bin/env bash
# Somebody puts an older catalog back and nothing else. Whatever then lies in the lake and is named by nobody may be the only copy
# of rows: it is found again, or moved aside and told about, and no file is ever removed for it.
source "$(dirname "$0")/stage.bash"

export RUSUBAN_PACE_COMMIT=300 RUSUBAN_PACE_SEAL=500 RUSUBAN_PACE_LATE=500 RUSUBAN_PACE_STALE=300
[ -x "$(dirname "$RUSUBAN")/rusuban-sql" ] || skip "rusuban-sql is not built, and it seals"
log_site 'access: {from: {web: {on: [app1], path: /access.log}}}'

bring() { # SEED DAYS: 4,000 lines of three hours, so many days ago, and waits until they are sealed
    "$RUSUBAN" log generate --lines 4000 --seed "$1" --rate 0.4 --from "$(date -d "$2 days ago" +%Y-%m-%dT05:00:00+09:00)" >"$play/$1.log"
    rusuban log import --host app1 --quiet "$play/$1.log" >"$play/import.out" 2>&1 || fail "import: $(<"$play/import.out")"
    patiently 30 all_sealed || fail "something is not sealed: $(find "$lake/access/live" -name '*.parquet')"
}

all_sealed() {
    [ -z "$(find "$lake/access/live" -name '*.parquet' 2>/dev/null)" ] && rows_are "$((4000 * $(sealed_files | cut -d/ -f2 | sort -u | wc -l)))"
}

sealed_files() {
    (cd "$lake/access" && find . -path '*/dt=*/*' -not -path '*/live/*' -name '*.parquet' | sed 's|^\./aside/|./|' | sort)
}

server_start
bring 1 20
cp "$lake/access/manifest.durable" "$play/old"
cp -r "$lake/access/months" "$play/months"
bring 2 18
end server
files=$(sealed_files)
cp -r "$lake" "$play/lake.good"

again() { # the lake as it was, with the old catalog
    end server KILL
    rm -rf "$lake"
    cp -r "$play/lake.good" "$lake"
    cp "$play/old" "$lake/access/manifest.durable"
}

# What readers were shown is newer and whole: it takes its place.
again
server_start
until_rows 8000 10
expect "sealed files, taken back" "$(sealed_files)" "$files"
[ ! -e "$lake/access/aside" ] || fail "something was moved aside without need: $(find "$lake/access/aside" -type f)"
expect_in "it says so" "$(<"$play/server.log")" "log.catalog.old"
try log audit
expect "the audit" "$code" 0
((code == 0)) || printf '%s\n' "$out"
end server
server_start
until_rows 8000 10

# Readers' catalog is not there either: the older one names lists of months that are gone, and nothing is done.
again
rm "$lake/access/manifest"
try serve logserver
expect "without any newer one" "$code" 3
expect_in "what is wrong" "$err" "is older than the lists of months"
expect "and every file is there" "$(sealed_files)" "$files"

# An hour's file of the catalog was sealed since, so what its rows became may lie under a name that nobody knows: aside.
again
cp "$play"/months/* "$lake/access/months"
hour=$(find "$lake/access" -path "*dt=*/hour=*/log-0001.parquet" | sort | head -n 1)      # one that the old catalog names
rm "$lake/access/manifest"
mv "$hour" "${hour%log-0001.parquet}log-0009.parquet"
touch "${hour%/*}/notes-of-somebody.parquet"
server_start
aside=$lake/access/aside/${hour#"$lake/access/"}
[ -s "${aside%log-0001.parquet}log-0009.parquet" ] || fail "the file that nobody names is gone: $(find "$lake" -name '*.parquet')"
[ -e "${aside%log-0001.parquet}notes-of-somebody.parquet" ] || fail "somebody's own file is gone"
expect_in "its log" "$(<"$play/server.log")" "log.aside"
compgen -G "$lake/access/aside/ledger-*" >/dev/null || fail "the ledger beyond the old catalog is gone"
try log status
expect_in "the status" "$out" "ASIDE: "
try doctor
expect_in "the doctor" "$out" "aside directories"
until_rows 8000 20                  # the second import came out of the write-ahead log again

# A write-ahead log that is not of this lake: nothing at all is done.
again
cp "$play/lake.good/access/manifest.durable" "$lake/access/"
rm "$lake"/wal/*
before=$(cd "$lake" && find . -type f | sort)
try serve logserver
expect "without its write-ahead log" "$code" 3
expect_in "what is wrong" "$err" "the write-ahead log ends before"
expect "nothing was changed" "$(cd "$lake" && find . -type f | sort)" "$before"
curtain

#!/usr/bin/env bash
# The log server dies while it puts sealed hours in the place of small files, and while it removes hours that are too
# old: in the ledger or not, in the catalog or not, whoever asks sees every row once, and the audit adds up afterwards.
source "$(dirname "$0")/stage.bash"

export RUSUBAN_PACE_STEADY=0 RUSUBAN_PACE_COMMIT=300 RUSUBAN_PACE_SEAL=500 RUSUBAN_PACE_LATE=500 RUSUBAN_PACE_STALE=300
export RUSUBAN_DIE_ONCE=$play/die
mkdir -p "$play/die"
[ -x "$(dirname "$RUSUBAN")/rusuban-sql" ] || skip "rusuban-sql is not built, and it seals"

site_keeping() { # DURATION
    log_site "access: {from: {web: {on: [app1], path: /access.log}}, keep: $1}"
}

lines() { # SEED: 4,000 lines of three hours, twenty days ago, and two bad ones
    "$RUSUBAN" log generate --lines 4000 --seed "$1" --rate 0.4 \
        --from "$(date -d '20 days ago' +%Y-%m-%dT05:00:00+09:00)"
    printf 'nothing of ours\nnor this\n'
}

sealed() { # FILES: so many sealed ones, and none that waits
    [ "$(find "$lake/access" -path '*/dt=*/*' -not -path '*/live/*' -name '*.parquet' | wc -l)" -ge "$1" ] &&
        [ -z "$(find "$lake/access/live" -name 'm-*.parquet' 2>/dev/null)" ]
}

died() { # POINT
    rig_wait 30 not_alive server || fail "the server never came to $1"
    [ ! -e "$play/die/$1" ] || fail "it died elsewhere than at $1: $(tail -n 2 "$play/server.log")"
    server_start
}

adds_up() { # WHEN
    try log audit
    expect "$1: the audit" "$code" 0
    ((code == 0)) || printf '%s\n' "$out"
}

site_keeping 400d
server_start
lines 1 >"$play/first.log"
lines 2 >"$play/second.log"
for point in lake:before-exchange lake:after-exchange; do
    : >"$play/die/$point"
    file=$([ "$point" = lake:before-exchange ] && echo first || echo second)
    rusuban log import --host app1 "$play/$file.log" >"$play/import.out" 2>&1 || true   # the server may die under it
    died "$point"
    rusuban log import --host app1 "$play/$file.log" >"$play/import.out" 2>&1 || fail "import: $(<"$play/import.out")"
    wanted=$([ "$file" = first ] && echo 4000 || echo 8000)
    until_rows "$wanted" 30
    patiently 30 sealed 3 || fail "nothing is sealed: $(find "$lake/access" -name '*.parquet')"
    expect "rows after $point" "$(status_number rows)" "$wanted"
    adds_up "$point"
done

# A catalog that got lost does not make an empty lake of it, whose files would go.
end server
files=$(find "$lake/access" -name '*.parquet' | sort)
mv "$lake/access/manifest.durable" "$play/kept"
try serve logserver
expect "without its catalog" "$code" 3
expect_in "what is missing" "$err" "manifest.durable is not there"
expect "and every file is" "$(find "$lake/access" -name '*.parquet' | sort)" "$files"
mv "$play/kept" "$lake/access/manifest.durable"

# Now they are too old.
site_keeping 10d
: >"$play/die/lake:before-exchange"
start server rusuban_here serve logserver
died lake:before-exchange
until_rows 0 30
adds_up "hours that left"
end server
server_start
until_rows 0
adds_up "hours that left, after an end in peace"
[ ! -e "$lake/access/aside" ] || fail "leftovers were taken for the only copy: $(find "$lake/access/aside" -type f)"
curtain

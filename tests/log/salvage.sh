#!/usr/bin/env bash
# The disk rots under the write-ahead log. The log server does not start; salvage says what that costs, changes nothing until it
# is told to, and afterwards every line stands in the lake once: those that were damaged are sent again, or are named as lost.
source "$(dirname "$0")/stage.bash"

[ -x "$(dirname "$RUSUBAN")/rusuban-sql" ] || skip "rusuban-sql is not built, and it counts"
log_site 'access: {from: {web: {on: [app1, app2], path: /access.log}}}'
wal=$lake/wal/0000000001.wal

once() { # WHAT LINES OF-EACH: each number once on both hosts
    local got
    got=$(rusuban log sql --all --csv \
        "select count(*), count(distinct server || ' ' || seq) from access_log" 2>"$play/sql.err" | tail -n 1)
    expect "$1: rows, different ones" "$got" "$2,$2"
}

records() { # prints "OFFSET KIND BYTES" of each record of the segment
    perl -e 'open my $f, "<:raw", $ARGV[0] or die; read $f, my $s, 1 << 26; my $at = 64;
        while ($at + 32 <= length $s) {
            my ($n, $crc, $low, $high, $kind) = unpack "V V V V C", substr $s, $at, 17;
            last if $high * 2**32 + $low != (1 << 26) + $at;
            print "$at $kind $n\n"; $at += 32 + ($n + 7 & ~7); }' "$wal"
}

rot() { # OFFSET: some bytes of the segment are others
    printf 'rotten to the core' | dd of="$wal" bs=1 seek="$1" conv=notrunc status=none
}

block() { # N: offset of the Nth record with lines
    records | awk -v n="$1" '$2 == 1 && ++k == n { print $1 }'
}

fill() { # HOST NUMBER: writes so many lines, in pieces, so that they become many blocks
    writer_start "$1" 40000 "$2"
    rig_wait 30 not_alive "writer-$1" || fail "the writer of $1 does not end"
}

begin() { # everything anew; both hosts have 20,000 lines
    local host
    for host in app1 app2 server; do end "agent-$host" KILL; end "$host" KILL; done
    rm -rf "$data" "$play"/hosts/*/access.log
    server_start
    for host in app1 app2; do
        agent_start $host
        fill $host 20000
    done
    until_rows 40000
    end agent-app1 KILL
    end agent-app2 KILL
    end server KILL
}

stopped() { # the server does not start, and says what helps
    try serve logserver
    expect "with a rotten log" "$code" 3
    expect_in "the way out" "$err" "rusuban log salvage"
}

# ---- nothing is in the lake's files yet

export RUSUBAN_PACE_COMMIT=1000000
begin
try log salvage
expect "a log that is whole" "$code" 0
expect_in "a log that is whole" "$out" "is whole"
rot $(($(block 3) + 200))
stopped
cp -r "$data" "$play/data.rotten"
sum=$(md5sum "$wal")
try log salvage
expect "the look" "$code" 3
expect_in "what is damaged" "$out" "damaged   0000000001.wal"
expect_in "whose" "$out" "again     app1 $play/hosts/app1/access.log: "
expect "it changes nothing" "$(md5sum "$wal")" "$sum"
try log salvage --json
valid_json <<<"$out" || fail "no JSON: $out"
try log salvage --yes
expect "salvage" "$code" 0
[ -s "$lake/wal-damaged/0000000001.wal" ] || fail "the damaged segment is not kept"
try log salvage
expect "once more" "$code" 0
server_start
try log salvage
expect "while the server runs" "$code" 1
agent_start app1
agent_start app2
until_rows 40000
once "sent again" 40000
end server
server_start
until_rows 40000
try log audit
expect "the audit" "$code" 0
((code == 0)) || printf '%s\n' "$out"

# The same, but what is behind the damage stays.
end agent-app1 KILL
end agent-app2 KILL
end server KILL
rm -rf "$data"
cp -r "$play/data.rotten" "$data"
try log salvage --yes --keep
expect "salvage that keeps" "$code" 0
expect_in "what it names" "$out" "lost      app1 $play/hosts/app1/access.log: bytes"
range=$(sed -n 's/^lost .*: bytes \(.*\) to \(.*\) are lost.*/\1 to \2/p' <<<"$out")
server_start
kept=0
rows_stand() { # what the log brings back is there, and no more comes
    local before=$kept
    kept=$(status_number rows)
    ((kept > 0 && kept == before))
}
patiently 30 rows_stand || true
((kept > 30000 && kept < 40000)) || fail "$kept rows were kept of 40000 with a block lost"
agent_start app1
agent_start app2
fill app1 1000
fill app2 1000
until_rows $((kept + 2000))
end server
server_start
until_rows $((kept + 2000))
try log audit
expect "the audit" "$code" 3
expect_in "what it names" "$out" "bytes $range are in no commit"

# ---- everything is in the lake's files

export RUSUBAN_PACE_COMMIT=300
committed() {
    [[ $(rusuban log audit 2>/dev/null) != *"wait for their commit"* ]]
}
end agent-app1 KILL
end agent-app2 KILL
end server KILL
rm -rf "$data" "$play"/hosts/*/access.log
server_start
agent_start app1
fill app1 20000
until_rows 20000
patiently 20 committed
end agent-app1 KILL
end server KILL
rot $(($(records | awk '$2 == 1 { at = $1 } END { print at }') + 200))      # the last lines of all
rot $(($(block 2) + 200))
if [ "$(records | wc -l)" -lt 3 ]; then fail "one record only: $(records)"; fi
cp -r "$data" "$play/data.committed"
stopped
try log salvage --yes
expect "salvage" "$code" 0
expect_not_in "nothing is lost" "$out" "lost "
expect_not_in "nothing comes again" "$out" "again "
server_start
agent_start app1
fill app1 20500             # from 1 on again: the file goes on with 500 numbers that are new
until_rows 40500
expect_in "no line came twice" "$(rusuban log sql --all --csv "select count(distinct seq) from access_log" 2>/dev/null)" 20500
try log audit
expect "the audit" "$code" 0
((code == 0)) || printf '%s\n' "$out"

# What a file begins with is known by nobody.
end agent-app1 KILL
end server KILL
rm -rf "$data"
cp -r "$play/data.committed" "$data"
rot 100
rot $(($(records | awk '$2 == 2 { print $1; exit }') + 40))
sum=$(md5sum "$wal")
try log salvage --yes
expect "names that are lost" "$code" 3
expect_in "what it would cost" "$err" "would be read again"
expect "nothing was changed" "$(md5sum "$wal")" "$sum"
curtain

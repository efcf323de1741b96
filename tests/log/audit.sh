#!/usr/bin/env bash
# Every byte is a row, a bad line or a blank one, and audit proves it; whatever is taken away, changed or doubled behind
# the server's back, audit names it.
# shellcheck source-path=SCRIPTDIR source=stage.bash
source "$(dirname "$0")/stage.bash"

export RUSUBAN_PACE_COMMIT=300 RUSUBAN_PACE_SEAL=500
log_site 'access: {from: {web: {on: [app1], path: /access.log}}}'

proven() { # WHAT [OPTIONS]...
    local what=$1
    shift
    try log audit "$@"
    expect "$what: exit code" "$code" 0
    if [ "$code" != 0 ]; then echo "$out$err"; fi
}

found() { # WHAT KIND PART [OPTIONS]...
    local what=$1 kind=$2 part=$3
    shift 3
    try log audit "$@"
    expect "$what: exit code" "$code" 3
    expect_in "$what: the verdict" "$err" "not proven"
    expect_in "$what: its kind" "$out" "$kind"
    expect_in "$what: its name" "$out" "$part"
}

waits() {
    [[ $(rusuban log audit 2>/dev/null) == *"wait for their commit"* ]]
}

committed() {
    ! waits
}

server_start
proven "an empty lake"

# ---- a day's work: an agent, an import, bad lines, a server that dies

"$RUSUBAN" log generate --lines 20000 --seed 1 >"$play/hosts/app1/access.log"
printf 'rubbish\n\ntime:never\turi:/\n' >>"$play/hosts/app1/access.log"
agent_start app1
until_rows 20000
patiently 20 committed
"$RUSUBAN" log generate --lines 10000 --seed 2 --from 2026-01-05T00:00:00+09:00 >"$play/old"
rusuban log import --quiet "$play/old" >/dev/null
sealed() {
    find "$lake/access" -path '*/live' -prune -o -name '*.parquet' -print | grep -q .
}
if [ -x "$(dirname "$RUSUBAN")/rusuban-sql" ]; then
    patiently 30 sealed || fail "the hour of the import is not sealed"
    proven "a sealed hour" --deep
fi
end server KILL
server_start
"$RUSUBAN" log generate --lines 5000 --seed 3 >>"$play/hosts/app1/access.log"
until_rows 35000
patiently 20 committed || fail "bytes wait for their commit for ever"
proven "all of it"
expect_in "the host" "$out" "35,003 lines = 35,000 rows + 2 bad + 1 blank"
expect_in "it goes on" "$out" "complete so far"
proven "pages, too" --deep
expect_in "pages are counted" "$out" " pages"
proven "one day" --day today
try log audit --day 2026-13-01
expect "no day" "$code" 2
try log audit nothing
expect "no dataset" "$code" 2

end agent-app1
end server
proven "without a server"
expect_in "it says so" "$err" "does not run"
cp -r "$lake" "$play/lake.good"

again() { # the lake as it was
    rm -rf "$lake"
    cp -r "$play/lake.good" "$lake"
}

a_file() { # prints a committed file of rows; what a seal replaced lies there still, but is none any more
    echo "$lake/access/$(grep -o '"path":"live/[^"]*"' "$lake/access/manifest.durable" | sed -n '1s/.*:"//; 1s/"$//p')"
}

ledger() { # prints the ledger file with the most lines
    wc -l "$lake"/access/ledger/*.jsonl | sort -n | awk '$2 != "total" { print $2 }' | tail -n 1
}

# ---- what can go wrong

file=$(a_file)
rm "$file"
found "a file was removed" lost "${file##*/}: it is not there"
again

printf 'x' | dd of="$file" bs=1 seek=2000 conv=notrunc status=none
found "a byte was changed" lost "its checksum is wrong"
again

truncate -s -100 "$file"
found "a file was cut" lost "another size"
again

sed -i 2d "$(ledger)"
found "a commit was cut out of the ledger" lost "are not in the ledger"
again

sed -i '3,$d' "$(ledger)"      # its last commit, at the server's end, is an empty one
found "the ledger lost its end" lost "commits are missing"
again

sed -i '2s/^{"from"/{"frm/' "$(ledger)"
found "the ledger was damaged" unproven "is damaged"
again

sed -i '2p' "$(ledger)"
found "a commit stands twice" doubled "is in two commits"
again

sed -i 's/"bad":2,/"bad":1,/' "$lake"/access/ledger/*.jsonl
found "a bad line was forgotten" lost "lines before byte"
again

sed -i -E '0,/"rows":([0-9]+),"bytes"/s//"rows":7,"bytes"/' "$lake/access/manifest.durable"
found "the catalog has other rows" lost "7 in the catalog"
again

rm -r "$lake/access/ledger"
found "there is no ledger" unproven "stand in no commit"
again

# ---- a file that nobody could read out

server_start
agent_start app1
"$RUSUBAN" log generate --lines 3000 --seed 4 >>"$play/hosts/app1/access.log"
until_rows 38000
end agent-app1
: >"$play/hosts/app1/access.log"
"$RUSUBAN" log generate --lines 1000 --seed 5 >>"$play/hosts/app1/access.log"
agent_start app1
cut_off() {
    [[ $(rusuban log audit 2>/dev/null) == *$'\n'unproven* ]]
}
patiently 30 cut_off || { rusuban log audit; fail "audit does not say that the file was cut off"; }
try log audit --json
expect "in JSON too" "$code" 3
valid_json <<<"$out" || fail "no JSON: $out"
expect_in "in JSON too" "$out" '"kind":"unproven"'

# ---- somebody can live with it

try log audit
stream=$(sed -n 's/^unproven  app1 stream \([0-9]*\) .*/\1/p' <<<"$out")
expect_in "the way out" "$err" "rusuban log audit --accept STREAM --because TEXT"
try log audit --accept "$stream"
expect "without a reason" "$code" 2
try log audit --accept 4711 --because "why not"
expect "a stream without findings" "$code" 2
expect_in "which one" "$err" "nothing is open of stream 4711"
try log audit --accept "$stream" --because 'tried out copytruncate'
expect "accepted" "$code" 0
expect_in "it is shown apart" "$out" "accepted  app1 stream $stream"
expect_in "with its reason" "$out" ": tried out copytruncate)"
expect_in "the host" "$out" "complete so far, but for what was accepted"
try log audit
expect "and from then on" "$code" 0
try log audit --json
expect "in JSON" "$code" 0
valid_json <<<"$out" || fail "no JSON: $out"
expect_in "in JSON" "$out" '"proven":true,"open":0,"accepted":1'
try audit verify
expect "the house's audit log" "$code" 0
expect_in "it has the line" "$(sqlite3 "$data/store.db" 'select verb, subject from audit' 2>&1)" "log accept|access stream $stream"

# The next one is a new one.
end agent-app1
: >"$play/hosts/app1/access.log"
"$RUSUBAN" log generate --lines 700 --seed 6 >>"$play/hosts/app1/access.log"
agent_start app1
patiently 30 cut_off || fail "audit does not say that the file was cut off again"
try log audit
expect "a new loss" "$code" 3
expect_in "the old one" "$out" "accepted  app1 stream $stream"
expect_in "how many" "$err" "not proven: 1 unproven"

curtain

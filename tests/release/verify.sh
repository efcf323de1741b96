#!/usr/bin/env bash
# What is live is compared with what was packed, byte for byte: a file that somebody edited in place on a host is named,
# also when size and time are as before. The next release puts things right where the time tells.
source "$(dirname "$0")/../lib.sh"

hosts 2 sshd
site restart= health= scratch='[var/cache]'
push "Open the shop"
serve
try release web
expect "released" "$code" 0
try release hosts web --verify
expect "all is equal" "$code" 0
expect_in "app1" "$out" "app1       equal, byte for byte"
expect_in "app2" "$out" "app2       equal, byte for byte"

touch "$(www app2)/releases/1/var/cache/page"
try release hosts web --verify
expect "scratch is nobody's business" "$code" 0

live=$(www app2)/releases/1
touch -r "$live/word" "$play/time"
printf 'eno\n' >"$live/word"
touch -r "$play/time" "$live/word"
try release hosts web --verify
expect "an edit in place is found" "$code" 3
expect_in "by name" "$out" "app2       differs: word"
expect_not_in "and only there" "$out" "app1       differs"
try release hosts web --verify --json
valid_json <<<"$out" || fail "verify --json is not JSON: $out"

echo hacked >"$live/word"
echo two >"$(rig_clone)/other"
push "Another file"
try release web
expect "the next release" "$code" 0
expect "carries what was packed" "$(cat "$(www app2)/releases/2/word")" one

# Only three packed trees stay here, and the one that is live, however old it is.
try release rollback web --to 1
try lock lift web
site restart= health= scratch='[var/cache]' approve='{when: always}'
for n in 5 6 7 8; do
    push "Try $n"
    until_state "$n" asking
    try release reject web
    until_state "$n" rolled_back
done
try release hosts web --verify
expect "four releases later" "$code" 3
expect_in "app1 is compared" "$out" "app1       equal, byte for byte"
expect_in "and app2, where somebody was" "$out" "app2       differs: word"
rm -rf "$RIG/data/builds/web/out/1"
try release hosts web --verify
expect "without the tree" "$code" 5
expect_in "it says so" "$out" "no longer packed here"
curtain

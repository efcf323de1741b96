#!/usr/bin/env bash
# Somebody else's hand: `current` that points to a third release, or is a directory. It is never overwritten; the
# release says so and what to do.
source "$(dirname "$0")/../lib.sh"

hosts 2 sshd
site restart= health= approve='{when: always}'
push "Open the shop"
serve
for n in 1 2; do
    try release web --yes
    expect "release $n" "$code" 0
done

# Between the canary and production somebody switches app2 by hand.
try release web --no-input
until_state 3 asking
ln -sfn releases/1 "$(www app2)/current"
try release approve web
expect "it needs a person" "$code" 1
expect "state" "$(state 3)" needs_human
expect_in "who and what" "$(field 3 why)" "app2: switch: current is 1, neither 2 nor 3: somebody else switched it"
expect "the hand is left alone" "$(readlink "$(www app2)/current")" releases/1
try release rollback web
expect_in "nor does the way back overwrite it" "$err" "app2: going back: current is 1, neither 3 nor 2"
expect "the canary is back, the hand is left alone" \
    "$(readlink "$(www app1)/current") $(readlink "$(www app2)/current")" "releases/2 releases/1"

try release leave web
expect "a person leaves it so" "$code $(state 3)" "0 left"

# A mixed fleet is repaired by the next release.
try release web --yes
expect "the next release" "$code" 0
expect "brings both level" "$(readlink "$(www app1)/current") $(readlink "$(www app2)/current")" "releases/4 releases/4"

# A directory in its place.
rm "$(www app2)/current"
mkdir "$(www app2)/current"
touch "$(www app2)/current/precious"
try release web --yes
expect "refused before anything is switched" "$code" 1
expect "nobody moved" "$(readlink "$(www app1)/current")" releases/4
expect_in "why" "$(field 5 why)" "current on app2 is not a link to a release"
[ -f "$(www app2)/current/precious" ] || fail "the directory was touched"
curtain

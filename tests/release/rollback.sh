#!/usr/bin/env bash
# Back to an earlier release while the forge is gone: one step, another, a named one. Each locks the service, so that
# the next push does not bring the bad code back; whoever overrides the lock says why.
source "$(dirname "$0")/../lib.sh"

hosts 2 sshd
site restart= health=
push "Open the shop"
serve
for n in 1 2 3; do
    try release web
    expect "release $n" "$code" 0
    if [ "$n" = 1 ]; then
        expect_not_in "the first has nothing behind it" "$err" "rollback"
    else
        expect_in "the way back from $n" "$err" "$n on 2 hosts. Undo: rusuban release rollback web"
    fi
done
mv "$RIG/forge/kotori" "$RIG/forge/gone"

try release rollback web --reason "prices are wrong"
expect "back one" "$code $(on_hosts)" "0 2 2"
expect_in "one more is left" "$err" "2 on 2 hosts. Further back: rusuban release rollback web"
expect_in "it says that it locked" "$err" "rusuban lock lift web"
expect_in "hosts" "$(rusuban release hosts web --json)" '"live":2'
try release rollback web
expect "and one more" "$code $(on_hosts)" "0 1 1"
expect_not_in "the oldest offers no way back" "$err" "release rollback"
try release rollback web
expect "there is no third" "$code" 1
expect_in "and it says so" "$err" "web has no earlier release to go back to"
expect_in "and what could be named" "$err" "release rollback web --to NUMBER; every host holds 3, 2"
try release rollback web --to 3
expect "a named one, even forward: going back was the mistake" "$code $(on_hosts)" "0 3 3"
expect_in "nothing is brought back by going on" "$err" "so that the next push does not replace 3."
expect_in "nor in the history" "$(rusuban release history web)" "  to 3  "
try release rollback web --to 3
expect_in "where it is already" "$err" "release 3 is live already"
try release rollback web --to 77
expect "one that never was" "$code" 2
expect "no build, no fetch, no copy: only these steps" "$(steps 6 | cut -d' ' -f3 | sort -u | paste -sd ' ')" \
    "claim switch"

mv "$RIG/forge/gone" "$RIG/forge/kotori"
try release web
expect "locked" "$code" 6
expect_in "why" "$err" "web is locked by $(id -un): \"rolled back from 3: prices are wrong\""
push "Next"
until_why 7 "web is locked"
expect "a push waits" "$(state 7)" queued
try lock lift web
until_done 7
expect "and goes when the lock is lifted" "$(on_hosts)" "7 7"

# 7 is bad. Its way back is 3, which it replaced. Then 9 comes, and is bad too: back to 3 again, not to the bad 7.
try release rollback web
expect "back from the bad one" "$(on_hosts)" "3 3"
try release web --override --reason "fixed"
expect "the next one" "$code $(on_hosts)" "0 9 9"
expect "what was rolled back from may be wanted again: keep has room" "$(kept app1)" "1 2 3 7 9"
try release rollback web
expect "never back to one that was rolled back" "$(on_hosts)" "3 3"

# A host that no longer holds it: nobody moves.
rm -rf "$(www app2)/releases/1" "$(www app2)/.rusuban/receipts/1"
try release rollback web --to 1
expect "one host cannot follow" "$code $(on_hosts)" "1 3 3"
expect_in "which" "$err" "app2 no longer holds release 1"
try release hosts web
try release rollback web --to 1
expect "once that is known no release is made of it" "$code $err" "1 app2 does not hold release 1
Hint: rusuban release hosts web"
expect_not_in "and nothing else is claimed" "$err" "every host still holds"
curtain

#!/usr/bin/env bash
# Two people press "roll back": the second joins the first and never brings the bad release back. A roll back while the
# next release is still being built ends that one and goes back from what is live. A roll back that can move nobody
# leaves no lock.
source "$(dirname "$0")/../lib.sh"

hosts 2 sshd
site restart= health= on_push=off
push "Open the shop"
serve
for n in 1 2 3; do
    try release web
    expect "release $n" "$code" 0
done
rusuban release rollback web --detach 2>/dev/null
try release rollback web
expect "the second joins the first" "$code" 0
until_done 4
expect "there is one roll back" "$(show 5)" ""
expect "and it went to 2" "$(on_hosts)" "2 2"
rusuban lock lift web 2>/dev/null

write bin/build '#!/bin/sh' 'sleep 30'
push "A slow build"
rusuban release web --detach >/dev/null
until_step 5 build
try release rollback web
expect "back although the next one is being built" "$code $(on_hosts)" "0 1 1"
expect "that one is ended" "$(state 5)" failed
rusuban lock lift web 2>/dev/null

# app2 lost everything but what is live, and has said so: there is nowhere to go for both.
write bin/build '#!/bin/sh' 'true'
push "Quick again"
try release web
expect "one more release" "$code" 0
rm -rf "$(www app2)"/.rusuban/receipts/[1-6]
rusuban release hosts web >/dev/null
try release rollback web
expect "nowhere to go" "$code" 1
expect_in "which host" "$err" "app2"
try lock show web
expect "no lock is left" "$out" "Nothing is locked."
curtain

#!/usr/bin/env bash
# What visitors uploaded survives ten releases, each of which throws the oldest one away; a shared file that is missing
# stops a release before anything is switched, and the sentence says where to put it.
source "$(dirname "$0")/../lib.sh"

hosts 1 sshd
site keep=3 shared='{dirs: [storage, public/uploads]}' restart= health=
push "Open the shop"
serve
for n in 1 2 3 4 5 6 7 8 9 10; do
    try release web
    expect "release $n" "$code" 0
    echo "photo $n" >"$(www app1)/current/public/uploads/$n"
    echo "visit $n" >>"$(www app1)/current/storage/visits"
done
expect "every visit is there" "$(wc -l <"$(www app1)/current/storage/visits")" 10
expect "every photo is there" "$(cat "$(www app1)/shared/public/uploads/"* | wc -l)" 10
expect "keep: 3 keeps three" "$(kept app1)" "8 9 10"
expect "and their receipts" "$(find "$(www app1)/.rusuban/receipts" -type f -printf '%f\n' | sort -n | paste -sd ' ')" \
    "8 9 10"
expect "here it keeps three trees, too" "$(find "$RIG/data/builds/web/out" -mindepth 1 -maxdepth 1 | wc -l)" 3
expect "hosts says so" "$(rusuban release hosts web | grep -o 'has [0-9 ]*[0-9]')" "has 8 9 10"

# Releases that failed or were taken back count for nothing.
write bin/build '#!/bin/sh' false
push "Bad"
until_state 11 failed
write bin/build '#!/bin/sh' true
push "Good again"
until_done 12
expect "three that were live" "$(kept app1)" "9 10 12"

site shared='{dirs: [storage], files: [.env]}' restart= health=
try release web
expect "a shared file is missing" "$code" 1
expect_in "where to put it" "$(field 13 why)" \
    "app1: stage: the shared file $(www app1)/shared/.env is missing: put it there"
expect "nothing was switched" "$(live app1)" 12
echo SECRET=1 >"$(www app1)/shared/.env"
try release web
expect "with it there it works" "$code $(live app1)" "0 14"
expect "every release sees the one file" "$(readlink "$(www app1)/current/.env") $(<"$(www app1)/current/.env")" \
    "../../shared/.env SECRET=1"
curtain

#!/usr/bin/env bash
# An older copy of the store comes back: the same server by name, but hosts have obeyed a later life of it. It stays
# out, however often it tries and though its count passes theirs, until a person says takeover.
source "$(dirname "$0")/../lib.sh"

hosts 2 sshd
site restart= health=
push "Open the shop"
serve
try release web
expect "the first" "$code $(on_hosts)" "0 1 1"
rig_serve_stop
cp -a "$RIG/data" "$play/backup"
serve
for n in 2 3; do
    try release web
    expect "after the backup: $n" "$code $(on_hosts)" "0 $n $n"
done
rig_serve_stop
rm -rf "$RIG/data"
mv "$play/backup" "$RIG/data"
serve
try lock set web --reason "what is this?"
push "Somebody pushes meanwhile"
until_state 2 queued
try release takeover web --reason "restored from the backup"
expect "not while one waits under a number that hosts hold" "$code $err" \
    "1 release 2 of web waits, with a number that hosts hold: abort it first
Hint: rusuban release abort web 2"
try release abort web 2
try lock lift web
for n in 3 4 5 6; do
    try release web
    expect "restored, release $n" "$code $(state $n) $(on_hosts)" "1 failed 3 3"
    expect_in "why" "$(field $n why)" "another server released"
done
try release takeover web --reason "restored from the backup"
expect "a person says so" "$code" 0
for n in 7 8; do
    try release web
    expect "taken over, release $n" "$code $(on_hosts)" "0 $n $n"
done
curtain

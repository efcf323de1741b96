#!/usr/bin/env bash
# Kato locks the service for a migration of the database. Nobody's release starts, by hand or by push; who overrides
# says why, and the lock that was set for a time ends by itself. The running release is not touched.
source "$(dirname "$0")/../lib.sh"

hosts 1 sshd
write bin/build '#!/bin/sh' "while [ -e $play/busy ]; do sleep 0.05; done"
site restart= health=
push "First"
serve
touch "$play/busy"
rusuban release web --detach >"$play/number"
until_step 1 build
try lock set web
expect "a lock needs a reason" "$code" 2
try lock set web --reason "DB migration" --for 3x
expect "and a time that is one" "$code" 2
try lock set web --reason "DB migration" --for 2h
expect "locked" "$code" 0
rm "$play/busy"
until_done 1
expect "the running release ends" "$(on_hosts)" 1

try release web
expect "the next one does not start" "$code" 6
expect_in "by whom and why, until when" "$err" "web is locked by $(id -un): \"DB migration\" until "
expect_in "the way to more" "$err" "rusuban lock show web"
try lock show web --json
valid_json <<<"$out" || fail "lock show --json is no JSON: $out"
push "Second"
until_why 2 "web is locked by $(id -un)"
try release web --override
expect "an override needs a reason" "$code" 2
try release web --override --reason "the site is down"
expect "with one it goes" "$code $(on_hosts)" "0 3"
expect "the reason is kept" "$(field 3 override)" "the site is down"
expect "the push still waits" "$(state 2)" queued
timeout -s INT 2 "$RIG/rusuban" release watch web 2 2>"$play/watched" || true
expect_in "who follows it reads why" "$(cat "$play/watched")" "Queue       waits: web is locked by"
expect_in "and what to type" "$(cat "$play/watched")" "Lift it: rusuban lock lift web"
narrow="stty cols 80; timeout -s INT 2 $RIG/rusuban release watch web 2"
seen=$(TERM=xterm script -qec "$narrow" /dev/null </dev/null || true)
expect_in "whole on a narrow terminal, too" "$seen" "Lift it: rusuban lock lift web"
try lock lift web
until_done 2
expect "and goes when the lock is lifted" "$(on_hosts)" 2
try lock lift web
expect "there is nothing to lift" "$code" 1

try lock set web --reason "a moment" --for 2s
push "Third"
until_why 4 "web is locked"
until_done 4
expect "a lock with an end ends" "$(on_hosts)" 4
expect "and is not shown any more" "$(rusuban lock show web)" "Nothing is locked."

try lock set web --reason $'tea\e[2J'
expect "a reason that would move cursors is refused" "$code" 2
expect_in "with its place" "$err" "character 4 cannot be seen"
expect_not_in "and moves nobody's cursor on the way" "$err" $'\e'
expect "so nothing is locked" "$(rusuban lock show web)" "Nothing is locked."
curtain

#!/usr/bin/env bash
# A build that fails: everyone can read what it printed, and no host hears of it.
source "$(dirname "$0")/../lib.sh"

hosts 2 sshd
site restart= health=
serve
push "Good"
until_done 1
before=$(find "$RIG/hosts" -path '*/www/*' -printf '%p %i %C@\n' | sort)

write bin/build '#!/bin/sh' 'echo counting to three' 'echo one; echo two >&2' 'exit 7'
push "Bad"
until_state 2 failed
expect_in "why" "$(field 2 why)" "bin/build exited with 7"
try release show web 2 --output build
expect "what it printed, both streams in order" "$out" \
    $'$ bin/build\ncounting to three\none\ntwo\nbin/build exited with 7'
expect "nothing of the hosts was touched" "$(find "$RIG/hosts" -path '*/www/*' -printf '%p %i %C@\n' | sort)" "$before"
expect "every host runs the good one" "$(on_hosts)" "1 1"

try release web --detach
expect "a person may try again: its number" "$code $out" "0 3"
until_state 3 failed
try release watch web 3
expect "who follows it gets 1" "$code" 1
expect_in "and the way to more" "$err" "rusuban release show web 3 --output build"
expect_in "and the end of what it printed" "$err" "          | counting to three
          | one
          | two
          | bin/build exited with 7"
try release watch web 3 --quiet
expect_not_in "talk that nobody wants" "$err" "counting"
try release show web 3
expect_in "the step failed" "$out" "build         failed"

write bin/build 'echo never run'
chmod 644 "$(rig_clone)/bin/build"
push "A build that may not be run"
try release web
expect "a build that may not be run" "$code" 1
expect_in "says what to do" "$err" "bin/build is no program yet: chmod +x bin/build in the repository, and commit that"
curtain

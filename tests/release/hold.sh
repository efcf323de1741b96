#!/usr/bin/env bash
# A person holds a release: it ends the step it is in and goes no further, until somebody continues. One that waits does
# not start, one that asks does not go on even when it is approved, one that goes through production stops between
# hosts.
source "$(dirname "$0")/../lib.sh"

app2_runs() { # NUMBER
    [ "$(live app2)" = "$1" ]
}

hosts 3 sshd
write bin/build '#!/bin/sh' "while [ -e $play/busy ]; do sleep 0.05; done"
site restart= health= approve='{when: always}' \
    servers='{canary: {hosts: [app1]}, web: {hosts: [app2, app3], limit: 1, wait: 5s}}'
push "First"
serve
rusuban lock set web --reason "not now" --quiet
try release web --override --reason "the very first" --detach
until_state 1 asking
try release hold web
expect "a hold needs a reason" "$code" 2
try release hold web --reason "looking at the canary"
expect "held while it asks" "$code" 0
expect_in "and it says so" "$err" "Lift it: rusuban release continue web"
expect_in "lock show tells both" "$(rusuban lock show web | paste -sd ';')" "release 1: looking at the canary"
rusuban release approve web --detach >"$play/approved"
until_why 1 "held by $(id -un): looking at the canary"
expect "approved, and still there" "$(state 1) $(on_hosts)" "asking 1 nothing nothing"
try release continue web
expect "continue lets it go" "$code $(on_hosts)" "0 1 1 1"

push "Second"
until_why 2 "web is locked"
rusuban release hold web 2 --reason "wait for Kato" --quiet
rusuban lock lift web --quiet
until_why 2 "held by $(id -un): wait for Kato"
touch "$play/busy"
rusuban release continue web 2 --detach >"$play/continued"
until_step 2 build
rusuban release hold web --reason "while it builds" --quiet
rm "$play/busy"
until_why 2 "held by $(id -un): while it builds"
expect "it ended its build and copied nothing" \
    "$(state 2), $(steps 2 | tail -n 1 | cut -d' ' -f2-4)" "building, here pack ok"
rusuban release continue web --detach >"$play/continued"
until_state 2 asking
rusuban release approve web --detach >"$play/approved"
patiently 30 app2_runs 2 || fail "production did not begin"
rusuban release hold web --reason "between two hosts" --quiet
until_why 2 "held by $(id -un): between two hosts"
expect "app3 has not begun" "$(state 2) $(on_hosts)" "production 2 2 1"
try release continue web
expect "continue goes on with it" "$code $(on_hosts)" "0 2 2 2"
try release hold web --reason "too late"
expect "nothing runs that could be held" "$code" 1
curtain

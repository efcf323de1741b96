#!/usr/bin/env bash
# app3 goes down between the approval and its turn. The others keep what they have, everyone reads which host it is.
# One time a person continues once it is back, one time goes back, one time leaves it to the next release.
source "$(dirname "$0")/../lib.sh"

hosts 3 sshd
site restart= health= approve='{when: always}'
serve
push "First"
until_state 1 asking
try release approve web
expect "the first one is out" "$code $(on_hosts)" "0 1 1 1"

break_at_approval() { # NUMBER: until it needs a person
    push "Release $1"
    until_state "$1" asking
    rig_host_stop app3 sshd
    try release approve web
    expect "who follows it gets 1" "$code" 1
    expect_in "and what is possible now" "$err" "rusuban release continue web, or rollback, or leave"
    until_state "$1" needs_human
    expect_in "why" "$(field "$1" why)" "app3: switch: "
    expect_not_in "why" "$(field "$1" why)" app2
    expect "the others run it, app3 what it had" "$(on_hosts)" "$1 $1 $2"
}

break_at_approval 2 1
rig_host_start app3 sshd
try release continue web
expect "continue brings it to its end" "$code $(state 2) $(on_hosts)" "0 done 2 2 2"

break_at_approval 3 2
rig_host_start app3 sshd
try release rollback web
expect "rollback brings all of them back" "$code $(state 3) $(on_hosts)" "0 rolled_back 2 2 2"

break_at_approval 4 2
try release hosts web
expect "hosts says that not all of them answer" "$code" 5
expect_in "and which" "$(grep '^app3' <<<"$out")" "NOT REACHED"
try release leave web
expect "leave ends it" "$code $(state 4) $(on_hosts)" "0 left 4 4 2"
rig_host_start app3 sshd
push "Release 5"
until_state 5 asking
try release approve web
expect "the next one brings every host level" "$code $(on_hosts)" "0 5 5 5"
curtain

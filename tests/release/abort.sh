#!/usr/bin/env bash
# A person aborts: while it waits, builds, copies, is on the canary, asks, is in production. What was switched goes
# back, nobody is left half way, and --leave leaves the hosts as they are.
source "$(dirname "$0")/../lib.sh"

slow() { # WHERE: where a release waits for us
    touch "$play/slow"
    echo "$1" >"$play/where"
}

abort_in() { # STATE [OPTION]: starts a release, waits for the state, aborts it; $n is its number
    local wanted=$1
    shift
    try release web --detach
    n=$out
    until_state "$n" "$wanted"
    sleep 0.2
    (sleep 0.5; rm -f "$play/slow") &
    try release abort web "$@"
    expect "abort in $wanted ends as asked" "$code" 0
    wait
}

hosts 3 sshd
write bin/build '#!/bin/sh' "while grep -q build $play/where && [ -e $play/slow ]; do sleep 0.05; done"
write bin/restart '#!/bin/sh' "while grep -q \$RUSUBAN_HOST $play/where && [ -e $play/slow ]; do sleep 0.05; done"
echo nowhere >"$play/where"
site health= restart='{command: bin/restart}' servers='{canary: {hosts: [app1]}, web: {hosts: [app2, app3], limit: 1}}'
push "First"
serve
try release web
expect "the first one" "$code $(on_hosts)" "0 1 1 1"

rusuban lock set web --reason "not now" --quiet
push "Waits"
until_why 2 "is locked"
try release abort web 2
expect "abort in queued" "$code $(state 2), $(field 2 why)" "0 cancelled, cancelled before it began"
rusuban lock lift web --quiet

slow build
abort_in building
expect "no host heard of it" "$(state "$n"), $(field "$n" why), $(on_hosts)" "failed, aborted, 1 1 1"

rig_host_hang app2
abort_in staging
rig_host_wake app2
expect "nothing was switched" "$(state "$n"), $(field "$n" why), $(on_hosts)" "failed, aborted, 1 1 1"

slow app1
abort_in canary
expect "the canary goes back" "$(state "$n"), $(field "$n" why), $(on_hosts)" "rolled_back, aborted, 1 1 1"

slow app2
abort_in production
expect "all go back, app3 never went" "$(state "$n"), $(on_hosts)" "rolled_back, 1 1 1"
expect "app2 ended its turn first" "$(steps "$n" | awk '$2 == "app2" && $3 == "restart" { print $4 }')" ok
expect "app3 never switched" "$(steps "$n" | grep -c 'app3 switch')" 0

slow app2
abort_in production --leave
expect "left: a mixed fleet" "$(state "$n"), $(on_hosts)" "left, $n $n 1"
try release web
expect "the next release repairs it" "$code $(on_hosts)" "0 $((n + 1)) $((n + 1)) $((n + 1))"
last=$((n + 1))

site health= restart='{command: bin/restart}' servers='{canary: {hosts: [app1]}, web: {hosts: [app2, app3]}}' \
    approve='{when: always}'
abort_in asking
expect "asking: back" "$(state "$n"), $(on_hosts)" "rolled_back, $last $last $last"
abort_in asking --leave
expect "asking, --leave" "$(state "$n"), $(on_hosts)" "left, $n $last $last"

try release abort web
expect "nothing runs" "$code" 1
expect_in "and it says so" "$err" "no release of web is running"
try release abort web "$n"
expect_in "that one is over" "$err" "release $n of web is over (left)"
curtain

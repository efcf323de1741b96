#!/usr/bin/env bash
# A build that never ends, one that says nothing, and one that a person aborts. Each leaves grandchildren that went into
# sessions of their own; none of them survives, not even one that does not listen.
source "$(dirname "$0")/../lib.sh"

nobody_survives() {
    local pid
    [ -s "$play/pids" ] || fail "the build did not begin"
    while read -r pid; do
        rig_wait 1 pid_gone "$pid" || fail "process $pid of the build survived: $(tr '\0' ' ' <"/proc/$pid/cmdline")"
    done <"$play/pids"
    rm -f "$play/pids"
}

pid_gone() { # PID
    ! rig_born "$1" >/dev/null
}

hosts 1 sshd
# shellcheck disable=SC2016
write bin/build '#!/bin/sh' "exec 2>&1; echo \$\$ >>$play/pids" \
    "setsid sh -c 'trap \"\" TERM HUP; echo \$\$ >>$play/pids; while :; do sleep 60; done' &" \
    "setsid sh -c 'echo \$\$ >>$play/pids; exec sleep 600' &" \
    'echo begun; while :; do sleep 0.2; echo on and on; done'
site restart= health= build='{run: [[bin/build]], timeout: 1s}'
serve
push "Endless"
until_state 1 failed
expect_in "why" "$(field 1 why)" "bin/build"
nobody_survives

write bin/build '#!/bin/sh' "echo \$\$ >>$play/pids" "setsid sh -c 'echo \$\$ >>$play/pids; exec sleep 600' &" \
    'echo begun; wait'
site restart= health= build='{run: [[bin/build]], quiet: 1s}'
push "Silent"
until_state 2 failed
expect_in "why" "$(field 2 why)" "bin/build printed nothing for 1.0 s and was ended"
try release show web 2 --output build
expect_in "what it printed before" "$out" $'begun\n'
nobody_survives

site restart= health=
push "Slow"
until_step 3 build
rig_wait 5 test -s "$play/pids" || fail "the third build did not begin"
sleep 0.2
try release abort web
expect "abort is what was asked for" "$code" 0
until_state 3 failed
nobody_survives
expect "no host was touched" "$(ls -A "$(www app1)")" ""
curtain

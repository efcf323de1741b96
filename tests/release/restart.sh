#!/usr/bin/env bash
# New code comes to life without systemd: by a command on the host, by a signal to a master that replaces its workers,
# by a second master beside the first (unicorn). A restart that fails on the canary takes the canary back.
source "$(dirname "$0")/../lib.sh"

pid_file=run/master.pid

start_master() { # KIND
    rig_launch "$RIG/hosts/app1" master "$play/master.log" perl "$tests/release/master.pl" "$1" \
        "$RIG/hosts/app1/$pid_file" "$(www app1)"
    rig_wait 5 test -s "$RIG/hosts/app1/$pid_file" || fail "the master did not start: $(cat "$play/master.log")"
}

master() { # prints its process number
    cat "$RIG/hosts/app1/$pid_file"
}

stop_master() {
    if [ -s "$RIG/hosts/app1/$pid_file" ]; then rig_tree "$(master)" | rig_kill KILL; fi
    rm -f "$RIG/hosts/app1/$pid_file"*
}

at_the_end() { stop_master; }

hosts 2 sshd
write bin/restart '#!/bin/sh' "echo \"\$RUSUBAN_HOST \$RUSUBAN_RELEASE \$1 \$(pwd)\" >>$play/restarts" \
    'test ! -e sick || { echo "no such port"; exit 4; }'
site health= restart='{command: bin/restart all}'
push "First"
serve
try release web
expect "it goes" "$code $(on_hosts)" "0 1 1"
expect "the command ran on each host, in its new release" "$(cat "$play/restarts")" \
    "app1 1 all $(www app1)/releases/1"$'\n'"app2 1 all $(www app2)/releases/1"
touch "$(rig_clone)/sick"
push "Sick"
until_state 2 rolled_back
expect_in "the command failed" "$(field 2 why)" "app1: restart: bin/restart exited with 4"
expect "the canary is back, by the command of its old release" "$(on_hosts), $(tail -n 1 "$play/restarts")" \
    "1 1, app1 1 all $(www app1)/releases/1"
rm "$(rig_clone)/sick"
push "Well"
until_done 3

site health= servers='{web: {hosts: [app1]}}' restart="{node: USR2, pid: /$pid_file}"
start_master node
before=$(master) worker=$(pgrep -P "$(master)")
try release web
expect "node: it goes" "$code $(live app1)" "0 4"
expect "the master stays, its worker is another" "$(master) $(($(pgrep -P "$before") != worker))" "$before 1"
stop_master
try release web
expect "without a master it fails" "$code $(state 5)" "1 needs_human"
expect_in "and says which file tells of none" "$(field 5 why)" "no process number in $RIG/hosts/app1/$pid_file"
start_master node
try release continue web
expect "with one a person goes on" "$code $(state 5)" "0 done"
stop_master

site health= servers='{web: {hosts: [app1]}}' restart="{unicorn: USR2, pid: /$pid_file}"
start_master unicorn
before=$(master)
try release web
expect "unicorn: it goes" "$code $(live app1)" "0 6"
expect "another master, in the new release" "$(($(master) != before)) $(readlink "/proc/$(master)/cwd")" \
    "1 $(www app1)/releases/6"
rig_wait 5 eval "! kill -0 $before 2>/dev/null" || fail "the old master still runs"
curtain

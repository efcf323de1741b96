#!/usr/bin/env bash
# app3 is down when a release wants to copy: nothing is switched anywhere. Marked out, it no longer stands in the way;
# taken back in, it comes level with the next release.
source "$(dirname "$0")/../lib.sh"

hosts 3 sshd
site restart= health=
serve
push "First"
until_done 1

rig_host_stop app3 sshd
push "Second"
until_state 2 failed
expect_in "which host, what was tried" "$(field 2 why)" "app3: claim: ssh to $(id -un)@$(address app3):$(rig_port 22)"
expect "tried four times" "$(steps 2 | grep -c 'app3 claim peer')" 4
expect "nothing was switched" "$(on_hosts)" "1 1 1"

try release hosts web --out app3
expect "out needs a reason" "$code" 2
try release hosts web --out app3 --reason "disk is being replaced"
expect "out" "$code" 0
try release web
expect "the release goes on without it" "$code $(on_hosts)" "0 3 3 1"
rig_host_start app3 sshd
try release hosts web
line=$(grep '^app3' <<<"$out")
expect_in "hosts says who took it out and why" "$line" "out by $(id -un): disk is being replaced"
expect_in "hosts says that it is behind" "$line" behind

try release hosts web --in app3
expect "in" "$code" 0
try release web
expect "the next release brings it level" "$code $(on_hosts)" "0 4 4 4"
try release hosts web --out app9 --reason "who is that"
expect "a host that is none of ours" "$code" 2
curtain

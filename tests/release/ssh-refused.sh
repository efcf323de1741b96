#!/usr/bin/env bash
# app2 no longer takes our key; later it shows another key of its own. Nothing is copied anywhere past it, everyone
# reads what is wrong, and what was made by hand in between (the key put back, the new one pinned by a person) is all it
# needs.
source "$(dirname "$0")/../lib.sh"

hosts 2 sshd
site restart= health=
mv "$RIG/hosts/app2/etc/ssh/authorized_keys" "$play/keys"
serve
push "First"
until_state 1 failed
expect_in "our key is refused" "$(field 1 why)" "app2: claim: ssh to $(id -un)@$(address app2):$(rig_port 22): "
expect_in "our key is refused" "$(field 1 why)" "Permission denied (publickey)"
expect "nothing was switched" "$(on_hosts)" "nothing nothing"

mv "$play/keys" "$RIG/hosts/app2/etc/ssh/authorized_keys"
try release web
expect "with the key back it works" "$code $(on_hosts)" "0 2 2"

rig_host_stop app2 sshd
rm "$RIG/hosts/app2/etc/ssh/host_key"*
ssh-keygen -q -t ed25519 -N '' -f "$RIG/hosts/app2/etc/ssh/host_key"
rig_host_start app2 sshd
try release web
expect "another host key ends it" "$code $(state 3)" "1 failed"
expect_in "and says so" "$(field 3 why)" "Host key verification failed"
expect "nothing was switched" "$(on_hosts)" "2 2"

try host trust app2 --yes
expect "yes alone does not pin another key in its place" "$((code != 0))" 1
expect_in "the way out" "$err" --replace
printed=$(ssh-keygen -lf "$RIG/hosts/app2/etc/ssh/host_key.pub" | cut -d' ' -f2)
try host trust app2 --replace --fingerprint "$printed"
expect "the person says which one it is" "$code" 0
try release web
expect "with it pinned it works" "$code $(on_hosts)" "0 4 4"
curtain

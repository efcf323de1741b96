#!/usr/bin/env bash
# The web server listens where only the host itself reaches it, so health is asked through ssh. Well, it is green; sick,
# the canary goes back; and where sshd forwards nothing, everyone reads that, not only that nobody answered.
source "$(dirname "$0")/../lib.sh"

forwarding() { # HOST no|yes: what its sshd allows from now on
    rig_host_stop "$1" sshd
    sed -i "s/^AllowTcpForwarding .*/AllowTcpForwarding $2/" "$RIG/hosts/$1/etc/ssh/sshd_config"
    rig_host_start "$1" sshd
}

over_ssh() { # DEADLINE
    site health="{path: /up, port: $(rig_port 10), via: ssh, every: 100ms, timeout: $1}"
}

hosts 2
forwarding app1 yes
forwarding app2 yes
over_ssh 20s
push "First"
serve
try release web
expect "green on both" "$code $(on_hosts)" "0 1 1"
expect_in "asked as often as the site file says" "$(steps 1 | grep 'app2 health')" "/up 200, 2 in a row"

echo app1 >"$(rig_clone)/sick"
over_ssh 2s
push "Sick"
until_state 2 rolled_back
expect_in "red" "$(field 2 why)" \
    "app1: health: GET /up on port $(rig_port 10) was not healthy within 2.0 s: answered 500, not 200"
expect "the canary went back" "$(on_hosts)" "1 1"
rm "$(rig_clone)/sick"

rig_host_stop app1 nginx
push "Nobody listens"
until_state 3 needs_human
expect_in "nobody listens there" "$(field 3 why)" \
    "nobody listens on $(address app1):$(rig_port 10) as the host itself sees it"
rig_host_start app1 nginx
try release continue web
expect "it listens again: the way back is gone to its end" "$(state 3) $(on_hosts)" "rolled_back 1 1"

forwarding app1 no
push "Closed"
until_state 4 needs_human
expect_in "the host forwards nothing" "$(field 4 why)" \
    "or ssh may not forward there (AllowTcpForwarding in its sshd; restrict,port-forwarding before our key)"
forwarding app1 yes
try release continue web
expect "it does again" "$(state 4) $(on_hosts)" "rolled_back 1 1"

# The line that we tell people to put there forbids it, too, unless somebody adds one word.
sed -i 's/^\(restrict,port-forwarding \|restrict \)\?ssh-/restrict ssh-/' "$RIG/hosts/app1/etc/ssh/authorized_keys"
rig_serve_stop      # the connection that stands was let in by the old line
serve
push "Restricted"
until_state 5 needs_human
expect_in "restrict forbids it" "$(field 5 why)" "restrict,port-forwarding before our key"
sed -i 's/^restrict /restrict,port-forwarding /' "$RIG/hosts/app1/etc/ssh/authorized_keys"
rig_serve_stop
serve
try release continue web
expect "with that word it goes" "$(state 5) $(on_hosts)" "rolled_back 1 1"
push "Well"
until_done 6
expect "green again" "$(on_hosts)" "6 6"
curtain

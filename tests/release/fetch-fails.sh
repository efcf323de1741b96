#!/usr/bin/env bash
# The repository cannot be read: it is not there, its forge is a stranger, we are a stranger to the forge. Everyone
# reads which repository, why, and what to type; git's own last line would only wish them luck. Typed, it helps.
source "$(dirname "$0")/../lib.sh"

hosts 1 sshd
site restart= health= repository="$RIG/forge/kotori/wbe.git"
serve
try release web
expect "nothing to fetch from" "$code $(state 1)" "1 failed"
expect "which one, why, what to type" "$(field 1 why)" \
    "fetch: git cannot fetch $RIG/forge/kotori/wbe.git: fatal: '$RIG/forge/kotori/wbe.git' does not appear to be a git repository (rusuban doctor)"

# The forge lives behind app1's sshd, under a name that nobody has pinned.
forge=ssh://$(id -un)@$(address app1):$(rig_port 22)$RIG/forge/kotori/web.git
cp "$RIG/data/known_hosts" "$play/pinned"
: >"$RIG/data/known_hosts"
site restart= health= repository="$forge"
try release web
expect_in "a strange forge" "$(field 2 why)" \
    "git cannot fetch $forge: Host key verification failed. (rusuban host trust $(address app1):$(rig_port 22) --forge)"
try host trust "$(address app1):$(rig_port 22)" --forge --yes
expect "it is trusted" "$code" 0
try release web
expect_in "we have no key" "$(field 3 why)" "Permission denied (publickey"
expect_in "we have no key" "$(field 3 why)" "(there is no key for the forge yet: rusuban host key --forge)"
try host key --forge --quiet
key=$out
try release web
expect_in "it has not our key" "$(field 4 why)" \
    "does the forge know our key, with read access to this repository? rusuban host key --forge"
printf '%s\n' "$key" >>"$RIG/hosts/app1/etc/ssh/authorized_keys"
cp "$play/pinned" "$RIG/data/known_hosts"
push "First"
until_done 5
expect "with it the push goes" "$(on_hosts)" 5
curtain

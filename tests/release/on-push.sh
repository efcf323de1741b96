#!/usr/bin/env bash
# What a push does is the site file's choice: release it, queue it and ask a person, or nothing at all.
source "$(dirname "$0")/../lib.sh"

hosts 1 sshd
site restart= health= on_push=ask
serve
push "First"
until_why 1 "on_push: ask"
expect "it is queued and held" "$(state 1) $(on_hosts)" "queued nothing"
push "Second"
until_why 2 "on_push: ask"
expect "only the newest waits" "$(state 1)" superseded
try release continue web 2
expect "a person lets it go" "$code $(state 2) $(on_hosts)" "0 done 2"

site restart= health= on_push=off
push "Third"
hook push again "$(hook_push "$rev")" >/dev/null
expect_fate again "ignored: on_push is off"
expect "nothing came of it" "$(state 3)" ""
try release web
expect "a person may release it" "$code $(field 3 subject) $(on_hosts)" "0 Third 3"

site restart= health=
push "Fourth"
until_done 4
expect "told to release it" "$(on_hosts)" 4
rig_push_tag() { rig_git -C "$(rig_clone)" push -q origin HEAD:refs/heads/side HEAD:refs/tags/v1 2>&1; }
expect "other branches and tags are pushed" "$(rig_push_tag)" ""
expect "and start nothing" "$(sleep 0.5; state 5)" ""
curtain

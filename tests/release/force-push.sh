#!/usr/bin/env bash
# Kato Ren force-pushes. A waiting release of a revision that is gone from the branch is refused when its turn comes;
# one that loses commits of the live release goes, and says that it loses them.
source "$(dirname "$0")/../lib.sh"

hosts 1 sshd
site health= restart=
serve
push "First"
until_done 1
first=$rev
push "Second"
until_done 2

rusuban lock set web --reason "not now" --quiet
push "Third"
third=$rev
until_why 3 "waits: web is locked"
# The forge's webhook does not come through this time.
rig_git -C "$RIG/forge/kotori/web.git" update-ref refs/heads/main "$first"
rusuban lock lift web --quiet
until_state 3 failed
expect_in "the revision is gone from the branch" "$(field 3 why)" "revision ${third:0:12} is not on main (any more)"
expect "what is live stays" "$(on_hosts)" 2

clone=$(rig_clone)
rig_git -C "$clone" reset -q --hard "$first"
echo other >"$clone/word"
push "Instead of the second"
until_done 4
expect_in "lost commits are told" "$(field 4 warnings)" \
    "1 commit of release 2 is not in this one: was main force-pushed?"
expect "it is live" "$(on_hosts)" 4

# It still is on another branch. A webhook cannot bring it out by naming it; a person can.
rig_git -C "$clone" push -q origin "$third:refs/heads/old" 2>/dev/null
hook push again "$(hook_push "$third")" >/dev/null
until_state 5 failed
expect_in "a webhook cannot name it" "$(field 5 why)" "revision ${third:0:12} is not on main (any more)"
try release web "$third"
expect "a person can" "$code $(on_hosts)" "0 6"
curtain

#!/usr/bin/env bash
# docs/roll-back.md: release 2 is live and its totals are wrong.
source "$(dirname "$0")/stage.bash"

act_the_fix() {
    echo "right totals" >"$(rig_clone)/word"
    push "Right totals"
    until_state 4 queued
    until_why 4 "is locked"
}

act_until_it_asks() {
    until_state 4 asking
}

a_shop
echo totals >"$(rig_clone)/word"
push "Show the totals"
until_state 2 asking
rusuban release approve web --quiet
read_page docs/roll-back.md
curtain

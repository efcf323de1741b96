#!/usr/bin/env bash
# docs/windows-and-locks.md: a lock, a hold, and the first days of a year.
source "$(dirname "$0")/stage.bash"

act_a_release_asks() {
    echo new >"$(rig_clone)/word"
    push "New words"
    until_state 2 asking
}

act_new_year() { # whatever day it is
    local today
    today=$(TZ=Asia/Tokyo date +%F)
    sed -i "s|freeze: .*|freeze: [$today/$(date -d "$today + 2 days" +%F)]|" "$RUSUBAN_SITE"
}

a_shop
read_page docs/windows-and-locks.md
curtain

#!/usr/bin/env bash
# README.md: the twelve lines that it shows.
source "$(dirname "$0")/stage.bash"

act_a_change() {
    page_site "    on_push: off"
    echo budget >"$(rig_clone)/word"
    push "Search by budget"
}

a_shop
read_page README.md
curtain

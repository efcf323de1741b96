#!/usr/bin/env bash
# What people do on the pages, in a real browser: the first admin, keys and palette, a release approved while a second tab
# looks on, rolled back, locked.
source "$(dirname "$0")/../lib.sh"
source "$(dirname "$0")/browser.bash"

browser_fetch
hosts 3
site approve='{when: always}'
serve
push "Open the shop"
until_state 1 asking
rusuban release approve web
until_done 1
push "Faster work search"
until_state 2 asking
door
story shell "$door"
story deeds "$door"
curtain

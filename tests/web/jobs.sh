#!/usr/bin/env bash
# Everyday jobs of a newcomer in a real browser, in at most six clicks from the home page; then some without a mouse; then
# people who come while somebody looks on, and a phone.
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
story jobs "$door"
story people "$door"
curtain

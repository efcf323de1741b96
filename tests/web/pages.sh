#!/usr/bin/env bash
# Every page in a real browser, in two themes, two languages and four widths, over a site on which one release is done and
# one waits on the canary.
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
story looks "$door" / /releases /releases/web/1 /releases/web/2 /sign-in
curtain

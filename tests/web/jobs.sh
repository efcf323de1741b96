#!/usr/bin/env bash
# Everyday jobs of a newcomer in a real browser, in at most six clicks from the home page; then some without a mouse; then
# people who come while somebody looks on, a phone, and the way from an invitation to an approved release.
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

# TELL=yes prints how long it took: most of it is the release.
number=$(($(api '/releases?service=web' | jq '.items[0].number') + 1))
rusuban lock lift web --quiet >/dev/null 2>&1 || true
push "A third change"
until_state "$number" asking
story newcomer "$door" "$(rusuban people invite hana --role developer 2>/dev/null)" "$play/newcomer"
[ -z "${TELL:-}" ] || cat "$play/newcomer"
curtain

#!/usr/bin/env bash
# Who may decide about a canary and who may not, and what a release looks like that a person stopped: nothing failed there.
# What was refused, and what came by a token, are lines of the audit log.
source "$(dirname "$0")/../lib.sh"
source "$(dirname "$0")/browser.bash"

browser_fetch
hosts 2
site approve='{when: never}'
serve
push "Open the shop"
until_done 1
site approve='{when: always, by: [sato]}'
push "Faster work search"
until_state 2 asking
door
invited() { # NAME ROLE
    rusuban people invite "$1" --role "$2" 2>/dev/null
}
token=$(rusuban token make ci --role developer --quiet)
curl -s -o /dev/null -H "Authorization: Bearer $token" -H 'Content-Type: application/json' -H 'Idempotency-Key: decide-by-a-token' \
    -d '{"service":"web","reason":"by a token"}' "$door/api/v1/locks"
rusuban lock lift web --quiet >/dev/null
story decide "$door" "$(invited hana viewer)" "$(invited kita developer)"
until_state 2 rolled_back
try release show web 2
expect_in "who stopped it and why, in a terminal" "$out" "rejected by sato: totals are wrong"

site approve='{when: always}'
push "A third change"
until_state 3 asking
try release abort web 3 --note "not today"
until_state 3 rolled_back
try release show web 3
expect_in "the same of one that was aborted" "$out" "aborted by $(id -un): not today"
expect "and as data" "$(api /releases/web/3 | jq -c '[.stopped, .stopped_by, .reason]')" \
    "[\"aborted\",\"$(id -un)\",\"not today\"]"
curtain

#!/usr/bin/env bash
# A release that is sick on the canary never reaches production; one that is sick on a production host stops there and
# asks, or rolls everything back when the site file says so.
source "$(dirname "$0")/../lib.sh"

hosts 2
site health="{path: /up, port: $(rig_port 10), every: 100ms, timeout: 2s}"
serve
push "Good"
until_done 1

write sick app1
push "Sick on the canary"
until_state 2 rolled_back
try release watch web 2
expect "who follows it hears that the check said no" "$code" 3
expect_in "and why" "$err" \
    "app1: health: GET /up on port $(rig_port 10) was not healthy within 2.0 s: answered 500, not 200"
expect "every host runs the good one" "$(on_hosts)" "1 1"
expect "the canary answers as before" "$(up app1)" "release 1"
try release show web 2
expect_in "the journal says that it failed" "$out" "health        failed"
expect "production never switched" "$(steps 2 | grep -c 'app2 switch')" 0

write sick app2
push "Sick in production"
until_state 3 needs_human
expect_in "the host that is sick" "$(field 3 why)" "app2: health:"
expect "it stays as it is until a person says" "$(on_hosts)" "3 3"
try release rollback web
expect "a person goes back" "$code" 0
until_state 3 rolled_back
expect "every host runs the good one" "$(on_hosts)" "1 1"

site health="{path: /up, port: $(rig_port 10), every: 100ms, timeout: 5s}" \
    servers='{canary: {hosts: [app1]}, web: {hosts: [app2], on_error: rollback}}'
try release web
expect "told to go back by itself" "$code" 3
expect_in "who follows it sees what the sick host says, also in a pipe" "$err" "app2: health (answered 500, not 200)"
until_state 4 rolled_back
expect "every host runs the good one" "$(on_hosts)" "1 1"
expect "production answers as before" "$(up app2)" "release 1"
# A check that nothing can pass: everything is back where it was, and the sentence says where to look.
write sick nobody
site health="{path: /up, expect: 204, port: $(rig_port 10), every: 100ms, timeout: 1s}"
push "Nothing is wrong with it"
until_state 5 needs_human
expect "every host runs what it ran" "$(on_hosts)" "1 1"
expect_in "where to look" "$(field 5 why)" \
    "fails the check too: is it the check that is wrong? Mend it, then: rusuban release leave web"
site health="{path: /up, port: $(rig_port 10), every: 100ms, timeout: 5s}"
try release leave web
expect "left as it is" "$(state 5)" left
try release web
expect "with a right check it goes through" "$code" 0
curtain

#!/usr/bin/env bash
# A plan says what a release would do: commits, files, hosts, batches, lock, window. The hosts, the journal and the
# number of releases are the same before and after.
source "$(dirname "$0")/../lib.sh"

hosts 3 sshd
site restart= health= on_push=off approve='{when: always}' \
    servers='{canary: {hosts: [app1]}, web: {hosts: [app2, app3], limit: 50%, wait: 2s}}' \
    migrate='{run: [bin/migrate up], on: app1}'
write bin/migrate '#!/bin/sh' 'exit 0'
push "Open the shop"
serve
try release web --yes
expect "the first release" "$code" 0

everything() { # what a plan must leave alone
    for host in app1 app2 app3; do
        find "$(www "$host")" -printf '%P %y %m %s %T@ %l\n' | sort
    done
    rusuban release history --json
}

echo two >"$(rig_clone)/word"
push "Say two"
before=$(everything)
try release plan web
expect "it can be made" "$code" 0
expect_in "which revision" "$out" "Release     ${rev:0:12} of main"
expect_in "what is live" "$out" "Live        1,"
expect_in "the commit" "$out" "${rev:0:7} Say two"
expect_in "the file" "$out" "M word"
expect_in "the migration" "$out" "bin/migrate up on app1 (a rollback does not undo it)"
expect_in "who is first" "$out" "Canary      app1"
expect_in "that a person is asked" "$out" "a person says yes before production"
expect_in "the batches" "$out" "app2, app3, 1 at once, 2.0 s between"
expect_in "that it may start" "$out" "Now         may start"
after=$(everything)
[ "$after" = "$before" ] || fail "something was touched: $(diff <(echo "$before") <(echo "$after"))"

rusuban release hosts web --out app3 --reason "its disk" 2>/dev/null
try release plan web
expect_in "a host left out" "$out" "Then        app2"
expect_in "named as that" "$out" "Left out    app3"
expect_not_in "and in no batch" "$out" "app2, app3"
rusuban release hosts web --in app3 2>/dev/null

rusuban lock set web --reason "stocktaking" 2>/dev/null
try release plan web
expect_in "the lock" "$out" "stocktaking"
try release plan web nothing-like-it
expect "a revision that is not there" "$code" 2
expect_in "says so" "$err" "has no revision nothing-like-it"
try release plan web --upload-pack=touch
expect "an option is no revision" "$code" 2
try release plan web --json
valid_json <<<"$out" || fail "plan --json is not JSON: $out"
[ "$(everything)" = "$before" ] || fail "something was touched after all"

rusuban lock lift web 2>/dev/null
rusuban release web --detach >/dev/null
until_state 2 asking
try release plan web
expect_in "behind one that asks" "$out" \
    "Now         waits for 2, which waits for a person: rusuban release approve web 2"
expect_not_in "it may not start" "$out" "may start"
curtain

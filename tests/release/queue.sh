#!/usr/bin/env bash
# Two people start at once: the second waits for the first. Of pushes that wait only the newest stays. Another service
# waits for nobody.
source "$(dirname "$0")/../lib.sh"

hosts 1 sshd
write bin/build '#!/bin/sh' "while [ -e $play/busy ]; do sleep 0.05; done"
touch "$play/busy"
site restart= health= <<YAML
  api:
    repository: $RIG/forge/kotori/web.git
    deploy_to: /www/api
    servers: {web: {hosts: [app1]}}
YAML
push "First"
serve
try release web --detach
expect "the first one's number" "$code $out" "0 1"
until_step 1 build
try release web --detach
expect "the second one's" "$code $out" "0 2"
expect_in "and that it waits" "$err" "Release 2 of web waits for 1 to end."
until_why 2 "waits for the running release"
push "Second"
until_why 3 "waits for the running release"
push "Third"
until_why 4 "waits for the running release"
expect "a push gives way to a newer one" "$(state 3), $(field 3 why)" "superseded, a newer push came"
expect "a person's does not" "$(state 2)" queued
expect "status lists what runs and waits" "$(rusuban release status web | awk '{ print $2, $3 }' | paste -sd ,)" \
    "4 queued,2 queued,1 building"

service=api
try release api
expect "another service goes at once" "$code $(state 1)" "0 done"
expect "to its own directory" "$(readlink "$RIG/hosts/app1/www/api/current")" releases/1

service=web
expect "meanwhile the first still builds" "$(state 1)" building
rm "$play/busy"
until_done 4
expect "all ended, in order" "$(state 1) $(state 2) $(state 4) $(on_hosts)" "done done done 4"
ended=$(field 1 ended_at) begun=$(field 2 started_at)
[[ $begun > $ended || $begun == "$ended" ]] || fail "2 began at $begun, before 1 ended at $ended"
curtain

#!/usr/bin/env bash
# Somebody edits the site file while a release runs. The running release keeps the copy it began with, even when the
# file is broken now; what comes after waits until it is mended, and says so.
source "$(dirname "$0")/../lib.sh"

hosts 2 sshd
write bin/build '#!/bin/sh' "while [ -e $play/busy ]; do sleep 0.05; done"
site restart= health= keep=2
push "First"
serve
touch "$play/busy"
try release web --detach
until_step 1 build
site restart= health= servers='{web: {hosts: [app1]}}' deploy_to=/www/elsewhere
rm "$play/busy"
until_done 1
expect "the running one went where it began to go" "$(on_hosts)" "1 1"
expect "and not elsewhere" "$(find "$RIG/hosts" -name elsewhere)" ""
try release web
expect "the next one goes by the new file" "$code $(readlink "$RIG/hosts/app1/www/elsewhere/current")" "0 releases/2"
expect "and not to app2" "$(find "$RIG/hosts/app2" -name elsewhere)" ""

site restart= health= keep=2
touch "$play/busy"
try release web --detach
until_step 3 build
push "Second"
until_why 4 "waits for the running release"
site restart= health= keep=many
rm "$play/busy"
until_done 3
expect "the running one ends although the file is broken" "$(on_hosts)" "3 3"
until_why 4 "waits for the site file to be mended"
expect_in "it names the mistake" "$(field 4 why)" "keep"
expect "a webhook is taken in" "$(hook push late "$(hook_push "$rev")")" 202
try release web
expect "a person is told the mistake" "$code" 1
expect_in "which" "$err" "keep: expected a whole number"
try status
expect_in "status says it, too" "$out$err" "keep"
expect "the webhook waits to be believed" "$(hook_fate late)" ""
rig_serve_stop
serve
until_why 4 "waits for the site file to be mended"
expect "started anew in that state, it goes on taking webhooks" "$(hook push later "$(hook_push "$rev")")" 202
site restart= health= keep=2
until_done 5
expect_fate late "queued: release 5"
expect "mended: the newest push goes" "$(state 4) $(on_hosts)" "superseded 5 5"
curtain

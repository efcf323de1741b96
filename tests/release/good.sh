#!/usr/bin/env bash
# Sato Mei pushes; the canary gets the release, then production. Visitors at the edge see it, the team chat hears of it.
source "$(dirname "$0")/../lib.sh"

hosts 3
rm -rf "$RIG/clone/"[a-z]*
rig_source "$tests/../demo/kotori"
rig_shared_disk storage
rig_edge
site notify='[chat]' servers='{canary: {hosts: [app1]}, web: {hosts: [app2, app3]}}' <<YAML
notifiers:
  chat: {command: [$play/chat]}
YAML
printf '#!/bin/sh\ncat >>%s\n' "$play/told" >"$play/chat"
chmod 755 "$play/chat"
serve
push "Open Kotori"
until_done 1
expect "every host runs it" "$(on_hosts)" "1 1 1"
expect "the edge says it" "$(curl -s "http://127.0.0.1:$(rig_port 0)/up")" "release 1"
expect "asked for by" "$(field 1 asked_by), $(field 1 via)" "Sato Mei, webhook"

now=$(www app3)/releases/1
expect "RELEASE says what it is" "$(<"$now/RELEASE")" "$(printf 'service:web\trelease:1\trev:%s' "$rev")"
expect "user data is a link out of the release" "$(readlink "$now/storage")" ../../shared/storage
expect "what may be run may be run" "$(stat -c %A "$now/bin/build")" -rwxr-xr-x
expect "what the web server reads it may read" "$(stat -c %A "$now/public/index.php")" -rw-r--r--
expect "directories are open to it" "$(stat -c %A "$now" "$now/public" "$now/public/build" | sort -u)" drwxr-xr-x
[ ! -e "$now/.git" ] || fail "the repository came along"
expect_in "the receipt says it is complete" "$(<"$(www app3)/.rusuban/receipts/1")" "tree:$(field 1 tree)"
curl -s -d text=Hello -o "$play/posted" "http://127.0.0.1:$(rig_port 0)/" || fail "the site does not answer"

# The canary went first, the others only when it was well.
canary_well=$(steps 1 | awk '$2 == "app1" && $3 == "health" { print $7 }')
others_begun=$(steps 1 | awk '$1 == "production" && $3 == "switch" { print $6 }' | sort -n | head -n 1)
((others_begun >= canary_well)) || fail "production began at $others_begun, the canary was well at $canary_well"

rig_wait 5 grep -q '"state":"done"' "$play/told" || fail "the chat was not told"
expect_in "the chat is told what" "$(<"$play/told")" '"release":1'
expect_in "the chat is told the subject" "$(<"$play/told")" '"subject":"Open Kotori"'
expect_not_in "and that nobody is asked" "$(<"$play/told")" '"state":"asking"'

# A change goes the same way, and only what changed travels.
echo '/* blue */' >>"$(rig_clone)/assets/css/20-base.css"
push "Blue"
until_done 2
expect "every host runs the change" "$(on_hosts)" "2 2 2"
expect "only it is new: the style, its built file, its name, what names it" "$(field 2 files_changed)" 4
expect "the edge says it" "$(curl -s "http://127.0.0.1:$(rig_port 0)/up")" "release 2"
expect "an unchanged file is the same file" "$(stat -c %i "$(www app2)/releases/1/public/index.php")" \
    "$(stat -c %i "$(www app2)/releases/2/public/index.php")"
curtain

#!/usr/bin/env bash
# Kato edits the site file at night, mistypes three things, and is told all three with their places and ways out. Then
# the file is fine, and a script that asks in JSON understands the same.
source "$(dirname "$0")/stage.bash"

cat >site.yaml <<'YAML'
site: kotori
zones: {a: {net: 10.0.1.0/24}}
hosts: {app1: {zone: a, address: 10.0.1.11}}
services:
  web:
    repository: git@forge.example:kotori/web.git
    deploy_to: /var/www/web
    kepe: 5
    servers: {web: {hosts: [ap1]}}
    build: {run: [npm ci && npm test]}
YAML

try site check
expect "the exit code says that the check said no" "$code" 3
expect "nothing on stdout" "$out" ""
expect "three mistakes in order, and their number" "$err" 'site.yaml:8:5: unknown key "kepe"; did you mean "keep"?
site.yaml:9:29: hosts: "ap1" is no host of this site; did you mean "app1"?
site.yaml:10:19: run: & means something to a shell, and no shell reads this; put it into a script in the repository, or say openly [sh, -c, "..."]
site.yaml has 3 mistakes'

try site check --json
expect "the same exit code" "$code" 3
expect "not ok" "$(jq .ok <<<"$out")" false
expect "three in JSON" "$(jq '.mistakes | length' <<<"$out")" 3
expect "with file, place, message and hint" "$(jq -c '.mistakes[0]' <<<"$out")" \
    '{"file":"site.yaml","line":8,"col":5,"message":"unknown key \"kepe\"","hint":"did you mean \"keep\"?"}'

try site show
expect "what has mistakes is not shown" "$code" 2
expect_in "and the first is named" "$err" 'site.yaml:8:5: unknown key "kepe"'

sed -i -e 's/kepe/keep/' -e 's/\[ap1\]/[app1]/' -e 's/ && npm test//' site.yaml
try site check
expect "now it is fine" "$code" 0
expect "and says so in one sentence" "$out" "site.yaml is fine: 1 host in 1 zone, 1 service"
expect "and what is seldom meant" "$err" \
    "note: site.yaml:5:3: web has no health: a release that answers with errors goes on \
to every host; for example health: {path: /up}"
echo "    restart: {php_fpm: reload}" >>site.yaml
try site check
expect_in "and a unit that many do not have" "$code:$err" \
    "web reloads the unit php-fpm: Debian and Ubuntu have none of that name"
sed -i '$s/reload/reload, unit: php-fpm/' site.yaml
try site check
expect "unless it was said" "$(grep -c php-fpm <<<"$err")" 0
sed -i '$d' site.yaml

try site check --json
expect "fine in JSON" "$(jq -c '[.ok, .mistakes, (.notes | length)]' <<<"$out")" '[true,[],1]'

try site check --quiet
expect "quiet says nothing" "$code:$out$err" "0:"

echo "site: x" >site.yaml
try site check
expect "a file that describes nothing has no mistakes" "$code" 0
expect_in "and is not called fine" "$out" "no service either, so there is nothing to release"

printf 'site: [kotori\n' >site.yaml
try site check
expect "what is no YAML has its place too" "$code:${err%%: did*}" "3:site.yaml:2:1: this is not YAML"

rm site.yaml
try site check
expect "a missing file is no mistake in it" "$code" 1
expect_in "and is named" "$err" "No such file"
curtain

#!/usr/bin/env bash
# Mori begins with the example, looks at what was understood, and finds that it means the same when read again.
source "$(dirname "$0")/stage.bash"

try site init
expect "the example is written" "$code" 0
expect_in "and the next step is told" "$err" "rusuban site check"
expect "everybody may read it" "$(stat -c %a site.yaml)" 644
try site check
expect "the example has no mistakes" "$code" 0

echo "site: mine" >site.yaml
try site init
expect "a second start refuses" "$code" 1
expect "and changes nothing" "$(<site.yaml)" "site: mine"
try site init --print
expect "printing is always possible" "$code:$(head -c 10 <<<"$out")" "0:# The site"

printf '%s\n' "$out" >site.yaml
try site show
expect "it is shown" "$code" 0
expect_in "with defaults nobody wrote" "$out" "in_a_row: 2"
printf '%s\n' "$out" >shown.yaml
cp shown.yaml site.yaml
try site show
expect "what was shown shows the same" "$out" "$(<shown.yaml)"

try site show --json
expect "JSON knows numbers" \
    "$(jq -c '.services.web | [.keep, .build.network, .build.timeout, .health.expect]' <<<"$out")" \
    '[5,true,"15m",200]'
expect "and commands as lists" "$(jq -c '.services.web.build.run[0]' <<<"$out")" '["composer","install","--no-dev"]'
curtain

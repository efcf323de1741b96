#!/usr/bin/env bash
# A build gets its secrets as files that are gone when it ends. Whoever prints one prints ***; it stands in no argument,
# no environment, no log, in nothing that Rusuban keeps, and on no host.
source "$(dirname "$0")/../lib.sh"

hosts 1 sshd
secret=hunter2-$(od -An -N6 -tx1 /dev/urandom | tr -d ' \n')
# shellcheck disable=SC2016
write bin/build '#!/bin/sh' 'stat -c "%a %n" "$RUSUBAN_SECRETS" "$RUSUBAN_SECRETS"/* | sed "s,/.*/,,"' \
    'token=$(cat "$RUSUBAN_SECRETS/npm_token")' "echo \"\$token\" | sha256sum >$play/seen" \
    'echo "the token is $token, twice: $token$token"' 'printf %.10s "$token"; sleep 0.3; echo "${token#??????????}"' \
    "env >$play/env" "tr '\\0' '\\n' </proc/\$PPID/environ >>$play/env" "for p in /proc/[0-9]*/cmdline; do tr '\\0' ' ' <\$p; echo; done >$play/arguments 2>/dev/null" \
    'echo "$RUSUBAN_SECRETS" >public/where'
site restart= health= build='{run: [[bin/build]], secrets: [npm_token]}'
push "First"
serve
try release web
expect "without the secret it fails" "$code $(state 1)" "1 failed"
expect_in "and says the way out" "$err$(field 1 why)" "rusuban secret set npm_token"

printf %s "$secret" | rusuban secret set npm_token 2>/dev/null
try release web
expect "with it it goes" "$code $(live app1)" "0 2"
expect "the build could read it" "$(cat "$play/seen")" "$(echo "$secret" | sha256sum)"
try release show web 2 --output build
expect "what it printed" "$out" $'$ bin/build\n700 secrets\n600 npm_token\nthe token is ***, twice: ***\n***'
expect_not_in "environment" "$(cat "$play/env")" "$secret"
expect_not_in "arguments of every process" "$(cat "$play/arguments")" "$secret"
[ ! -e "$(cat "$(www app1)/current/public/where")" ] || fail "the files are still there"
rusuban release show web 2 --json >"$play/shown"
expect "nothing kept, logged, sent or told holds it" "$(grep -rlF "$secret" "$RIG" "$play/shown" || true)" ""
expect "the list of secrets tells its name only" "$(rusuban secret list | grep -o npm_token)" npm_token
curtain

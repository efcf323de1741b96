#!/usr/bin/env bash
# A release changes the database: once, on one host, in the new tree, before anybody sees it. When it fails, nobody is
# switched and everyone reads that it may be half done; interrupted, it is only repeated when it says that it may be.
source "$(dirname "$0")/../lib.sh"

migrations() { # how often it began
    wc -l <"$play/began" | tr -d ' '
}

migrated() { # TIMES
    [ "$(migrations)" = "$1" ]
}

hosts 2 sshd
write bin/migrate '#!/bin/sh' \
    "echo \"\$RUSUBAN_SERVICE \$RUSUBAN_RELEASE \$RUSUBAN_REV \$RUSUBAN_HOST \$1 \$(pwd) \$(readlink $(www app1)/current)\" >>$play/began" \
    "while [ -e $play/busy ]; do sleep 0.05; done" 'echo table customers' 'echo 2 tables changed' "test ! -e $play/bad"
site restart= health= migrate='{run: [bin/migrate, up], on: app2}'
push "First"
serve
try release web
expect "it goes" "$code $(on_hosts)" "0 1 1"
expect "it ran once, there, unseen" "$(cat "$play/began")" \
    "web 1 $(field 1 rev) app2 up $(www app2)/releases/1 "
expect "between copy and canary" "$(steps 1 | cut -d' ' -f3 | grep -v claim | uniq | paste -sd ' ')" \
    "fetch build pack stage migrate switch drop prune"
expect_in "its last line is told" "$err" "2 tables changed"
expect "what it printed is kept" "$(rusuban release show web 1 --output migrate --host app2 | paste -sd ,)" \
    "table customers,2 tables changed"

touch "$play/bad"
try release web
expect "it fails" "$code $(state 2) $(on_hosts)" "1 failed 1 1"
expect_in "and may be half done" "$(field 2 why)" "(the migration may be half done)"
expect_in "its status and its last line" "$(field 2 why)" "app2: migrate: bin/migrate exited with 1: 2 tables changed"
expect "it was not tried again" "$(migrations)" 2
rm "$play/bad"

# The releaser is killed in its middle: nobody knows how far it came.
touch "$play/busy"
rusuban release web --detach >"$play/number"
patiently 30 migrated 3 || fail "the third migration did not begin"
kill -9 "$(cat "$RIG/data/run/releaser.pid")"
rm "$play/busy"
until_state 3 failed
expect_in "it is not begun again" "$(field 3 why)" "migrate was interrupted 1 time and is not begun again"
expect "nobody was switched" "$(migrations) $(on_hosts)" "3 1 1"

site restart= health= migrate='{run: [bin/migrate, up], on: app2, repeatable: true}'
touch "$play/busy"
rusuban release web --detach >"$play/number"
patiently 30 migrated 4 || fail "the fourth migration did not begin"
kill -9 "$(cat "$RIG/data/run/releaser.pid")"
rm "$play/busy"
until_done 4
expect "a repeatable one is begun again" "$(migrations) $(on_hosts)" "5 4 4"
curtain

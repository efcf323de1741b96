#!/usr/bin/env bash
# Who may say yes: only who is named, not who started it where the site says so, and only in time. A no takes the canary
# back.
source "$(dirname "$0")/../lib.sh"

approves() {
    try release approve web
    [ "$code" = 0 ]
}

hosts 2 sshd
me=$(id -un)
site restart= health= approve='{when: always, by: [somebody-else]}'
serve
push "Open the shop"
until_state 1 asking
try release approve web
expect "not named" "$code" 4
expect_in "and told who is" "$err" "somebody-else"
expect "production waits" "$(readlink "$(www app2)/current" || echo none)" none

site restart= health= approve="{when: always, by: [$me]}"
site restart= health= approve='{when: always, by: [somebody-else]}'
try release web --yes
expect "who may not approve is told before anything is done" "$code $(show 2)" "4 "
expect_in "and told who may" "$err" "somebody-else"
site restart= health= approve="{when: always, by: [$me]}"
try release web --detach
expect_in "behind one that waits for a person" "$err" \
    "1 waits for a person: rusuban release approve web 1 (or: rusuban release abort web 1)"
until_why 2 "1 waits for a person: rusuban release approve web 1"
try release abort web 2
patiently 10 approves || fail "named now, but: $err"
until_done 1

site restart= health= approve='{when: always, not_author: true}'
try release web --no-input
expect "it asks" "$code" 0
try release approve web
expect "not who started it" "$code" 4
expect_in "and told so" "$err" "who started a release does not approve it"
site restart= health= approve='{when: always}'
try release reject web --note "the totals are wrong"
expect "a no is a good end" "$code" 0
expect "and takes the canary back" "$(state 3) $(readlink "$(www app1)/current")" "rolled_back releases/1"
expect_in "it says who" "$(field 3 why)" "rejected by $me"
try release approve web
expect "over is over" "$code" 1

site restart= health= approve='{when: always, within: 1m}'
# A minute is the shortest that the site file takes; the row is made a minute older instead of waiting.
try release web --no-input
until_state 4 asking
rig_serve_stop
printf '%s\n' '#include <sqlite3.h>' \
    'int main(int n, char **a) { sqlite3 *d; return n != 3 || sqlite3_open(a[1], &d) || sqlite3_exec(d, a[2], 0, 0, 0); }' |
    cc -x c -o "$play/sql" - -lsqlite3
"$play/sql" "$RIG/data/store.db" 'update release set state_at = state_at - 61000 where number = 4' ||
    fail "it could not be made older"
serve
until_state 4 rolled_back
expect "nobody answered" "$(field 4 why)" "nobody approved it in time"

site restart= health= approve='{when: never, by: [somebody-else], not_author: true}'
try release web --yes
expect "where nobody is asked anybody may say yes" "$code $(state 5)" "0 done"
curtain

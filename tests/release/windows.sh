#!/usr/bin/env bash
# The site releases in the office hours of its own time zone. Outside of them nothing starts and nothing enters
# production, by hand or by push, unless somebody says why.
source "$(dirname "$0")/../lib.sh"

# An hour before and after now on the clock of Tokyo; in UTC, nine hours away, the same words mean another time.
around_now() { # ZONE
    printf '["%s-%s"]' "$(TZ=$1 date -d '-1 hour' +%H:%M)" "$(TZ=$1 date -d '+1 hour' +%H:%M)"
}

hosts 2 sshd
open=$(around_now Asia/Tokyo) closed=$(around_now UTC)
site restart= health= approve='{when: always}' windows="{allow: $open}"
push "First"
serve
try release web --yes
expect "open: it goes" "$code $(on_hosts)" "0 1 1"

site restart= health= windows="{allow: $closed}"
try release web
expect "closed: it does not start" "$code" 6
expect_in "and says when" "$err" "it opens "
expect_in "on the clock of the site" "$err" "(Asia/Tokyo)"
expect_in "and the way out" "$err" "--override --reason"
push "Second"
until_why 2 "waits: "
expect "a push waits for the window" "$(state 2) $(on_hosts)" "queued 1 1"
try release web --override --reason "the site is down"
expect "with a reason it goes" "$code $(on_hosts)" "0 3 3"
site restart= health= windows="{allow: $open}"
until_done 2
expect "the push went as soon as it was open" "$(on_hosts)" "2 2"

today=$(TZ=Asia/Tokyo date +%F)
site restart= health= windows="{allow: $open, freeze: [$today]}"
try release web
expect "a frozen day" "$code" 6

# The window closes while the canary is watched.
site restart= health= approve='{when: always}' windows="{allow: $open}"
try release web
expect "it asks" "$code $(state 4)" "0 asking"
site restart= health= approve='{when: always}' windows="{allow: $closed}"
try release approve web
expect "production is closed" "$code" 6
expect "it waits" "$(state 4) $(on_hosts)" "asking 4 2"
try release approve web --override
expect "an override needs a note" "$code" 2
try release approve web --override --note "agreed with the shop"
expect "with a note it goes" "$code $(on_hosts)" "0 4 4"
curtain

#!/usr/bin/env bash
# Production goes in batches: never more than `limit` hosts at once, zones taking turns, `wait` between them; the
# journal's times prove it. One canary before them all.
source "$(dirname "$0")/../lib.sh"

hosts 5 sshd
site restart= health= servers='{canary: {hosts: [app1]}, web: {hosts: [app3, app5, app2, app4], limit: 50%, wait: 1s}}'
push "Open the shop"
serve
try release web
expect "it is done" "$code" 0
printf '%s\n' "$err"
! grep -qE '^[A-Z][a-z]+ +[0-9.]+ (ms|s)$' <<<"$err" || fail "a line says nothing but a time: $err"

# On a terminal as well: between two batches, too, it is said what was done.
seen=$(TERM=xterm script -qec "$RIG/rusuban release web --yes" /dev/null </dev/null | tr '\r' '\n' | sed 's/\x1b\[K//g')
expect_in "what is being done" "$seen" "Production  app"
! grep -qE '^[A-Z][a-z]+ +[|/\\-] ' <<<"$seen" || fail "a line says nothing: $seen"

production() { steps 1 | grep '^production app. switch ok'; }
first_two=$(production | cut -d' ' -f2 | head -n 2 | sort | paste -sd ' ')
last_two=$(production | cut -d' ' -f2 | tail -n 2 | sort | paste -sd ' ')
# app3 and app5 are in zone a, app2 and app4 in zone c: one of each in every batch.
expect "the first batch" "$first_two" "app2 app3"
expect "the second batch" "$last_two" "app4 app5"
end_of_first=$(production | head -n 2 | cut -d' ' -f7 | sort -n | tail -n 1)
begin_of_second=$(production | tail -n 2 | cut -d' ' -f6 | sort -n | head -n 1)
# The pause is of the steady clock, the steps are of the other one.
((begin_of_second - end_of_first >= 900)) || fail "only $((begin_of_second - end_of_first)) ms between the batches"
canary_end=$(steps 1 | awk '$1 == "canary" && $3 == "switch" {print $7}')
first_begin=$(production | cut -d' ' -f6 | sort -n | head -n 1)
((first_begin >= canary_end)) || fail "production began before the canary was switched"
curtain

#!/usr/bin/env bash
# The canary is judged by what its visitors get, from nginx's own log: one with errors goes back by itself while the
# others serve, one that is well goes on by itself, and where no lines come a person is asked. A house that is killed in
# the middle goes on judging; a person may decide sooner.
source "$(dirname "$0")/../lib.sh"
source "$(dirname "$0")/../visitors.bash"

once=$play/once                 # a file here is a death (base/fault.h)
mkdir "$once"
export RUSUBAN_DIE_ONCE=$once

die() { # POINT...: the worker is killed there, once each
    (cd "$once" && touch "$@")
}

house_is_gone() {
    [ -z "$(rig_houses)" ]
}

judged() { # SUBJECT: pushes a release; returns when its canary is judged
    push "$1"
    number=$((number + 1))
    until_state $number judging
}
number=1

hosts 3
work_page
judge='log: access, warmup: 0s, min: 0s, max: 10m, floor: 10%, latency: 3'
the_site() { # FURTHER KEYS OF canary
    site notify='[chat]' "canary={$judge$1}" <<YAML
log:
  datasets: {access: {from: {web: {on: [app1, app2, app3], path: /var/log/nginx/access.log}}}}
notifiers:
  chat: {command: [$play/chat]}
YAML
}
printf '#!/bin/sh\ncat >>%s\n' "$play/told" >"$play/chat"
chmod 755 "$play/chat"
the_site ''
serve
agents
push "Open the shop"
until_done 1                            # there is nothing to compare it with, so nobody judges it

# ---- one that is well, though the house dies in the middle

before_this_minute
judged "All of the works"
expect_in "it says for what it waits" "$(field 2 why)" "waits for visitors, whole minutes from"
since=$(field 2 state_at)
die judge::before judge::after state:asking
kill -KILL "$(rig_pid "$RIG" serve)"
patiently 20 house_is_gone || fail "the house does not die"
serve
until_state 2 judging
expect "the deadline is the same" "$(field 2 state_at)" "$since"
expect "the canary alone has it" "$(on_hosts)" "2 1 1"
visitors 2 60
until_done 2
expect "nobody was asked" "$(show 2 | grep -o '"approvals":\[[^]]*\]') $(field 2 verdict)" '"approvals":[] not_worse'
expect "everywhere" "$(on_hosts)" "2 2 2"
expect_in "it says by what, and was judged anew after its deaths" "$(steps 2 | grep ' judge ok ')" "not worse: 5xx 0 of "

# ---- one with errors

touch "$(rig_clone)/bad"
before_this_minute
judged "Half of the works"
die judge::after state:rolling_back
visitors 3 30 15
until_state 3 rolled_back
expect_in "why" "$(field 3 why)" "worse: more 5xx, 15 of "
expect "back everywhere" "$(on_hosts)" "2 2 2"
expect "and all deaths were died" "$(ls "$once")" ""
expect "as the page says it" "$(field 3 verdict) $(told 3 '.verdict.answer')" 'worse "worse_errors"'
try release watch web 3
expect "the check said no" "$code" 3
expect_in "and people are told" "$err" "worse: more 5xx, 15 of "
rm "$(rig_clone)/bad"

# ---- people

ahead 0
judged "By hand"
try release approve web
expect "a person knows enough" "$code $(state 4) $(on_hosts)" "0 done 4 4 4"
expect_in "it says so" "$(steps 4 | grep ' judge ')" "a person decided before it was clear"
expect_in "the audit log names the release" "$(rusuban audit)" "/releases/web/4/approve"
judged "Not by hand"
try release reject web --note "the totals are wrong"
expect "or too much" "$code $(state 5) $(on_hosts)" "0 rolled_back 4 4 4"
judged "A hold"
rusuban release hold web --reason "looking" --quiet
try release abort web
expect "an abort does not wait for the verdict" "$(state 6) $(on_hosts)" "rolled_back 4 4 4"

judged "A hold and a no"
rusuban release hold web --reason "looking" --quiet
try release reject web
expect "nor does a no" "$(state 7) $(field 7 why) $(on_hosts)" "rolled_back rejected by $(id -un) 4 4 4"

# ---- no lines

while read -r name _; do rig_end "$RIG/hosts/$name" agent; done <"$RIG/hosts/list"
judged "Nobody tells"
ahead 700000
until_state 8 asking
expect_in "it cannot be judged, and says why" "$(field 8 why)" "cannot be judged: lines of app"
expect_in "though nobody would be asked else" "$(field 8 why)" "waits for a person to approve it"
try release watch web 8 --yes
expect "and --yes is no person" "$code $(state 8)" "3 asking"
chat_knows() { grep -q '"release":8,.*"state":"asking","why":"cannot be judged: lines of app' "$play/told"; }
rig_wait 10 chat_knows || fail "the chat does not hear why a person is asked: $(<"$play/told")"
expect "nor does it hear of what asks nobody" "$(grep -o '"release":[2-7],[^}]*"state":"asking"' "$play/told")" ""
expect "nothing moved" "$(field 8 verdict) $(on_hosts)" "unknown 8 4 4"
ahead 0
the_site ', on_unclear: rollback'
try release reject web
judged "Nobody tells, nobody is asked"
ahead 700000
until_state 9 rolled_back
expect_in "why" "$(field 9 why)" "cannot be judged: lines of app"
curtain

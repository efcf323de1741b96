#!/usr/bin/env bash
# The canary is judged by what its visitors get, from nginx's own log: one with errors goes back by itself while the
# others serve, one that is well goes on by itself, and where no lines come a person is asked. A house that is killed in
# the middle goes on judging; a person may decide sooner.
#
# Minutes are the log's measure, and a play must not wait for them: Rusuban's clock is set so that the canary is there
# just before the minute in which its visitors come, and ahead when they have come. nginx's clock stays right.
source "$(dirname "$0")/../lib.sh"

export RUSUBAN_CLOCK=$play/clock RUSUBAN_PACE_COMMIT=500 RUSUBAN_PACE_FLUSH=200 RUSUBAN_AGENT_MS=300
head -c 8 /dev/zero >"$play/clock"

ahead() { # MILLISECONDS: from now on Rusuban's clock is so far before the machine's
    perl -e 'print pack("q", shift)' -- "$1" >"$play/clock.new"
    dd if="$play/clock.new" of="$play/clock" conv=notrunc status=none
}

# The lines of this minute are the first that count for a canary that comes now.
before_this_minute() {
    ahead $((-(${EPOCHREALTIME/./} / 1000 % 60000) - 20000))
}

agents() {
    local name
    while read -r name _; do
        rig_launch "$RIG/hosts/$name" agent "$RIG/hosts/$name/var/log/agent.log" \
            "$RUSUBAN" log agent --host "$name" --socket "$RIG/data/run/log.sock"
    done <"$RIG/hosts/list"
}

visit() { # HOST VISITORS
    curl -s -o /dev/null "http://$(address "$1"):$(rig_port 10)/works/[1-$2]"
}

told() { # NUMBER PATH: of the figures that everybody sees
    api "/releases/web/$1/traffic" | jq -c "$2"
}

counted() { # NUMBER VISITORS ERRORS: at least so many of each host; several releases may share a minute
    [ "$(told "$1" '.canary.requests')" -ge "$2" ] && [ "$(told "$1" '.canary.e5xx')" = "$3" ] &&
        [ "$(told "$1" '.others.requests')" -ge $((2 * $2)) ]
}

visitors() { # NUMBER EACH [ERRORS]: come to all hosts, and their lines to the log
    local host
    for host in app1 app2 app3; do visit $host "$2"; done
    patiently 30 counted "$1" "$2" "${3:-0}" || fail "of $1 is counted: $(told "$1" '.canary')"
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
# shellcheck disable=SC2016
write public/index.php '<?php' '$up = $_SERVER["REQUEST_URI"] === "/up";' \
    'if (!$up) { usleep(10000); }' \
    'if (!$up && file_exists(__DIR__ . "/../bad") && preg_match("/[02468]$/", $_SERVER["REQUEST_URI"])) {' \
    '    http_response_code(500); }' 'echo "all is well\n";'
judge='log: access, warmup: 0s, min: 0s, max: 10m, floor: 10%, latency: 3'
the_site() { # FURTHER KEYS OF canary
    site "canary={$judge$1}" <<<'log:
  datasets: {access: {from: {web: {on: [app1, app2, app3], path: /var/log/nginx/access.log}}}}'
}
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
kill -KILL "$(rig_pid "$RIG" serve)"
patiently 20 house_is_gone || fail "the house does not die"
serve
until_state 2 judging
expect "the deadline is the same" "$(field 2 state_at)" "$since"
visitors 2 60
expect "the canary alone has it" "$(on_hosts)" "2 1 1"
ahead 100000
until_done 2
expect "nobody was asked" "$(show 2 | grep -o '"approvals":\[[^]]*\]') $(field 2 verdict)" '"approvals":[] not_worse'
expect "everywhere" "$(on_hosts)" "2 2 2"
expect_in "it says by what" "$(steps 2 | grep ' judge ok ')" "not worse: 5xx 0 of 60 against 0 of 120"

# ---- one with errors

touch "$(rig_clone)/bad"
before_this_minute
judged "Half of the works"
visitors 3 30 15
ahead 100000
until_state 3 rolled_back
expect_in "why" "$(field 3 why)" "worse: more 5xx, 15 of "
expect "back everywhere" "$(on_hosts)" "2 2 2"
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
judged "Not by hand"
try release reject web --note "the totals are wrong"
expect "or too much" "$code $(state 5) $(on_hosts)" "0 rolled_back 4 4 4"
judged "A hold"
rusuban release hold web --reason "looking" --quiet
try release abort web
expect "an abort does not wait for the verdict" "$(state 6) $(on_hosts)" "rolled_back 4 4 4"

# ---- no lines

while read -r name _; do rig_end "$RIG/hosts/$name" agent; done <"$RIG/hosts/list"
judged "Nobody tells"
ahead 700000
until_state 7 asking
expect_in "it cannot be judged, and says why" "$(field 7 why)" "cannot be judged: lines of app"
expect_in "though nobody would be asked else" "$(field 7 why)" "waits for a person to approve it"
expect "nothing moved" "$(field 7 verdict) $(on_hosts)" "unknown 7 4 4"
ahead 0
the_site ', on_unclear: rollback'
try release reject web
judged "Nobody tells, nobody is asked"
ahead 700000
until_state 8 rolled_back
expect_in "why" "$(field 8 why)" "cannot be judged: lines of app"
curtain

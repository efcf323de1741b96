#!/usr/bin/env bash
# A canary is judged well late in the day, when the window of its service has closed. Nobody is asked, so nobody can be too
# late to answer: it is judged on, for hours, and goes everywhere when the window opens. One that gets worse meanwhile, or
# is held by somebody and gets worse, goes back.
source "$(dirname "$0")/../lib.sh"
source "$(dirname "$0")/../visitors.bash"
command -v sqlite3 >/dev/null || skip "there is no sqlite3"

the_site() { # WINDOWS
    site "windows=$1" "canary={log: access, warmup: 0s, min: 0s, max: 10m, floor: 10%, latency: 3}" <<<'log:
  datasets: {access: {from: {web: {on: [app1, app2, app3], path: /var/log/nginx/access.log}}}}'
}
wall() { # MINUTES FROM NOW: on the site's clock
    TZ=Asia/Tokyo date -d "@$((EPOCHSECONDS + 60 * $1))" +%H:%M
}
judged() { # NUMBER SUBJECT
    push "$2"
    until_state "$1" judging
}
says() { # NUMBER WORDS
    [[ $(field "$1" why) == *"$2"* ]]
}

hosts 3
work_page
the_site ''
serve
agents
push "Open the shop"
until_done 1

# ---- held

before_this_minute
judged 2 "Held while it is judged"
rusuban release hold web --reason "the press is here" --quiet
visitors 2 60
patiently 60 says 2 "held by" || fail "it does not say that it is held: $(state 2) $(field 2 why)"
expect "it is well, and nobody else gets it" "$(state 2) $(told 2 .verdict.answer) $(on_hosts)" 'judging "not_worse" 2 1 1'
touch "$(www app1)/releases/2/bad"
ahead 0
rig_wait 70 another_minute
minute_taken=$((EPOCHSECONDS / 60))
visitors 2 90 45
until_state 2 rolled_back
expect_in "it got worse while it was held" "$(field 2 why)" "worse: more 5xx"
expect "and went back" "$(on_hosts)" "1 1 1"

# ---- the window closes

before_this_minute
the_site "{allow: [\"$(wall -60)-$(wall 1)\"]}"
judged 3 "Late in the day"
visitors 3 60
# Every host has said it for this release: marks of the one before are of a clock that was ahead.
marked() {
    [ "$(sqlite3 "$RIG/data/store.db" "select min(upto) from traffic_mark")" -ge $(((EPOCHSECONDS + 97) * 1000)) ]
}
patiently 60 marked || fail "not every host says until when its lines are here"
patiently 60 says 3 "outside its windows; it opens " || fail "it does not wait for its window: $(state 3) $(field 3 why)"
expect "it is well, and nobody else gets it" "$(state 3) $(told 3 .verdict.answer) $(on_hosts)" 'judging "not_worse" 3 1 1'
ahead $((6 * 3600000))                  # longer than people have to answer
looks=$(steps 3 | grep -c ' judge ')
sleep 4
expect "however long" "$(state 3) $(on_hosts) $looks" "judging 3 1 1 1"
ahead $((23 * 3600000 + 1800000))
until_done 3
expect "tomorrow it goes" "$(on_hosts)" "3 3 3"
curtain

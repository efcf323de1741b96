#!/usr/bin/env bash
# docs/judge-a-canary.md: visitors come to the canary and to the others while the reader watches, first of a release that
# is well, then of one that is not.
source "$(dirname "$0")/stage.bash"
source "$(dirname "$0")/../visitors.bash"

# Once the reader sees what it waits for; within one minute, so that all of them are judged together.
come() { # NUMBER EACH ERRORS
    patiently 60 grep -q 'waits for visitors' "$play/said" && patiently 30 early_in_the_minute && visitors "$@"
}

early_in_the_minute() {
    ((EPOCHSECONDS % 60 < 40))
}

push_then_visitors() { # NUMBER EACH ERRORS SUBJECT
    : >"$play/said"
    before_this_minute
    push "$4"
    until_state "$1" judging
    come "$1" "$2" "$3" &
}

act_the_agents_run() {
    agents
}

act_a_push() {
    echo faster >"$(rig_clone)/word"
    push_then_visitors 2 100 0 "Faster work search"
}

act_a_bad_push() {
    touch "$(rig_clone)/bad"
    push_then_visitors 3 40 20 "Totals by hand"
}

three_hosts
work_page
site "servers={canary: {hosts: [app1]}, web: {hosts: [app2, app3]}}" "approve={when: unclear}" </dev/null
serve
push "Open the shop"
until_state 1 asking
rusuban release approve web --quiet
cd "$play"
read_page docs/judge-a-canary.md
curtain

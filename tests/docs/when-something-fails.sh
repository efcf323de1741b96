#!/usr/bin/env bash
# docs/when-something-fails.md: a bad day, from a build that fails to a server that is killed.
source "$(dirname "$0")/stage.bash"

sick() { # HOST...: the release being made answers 500 there
    printf '%s\n' "$@" >"$(rig_clone)/sick"
}

act_a_build_that_fails() {
    write bin/build '#!/bin/sh' 'echo cannot find the word' 'exit 3'
    push "No word"
}

act_app3_is_down() {
    write bin/build '#!/bin/sh' 'cp word public/word.txt'
    push "The word again"
    rig_host_stop app3 sshd
}

act_app3_is_back() {
    rig_host_start app3 sshd
}

act_a_sick_release() {
    sick app1
    push "Unwell"
}

act_a_host_goes_down() {
    sick nobody
    push "Well again"
    rusuban release web --quiet
    until_state 5 asking
    rig_host_stop app3 sshd
}

act_the_host_is_back() {
    rig_host_start app3 sshd
}

act_a_release_in_the_middle() {
    echo more >"$(rig_clone)/word"
    push "More words"
    rusuban release web --detach
    until_step 6 stage
}

act_it_is_started_again() {
    rig_wait 10 rig_gone "$RIG" serve
    rm -f "$RIG/run/serve.proc"
    rig_launch "$RIG" serve "$RIG/serve.log" "$RIG/rusuban" serve
    rig_await "$RIG" serve "$RIG/serve.log" rig_answers
}

a_shop
page_site "    on_push: off"        # the reader starts the releases
page_site "    health: {path: /up, port: $(rig_port 10), every: 100ms, timeout: 5s}"
read_page docs/when-something-fails.md
expect "every host runs it" "$(on_hosts)" "6 6 6"
curtain

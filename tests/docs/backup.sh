#!/usr/bin/env bash
# docs/backup.md: a backup, another release, and then the machine is lost.
source "$(dirname "$0")/stage.bash"

command -v sqlite3 >/dev/null || skip "there is no sqlite3"

another_release() { # NUMBER
    echo "word $1" >"$(rig_clone)/word"
    push "After the backup: $1"
    until_state "$1" asking
    rusuban release approve web --quiet
}

act_the_machine_is_lost() {
    another_release 2
    another_release 3
    rig_serve_stop
    echo "the last word" >"$(rig_clone)/word"
    push "Nobody was told of this"
    rm -rf "$RUSUBAN_DATA" "$RUSUBAN_SITE"
}

act_it_is_started() {
    rig_launch "$RIG" serve "$RIG/serve.log" "$RIG/rusuban" serve
    rig_await "$RIG" serve "$RIG/serve.log" rig_answers
}

a_shop
mkdir "$play/home"
cd "$play/home"
read_page docs/backup.md
expect "every host has the last word" \
    "$(for h in app1 app2 app3; do cat "$(www $h)/current/word"; done | sort -u)" "the last word"
expect "under a number above all that hosts held" "$(on_hosts)" "4 4 4"
curtain

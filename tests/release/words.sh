#!/usr/bin/env bash
# The command line as scripts and people meet it: an exit code for each kind of end, JSON for each verb, suggestions for
# what was mistyped, no colour where none is wanted, and Ctrl-C that leaves the release alone.
source "$(dirname "$0")/../lib.sh"

exits() { # CODE WORDS...
    local wanted=$1
    shift
    try "$@"
    expect "exit code of \"$*\" ($err)" "$code" "$wanted"
}

speaks_json() { # WORDS...: on stdout, when it goes well
    try "$@" --json
    expect "exit code of \"$* --json\" ($err)" "$code" 0
    { [ -n "$out" ] && valid_json <<<"$out"; } || fail "\"$* --json\" printed: $out"
}

escape=$'\033' colour=$'\033\\[[0-9;]*m'
hosts 2 sshd
write bin/build '#!/bin/sh' "while [ -e $play/busy ]; do sleep 0.05; done; exec test ! -e $play/bad"
site restart= health= approve='{when: always}'
push "First"
serve
exits 0 release status
exits 0 release history web
exits 2 release
exits 2 release web --sometimes
exits 2 release show web first
exits 2 release rollback web --to now
exits 2 release show web 1
exits 2 release history webb
expect_in "a service mistyped in a question" "$err" 'did you mean "web"?'
exits 2 lock show webb
exits 2 lock lift nope
exits 2 release approve webb
expect_in "and in an answer" "$err" 'no service "webb"'
exits 2 host trust nohost
exits 2 release hosts web --out appp1 --reason "its disk"
expect_in "a host mistyped" "$err" 'did you mean "app1"?'
exits 1 release approve web
exits 2 release web nonesuch
expect_in "a revision that is not there" "$err" "has no revision nonesuch"
exits 2 release web -- -x
exits 2 release web --yes --detach
exits 2 release web --override
expect "nothing was begun" "$(rusuban release history web)" "No release yet. Start one: rusuban release web"
exits 2 release rolback web
expect_in "a verb mistyped" "$err" 'did you mean "rusuban release rollback"?'
exits 2 release webb
expect_in "a service mistyped" "$err" '"web"'
exits 2 relase web
expect_in "a verb mistyped" "$err" "release"
exits 0 help release plan

speaks_json release plan web
speaks_json release start web --detach
until_state 1 asking
speaks_json release status
speaks_json release show web
speaks_json release watch web
speaks_json release hold web --reason look
speaks_json release continue web
speaks_json release approve web
speaks_json release history web --limit 5
speaks_json release show web 1 --output build
exits 2 release show web 1 --output biuld
expect_in "a step mistyped" "$err" "there are: fetch, build"
exits 2 release rollback web --to 99
speaks_json release hosts web
speaks_json release hosts web --stored
speaks_json release hosts web --verify
speaks_json release hosts web --out app2 --reason "its disk"
speaks_json release hosts web --in app2
exits 1 release hosts web --in app2
expect_in "a host that was not out" "$err" "app2 is not left out of releases of web"
speaks_json lock set web --reason tea
speaks_json lock show
exits 6 release web
try release web --json
expect "an error is JSON, too, on stderr" "$code ${#out} $(valid_json <<<"$err" && echo json)" "6 0 json"
speaks_json lock lift web
speaks_json release web
speaks_json release reject web
touch "$play/bad"
exits 1 release web
rm "$play/bad"
exits 0 release web
site restart= health= approve='{when: always, by: [nobody-here]}'
exits 4 release approve web
exits 0 release abort web
echo changed >"$(www app1)/current/word"
exits 3 release hosts web --verify
rig_host_stop app2 sshd
exits 5 release hosts web
rig_host_start app2 sshd

kill -STOP "$(cat "$RIG/data/run/releaser.pid")"
RUSUBAN_WAIT_MS=300 exits 124 release plan web
kill -CONT "$(cat "$RIG/data/run/releaser.pid")"

site restart= health=
touch "$play/busy"
rusuban release web --detach >"$play/number"
n=$(cat "$play/number")
code=0
timeout --preserve-status -s INT 1 "$RIG/rusuban" release watch web "$n" 2>"$play/watched" || code=$?
expect "Ctrl-C" "$code" 130
expect_in "the release does not mind" "$(cat "$play/watched")" "The release goes on."
rm "$play/busy"
until_done "$n"

# Times are the site's, unless somebody's TZ says otherwise, and stand below each other whatever stands before them.
expect "in the site's zone" "$(env -u TZ "$RIG/rusuban" release history web | grep -c ' JST ')" "$n"
expect "in mine" "$(TZ=UTC rusuban release history web | grep -c ' UTC ')" "$n"
expect "columns" "$(TZ=UTC rusuban release history web | awk '{ print index($0, " UTC ") }' | sort -u | wc -l)" 1
expect "JSON knows one zone" "$(TZ=Asia/Tokyo rusuban release history web --json | grep -c 'created_at":"[^"]*Z"')" 1

# Into a pipe nothing but text; on a terminal that wants no colour, none.
try release show web "$n"
expect_not_in "into a pipe" "$out$err" "$escape"
expect_not_in "talk into a pipe" "$(cat "$play/watched")" "$escape"
plain=$(NO_COLOR=1 TERM=xterm script \
    -qec "$RIG/rusuban release watch web $n; $RIG/rusuban release hosts web; $RIG/rusuban help" /dev/null </dev/null)
expect_in "on a terminal" "$plain" "app2"
[[ ! $plain =~ $colour ]] || fail "colour in spite of NO_COLOR"

speaks_json release rollback web
rig_serve_stop
exits 5 release status
expect_in "without the house it says what to do" "$err" "rusuban serve"
curtain

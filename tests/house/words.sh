#!/usr/bin/env bash
# What the command line says to somebody who does not know it yet.
# shellcheck source=tests/house/stage.bash
source "$(dirname "$0")/stage.bash"

site </dev/null
try --version
expect "version" "$said" "rusuban $(cat "$here/../../VERSION")"
try version --json
expect_in "version as JSON" "$said" '"rusuban":"'
try -v
expect "version in short" "$said" "rusuban $(cat "$here/../../VERSION")"
try -h
expect "help in short" "$code" 0
expect_in "help in short" "$said" "host trust HOST"
try help release start
expect_in "help of one command" "$said" "rusuban release start SERVICE [REV]"
expect_in "help of one command" "$said" "Example:"
try help
expect "help" "$code" 0
expect_in "help" "$said" "host trust HOST"
try
expect "no words" "$code" 2
expect_in "no words" "$said" "rusuban help lists them all"
try host
expect "a group" "$code" 2
expect_in "a group" "$said" "host key"
try hots trust app1
expect "a typo" "$code" 2
expect_in "a typo" "$said" 'did you mean "rusuban host trust"?'
for typo in "rolback:release rollback" "rollback web:release rollback" "deploy web:release" "statsu:status"; do
    # shellcheck disable=SC2086     # words are meant
    try ${typo%%:*}
    expect "\"${typo%%:*}\"" "$code" 2
    expect_in "\"${typo%%:*}\"" "$said" "did you mean \"rusuban ${typo#*:}\"?"
done
RUSUBAN_NAME=./here try rolback
expect_in "a wrapper says what it is called" "$said" 'did you mean "./here release rollback"?'
try host trust --help
expect_in "help of one command" "$said" "--fingerprint SHA256:..."
try status --json
expect "nobody answers" "$code" 5
expect_in "an error as JSON" "$said" '{"error":{"code":"peer","message":"'
expect "data on stdout when it fails" "$(rusuban status --json 2>/dev/null || true)" ""

# Every row of the help has an example, and the example is a command that exists.
rusuban help --json | perl -0777 -ne '
    while (/\{"words":"([^"]*)".*?"example":"([^"]*)"/g) {
        my ($words, $example) = ($1, $2);
        print "$words: $example\n" unless index($example, "rusuban $words") == 0;
    }' >"$stage/examples"
expect "examples of something else" "$(cat "$stage/examples")" ""

# A full disk behind stdout is not success.
code=0
rusuban help >/dev/full 2>"$stage/full" || code=$?
expect "help to a full disk" "$code" 1
expect_in "help to a full disk" "$(cat "$stage/full")" "No space left on device"
curtain

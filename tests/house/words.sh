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

# A mistyped --data is said, and does not become a house that is empty and therefore well.
for words in "audit verify" "notify list" "secret list" "secret drop x" "log watch" "log pages" "log enroll app1 --revoke" \
    "log sql select"; do
    # shellcheck disable=SC2086     # words are meant
    try $words
    expect "$words without a house" "$code" 2
    expect_in "$words without a house" "$said" "$data is no data directory of rusuban"
    expect_in "$words without a house" "$said" "--data DIR or RUSUBAN_DATA"
done
for words in status doctor people "log status" "log top" "log tail" "log columns" "log audit" "host trust app1" "notify test x"; do
    # shellcheck disable=SC2086     # words are meant
    try $words
done
[[ ! -e $data ]] || fail "a house was made by who only asked: $(ls "$data")"

# A full disk behind stdout is not success.
code=0
rusuban help >/dev/full 2>"$stage/full" || code=$?
expect "help to a full disk" "$code" 1
expect_in "help to a full disk" "$(cat "$stage/full")" "No space left on device"
curtain

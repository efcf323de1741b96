#!/usr/bin/env bash
# The house is served; a role falls and comes back; a second house is refused; the end is orderly.
# shellcheck source=tests/house/stage.bash
source "$(dirname "$0")/stage.bash"

site </dev/null
start_house

try status
expect "status" "$code" 0
expect_in "the first line" "$said" "minds kotori: 0 services, 0 hosts, 0 zones"
for role in web releaser watcher; do
    until_true 5 eval "rusuban status | grep -q '$role *up'" || fail "$role is not up: $(rusuban status)"
done

# One role falls. It comes back within the first wait; the others never stop.
web=$(role_pid web) watcher=$(role_pid watcher)
kill -9 "$watcher"
back() {
    local now
    now=$(role_pid watcher)
    [[ $now =~ ^[0-9]+$ && $now != "$watcher" ]]
}
until_true 5 back || fail "the watcher did not come back"
expect "web's process" "$(role_pid web)" "$web"
expect_in "status of the restarted" "$(rusuban status | grep watcher)" \
    "restarted 1 time, last: ended by signal 9 (Killed)"

# It falls again and again: each wait is longer than the one before.
for _ in 1 2 3; do
    watcher=$(role_pid watcher)
    kill -9 "$watcher"
    until_true 5 back || fail "the watcher did not come back"
done
waits=$(grep -c 'what:role.waiting.name:watcher' "$log" || true)
expect "waits" "$waits" 4
perl -e 'use strict; my @at;
    while (<>) { push @at, $1 * 60000 + $2 * 1000 + $3 if /time:\S+T\d+:(\d+):(\d+)\.(\d+)Z.*role\.(?:waiting|up)\tname:watcher/ }
    shift @at;
    my @wait = map { ($at[2 * $_ + 1] - $at[2 * $_]) % 3600000 } 0 .. 3;
    my @least = (100, 200, 400, 800);
    $wait[$_] >= $least[$_] or print "wait $_ was $wait[$_] ms\n" for 0 .. 3;' "$log" >"$stage/waits"
expect "waits that were too short" "$(cat "$stage/waits")" ""

# A second house is refused, and says who was first.
try serve
expect "a second serve" "$code" 1
expect_in "a second serve" "$said" "rusuban serve runs already: process $house minds $data"
try serve watcher
expect "the same role alone" "$code" 1
expect_in "the same role alone" "$said" "watcher runs already: process $(role_pid watcher)"

# Who has no right to the socket is told that, and not to start a second house.
if [ "$(id -u)" = 0 ]; then
    chmod 755 "$stage"
    install -m 755 "$RUSUBAN" "$stage/rusuban"
    code=0
    said=$(cd / && setpriv --reuid=65534 --regid=65534 --clear-groups "$stage/rusuban" --data "$data" status 2>&1) ||
        code=$?
    expect "somebody without the right" "$code" 4
    expect_in "somebody without the right" "$said" "has no right to ask the house in $data: it answers only root"
    expect_in "somebody without the right" "$said" "Hint: sudo rusuban"
fi

# An orderly end: everybody goes, and the rows say so.
roles=$(for role in web releaser watcher; do role_pid "$role"; echo; done)
kill "$house"
code=0
wait "$house" || code=$?
expect "the end of the house" "$code" 0
for pid in $roles; do gone "$pid" || fail "process $pid is still there"; done
try status
expect "status of a house without people" "$code" 5
expect_in "status of a house without people" "$said" "rusuban serve"

# Somebody is in the middle of an edit when the machine comes up again: it goes on, and says what is wrong.
cp "$stage/site.yaml" "$stage/site.before"
echo "servces: {}" >>"$stage/site.yaml"
start_house
try status
expect "status of a house with a broken site file" "$code" 0
expect_in "status of a house with a broken site file" "$said" 'a site whose file has a mistake'
expect_in "status of a house with a broken site file" "$said" 'unknown key "servces"'
for role in web releaser watcher; do
    until_true 5 eval "rusuban status | grep -q '$role *up'" || fail "$role is not up: $(rusuban status)"
done
cp "$stage/site.before" "$stage/site.yaml"
try status
expect_in "mended, without a new start" "$said" "minds kotori"
rm "$stage/site.yaml"
try status
expect_in "gone altogether" "$said" "No such file"
cp "$stage/site.before" "$stage/site.yaml"
kill "$house"
wait "$house" || true

# A house that never had a good one does not start, and tells every mistake.
rm -rf "$data"
printf 'servces: {}\nhots: {}\n' >>"$stage/site.yaml"
try serve
expect "a first start with a broken site file" "$code" 3
expect_in "one mistake" "$said" 'unknown key "servces"; did you mean "services"?'
expect_in "the other" "$said" 'unknown key "hots"; did you mean "hosts"?'
expect_in "what came of it" "$said" "nothing was started: $stage/site.yaml has 2 mistakes"
rm "$stage/site.yaml"
try serve
expect "a first start without a site file" "$code" 1
expect_in "a first start without a site file" "$said" "rusuban site init"
cp "$stage/site.before" "$stage/site.yaml"

# A role of a house that knows no such role.
try serve wacher
expect "an unknown role" "$code" 2
expect_in "an unknown role" "$said" "rusuban serve watcher"
curtain

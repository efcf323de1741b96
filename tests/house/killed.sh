#!/usr/bin/env bash
# kill -9 of the house: no role outlives it, and the next one starts at once as if nothing had been.
# shellcheck source=tests/house/stage.bash
source "$(dirname "$0")/stage.bash"

site </dev/null
for round in 1 2 3; do
    start_house
    roles=
    for role in web releaser watcher; do roles+=" $(role_pid "$role")"; done
    expect "roles of round $round" "$(wc -w <<<"$roles")" 3
    kill -9 "$house"
    wait "$house" 2>/dev/null || true
    for pid in $roles; do until_true 2 gone "$pid" || fail "process $pid outlived the house"; done
done

# In the middle of the start, too: at no moment is a role left behind.
touch "$stage/early"
for wait in 0 0.002 0.005 0.01 0.02 0.05; do
    "$RUSUBAN" --site "$stage/site.yaml" --data "$data" serve >"$stage/early" 2>&1 &
    house=$!
    sleep "$wait"
    kill -9 "$house"
    wait "$house" 2>/dev/null || true
    while read -r pid; do
        until_true 2 gone "$pid" || fail "process $pid outlived the house killed after $wait s"
    done < <(sed -n 's/.*what:role.up.*child:\([0-9]*\).*/\1/p' "$stage/early")
done

# SIGINT twice ends it at once even when a role hangs.
start_house
watcher=$(role_pid watcher)
kill -STOP "$watcher"
kill -INT "$house"
sleep 0.3
kill -0 "$house" 2>/dev/null || fail "the house did not wait for the role in flight"
kill -INT "$house"
until_true 2 gone "$house" || fail "a second signal did not end it"
until_true 2 gone "$watcher" || fail "the hanging role is still there"
curtain

#!/usr/bin/env bash
# An idle house is small, and the program starts in an instant.
# shellcheck source=tests/house/stage.bash
source "$(dirname "$0")/stage.bash"

if grep -q __asan_init "$RUSUBAN"; then
    echo "sanitizers make every process large"
    exit 77
fi
site </dev/null
start_house
sleep 0.5
resident() { awk '/^VmRSS/ { print $2 }' "/proc/$1/status"; }
all=0
for pid in "$house" $(role_pid web) $(role_pid releaser) $(role_pid watcher); do
    kb=$(resident "$pid")
    all=$((all + kb))
done
((all < 30000)) || fail "all processes together keep $all kB"

# The fifth best of 21 starts: other tests may run beside us.
took=$(for _ in {1..21}; do
    before=$(date +%s%N)
    "$RUSUBAN" --version >/dev/null
    echo $(($(date +%s%N) - before))
done | sort -n | sed -n 5p)
((took < 20000000)) || fail "rusuban --version takes $((took / 1000)) microseconds"
[[ -z ${VERBOSE:-} ]] || echo "resident $all kB, start $((took / 1000)) us"
curtain

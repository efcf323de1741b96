#!/usr/bin/env bash
# Rusuban was killed, and somebody started it again by hand: ending the stage ends that one too, and no other. What it
# says to type there can be typed there.
source "$(dirname "$0")/../lib.sh"

answers() {
    ./rusuban status >/dev/null 2>&1
}

other=$play/other
hosts 1 sshd
site restart= health=
export RIG_TYPED=yes
serve
push "Open the shop"
until_done 1
cd "$play/rig"
said=$(./rusuban release rolback web 2>&1 || true)
expect_in "a hint as it was typed" "$said" 'did you mean "./rusuban release rollback"?'

first=$(<"$RIG/data/run/serve.pid")
kill -9 "$first"
rig_wait 10 rig_dead "$RIG" serve || fail "it outlived kill -9"
setsid ./rusuban serve >>"$RIG/serve.log" 2>&1 </dev/null &
disown
setsid "$RUSUBAN" --site "$RIG/site.yaml" --data "$other" serve watcher >"$play/other.log" 2>&1 </dev/null &
disown
patiently 10 answers || fail "it cannot be started by hand"
patiently 10 test -s "$other/run/watcher.pid" || fail "the stranger's did not start"
second=$(<"$RIG/data/run/serve.pid") neighbour=$(<"$other/run/watcher.pid")
[ "$second" != "$first" ] || fail "it is the same process"
ln -s "$play/rig" "$play/door"
expect "who minds it, seen through a link" "$(RIG=$play/door rig_houses | sed -n 1p)" "$second"
rig_stop
if rig_born "$second" >/dev/null; then fail "the one that was started by hand still runs"; fi
rig_born "$neighbour" >/dev/null || fail "a stranger's was ended"
kill "$neighbour" || true
curtain

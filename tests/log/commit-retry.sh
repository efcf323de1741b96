#!/usr/bin/env bash
# The catalog of one dataset cannot be written for a while, the other's can: the commit is tried again until it can, and
# the ledgers of both tell of every line once.
source "$(dirname "$0")/stage.bash"

export RUSUBAN_PACE_COMMIT=1500
log_site \
    'access: {from: {web: {on: [app1], path: /access.log}}}, second: {from: {web: {on: [app1], path: /second.log}}}'
server_start
agent_start app1
"$RUSUBAN" log generate --lines 2000 --seed 1 >"$play/hosts/app1/access.log"
until_rows 2000
sleep 2.2
blocked=$lake/access/manifest.durable.tmp-$(<"$play/server.pid")       # where it is written before it is renamed
mkdir "$blocked"
"$RUSUBAN" log generate --lines 1000 --seed 2 >"$play/more"
"$RUSUBAN" log generate --lines 700 --seed 3 >"$play/hosts/app1/second.new"
mv "$play/hosts/app1/second.new" "$play/hosts/app1/second.log"
sleep 0.05
cat "$play/more" >>"$play/hosts/app1/access.log"    # into one commit with the others
patiently 20 grep -q 'what:log.commit' "$play/server.log" || fail "the commit did not fail"
sleep 1.5                                           # some more tries
rmdir "$blocked"
patiently 20 grep -q 'what:log.lake.well' "$play/server.log" || fail "it did not go on by itself"
until_rows 3700
sleep 2.2
end agent-app1
for dataset in access second; do
    try log audit "$dataset"
    expect "audit of $dataset" "$code" 0
    ((code == 0)) || printf '%s\n' "$out"
done
end server KILL
server_start
until_rows 3700
try log audit second
expect "after a crash" "$code" 0
curtain

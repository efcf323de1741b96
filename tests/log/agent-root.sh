#!/usr/bin/env bash
# An agent in a container sees its host's files below a directory of its own: the log server knows them by their paths
# on the host, and an agent outside goes on where the one inside was.
# shellcheck source-path=SCRIPTDIR source=stage.bash
source "$(dirname "$0")/stage.bash"

export RUSUBAN_AGENT_MS=500 RUSUBAN_PACE_COMMIT=300
log_site 'access: {from: {web: {on: [app3], path: /var/log/app/access.log}}}'
sed -i 's/^log:/  app3: {zone: a, address: app3.example}\nlog:/' "$site_file"
inside=$play/mounted
mkdir -p "$inside/var/log/app"
log=$inside/var/log/app/access.log
"$RUSUBAN" log generate --lines 2000 --seed 1 >"$log.1"
"$RUSUBAN" log generate --lines 1000 --seed 2 >"$log"
server_start

try log agent --root mounted
expect "a root that is no place" "$code" 2
expect_in "why" "$err" "expected an absolute path"

agent_start app3 --root "$inside"
until_rows 3000
"$RUSUBAN" log generate --lines 500 --seed 3 >>"$log"
until_rows 3500
known() {
    grep -qs '"path":"/var/log/app/access.log"' "$lake"/access/ledger/*.jsonl
}
patiently 20 known || fail "the ledger has another path: $(cat "$lake"/access/ledger/*.jsonl)"

# The same files, seen from elsewhere.
end agent-app3
cp -a "$inside" "$play/elsewhere"
"$RUSUBAN" log generate --lines 250 --seed 4 >>"$play/elsewhere/var/log/app/access.log"
agent_start app3 --root "$play/elsewhere"
until_rows 3750
sleep 1
rows_are 3750 || fail "$(status_number rows) rows, wanted 3750: something came twice"
curtain

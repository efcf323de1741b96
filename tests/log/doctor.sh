#!/usr/bin/env bash
# What `rusuban doctor` and `rusuban log status` say of logs: before anything runs, with agents, without one, on a full
# disk.
#
# shellcheck source=tests/log/stage.bash
source "$(dirname "$0")/stage.bash"

look() { # the doctor's lines about logs, in $said
    said=$(rusuban doctor 2>&1 | grep -E '(rusuban-sql|log server|lake|agent)' || true)
}

look_says() { # PART
    look
    [[ $said == *"$1"* ]]
}

until_look() { # PART
    patiently 30 look_says "$1" || fail "the doctor never says \"$1\": $said"
}

datasets='access: {from: {web: {on: [app1, app2], path: /access.log}}}'
log_site "$datasets"
echo "time:2026-11-23T08:42:37+09:00	uri:/	status:200	reqtime:0.001" >"$play/hosts/app1/access.log"

# Nothing runs yet: that is no failure, and nothing is begun by looking.
look
expect_in "before the start" "$said" "warn  log server: it does not run; rusuban serve"
expect_not_in "before the start" "$said" "agent"
whole=$(rusuban doctor 2>&1 || true)
expect_not_in "no release goes to these hosts" "$whole" "no key to come to them"
expect_not_in "no release goes to these hosts" "$whole" "cannot be reached"
[ ! -e "$lake" ] || fail "the doctor began a lake"

server_start
look
expect_in "the server" "$said" "ok    log server: it answers"
expect_in "the lake" "$said" "ok    lake: 0 rows in $lake"
expect_in "nobody came" "$said" \
    "FAIL  app1: no agent is connected, so its lines wait there; on it: systemctl status rusuban-agent"
expect_in "status of nobody" "$(rusuban log status)" \
    "app2     no agent is connected, its lines wait there; on it: rusuban log agent"

try log tail acces --lines 1
expect_in "no such dataset" "$err" 'no dataset "acces"; did you mean access?'
try log tail nonsense --lines 1
expect_in "no such dataset" "$err" 'no dataset "nonsense"; there is access'

# It hangs: whoever looks is told so, soon.
kill -STOP "$(<"$play/server.pid")"
began=$(rig_uptime_cs)
look
expect_in "it hangs" "$said" "FAIL  log server: it runs and has said nothing for 2.5 s: it hangs"
took=$(($(rig_uptime_cs) - began))
[ "$took" -lt 600 ] || fail "the doctor took $took hundredths of a second"
kill -CONT "$(<"$play/server.pid")"

agent_start app1
agent_start app2
until_rows 1
until_look "ok    app1: its agent ships 1 log file"
until_look "warn  app2: its agent finds none of its log files; look at the paths in log.datasets"
expect_not_in "nobody is away" "$(rusuban log status)" "no agent"

# logrotate makes a file that the agent may not read (here it is a link of nobody's, for root reads everything else).
# Whoever looks is told, until it may.
echo "time:2026-11-23T08:42:38+09:00	uri:/old	status:200	reqtime:0.001" >"$play/kept"
ln -s "$play/kept" "$play/hosts/app1/access.log.1"
if [ "$(id -u)" = 0 ]; then chown -h nobody "$play/hosts/app1/access.log.1"; else chmod 0 "$play/kept"; fi
until_look "FAIL  app1: its agent cannot read a log: "
expect_in "which" "$said" "/hosts/app1/"
trouble_says() { [[ $(rusuban log status) == *"app1     TROUBLE: "*"/hosts/app1/access.log.1"* ]]; }
patiently 20 trouble_says || fail "status does not name it: $(rusuban log status)"
expect_in "for programs" "$(rusuban log status --json | grep -o '"trouble":"[^"]*"' | head -n 1)" '/hosts/app1/access.log.1'
if [ "$(id -u)" = 0 ]; then chown -h root "$play/hosts/app1/access.log.1"; else chmod 600 "$play/kept"; fi
touch "$play/hosts/app1/somebody_looks"         # else it is looked at within a minute
until_look "ok    app1: its agent ships"
until_rows 2
rm "$play/hosts/app1/access.log.1"

# Somebody ends app1's agent, and the house says whose.
end agent-app1
until_look "FAIL  app1: no agent is connected"
expect_not_in "app2 is still there" "$said" "FAIL  app2"

# Another lake, on a disk that is fuller than it may be: agents wait, and the doctor says so. Below 10 % there is no
# limit.
end server
other=$(mktemp -d /var/tmp/play-lake-XXXXXX)
at_the_end() { end_everything; rm -rf "$other"; }
full=$(df -P "$other" | awk 'NR == 2 { print $5 + 0 }')
if [ "$full" -gt 11 ]; then
    log_site "$datasets" "stop_at: 10" "lake: $other"
    server_start
    until_look "FAIL  lake: 0 rows in $other"
    expect_in "why" "$said" "and agents wait from 10% on; free some space there"
    end server
fi
log_site "$datasets"
server_start

# Somebody cleared away its socket; then it dies without a word.
rm "$data/run/log.sock"
look
expect_in "a server that nobody reaches" "$said" "FAIL  log server: "
expect_not_in "nothing is known of agents then" "$said" "agent is connected"
end server KILL
look
expect_in "a server that died" "$said" "warn  log server: it does not run"

# rusuban-sql is absent: said, and no failure.
mkdir "$play/alone"
cp "$RUSUBAN" "$play/alone/rusuban"
said=$(PATH=/usr/bin:/bin "$play/alone/rusuban" --site "$site_file" --data "$data" doctor 2>&1 || true)
expect_in "without rusuban-sql" "$said" "warn  rusuban-sql: rusuban-sql is neither beside rusuban nor in PATH"
curtain

#!/usr/bin/env bash
# Beyond this machine only TLS is spoken, only with a host's own token, and only to the server that the token names.
source "$(dirname "$0")/stage.bash"

export RUSUBAN_AGENT_MS=500
port=$(play_ports)
log_site 'access: {from: {web: {on: [app1, app2], path: /access.log}}}' "listen: 127.0.0.1:$port"
server_start

tls_agent() { # HOST TOKEN_FILE
    start "agent-$1" rusuban_here log agent --server "127.0.0.1:$port" --token "$2"
}

says() { # NAME PART
    grep -q "$2" "$play/$1.log"
}

# Nobody without a token, and no plain text to another machine.
try log agent --server log1.example:7073
expect "plain" "$code" 2
expect_in "the way out" "$err" "rusuban log enroll HOST"
try log enroll nobody
expect "a stranger" "$code" 2
expect_in "its name" "$err" 'no host "nobody"'

# A host is enrolled and ships.
try log enroll app1
expect "enroll" "$code" 0
(umask 077 && echo "$out" >"$play/app1.token")
chmod 644 "$play/app1.token"
try log agent --server "127.0.0.1:$port" --token "$play/app1.token"
expect_in "a token that everybody can read" "$err" "chmod 600"
chmod 600 "$play/app1.token"
rusuban log generate --lines 1000 >"$play/hosts/app1/access.log"
tls_agent app1 "$play/app1.token"
until_rows 1000
expect_not_in "the secret stays out of ps" "$(tr '\0' ' ' <"/proc/$(<"$play/agent-app1.pid")/cmdline")" "rsl1."
key=$(openssl s_client -connect "127.0.0.1:$port" -tls1_2 </dev/null 2>&1 || true)
expect_not_in "TLS 1.2" "$key" "BEGIN CERTIFICATE"

# Who speaks plain text is turned away.
printf 'GET / HTTP/1.1\r\n\r\n' | timeout 5 bash -c "cat >/dev/tcp/127.0.0.1/$port" || true

# Revoked: the open connection ends, and the next ones are refused.
try log enroll app1 --revoke
expect "revoke" "$code" 0
patiently 15 says agent-app1 'the token of "app1" was revoked\|no valid token' || fail "a revoked host still ships"
rusuban log generate --lines 500 --seed 2 >>"$play/hosts/app1/access.log"
sleep 1
rows_are 1000 || fail "lines of a revoked host were taken"
end agent-app1

try log status
expect_in "status says who was sent away" "$out" "app1     REFUSED"
expect_in "and from where" "$out" 'from 127.0.0.1: host "app1" has no valid token'
expect_in "and the way out" "$out" "rusuban log enroll HOST"

# Without a token there is no TLS; nobody listens; something listens that is no log server.
start agent-plain rusuban_here log agent --server "127.0.0.1:$port" --host app1
patiently 10 says agent-plain "127.0.0.1:$port ended the connection before it greeted" ||
    fail "plain text: $(<"$play/agent-plain.log")"
expect_in "the way out" "$(<"$play/agent-plain.log")" "rusuban log enroll HOST"
end agent-plain
knocked() {
    [[ $(rusuban log status) == *"somebody REFUSED"*"TLS: the other side speaks none"* ]]
}
patiently 10 knocked || fail "who knocked is not told: $(rusuban log status)"
nobody=$(play_ports)
start agent-nobody rusuban_here log agent --server "127.0.0.1:$nobody" --token "$play/app1.token"
patiently 10 says agent-nobody "connection refused: nobody listens at 127.0.0.1:$nobody" ||
    fail "a closed port: $(<"$play/agent-nobody.log")"
expect_in "what to look at" "$(<"$play/agent-nobody.log")" "log.listen"
end agent-nobody
start agent-nowhere rusuban_here log agent --socket "$play/none.sock" --host app1
patiently 10 says agent-nowhere "there is no log server at $play/none.sock" ||
    fail "no socket: $(<"$play/agent-nowhere.log")"
end agent-nowhere

# A new token, with another host's, an older one, and one for another server.
rusuban log enroll app1 --quiet >"$play/new.token"
chmod 600 "$play/new.token"
mkdir -p "$play/other"
"$RUSUBAN" --site "$site_file" --data "$play/other" log enroll app1 --quiet >"$play/other.token"
chmod 600 "$play/other.token"
: >"$play/agent-app1.log"
tls_agent app1 "$play/other.token"
patiently 10 says agent-app1 "another key than the one in the token" || fail "the wrong server was believed"
end agent-app1
: >"$play/agent-app1.log"
tls_agent app1 "$play/app1.token"
patiently 10 says agent-app1 "no valid token" || fail "an old token was taken"
end agent-app1
rows_are 1000 || fail "lines came without a valid token"
tls_agent app1 "$play/new.token"
until_rows 1500
expect_not_in "what is over is told no longer" "$(rusuban log status)" "app1     REFUSED"

# A second agent with the same token: they do not take turns for ever, both say why, and status shows it.
start agent-twin rusuban_here log agent --server "127.0.0.1:$port" --token "$play/new.token"
contested() {
    grep -qs "another agent speaks for host app1 (since .*, from 127.0.0.1)" "$play/agent-app1.log" "$play/agent-twin.log"
}
patiently 20 contested || fail "two agents: $(cat "$play/agent-app1.log" "$play/agent-twin.log")"
grep -qh "an agent that came later, from 127.0.0.1, speaks for host app1 now" "$play"/agent-{app1,twin}.log ||
    fail "who was replaced did not hear it"
expect_in "the way out" "$(cat "$play"/agent-{app1,twin}.log)" "give each host a token of its own"
expect_in "status of two" "$(rusuban log status)" "app1     REFUSED"
expect_in "status of two" "$(rusuban log status)" "another agent speaks for host app1"
expect_in "the doctor, too" "$(rusuban doctor 2>&1 || true)" \
    "warn  app1: an agent was sent away, from 127.0.0.1: another agent speaks for host app1"
came=$(grep -c "what:log.agent	" "$play/server.log")
sleep 2
expect "nobody takes turns any more" "$(grep -c "what:log.agent	" "$play/server.log")" "$came"
rusuban log generate --lines 500 --seed 3 >>"$play/hosts/app1/access.log"
until_rows 2000

# One of them ends; the other one is let in.
inside() { # NAME: the last that it said of its connection is that it has one
    [[ $(grep -E 'what:log.agent.(dis)?connected' "$play/agent-$1.log" | tail -n 1) == *what:log.agent.connected* ]]
}
first=app1 second=twin
if inside twin; then first=twin second=app1; fi
end "agent-$first"
patiently 60 inside "$second" || fail "the other agent is not let in: $(<"$play/agent-$second.log")"
end "agent-$second"

# The site file names another address: who is inside stays, newcomers find it there.
tls_agent app1 "$play/new.token"
patiently 20 says agent-app1 "what:log.agent.connected" || fail "app1 does not come back"
moved=$(play_ports)
log_site 'access: {from: {web: {on: [app1, app2], path: /access.log}}}' "listen: 127.0.0.1:$moved"
patiently 10 says server "what:log.listen	listens:127.0.0.1:$moved" || fail "it does not move"
rusuban log generate --lines 500 --seed 4 >>"$play/hosts/app1/access.log"
until_rows 2500
rusuban log enroll app2 --quiet >"$play/app2.token"
chmod 600 "$play/app2.token"
start agent-app2 rusuban_here log agent --server "127.0.0.1:$moved" --token "$play/app2.token"
patiently 10 says agent-app2 "what:log.agent.connected" || fail "nobody listens at the new address"
if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then fail "the old address is open still"; fi

# One that cannot be had leaves things as they are, and is said.
# shellcheck disable=SC2016     # perl's
start squatter perl -MIO::Socket::INET -e 'my $s = IO::Socket::INET->new(LocalAddr => $ARGV[0], Listen => 9, ReuseAddr => 1) or die;
    sleep 60' "127.0.0.1:$port"
rig_wait 5 bash -c "exec 3<>/dev/tcp/127.0.0.1/$port" 2>/dev/null || fail "the squatter does not listen"
log_site 'access: {from: {web: {on: [app1, app2], path: /access.log}}}' "listen: 127.0.0.1:$port"
trouble() {
    [[ $(rusuban log status) == *"log.listen: listen on 127.0.0.1:$port: Address already in use"* ]]
}
patiently 10 trouble || fail "a port that is taken: $(rusuban log status)"
(exec 3<>"/dev/tcp/127.0.0.1/$moved") 2>/dev/null || fail "the address before is closed"
end squatter
well() {
    [[ $(rusuban log status) != *"log.listen:"* ]]
}
patiently 20 well || fail "it is not tried again: $(rusuban log status)"
(exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || fail "nobody listens at the address that is free again"
curtain

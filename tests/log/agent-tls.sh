#!/usr/bin/env bash
# Beyond this machine only TLS is spoken, only with a host's own token, and only to the server that the token names.
source "$(dirname "$0")/stage.bash"

export RUSUBAN_AGENT_MS=500
port=$(rig_free_ports 9000 1)
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
curtain

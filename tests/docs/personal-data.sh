#!/usr/bin/env bash
# docs/personal-data.md: app1 writes a line that says too much; what a person sees of it.
source "$(dirname "$0")/stage.bash"

log_file() {
    echo "$RIG/hosts/app1/var/log/nginx/access.log"
}

server_answers() {
    rusuban log status >/dev/null 2>&1
}

# Lines go on coming, so that whoever begins to look sees one.
act_the_agent_ships_a_line() {
    patiently 20 server_answers || fail "the log server does not answer"
    mkdir -p "$(dirname "$(log_file)")"
    "$RUSUBAN" log agent --host app1 --socket "$RUSUBAN_DATA/run/log.sock" >"$play/agent.log" 2>&1 &
    agent=$!
    while sleep 0.2; do
        printf 'time:%s\turi:/works/7\tquery:page=2&token=s3\tforwardedfor:198.51.100.77\tuser_id:1701012\tcookie:s3\n' \
            "$(date -u +%Y-%m-%dT%H:%M:%S+00:00)" >>"$(log_file)"
    done &
    writer=$!
    disown -a
}

at_the_end() {
    [ -z "${agent:-}" ] || kill "$agent" "$writer" 2>/dev/null || true
}

three_hosts
site "servers={canary: {hosts: [app1]}, web: {hosts: [app2, app3]}}" </dev/null
serve
unset -f rusuban
cd "$play"
read_page docs/personal-data.md
expect_not_in "the secret" "$(<"$play/said")" s3
expect_not_in "the address" "$(<"$play/said")" 198.51.100.77
curtain

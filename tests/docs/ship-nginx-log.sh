#!/usr/bin/env bash
# docs/ship-nginx-log.md: app1's nginx gets the format of the page, its agent the token.
source "$(dirname "$0")/stage.bash"

ship_port() {
    rig_port 40
}

# The host's own format and log give way to those of the page.
act_nginx_reloads() {
    local conf=$RIG/hosts/app1/etc/nginx.conf
    sed -i -e '/^    log_format ltsv/,/";$/d' -e '/^    access_log/d' \
        -e "s|^http {|http {\n    include $play/nginx/conf.d/ltsv.conf;|" "$conf"
    sed -i "s|/var/log/nginx/|$RIG/hosts/app1/var/log/nginx/|" "$play/nginx/conf.d/ltsv.conf"
    rig_host_stop app1 nginx
    rm -f "$RIG/hosts/app1/var/log/nginx/access.log"
    rig_host_start app1 nginx
}

act_the_house_listens() {
    sed -i "s|10.0.1.5:7073|127.0.0.1:$(ship_port)|" "$RUSUBAN_SITE"
    patiently 30 listens || fail "nobody listens: $(rusuban log status)"
}

listens() {
    (exec 3<>"/dev/tcp/127.0.0.1/$(ship_port)") 2>/dev/null
}

act_the_agent_starts() {
    chmod 600 app1.token
    RUSUBAN_AGENT_MS=500 "$RUSUBAN" log agent --server "127.0.0.1:$(ship_port)" --token app1.token \
        >"$play/agent.log" 2>&1 &
    agent=$!
    disown
    curl -s -o /dev/null "http://127.0.1.11:$(rig_port 10)/works/7?page=2&token=secret"
    curl -s -o /dev/null "http://127.0.1.11:$(rig_port 10)/" "http://127.0.1.11:$(rig_port 10)/up"
    patiently 20 three_rows || { cat "$play/agent.log"; fail "the rows do not come: $(rusuban log status)"; }
}

three_rows() {
    rusuban log status | grep -q '^lake  *3 rows' && rusuban log status | grep -q '^app1 .*acked'
}

at_the_end() {
    [ -z "${agent:-}" ] || kill "$agent" 2>/dev/null || true
}

three_hosts
site "servers={canary: {hosts: [app1]}, web: {hosts: [app2, app3]}}" </dev/null
serve
unset -f rusuban
mkdir -p "$play/nginx/conf.d"
cd "$play"
read_page docs/ship-nginx-log.md
curtain

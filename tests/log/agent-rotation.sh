#!/usr/bin/env bash
# A real nginx writes, its log is rotated in every way that people do it, by a host whose agent runs or is away: each
# request is one row.
source "$(dirname "$0")/stage.bash"

export RUSUBAN_AGENT_MS=800             # a rotated file is finished after so long
log_site 'access: {from: {web: {on: [app1], path: /access.log}}}'
www=$play/hosts/app1
log=$www/access.log
port=$(play_ports)
wanted=0
round=0

nginx_start() {
    cat >"$play/nginx.conf" <<END
$([ "$(id -u)" != 0 ] || echo 'user root;')
worker_processes 2;
pid $play/nginx.server;
error_log $play/nginx.error;
events {}
http {
    log_format ltsv 'time:\$time_iso8601\thost:\$remote_addr\tmethod:\$request_method\turi:\$uri\t'
                    'query:\$args\tstatus:\$status\tsize:\$body_bytes_sent\treqtime:\$request_time\t'
                    'ua:\$http_user_agent';
    access_log $log ltsv;
    client_body_temp_path $play/t1; proxy_temp_path $play/t2; fastcgi_temp_path $play/t3;
    uwsgi_temp_path $play/t4; scgi_temp_path $play/t5;
    server { listen 127.0.0.1:$port; location / { return 200 "ok\n"; } }
}
END
    start nginx nginx -c "$play/nginx.conf" -g 'daemon off;'
    rig_wait 10 curl -sf -o "$play/page" "http://127.0.0.1:$port/up" ||
        { cat "$play/nginx.log"; fail "no nginx"; curtain; }
    wanted=$((wanted + $(wc -l <"$log")))
}

visit() { # REQUESTS: never the same twice, for a file with the bytes of another one is a copy of it
    round=$((round + 1))
    curl -sf "http://127.0.0.1:$port/works/$round/[1-$1]?page=2" >"$play/pages" || fail "nginx does not answer"
    wanted=$((wanted + $1))
}

reopen() {
    kill -USR1 "$(<"$play/nginx.pid")"
}

nginx_start
visit 300
server_start
agent_start app1
until_rows "$wanted"

# logrotate's usual: rename, then USR1; visits in between go to the old name.
mv "$log" "$log.1"
visit 200
reopen
visit 200
until_rows "$wanted"

# Again, and the older one is compressed.
mv "$log.1" "$log.2"
mv "$log" "$log.1"
reopen
gzip "$log.2"
visit 200
until_rows "$wanted"

# copytruncate.
sleep 0.5
visit 100
cp "$log" "$log.copied"
: >"$log"
visit 150
until_rows "$wanted"

# Removed, which nginx does not notice before USR1.
rm "$log"
visit 100
reopen
visit 100
until_rows "$wanted"

finished() { # FILES
    [ "$(grep -c what:log.agent.finished "$play/agent-app1.log")" -ge "$1" ]
}
patiently 20 finished 3 || fail "rotated files are not finished"

# The agent is away for three rotations, the oldest is compressed.
end agent-app1 KILL
visit 100
rm -f "$log".*
for name in c b a; do
    mv "$log" "$log.$name"
    reopen
    rig_wait 5 test -e "$log" || fail "nginx did not open its log again"
    visit 150
done
gzip "$log.c"
agent_start app1
until_rows "$wanted"

# Nothing comes later, and nothing was bad.
sleep 2
rows_are "$wanted" || fail "$(status_number rows) rows, wanted $wanted: something came twice"
expect "bad lines" "$(status_number bad)" 0
expect "what could not be proven: the copy" "$(grep -c what:log.agent.unproven "$play/agent-app1.log")" 1
curtain

#!/usr/bin/env bash
# A release looks at its canary: what it may judge ends before the first line that has not come yet, while lines come,
# while none come, while an agent stands still with lines in its hand, and after the log server died.
source "$(dirname "$0")/stage.bash"

command -v sqlite3 >/dev/null || skip "there is no sqlite3"
export RUSUBAN_PACE_COMMIT=700 RUSUBAN_PACE_FLUSH=500
log_site 'access: {from: {web: {on: [app1], path: /access.log}}}'
cat >>"$site_file" <<'E2'
services:
  web: {repository: /srv/web.git, deploy_to: /www, servers: {web: {hosts: [app1]}}}
E2

ask() { # SQL: one line
    sqlite3 -separator ' ' -cmd '.timeout 5000' "$data/store.db" "$1"
}

mark() { # prints the seconds since 1970 until which lines of app1 are complete; 0: nobody said
    ask "select coalesce(max(upto), 0) / 1000 from traffic_mark where service = 'web' and host = 'app1'"
}

line() { # [NUMBER]: so many lines of this very second
    local i now
    now=$(date +%FT%T%:z)
    for ((i = 0; i < ${1:-1}; i++)); do
        printf 'time:%s\turi:/works/%s\tstatus:200\tsize:100\treqtime:0.020\tforwardedfor:1.1.1.1\n' "$now" "$i"
    done >>"$play/hosts/app1/access.log"
    written=$((written + ${1:-1}))
}
written=0

beyond() { # SECONDS SINCE 1970
    [ "$(mark)" -ge "$1" ]
}

# Both in one look: what is said to be complete is there.
complete() { # WHAT: waits until all that was written so far should be there, and looks whether it is
    local at both
    at=$(($(date +%s) + 1))
    patiently 20 beyond "$at" || fail "$1: it is complete until $(mark), wanted $at; $(date +%s) now"
    both=$(ask "select (select sum(n) from traffic), (select upto / 1000 >= $at from traffic_mark)")
    expect "$1: lines that were counted" "$both" "$written 1"
}

server_start
agent_start app1
line 10
until_rows 10
written=0                       # before anybody asked
ask "insert into traffic_want values ('web', 1, $(date +%s)000, null, '[\"/works/{n}\"]', 0)"
# Nothing is written meanwhile: it is noticed all the same.
patiently 20 beyond 1 || { fail "nobody noticed that a release looks"; curtain; }
line 5
complete "lines come"
first=$(mark)
complete "none come"
[ "$(mark)" -gt "$first" ] || fail "while nothing is written it stands still at $first"
[ "$(ask 'select since > 0 and since <= upto + 20000 from traffic_mark')" = 1 ] ||
    fail "since when: $(ask 'select since, upto from traffic_mark')"

# An agent that stands still.
kill -STOP "$(<"$play/agent-app1.pid")"
line 7
stood=$(date +%s)
sleep 4
[ "$(mark)" -le "$stood" ] || fail "complete until $(mark), though the lines of $stood are still on their host"
expect "lines while it stands still" "$(ask 'select sum(n) from traffic')" $((written - 7))
kill -CONT "$(<"$play/agent-app1.pid")"
complete "it goes on"

# A server that dies: what it counts from then on begins anew, and is as complete.
since=$(ask 'select since from traffic_mark')
end server KILL
line 3
server_start
again() { [ "$(ask 'select since from traffic_mark')" -gt "$since" ]; }
patiently 30 again || fail "the count did not begin anew: $(ask 'select since, upto from traffic_mark')"
written=$(ask 'select sum(n) from traffic')
line 4
complete "after its death"

# A release that is over is told nothing any more.
ask "update traffic_want set until = $(date +%s)000 - 3600000"
sleep 5
last=$(mark)
sleep 3
expect "after its end" "$(mark)" "$last"
curtain

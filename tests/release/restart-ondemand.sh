#!/usr/bin/env bash
# php-fpm starts its workers when somebody asks (pm = ondemand), so after a reload there are none to wait for. A release
# waits for the master to begin anew and no longer, whether or not a visitor was there just before.
source "$(dirname "$0")/../lib.sh"

ondemand() { # HOST
    local dir=$RIG/hosts/$1
    rig_host_stop "$1" php
    sed -i -e 's/^pm = static/pm = ondemand\npm.process_idle_timeout = 1s/' "$dir/etc/php-fpm.conf"
    rig_host_start "$1" php
}

workers() { # HOST: how many there are
    pgrep -c -P "$(cat "$RIG/hosts/$1/run/php-fpm.pid")" || true
}

reloads() { # HOST
    grep -c 'reloading: execvp' "$RIG/hosts/$1/var/log/php-fpm.log" || true
}

took() { # RELEASE: how long the restart of app1 took, in ms
    steps "$1" | awk '$3 == "restart" { print $7 - $6 }'
}

hosts 1
ondemand app1
site health=
push "First"
serve
try release web
expect "nobody ever asked" "$code $(live app1) $(workers app1) $(reloads app1)" "0 1 0 1"
(($(took 1) < 10000)) || fail "the restart waited $(took 1) ms for workers that nobody wanted"

up app1 >/dev/null
has_a_worker() { [ "$(workers app1)" = 1 ]; }
rig_wait 10 has_a_worker || fail "a visitor brought no worker"
push "Second"
until_done 2
expect "somebody had asked" "$(live app1) $(workers app1) $(reloads app1)" "2 0 2"
(($(took 2) < 10000)) || fail "the restart waited $(took 2) ms for workers that nobody wanted"
expect "who asks now is answered by the new release" "$(up app1)" "release 2"

# With health there is somebody who asks.
site
push "Third"
until_done 3
expect "the health check woke one" "$(live app1) $(up app1)" "3 release 3"
curtain

#!/usr/bin/env bash
# The real puma and the real unicorn, as Debian has them: puma with workers (USR1, USR2) and as a single process,
# unicorn with a second master. After each release every answer comes from the new one, and no visitor lost a request.
source "$(dirname "$0")/../lib.sh"

for server in puma unicorn; do
    command -v $server >/dev/null || skip "$server is not installed: scripts/ensure test"
done

# Puma, in the moment of its restart, may close a connection that it has accepted and not read from. Whoever stands
# before it asks again then (nginx's proxy_next_upstream, HAProxy's retries), and so does the visitor;
# docs/restart-kinds.md says so.
visits_begin() { # KIND: asks over and over; $play/visits gets a line for each answer
    local again=()
    if [ "$1" = puma ]; then again=(--retry 1 --retry-delay 0 --retry-all-errors); fi
    : >"$play/visits"
    touch "$play/open"
    (while [ -e "$play/open" ]; do
        curl -s --max-time 20 "${again[@]}" -w '%{http_code}\n' \
            "http://$(address app1):$(rig_port 10)/up" >>"$play/visits" || true
    done) 8>&- &
    visitor=$!
    visits_wait 5
}

visits() { grep -c '^200$' "$play/visits"; }

visits_wait() { # N: until so many more have come
    local wanted=$(($(visits || true) + $1))
    rig_wait 60 visits_are "$wanted" || fail "too few visitors to say"
}

visits_are() { (($(visits) >= $1)); }

visits_end() { # WHAT: nobody was turned away
    visits_wait 5
    rm -f "$play/open"
    wait "$visitor" || true
    expect "$1: answers that were none" "$(grep -cvE '^release [0-9]+$|^200$' "$play/visits" || true)" 0
}

answers() {
    [[ $(up app1) == release* ]]
}

start() { # NAME COMMAND...: until it answers
    local name=$1
    shift
    rig_launch "$RIG/hosts/app1" "$name" "$play/$name.log" env -i PATH=/usr/bin:/bin LANG=C.UTF-8 "$@"
    rig_wait 40 answers || fail "$name does not answer: $(tail -n 5 "$play/$name.log")"
}

stop() { # NAME
    if [ -s "$RIG/hosts/app1/$pid_file" ]; then rig_tree "$(cat "$RIG/hosts/app1/$pid_file")" | rig_kill KILL; fi
    rig_end "$RIG/hosts/app1" "$1"
    rm -f "$RIG/hosts/app1/$pid_file"*
}

at_the_end() { stop server; }

by_signal() { # KIND SIGNAL: the next release is restarted that way, and visitors go on
    site servers='{web: {hosts: [app1]}}' restart="{$1: $2, pid: /$pid_file}"
    visits_begin "$1"
    try release web
    next=$((next + 1))
    expect "$1 $2: it goes" "$code $(live app1) $(field $next why)" "0 $next "
    visits_end "$1 $2"
    expect "$1 $2: only the new one answers" "$(for _ in 1 2 3 4 5 6; do up app1; done | sort -u)" "release $next"
}

process() { # prints the number in the pid file
    cat "$RIG/hosts/app1/$pid_file"
}

pid_file=run/ruby.pid
hosts 1 sshd
# shellcheck disable=SC2016
write config.ru '# frozen_string_literal: true' \
    'number = File.read(File.join(__dir__, "RELEASE"))[/release:(\d+)/, 1]' \
    'run ->(_) { [200, { "content-type" => "text/plain" }, ["release #{number}\n"]] }'
etc=$RIG/hosts/app1/etc
printf '%s\n' "directory '$(www app1)/current'" "pidfile '$RIG/hosts/app1/$pid_file'" "threads 1, 4" \
    "bind 'tcp://$(address app1):$(rig_port 10)'" 'environment "production"' >"$etc/puma-single.rb"
{ cat "$etc/puma-single.rb" && echo 'workers 2'; } >"$etc/puma.rb"
printf '%s\n' "working_directory '$(www app1)/current'" "pid '$RIG/hosts/app1/$pid_file'" 'worker_processes 2' \
    "listen '$(address app1):$(rig_port 10)'" >"$etc/unicorn.rb"
site restart= health=
push "First"
serve
try release web
next=1
expect "the first one, nobody to restart yet" "$code $(live app1)" "0 1"

start server puma -C "$etc/puma.rb"
before=$(process)
by_signal puma USR1
by_signal puma USR2
expect "puma: the same process all the time" "$(process)" "$before"
stop server

start server puma -C "$etc/puma-single.rb"
by_signal puma USR2
by_signal puma USR1
stop server

start server unicorn -c "$etc/unicorn.rb" -E production
before=$(process)
by_signal unicorn USR2
expect "unicorn: another master" "$(($(process) != before))" 1
by_signal unicorn USR2
stop server
curtain

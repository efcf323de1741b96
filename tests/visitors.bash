# visitors.bash: visitors of the hosts of lib.sh, whose lines come from nginx's log to the log server by real agents, and a
# clock that lets nobody wait. Sourced after lib.sh.
#
#     agents                          # when it serves
#     before_this_minute              # now a release brings its canary ...
#     visitors 2 60                   # ... 60 come to each host, and the minute is over: of release 2
#
# Minutes are the log's measure, and a play must not wait for them: Rusuban's clock is set so that the canary is there
# just before the minute in which its visitors come, and ahead when they have come. nginx's clock stays right.
# shellcheck shell=bash
export RUSUBAN_CLOCK=$play/clock RUSUBAN_PACE_COMMIT=500 RUSUBAN_PACE_FLUSH=200 RUSUBAN_AGENT_MS=300
head -c 8 /dev/zero >"$play/clock"

ahead() { # MILLISECONDS: from now on Rusuban's clock is so far before the machine's
    perl -e 'print pack("q", shift)' -- "$1" >"$play/clock.new"
    dd if="$play/clock.new" of="$play/clock" conv=notrunc status=none
}

another_minute() {
    ((EPOCHSECONDS / 60 != minute_taken))
}

# The lines of this minute are the first that count for a canary that comes now: a minute of its own, since what came to
# the one before is said to be whole already.
minute_taken=0
before_this_minute() {
    rig_wait 70 another_minute
    minute_taken=$((EPOCHSECONDS / 60))
    ahead $((-(${EPOCHREALTIME/./} / 1000 % 60000) - 20000))
}

agents() {
    local name
    while read -r name _; do
        rig_launch "$RIG/hosts/$name" agent "$RIG/hosts/$name/var/log/agent.log" \
            "$RUSUBAN" log agent --host "$name" --socket "$RIG/data/run/log.sock"
    done <"$RIG/hosts/list"
}

visit() { # HOST VISITORS
    curl -s -o /dev/null "http://$(address "$1"):$(rig_port 10)/works/[1-$2]"
}

told() { # NUMBER PATH: of the figures that everybody sees
    api "/releases/web/$1/traffic" | jq -c "$2"
}

counted() { # NUMBER VISITORS ERRORS: at least so many of each host; several releases may share a minute
    [ "$(told "$1" '.canary.requests')" -ge "$2" ] && [ "$(told "$1" '.canary.e5xx')" = "$3" ] &&
        [ "$(told "$1" '.others.requests')" -ge $((2 * $2)) ]
}

visitors() { # NUMBER EACH [ERRORS]: come to all hosts at once, their lines to the log; then their minute is long over
    local host
    for host in app1 app2 app3; do visit $host "$2" & done
    wait
    ahead 0
    patiently 30 counted "$1" "$2" "${3:-0}" || fail "of $1 is counted: $(told "$1" '.canary')"
    ahead 100000
}

# Every page but /up takes its time, and where the tree has a file `bad` every second work answers 500.
work_page() {
    # shellcheck disable=SC2016
    write public/index.php '<?php' '$up = $_SERVER["REQUEST_URI"] === "/up";' 'if (!$up) { usleep(10000); }' \
        'if (!$up && file_exists(__DIR__ . "/../bad") && preg_match("/[02468]$/", $_SERVER["REQUEST_URI"])) {' \
        '    http_response_code(500); }' 'echo "all is well\n";'
}

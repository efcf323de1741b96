#!/usr/bin/env bash
# Visitors at the balancer while releases switch: nobody is lost, nobody gets a page of two releases, and nobody gets an
# old page from a host that is done with the new one.
#
# Each page names its release three ways: two included files and the file RELEASE. What holds this up is not Rusuban
# alone, and the three controls take away one piece each, to show that the counting sees what goes wrong then:
#   nginx hands PHP $realpath_root, not $document_root: opcache knows files by name, and only real names change;
#   php-fpm's process_control_timeout is not 0, so a reload waits for the requests in flight;
#   the code finds its files from __DIR__, not by way of `current`: one page is made of one release.
#
#     SWITCHES=20 tests/release/load.sh
# shellcheck source-path=SCRIPTDIR source=../lib.sh
source "$(dirname "$0")/../lib.sh"

switches=${SWITCHES:-6}
clients=6 pause_ms=15
next=1

shop() { # WAY_TO_B: the page takes its time, so that every reload meets pages half made
    # shellcheck disable=SC2016
    write public/index.php '<?php' \
        'header("X-Host: " . getenv("HOST_NAME"));' \
        'if (strtok($_SERVER["REQUEST_URI"], "?") === "/up") { exit("up\n"); }' \
        "require __DIR__ . '/../src/a.php';" \
        'usleep(20000);' \
        "require $1 . '/../src/b.php';" \
        "preg_match('/release:(\\d+)/', file_get_contents(__DIR__ . '/../RELEASE'), \$found);" \
        '$page = "a:" . A . " b:" . B . " release:$found[1]\n";' \
        'header("Content-Length: " . strlen($page));' \
        'echo $page;'
}

switch_once() {
    write src/a.php '<?php' "const A = $next;"
    write src/b.php '<?php' "const B = $next;"
    push "Release $next"
    try release web --detach
    expect "the number of release $next" "$out" "$next"
    until_state "$next" "done" 60
    next=$((next + 1))
}

visitors_come() { # NAME
    rm -f "$play/stay"
    mkfifo "$play/stay"
    "$play/load" 127.0.0.1 "$(rig_port 0)" "$clients" "$pause_ms" 600 "$play/$1" <"$play/stay" &
    visitors=$!
    exec 7>"$play/stay"
}

visitors_go() {
    exec 7>&-
    wait "$visitors" || fail "the visitors did not come to their end"
}

# When a host was done with a release: after that nothing older may come from it. "HOST RELEASE MS"
done_with() { # FIRST LAST STEP
    local n
    for ((n = $1; n <= $2; n++)); do
        steps "$n" | awk -v n="$n" -v step="$3" '$3 == step && $4 == "ok" { print $2, n, $7 }'
    done
}

# Sets answers, lost, mixed, stale and prints them.
count() { # NAME FIRST LAST STEP
    local words
    done_with "$2" "$3" "$4" >"$play/$1.done"
    words=$(awk -F'\t' -v OFS=' ' '
        NR == FNR { split($0, f, " "); n[f[1]]++; number[f[1], n[f[1]]] = f[2]; at[f[1], n[f[1]]] = f[3]; next }
        { answers++; if (!first) first = $1; last = $2 }
        $3 == 200 && $4 == "-" { $3 = "nameless" }
        $3 != 200 { lost++; how[$3]++; next }
        $5 != $6 || $5 != $7 { mixed++ }
        {
            for (i = 1; i <= n[$4]; i++)
                if ($1 > at[$4, i] && ($5 < number[$4, i] || $6 < number[$4, i] || $7 < number[$4, i])) { stale++; break }
        }
        END {
            for (h in how) text = text " " h ":" how[h]
            print answers + 0, lost + 0, mixed + 0, stale + 0, int((last - first) / 1000) text
        }' "$play/$1.done" "$play/$1")
    read -r answers lost mixed stale seconds how <<<"$words"
    printf '%-34s %3d switches on 3 hosts, %6d pages in %d s: lost %d, mixed %d, stale %d %s\n' "$1" \
        "$(($3 - $2 + 1))" \
        "$answers" "$seconds" "$lost" "$mixed" "$stale" "$how"
    [ "$answers" -gt $((($3 - $2 + 1) * 20)) ] || fail "$1: only $answers pages were asked for"
    [ "$(wc -l <"$play/$1.done")" = $((($3 - $2 + 1) * 3)) ] || fail "$1: a host's $4 is missing"
}

measure() { # NAME SWITCHES STEP
    local first=$next
    visitors_come "$1"
    for ((i = 0; i < $2; i++)); do switch_once; done
    sleep 0.5
    visitors_go
    count "$1" "$first" "$((next - 1))" "$3"
}

on_each_host() { # FILE SED_SCRIPT DAEMON
    local name
    while read -r name _; do
        sed -i "$2" "$RIG/hosts/$name/etc/$1"
        rig_host_stop "$name" "$3"
        rig_host_start "$name" "$3"
    done <"$RIG/hosts/list"
    rig_wait 10 all_up || fail "not all hosts came up again"
}

all_up() {
    local name
    while read -r name _; do [ "$(up "$name")" = up ] || return 1; done <"$RIG/hosts/list"
    sleep 1.2           # the balancer looks every half second and wants two good answers
}

gcc -std=gnu17 -O2 -Wall -Wextra -Werror -o "$play/load" "$tests/release/load.c"
hosts 3
rm -f "$RIG/forge/kotori/web.git/hooks/post-receive"        # releases are started one by one here
shop __DIR__
settings=(webhook= 'servers={canary: {hosts: [app1]}, web: {hosts: [app2, app3]}}'
    "health={path: /up, port: $(rig_port 10), in_a_row: 1, every: 100ms, timeout: 5s}")
site "${settings[@]}" </dev/null
serve
rig_edge
switch_once
rig_wait 10 all_up || fail "the shop did not open"

measure "as it should be" "$switches" restart
expect "lost, mixed, stale" "$lost $mixed $stale" "0 0 0"

# Control: current/ is what PHP is told, and nobody restarts it.
on_each_host nginx.conf "s/\$realpath_root/\$document_root/" nginx
site "${settings[@]}" restart= </dev/null
measure "with \$document_root, no reload" 2 switch
[ "$stale" -gt 0 ] || fail "nothing stale was seen with \$document_root: the counting is blind"

# Control: pages find one of their files by way of current.
on_each_host nginx.conf "s/set \$release \$document_root/set \$release \$realpath_root/" nginx
# shellcheck disable=SC2016
shop 'dirname($_SERVER["DOCUMENT_ROOT"], 3) . "/current/public"'
site "${settings[@]}" </dev/null
measure "with a file by way of current" 3 restart
[ "$mixed" -gt 0 ] || fail "nothing mixed was seen: the counting is blind"

# Control: a reload that does not wait for the requests in flight.
shop __DIR__
on_each_host php-fpm.conf 's/^process_control_timeout.*/process_control_timeout = 0/' php
measure "with process_control_timeout = 0" 3 restart
[ "$lost" -gt 0 ] || fail "nobody was lost with process_control_timeout = 0: the counting is blind"
curtain

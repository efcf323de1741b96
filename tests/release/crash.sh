#!/usr/bin/env bash
# kill -9 of the worker, the house, ssh, rsync, git, builds and what runs on the hosts, while a release is under way.
#
# First at every point of the journal (before and after each step, and at each change of state), then at random moments.
# After each release everything is looked at without asking Rusuban: what `current` points to, every byte of it against
# the packed tree and against the commit, what the web servers say, locks, leftovers, processes of the dead. Nothing is
# ever unlocked or mended by hand: the next release starts on whatever the last one left behind.
#
#     MOMENTS=300 SEED=7 EVERY_HOST=yes tests/release/crash.sh       every point on every host, one death a release
# shellcheck source-path=SCRIPTDIR source=../lib.sh
source "$(dirname "$0")/../lib.sh"

moments=${MOMENTS:-25}
# The short form stops looking for random moments when others need the machine too. In the long form every death has a
# release of its own; in the short one a few share it.
form=some at_once=5 limit=130
if [ "${EVERY_HOST:-no}" = yes ]; then form=all at_once=1 limit=1000000; fi
seed=${SEED:-$((EPOCHSECONDS % 32768))}
RANDOM=$seed
once=$play/once         # a file here is a death (base/fault.h)
mkdir "$once" "$play/want" "$play/packed"
export RUSUBAN_DIE_ONCE=$once
declare -A tried=() explained=() wrong=()
releases=0 bad=0 turn=0 number=0 back=1

pick() { # N: $picked is 0 to N - 1. No subshell, or the seed would mean nothing.
    picked=$((RANDOM % $1))
}

now_ms() {
    printf '%s\n' $((${EPOCHREALTIME/./} / 1000))
}

# ---- the shop: some hundred files, of which each release changes, adds and removes some

shop() {
    local clone d f
    clone=$(rig_clone)
    for ((d = 0; d < 10; d++)); do
        mkdir -p "$clone/lib/d$d"
        for ((f = 0; f < 25; f++)); do printf 'file %d of %d\n' $f $d >"$clone/lib/d$d/f$f.txt"; done
    done
    ln -s d0/f0.txt "$clone/lib/link"
    # The build leaves a process behind on purpose, tidies up when it is ended, slowly, as make does, and takes what it
    # finds for finished, as make does too: none of this may reach into the build of the life after it.
    # shellcheck disable=SC2016
    write bin/build '#!/bin/bash' 'set -eu' \
        'trap "env --ignore-signal=TERM sleep 0.4; rm -rf public/build; exit 143" TERM' \
        'setsid sleep 300 </dev/null >/dev/null 2>&1 &' \
        'mkdir public/build' 'grep -q "not for the log" "$RUSUBAN_SECRETS/token"' \
        'for f in lib/d*/f1*.txt; do cat "$f"; done >public/build/all.txt' \
        'sleep 0.1' 'cat word >>public/build/all.txt' 'echo built'
    rm -f "$RIG/forge/kotori/web.git/hooks/post-receive"        # releases are started one by one here
}

change() { # WORD: the tree of the next release; bad ones are sick on app3
    local clone n=$turn
    clone=$(rig_clone)
    echo "$n" >"$clone/word"
    echo "changed $n" >"$clone/lib/d$((n % 10))/f$((n % 25)).txt"
    echo "new $n" >"$clone/lib/new$n.txt"
    rm -f "$clone/lib/new$((n - 2)).txt" "$clone/sick"
    ln -sfn "d$((n % 10))/f0.txt" "$clone/lib/link"
    chmod $((n % 2 ? 755 : 644)) "$clone/lib/d9/f9.txt"
    rm -rf "$clone/lib/dir$(((n + 1) % 2))"
    mkdir -p "$clone/lib/dir$((n % 2))"
    echo "$n" >"$clone/lib/dir$((n % 2))/inside.txt"
    if [ "$1" = bad ]; then echo app3 >"$clone/sick"; fi
    # What the build makes of it, said without the build.
    mkdir -p "$clone/public/build"
    { cat "$clone"/lib/d*/f1*.txt; cat "$clone/word"; } >"$clone/public/build/all.txt"
    listing "$clone" >"$play/expected"
    rm -rf "$clone/public/build"
}

# Kind, mode, link target, and the content of every file. RELEASE and the shared link are not in a commit.
listing() { # DIRECTORY
    (
        cd "$1" || exit 1
        find . -name .git -prune -o -mindepth 1 ! -path ./RELEASE ! -path ./storage -printf '%P\t%y\t%m\t%l\n' |
            LC_ALL=C sort
        find . -name .git -prune -o -type f ! -path ./RELEASE -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
    )
}

# Everything, with sizes and the times of files, which rsync relies on.
listing_exact() { # DIRECTORY
    (
        cd "$1" || exit 1
        find . -mindepth 1 \( -type f -printf '%P\tf\t%m\t%s\t%T@\n' -o -printf '%P\t%y\t%m\t%l\n' \) | LC_ALL=C sort
        find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
    )
}

# ---- a release

begin() { # good|bad|rollback: sets $kind and $number
    local said
    kind=$1
    turn=$((turn + 1))
    if [ "$kind" = rollback ] && [ "$back" = 0 ]; then
        if said=$(rusuban release rollback web --detach --json 2>&1) && [[ $said =~ \"number\":([0-9]+) ]]; then
            number=${BASH_REMATCH[1]}
            rusuban lock lift web >/dev/null 2>&1 || true       # what a roll back locks is a person's business
            return
        fi
        fail "release rollback web: $said"
    fi
    [ "$kind" != rollback ] || kind=good                        # one step back at a time: `keep` is small here
    change "$kind"
    push "Turn $turn"
    begin_pushed
}

# The house may be on its way up; a person would try again too.
begin_pushed() {
    local said
    for _ in 1 2 3 4 5; do
        if said=$(rusuban release web --detach 2>&1) && [[ $said =~ ^[0-9]+$ ]]; then
            number=$said
            cp "$play/expected" "$play/want/$number"
            return
        fi
        sleep 0.3
    done
    fail "release web: $said"
    curtain
}

over() { # NUMBER
    local text
    text=$(show "$1") || return 1
    [[ $text == *'"over":true'* || $text == *'"state":"needs_human"'* ]]
}

# ---- killing

alive() { # PID: it is ours, and not only a number that somebody else has by now
    [ -n "$1" ] && grep -qF "$RIG" "/proc/$1/cmdline" 2>/dev/null
}

worker() { # prints its pid
    local pid
    { read -r pid <"$RIG/data/run/releaser.pid"; } 2>/dev/null && alive "$pid" && printf '%s\n' "$pid"
}

below() { # PID WORDS: prints the pids below it whose name is (or, with "!", is not) one of the words
    local root=$1
    shift
    ps -eo pid=,ppid=,comm= | awk -v root="$root" -v words=" $* " '
        { name[$1] = $3; child[$2] = child[$2] " " $1 }
        END {
            todo = child[root]
            while (split(todo, p, " ")) {
                hit = index(words, " " name[p[1]] " ") > 0
                if (words == "  " || (index(words, " ! ") ? !hit : hit)) print p[1]
                sub(/^ *[0-9]+/, "", todo)
                todo = todo child[p[1]]
            }
        }'
}

kill_one() { # PID...: one of them
    [ $# -gt 0 ] || return 1
    pick $#
    shift "$picked"
    kill -9 "$1" 2>/dev/null
}

kill_worker() {
    local pid
    pid=$(worker) && kill -9 "$pid"
}

kill_house() {
    local pid
    pid=$(rig_pid "$RIG" serve) && kill -9 "$pid" && serve
}

kill_orderly() { # no kill: the house is asked to end in the middle of a release, and starts again
    rig_serve_stop
    serve
}

kill_near() { # ssh or rsync on this side
    local pid
    # shellcheck disable=SC2046
    pid=$(worker) && kill_one $(below "$pid" ssh rsync)
}

kill_here() { # git, the build, its keeper, the packer
    local pid
    # shellcheck disable=SC2046
    pid=$(worker) && kill_one $(below "$pid" ! ssh rsync)
}

kill_far() { # a process on a host: its end of the connection, host.sh, rsync, whatever they started
    local pid
    pick 3
    # shellcheck disable=SC2046
    pid=$(rig_pid "$RIG/hosts/app$((picked + 1))" sshd) && kill_one $(below "$pid")
}

kill_half() { # the worker, and at once a process on a host
    kill_worker
    kill_far
}

strike() { # WAY: waits for something to hit, no longer than the release runs
    local end=$(($(now_ms) + 2000))
    until "kill_$1"; do
        if [ "$(now_ms)" -gt "$end" ] || over "$number"; then
            missed=$((missed + 1)) hit=$((hit - 1))
            return
        fi
        sleep 0.02
    done
}

# ---- looking

complain() { # SENTENCE
    complaints+="      $*"$'\n'
}

same_listing() { # WHAT FILE FILE
    cmp -s "$2" "$3" || complain "$1: $(diff "$2" "$3" | grep '^[<>]' | head -n 3 | tr '\n\t' '; ')"
}

look_at_tree() { # HOST NUMBER
    local tree
    tree=$(www "$1")/releases/$2
    [ -d "$tree" ] || { complain "$1 has no releases/$2"; return; }
    grep -q "^release:$2	" "$(www "$1")/.rusuban/receipts/$2" || complain "$1 has no receipt of $2"
    [ "$(readlink "$tree/storage")" = ../../shared/storage ] || complain "$1: the shared link is wrong"
    grep -q "	release:$2	" "$tree/RELEASE" || complain "$1: RELEASE of $2 says $(<"$tree/RELEASE")"
    listing "$tree" >"$play/there"
    same_listing "$1 against the commit" "$play/want/$2" "$play/there"
    if [ -d "$RIG/data/builds/web/out/$2" ] && [ ! -e "$play/packed/$2" ]; then
        listing_exact "$RIG/data/builds/web/out/$2" >"$play/packed/$2"
    fi
    listing_exact "$tree" >"$play/there"
    same_listing "$1 against the packed tree" "$play/packed/$2" "$play/there"
}

# Kept releases share files with younger ones and must not change with them: tonight one may be what is gone back to.
look_at_kept() { # HOST
    local number
    for number in $(kept "$1"); do
        if [ -e "$play/packed/$number" ]; then
            listing_exact "$(www "$1")/releases/$number" >"$play/there"
            same_listing "$1, release $number that is kept" "$play/packed/$number" "$play/there"
        fi
    done
}

look_at_hosts() { # NUMBER: every host must run it
    local name said stored
    stored=$(rusuban release hosts web --stored --json)
    while read -r name _; do
        if [ "$(live "$name")" != "$1" ]; then
            complain "$name runs $(live "$name"), not $1"
            continue
        fi
        [[ $stored =~ \"host\":\"$name\"[^}]*\"current\":$1[,}] ]] ||
            complain "the store does not know that $name runs $1"
        [ "$1" = 0 ] && continue
        look_at_tree "$name" "$1"
        look_at_kept "$name"
        said=$(up "$name")
        [ "$said" = "release $1" ] || complain "the web server of $name says \"$said\", not release $1"
    done <"$RIG/hosts/list"
}

# After a release that went well nothing of the dead is left on any disk.
look_for_leftovers() {
    local name file
    while read -r name _; do
        for file in "$(www "$name")"/.stage-* "$(www "$name")"/.current-* "$(www "$name")"/releases/.drop-* \
            "$(www "$name")"/.rusuban/*.tmp "$(www "$name")"/.rusuban/.spare-* \
            "$(www "$name")"/.rusuban/receipts/*.tmp; do
            if [ -e "$file" ] || [ -L "$file" ]; then complain "left on $name: ${file#"$(www "$name")"/}"; fi
        done
        for file in "$(www "$name")"/releases/[0-9]*; do
            [ -e "$(www "$name")/.rusuban/receipts/${file##*/}" ] ||
                complain "$name keeps ${file##*/} without a receipt"
        done
    done <"$RIG/hosts/list"
    for file in "$RIG"/data/builds/web/out/.*; do
        case ${file##*/} in . | ..) ;; *) [ ! -e "$file" ] || complain "left here: ${file#"$RIG"/data/}" ;; esac
    done
}

locks_free() {
    local name
    while read -r name _; do
        flock -n "$(www "$name")/.rusuban/lock" true || return 1
    done <"$RIG/hosts/list"
}

# Whoever works in the data directory or on a host's releases, and does not belong to the living.
strays() {
    local house
    house=$(rig_pid "$RIG" serve) || house=0
    {
        echo "$house house"
        below "$house" | sed 's/$/ house/'
        find /proc/[0-9]*/cwd -lname "$RIG/data*" 2>/dev/null | sed -n 's|^/proc/\([0-9]*\)/cwd$|\1 near|p'
        pgrep -f "(sh -s -- |rsync --server).*$RIG/hosts/" | sed 's/$/ far/' || true
    } | awk '$2 == "house" { ours[$1]; next } $2 == "far" || !($1 in ours) { print $1 }' | while read -r pid; do
        [ "$pid" != $$ ] && [ "$pid" != "$BASHPID" ] && rig_born "$pid" >/dev/null &&
            printf '%s ' "$pid" && tr '\0' ' ' <"/proc/$pid/cmdline" && echo
    done 2>/dev/null
    return 0
}

no_strays() { [ -z "$(strays)" ]; }

# More connections than hosts would be lines that nobody hangs up.
sessions() {
    local name pid n=0
    while read -r name _; do
        pid=$(rig_pid "$RIG/hosts/$name" sshd) && n=$((n + $(ps -o pid= --ppid "$pid" | wc -l)))
    done <"$RIG/hosts/list"
    echo $n
}

# Sockets of ssh masters, of which there is one a host.
few_sockets() { [ "$(find "$RIG/data/run" -name 'cm-*' | wc -l)" -le 3 ]; }

few_sessions() { [ "$(sessions)" -le 3 ]; }

look_at_the_dead() {
    rig_wait 8 no_strays || complain "processes of the dead: $(strays | head -n 5)"
    rig_wait 5 locks_free || complain "a lock on a host is still held"
    rig_wait 1 few_sockets || complain "dead sockets in run/: $(find "$RIG/data/run" -name 'cm-*' | wc -l)"
    [ ! -e "$RIG/data/builds/web/secrets" ] || complain "secrets of the build are still there"
    rig_wait 5 few_sessions || complain "$(sessions) ssh sessions for 3 hosts"
}

# What may become of it: a good tree is done and a bad one rolled back, whatever was killed on our side. Killed ssh,
# rsync, git or builds may also end it earlier, when the journal has the step that failed. A build that was under way
# at three deaths is not begun a fourth time: it may be what kills.
may_end_so() { # STATE SOFT
    if [ "$1" = failed ] && [[ $(field "$number" why) == "build: build was interrupted 3 times"* ]]; then
        verdict=explained
        return 0
    fi
    case $kind:$1 in
    good:done | rollback:done | bad:rolled_back) return 0 ;;
    good:failed | good:rolled_back | bad:failed | rollback:failed | rollback:rolled_back)
        [ "$2" = soft ] && show "$number" | grep -oE '"result":"[a-z_]+"' | grep -qv '"ok"' && verdict=explained ;;
    *) return 1 ;;
    esac
}

# Waits for the end, looks, counts.
finish() { # LABEL SOFT WHAT_WAS_DONE
    local end text left
    complaints='' verdict=right
    rig_wait 60 over "$number" || true
    end=$(state "$number")
    may_end_so "$end" "$2" || complain "$kind release ended as \"$end\" ($(field "$number" why))"
    case $end in
    done) look_at_hosts "$(field "$number" target)"; look_for_leftovers ;;
    *) look_at_hosts "$(field "$number" base)" ;;
    esac
    look_at_the_dead
    left=$(ls "$once")
    if [[ $left == *[.:]* ]]; then complain "never came by: ${left//$'\n'/ }"; fi
    rm -f "$once"/*
    count "$1" "$end" "$3"
}

count() { # LABEL END WHAT_WAS_DONE
    releases=$((releases + 1))
    case $kind:$2 in good:done) back=0 ;; rollback:*) back=1 ;; esac
    tried[$1]=$((${tried[$1]:-0} + 1))
    if [ -n "$complaints" ]; then
        verdict=WRONG
        bad=$((bad + 1))
        wrong[$1]=$((${wrong[$1]:-0} + 1))
    elif [ "$verdict" = explained ]; then
        explained[$1]=$((${explained[$1]:-0} + 1))
    fi
    printf '%3d %-9s %-8s release %-4s %-11s %s%s\n' "$releases" "$1" "$kind" "$number" "$2" "$3" \
        "$([ "$verdict" = right ] || echo "   $verdict")"
    printf '%s' "$complaints"
    if [ "$verdict" != right ]; then evidence; fi
    [ "$2" != needs_human ] || put_right
    fresh_house
}

evidence() {
    steps "$number" | awk '$4 != "ok" { $6 = $7 ? $7 - $6 " ms" : ""; $7 = ""; print "        " $0 }'
}

# Only to be able to go on after a finding; a run with one has failed already.
put_right() {
    rusuban release rollback web >/dev/null 2>&1 || true
    rig_wait 20 over "$number" || { rusuban release leave web >/dev/null 2>&1 || true; }
}

# A supervisor waits longer after each death of a role; every crash here is to meet a calm one.
fresh_house() {
    if grep -q 'what:role.waiting' "$RIG/serve.log"; then
        rig_serve_stop
        cat "$RIG/serve.log" >>"$play/all.log"
        : >"$RIG/serve.log"
        serve
    fi
}

# ---- the journal's points

points_of() { # good|bad|rollback: every point such a release passes
    local step host
    case $1 in
    good) here fetch build pack prune; set -- claim stage switch restart health drop ;;
    rollback) set -- claim switch restart health ;;
    bad) set -- back back_restart back_health ;;
    esac
    for step in "$@"; do
        for host in app1 app2 app3; do printf '%s\n' "$step:$host:before" "$step:$host:after"; done
    done
}

here() { # STEP...
    local step
    for step in "$@"; do printf '%s\n' "$step::before" "$step::after"; done
}

states_of() { # good|bad|rollback
    case $1 in
    good) printf 'state:%s\n' building staging canary asking production finishing "done" ;;
    rollback) printf 'state:%s\n' production finishing "done" ;;
    bad) printf '%s\n' state:rolling_back state:rolled_back health:app3:after ;;
    esac
}

# The short form: each point on one host, the hosts in turn; what a roll back shares with a release is met there.
some_points() { # good|bad|rollback
    if [ "$1" = rollback ]; then
        printf '%s\n' switch:app1:before switch:app2:after restart:app3:after state:production
        return
    fi
    { points_of "$1"; states_of "$1" | grep -vE 'staging|asking|finishing'; } |
        awk -F: '{ if (!turn[$1]) turn[$1] = ++t % 3 + 1 } $2 !~ /^app/ || $2 == "app" turn[$1] || /^health:app3:after/'
}

all_points() { # good|bad|rollback
    points_of "$1"
    states_of "$1"
}

at_points() { # good|bad|rollback
    local points=() group=() point
    mapfile -t points < <("${form}_points" "$1")
    while [ ${#points[@]} -gt 0 ]; do
        group=("${points[@]:0:at_once}")
        points=("${points[@]:at_once}")
        if [ "$1" = rollback ] && [ "$back" = 1 ]; then     # something to go back from
            begin good
            finish none hard ''
        fi
        for point in "${group[@]}"; do : >"$once/$point"; done
        begin "$1"
        met=$((met + ${#group[@]}))
        finish journal hard "${group[*]}"
    done
}

at_packing() { # POINT...
    local point
    for point in "$@"; do
        : >"$once/pack.$point"
        begin good
        met=$((met + 1))
        finish packer soft "pack.$point"
    done
}

# In the middle of a step, where its effect may have happened and its row does not know.
amid() { # good|bad|rollback STEP...
    local word=$1 step
    shift
    for step in "$@"; do
        begin "$word"
        rig_wait 15 is_open "$step" || complain "never came to $step"
        pick 120
        sleep "$(printf '0.%03d' "$picked")"
        kill_worker || true
        hit=$((hit + 1))
        finish amid hard "$step, worker $picked ms into it"
    done
}

is_open() { # STEP
    show "$number" | grep -q "\"step\":\"$1\",\"attempt\":[0-9]*,\"result\":null" || over "$number"
}

# ---- random moments

ways=(worker worker worker house house orderly near near here far far half)

# One release and one to three kills, the first at any time of it, the others soon after: the dead have successors.
at_random() {
    local way kinds=(good good good good good bad rollback) did='' kills soft=hard
    pick ${#kinds[@]}; kind=${kinds[picked]}
    pick 3; kills=$((picked + 1))
    pick "$usual_ms"; pause=$picked
    missed=0
    pick 12
    if [ "$picked" = 0 ]; then
        pick 40
        head -c "$picked" /dev/zero >"$once/commit-$([ $((picked % 2)) = 0 ] && echo before || echo after)"
        did="commit $picked, "
    fi
    begin "$kind"
    for ((; kills > 0; kills--)); do
        pick ${#ways[@]}; way=${ways[picked]}
        sleep "$(printf '%d.%03d' $((pause / 1000)) $((pause % 1000)))"
        strike "$way"
        did+="$way after $pause ms, "
        case $way in near | far | here | half) soft=soft ;; esac
        hit=$((hit + 1))
        pick 600; pause=$picked
    done
    [ "$missed" = 0 ] || did+="$missed not met, "
    finish "$way" "$soft" "${did%, }"
}

# ---- the play

main() {
    hosts 3
    shop
    site webhook= keep=3 build='{run: [[bin/build]], secrets: [token]}' </dev/null \
        health="{path: /up, port: $(rig_port 10), in_a_row: 1, every: 100ms, timeout: 3s}" \
        servers='{canary: {hosts: [app1]}, web: {hosts: [app2, app3], limit: 1, wait: 0s, on_error: rollback}}'
    rig_rusuban "$RUSUBAN"
    rusuban secret set token >/dev/null 2>&1 <<<'not for the log'
    serve
    printf 'seed %d\n' "$seed"
    met=0 hit=0
    for word in 1 2; do         # without a crash: what is usual, and something to go back to
        began=$(now_ms)
        begin good
        rig_wait 60 over "$number" || true
        usual_ms=$(($(now_ms) - began))
        finish none hard "$usual_ms ms"
    done
    at_points good
    at_points bad
    at_points rollback
    if [ "$form" = all ]; then
        at_packing lay manifest rename named
        amid good fetch build build build pack claim stage stage switch restart health drop
        amid bad back back_restart
    else
        at_packing rename
        amid good build restart
    fi
    until=$((hit + moments))
    while [ "$hit" -lt "$until" ] && [ "$SECONDS" -lt "$limit" ]; do at_random; done

    if command -v sqlite3 >/dev/null; then
        expect "the store is sound" \
            "$(sqlite3 "$RIG/data/store.db" 'pragma integrity_check; pragma foreign_key_check; select * from turn')" ok
    fi
    printf '\n%-10s %6s %10s %6s\n' kind tried explained wrong
    for word in "${!tried[@]}"; do
        printf '%-10s %6d %10d %6d\n' "$word" "${tried[$word]}" "${explained[$word]:-0}" "${wrong[$word]:-0}"
    done | sort
    printf 'journal points %d, moments %d, releases %d, wrong %d, seed %d\n' "$met" "$((met + hit))" "$releases" \
        "$bad" "$seed"
    [ "$bad" = 0 ] || fail "$bad of $releases releases did not end as they should"
    curtain
}

main    # one word, read at the end: this file may change while the long form runs

# host.sh: what happens on a host, sent on stdin to `sh -s VERB DIR FENCE OWNER ...` over ssh.
#
# Everything is one function called on the last line, so that no child can eat the text, and every effect runs under
# one flock together with its fence check, so that a stale server cannot slip between. DIR holds
#
#   current -> releases/N        only ever replaced by rename
#   releases/N                   complete and flushed; .stage-N-FENCE is one being made
#   shared/                      user data, outside every release
#   .rusuban/{lock,fence,receipts/N,spare,spare.server}
#
# Exit status: 0 done; 28 no space; 75 busy, try again; 76 a higher fence was here; 77 somebody else's hand;
# 78 something on this host must be mended by a person. The last line on stderr is the sentence.
# Needs POSIX sh, awk, coreutils (cp, mv, ln, sync, df, readlink, timeout) and flock; Debian's minimal base has all.
# shellcheck shell=sh disable=SC2015,SC2317

rusuban_host() {
    set -u
    umask 022
    LC_ALL=C
    export LC_ALL
    verb=$1 dir=$2 fence=$3 owner=$4
    shift 4
    own=$dir/.rusuban

    say_and_exit() { status=$1; shift; printf '%s\n' "$*" >&2; exit "$status"; }

    # Holds the lock until this shell ends. Descriptor 9 is closed for every child that may outlive us.
    take_lock() {
        exec 9>>"$own/lock" || say_and_exit 78 "cannot write $own/lock"
        flock -w 20 9 || say_and_exit 75 "another release step is still running in $dir"
    }

    stored_fence() { read -r f o 2>/dev/null <"$own/fence" || { f=0; o=-; }; }

    overtaken() {
        if [ "${o%%-*}" = "${owner%%-*}" ]; then
            say_and_exit 76 \
                "another server released to $dir: it knows our fence $f, and this is $fence: was our store restored?"
        fi
        say_and_exit 76 "another server released to $dir: it obeys server ${o%%-*}, and we are ${owner%%-*}"
    }

    # Under the lock: is this still our turn?
    check_fence() {
        stored_fence
        [ "$f" = "$fence" ] && [ "$o" = "$owner" ] ||
            overtaken
    }

    take_turn() { take_lock; check_fence; }

    # A file of ours, all or nothing.
    put() {
        cat >"$1.tmp" && sync "$1.tmp" && mv -f "$1.tmp" "$1" || full_or "cannot write $1"
    }

    full_or() {
        set -- "$1" "$(df -Pk "$dir" 2>/dev/null | awk 'NR==2 {print $4}')" \
            "$(df -Pi "$dir" 2>/dev/null | awk 'NR==2 {print $4}')"
        if [ "${2:-1}" -lt 1024 ] 2>/dev/null || [ "${3:-1}" = 0 ]; then
            say_and_exit 28 "no space left in $dir: $1"
        fi
        say_and_exit 78 "$1"
    }

    # The release that current points to: its number, 0 for none, -1 for anything else.
    current_number() {
        if [ -L "$dir/current" ]; then
            target=$(readlink "$dir/current")
            case ${target#releases/} in
                *[!0-9]* | '') echo -1 ;;
                *) case $target in releases/*) echo "${target#releases/}" ;; *) echo -1 ;; esac ;;
            esac
        elif [ -e "$dir/current" ]; then
            echo -1
        else
            echo 0
        fi
    }

    print_state() {
        stored_fence
        printf 'current:%s\n' "$(current_number)"
        printf 'fence:%s\n' "$f"
        for r in "$own/receipts/"*; do
            n=${r##*/}
            case $n in *[!0-9]*) continue ;; esac
            [ -d "$dir/releases/$n" ] && printf 'receipt:%s\n' "$n"
        done
        at=$dir
        while [ ! -d "$at" ]; do at=$(dirname "$at"); done
        printf 'free_kb:%s\n' "$(df -Pk "$at" | awk 'NR==2 {print $4}')"
        printf 'free_inodes:%s\n' "$(df -Pi "$at" | awk 'NR==2 {print $4}')"
        printf 'time:%s\n' "$(date +%s)"
    }

    # claim OVER: from now on every lower fence is refused, and every other server, unless a person there took over;
    # then it passes the fences up to OVER, those that were seen when it was said. OWNER is SERVER-WORKER.
    do_claim() {
        over=$1
        mkdir -p "$own/receipts" "$dir/releases" "$dir/shared" || full_or "cannot make $own"
        take_lock
        stored_fence
        if [ "$f" -gt "$fence" ] || { [ "$f" = "$fence" ] && [ "$o" != "$owner" ]; }; then
            overtaken
        fi
        if [ "$f" -gt "$over" ] && [ "${o%%-*}" != "${owner%%-*}" ]; then
            overtaken
        fi
        if [ "$f" != "$fence" ]; then
            printf '%s %s\n' "$fence" "$owner" | put "$own/fence"
            sync -f "$own" 2>/dev/null || sync
        fi
        print_state
    }

    do_state() { print_state; }

    # A directory the app may write: it often runs as another user of the deploy user's group.
    make_writable() {
        mkdir -p "$1" && chmod 2775 "$1" || full_or "cannot make $1"
    }

    has_receipt() { # NUMBER TREE
        [ -d "$dir/releases/$1" ] && grep -q "	tree:$2	" "$own/receipts/$1" 2>/dev/null
    }

    # Whose release it is; nothing for one of before servers had names.
    server_of() { # NUMBER
        sed -n 's/.*	server:\([0-9a-f]*\).*/\1/p' "$own/receipts/$1" 2>/dev/null
    }

    is_ours() { # SERVER
        [ "$1" = "${owner%%-*}" ]
    }

    # prepare NUMBER TREE BASE KB INODES -- shared dirs -- shared files: says "have" or makes the stage directory: the
    # spare when there is one, else a farm of hard links of the base, so that the copy only touches what differs, else
    # an empty one, and says "fresh". "foreign": what it was made of came from another server, whose times say nothing
    # here.
    do_prepare() {
        number=$1 tree=$2 base=$3 kb=$4 inodes=$5
        shift 6
        take_turn
        while [ "$1" != -- ]; do
            [ -d "$dir/shared/$1" ] || make_writable "$dir/shared/$1"
            shift
        done
        shift
        for file in "$@"; do
            [ -e "$dir/shared/$file" ] || say_and_exit 78 "the shared file $dir/shared/$file is missing: put it there"
        done
        if has_receipt "$number" "$tree"; then
            echo have
            exit 0
        fi
        [ "$(current_number)" != "$number" ] || say_and_exit 77 "current is release $number, which we did not finish"
        rm -f "$own/receipts/$number"       # first: half a directory must not look complete
        for old in "$dir"/.stage-* "$dir/releases/$number"; do
            discard "$old"
        done
        free=$(df -Pk "$dir" | awk 'NR==2 {print $4}') free_inodes=$(df -Pi "$dir" | awk 'NR==2 {print $4}')
        [ "$free" -ge "$kb" ] ||
            say_and_exit 28 "no space left in $dir: $((free / 1024)) MB free, $((kb / 1024)) MB needed"
        # Some file systems count no inodes and answer 0 of 0, or a dash.
        total=$(df -Pi "$dir" | awk 'NR==2 {print $2}')
        case $total$free_inodes in
            *[!0-9]* | 0*) ;;
            *) [ "$free_inodes" -ge "$inodes" ] ||
                say_and_exit 28 "no inodes left in $dir: $free_inodes free, $inodes needed" ;;
        esac
        stage=$dir/.stage-$number-$fence
        if [ -d "$own/spare" ]; then
            is_ours "$(cat "$own/spare.server" 2>/dev/null)" || echo foreign
            mv -T "$own/spare" "$stage" || full_or "cannot make $stage"
        elif [ "$base" != 0 ] && [ -d "$dir/releases/$base" ]; then
            # What another user wrote there may not be linkable; rsync sends whatever is missing. Under the lock, which
            # cp holds too: were we cut off here, the next try must not begin beside a farm that still grows.
            is_ours "$(server_of "$base")" || echo foreign
            cp -al "$dir/releases/$base" "$stage" 2>/dev/null
        else
            [ -e "$stage" ] || echo fresh       # no file in it is shared with another directory
        fi
        mkdir -p "$stage" || full_or "cannot make $stage"
    }

    # seal NUMBER TREE FILES BYTES -- scratch dirs: flush, name it, write the receipt.
    do_seal() {
        number=$1 tree=$2 files=$3 bytes=$4
        shift 5
        if has_receipt "$number" "$tree"; then
            exit 0
        fi
        stage=$dir/.stage-$number-$fence
        for scratch in "$@"; do
            make_writable "$stage/$scratch"
        done
        if ! sync -f "$stage"; then
            take_turn           # a younger server may have taken it away: then that is the reason
            [ -d "$stage" ] || say_and_exit 75 "$stage is gone"
            full_or "cannot flush $stage"
        fi
        take_turn
        if has_receipt "$number" "$tree"; then
            exit 0
        fi
        [ -d "$stage" ] || say_and_exit 75 "$stage is gone"
        rm -rf "$dir/releases/$number"
        # The receipt comes before the name and goes after it. Complete is what has both; a number without a receipt is
        # somebody else's and never touched.
        printf 'release:%s\ttree:%s\tfiles:%s\tbytes:%s\tfence:%s\tserver:%s\tsealed:%s\n' "$number" "$tree" "$files" \
            "$bytes" "$fence" "${owner%%-*}" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" | put "$own/receipts/$number"
        mv -T "$stage" "$dir/releases/$number" || full_or "cannot name releases/$number"
        sync -f "$own" || full_or "cannot flush $own"
    }

    # switch FROM TO TREE: one rename. FROM 0 = there is none yet; TO 0 = back to none. TREE is what TO must hold, since
    # another server may have given the same number to a tree of its own; "-" = whatever it was.
    do_switch() {
        from=$1 to=$2 tree=$3
        take_turn
        now=$(current_number)
        if [ "$tree" != - ] && ! has_receipt "$to" "$tree"; then
            [ ! -d "$dir/releases/$to" ] ||
                say_and_exit 77 "release $to in $dir is another tree than ours: another server made it"
            say_and_exit 78 "release $to is not complete in $dir"
        fi
        if [ "$now" = "$to" ]; then
            echo already
            exit 0
        fi
        if [ "$now" = -1 ] && [ ! -L "$dir/current" ]; then
            say_and_exit 77 "$dir/current is not a link: move it away once, then release again"
        fi
        [ "$now" = "$from" ] || say_and_exit 77 "current is $now, neither $from nor $to: somebody else switched it"
        if [ "$to" = 0 ]; then
            rm -f "$dir/current" && sync -f "$dir" || full_or "cannot remove $dir/current"
            exit 0
        fi
        [ -f "$own/receipts/$to" ] && [ -d "$dir/releases/$to" ] ||
            say_and_exit 78 "release $to is not complete in $dir"
        rm -f "$dir/.current-$fence"
        ln -s "releases/$to" "$dir/.current-$fence" && mv -T "$dir/.current-$fence" "$dir/current" ||
            full_or "cannot switch $dir/current"
        sync -f "$dir" || full_or "cannot flush $dir"
    }

    # A build may leave directories that even their owner may not write.
    discard() {
        [ -e "$1" ] || return 0
        rm -rf "$1" 2>/dev/null || { chmod -R u+rwX "$1" && rm -rf "$1"; }
    }

    # May a dropped release become the spare? Not while a process works in it, which would find the next release's files
    # there; not when it holds files of another user, which the copy could not replace.
    can_be_spare() { # DIRECTORY
        [ ! -e "$own/spare" ] && real=$(readlink -f "$1") || return 1
        ! readlink /proc/[0-9]*/cwd 2>/dev/null | awk -v d="$real/" 'index($0 "/", d) == 1 {n++} END {exit !n}' &&
            { [ "$(id -u)" = 0 ] || [ -z "$(find "$1" ! -uid "$(id -u)" 2>&1 | head -n 1)" ]; }
    }

    # The spare is the next stage, made while nobody waits for it: a release that was dropped, else a farm of links of
    # the live one. Whatever it holds, the copy makes it equal to the new release; the nearer it is, the less there is
    # to do.
    make_spare() {
        [ ! -e "$own/spare" ] && [ "$now" -gt 0 ] || return 0
        cp -alT "$dir/releases/$now" "$own/.spare-$fence" 2>/dev/null
        take_turn
        server_of "$now" >"$own/spare.server"
        mv -T "$own/.spare-$fence" "$own/spare"
    }

    # drop NUMBERS...: never the live one. Renamed under the lock, removed outside it.
    do_drop() {
        take_turn
        now=$(current_number)
        for n in "$@"; do
            [ "$n" != "$now" ] || continue
            [ -d "$dir/releases/$n" ] || continue
            to=$dir/releases/.drop-$n-$fence
            if can_be_spare "$dir/releases/$n"; then
                to=$own/spare
                server_of "$n" >"$own/spare.server"
            fi
            mv -T "$dir/releases/$n" "$to"
        done
        # What a cut-off step left: links that never became current, receipts whose directory is not there.
        rm -f "$dir"/.current-* "$own"/receipts/*.tmp
        for receipt in "$own"/receipts/*; do
            [ -d "$dir/releases/${receipt##*/}" ] || rm -f "$receipt"
        done
        sync -f "$dir"
        exec 9>&-
        for old in "$dir"/releases/.drop-*; do
            discard "$old"
        done
        # Stage directories of older lives only: a younger server may be filling its own by now.
        for old in "$dir"/.stage-* "$own"/.spare-*; do
            [ "${old##*-}" -ge "$fence" ] 2>/dev/null || discard "$old"
        done
        make_spare
        true
    }

    # run SECONDS NUMBER SERVICE RELEASE REV HOST WORDS...: a command inside releases/NUMBER; output bounded by us.
    do_run() {
        seconds=$1 number=$2
        RUSUBAN_SERVICE=$3 RUSUBAN_RELEASE=$4 RUSUBAN_REV=$5 RUSUBAN_HOST=$6
        export RUSUBAN_SERVICE RUSUBAN_RELEASE RUSUBAN_REV RUSUBAN_HOST
        shift 6
        take_turn
        cd "$dir/releases/$number" || say_and_exit 78 "release $number is not in $dir"
        status=0
        timeout -k 10 "$seconds" "$@" </dev/null 2>&1 9>&- || status=$?
        [ "$status" != 124 ] || say_and_exit 79 "$1 was ended after $seconds s, its deadline"
        [ "$status" = 0 ] || say_and_exit 79 "$1 exited with $status"
    }

    children_of() { cat "/proc/$1/task/$1/children" 2>/dev/null; }
    start_ticks() { # of a process: field 22 of stat, counted behind the name, which may hold anything
        stat_line=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
        # shellcheck disable=SC2086
        set -- ${stat_line##*) }
        echo "${20}"
    }
    newest() { # of the given processes: the latest start
        most=0
        for p in "$@"; do
            t=$(start_ticks "$p") || continue
            [ "$t" -le "$most" ] || most=$t
        done
        echo "$most"
    }

    read_pid() { # FILE
        pid=$(head -n 1 "$1" 2>/dev/null) || pid=
        case $pid in '' | *[!0-9]*) say_and_exit 78 "no process number in $1" ;; esac
        kill -0 "$pid" 2>/dev/null || say_and_exit 78 "process $pid of $1 does not run, or is not ours to signal"
    }

    wait_until() { # SECONDS COMMAND...
        tries=$(($1 * 20))
        shift
        while ! "$@"; do
            tries=$((tries - 1))
            [ "$tries" -gt 0 ] || return 1
            sleep 0.05
        done
    }

    is_gone() { ! kill -0 "$1" 2>/dev/null; }

    # What no exec leaves as it was: where the kernel put things, at random. Empty when we may not see it.
    life_of() { # PID
        [ "$(cat /proc/sys/kernel/randomize_va_space 2>/dev/null)" != 0 ] || return 0
        # shellcheck disable=SC2002     # cat says quietly that it may not; a redirection would say so aloud
        now_at=$(cat "/proc/$1/auxv" 2>/dev/null | cksum)
        [ "$now_at" = "4294967295 0" ] || echo "$now_at"
    }

    all_newer() { # BEFORE PROCESS...: none is as old as BEFORE
        oldest=$1
        shift
        for w in "$@"; do
            t=$(start_ticks "$w") || return 1
            [ "$t" -gt "$oldest" ] || return 1
        done
    }

    # Is the signalled process, with `before` and `life` of before the signal, as new as it gets without a visitor? Old
    # workers finish their requests and end by themselves; new ones must stand before health is asked. php-fpm with pm =
    # ondemand has none until somebody asks, and puma may be a single process: there the process itself must have begun
    # anew, and a second must show that no workers come.
    is_renewed() { # KIND PID
        ! is_gone "$2" || say_and_exit 79 "process $2 ended instead of starting anew"
        workers=$(children_of "$2")
        case $1:$before in
            php_fpm:* | puma:0) [ -z "$life" ] || [ "$(life_of "$2")" != "$life" ] || return 1 ;;
            *) [ -n "$workers" ] || return 1 ;;
        esac
        if [ -n "$workers" ]; then
            alone=0
            # shellcheck disable=SC2086
            all_newer "$before" $workers
        else
            alone=$((alone + 1))
            [ "$alone" -gt 20 ]
        fi
    }

    signal_and_wait() { # KIND SIGNAL PIDFILE SECONDS
        read_pid "$3"
        # shellcheck disable=SC2046
        before=$(newest $(children_of "$pid")) life=$(life_of "$pid") alone=0
        kill -s "$2" "$pid" || say_and_exit 78 "cannot signal process $pid of $3"
        wait_until "$4" is_renewed "$1" "$pid" ||
            say_and_exit 79 \
                "process $pid of $3 did not replace $([ "$before" = 0 ] && echo itself || echo its workers) within $4 s"
    }

    unicorn_stands() { # PIDFILE OLD: a new master wrote the pid file and lives in the live release
        new=$(head -n 1 "$1" 2>/dev/null) || return 1
        [ -n "$new" ] && [ "$new" != "$2" ] && kill -0 "$new" 2>/dev/null &&
            [ "$(readlink "/proc/$new/cwd")" = "$(readlink -f "$dir/current")" ] && [ -n "$(children_of "$new")" ]
    }

    # Both masters live for a moment; the old one ends only after the new one stands. A crash in between leaves
    # PIDFILE.oldbin, where the next try goes on.
    restart_unicorn() { # PIDFILE
        if [ -f "$1.oldbin" ]; then
            old=$(head -n 1 "$1.oldbin")
        else
            read_pid "$1"
            old=$pid
            kill -s USR2 "$old" || say_and_exit 78 "cannot signal process $old of $1"
        fi
        wait_until 60 unicorn_stands "$1" "$old" ||
            say_and_exit 79 "no new unicorn master in the new release within 60 s"
        kill -s QUIT "$old" 2>/dev/null || return 0
        wait_until 60 is_gone "$old" || say_and_exit 79 "the old unicorn master $old did not end within 60 s"
    }

    # restart KIND SIGNAL PIDFILE UNIT
    do_restart() {
        kind=$1 signal=$2 pidfile=$3 unit=$4
        take_turn
        case $kind in
            php_fpm)
                if [ -n "$pidfile" ]; then
                    signal_and_wait php_fpm USR2 "$pidfile" 30
                else
                    sudo -n systemctl reload "$unit" >&2 9>&- || say_and_exit 79 "systemctl reload $unit failed"
                fi ;;
            unicorn) restart_unicorn "$pidfile" ;;
            puma | node) signal_and_wait "$kind" "$signal" "$pidfile" 60 ;;
            systemd) sudo -n systemctl reload-or-restart "$unit" >&2 9>&- ||
                say_and_exit 79 "systemctl reload-or-restart $unit failed" ;;
            *) say_and_exit 78 "unknown restart kind $kind" ;;
        esac
    }

    case $verb in
        claim | state | prepare | seal | switch | drop | run | restart) "do_$verb" "$@" ;;
        *) say_and_exit 78 "unknown verb $verb" ;;
    esac
    exit 0
}
rusuban_host "$@"

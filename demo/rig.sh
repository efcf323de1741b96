# rig.sh: real hosts on loopback, for the demo and for the scenario tests.
#
# A rig is one directory and one block of 100 ports; nothing about it lives anywhere else, so many rigs run side by
# side. Every host has its own sshd, nginx and php-fpm below hosts/NAME, laid out like a machine's root (etc, run,
# var/log, www). Source this file; every function says what is wrong on stderr and returns non-zero when it fails.
#
#     . demo/rig.sh
#     trap rig_stop EXIT
#     rig_init "$PWD/rig" "$(rig_free_ports 9000)"                         # sets RIG
#     rig_hosts app1 a 127.0.1.11  app2 a 127.0.1.12  app3 c 127.0.2.11    # all at once, about half a second
#     rig_edge && rig_forge && rig_site                                    # balancer, git with a webhook, site.yaml
#     rig_source demo/kotori && rig_push "Open Kotori"                     # commit and push, which sends the webhook
#     rig_serve build/rusuban                                              # Rusuban itself, answering "status"
#
# RIG_TYPED=yes before rig_serve: the rig's program names itself in its hints as it was typed, e.g. .demo/rusuban.
#
# The block: BASE edge, +1 web, +2 webhooks, +10 nginx and +22 sshd (the same on each host's own 127.x address).
# Inside the rig: site.yaml, rusuban (the program with --site and --data), data/, hosts/, forge/, clone/, edge/.
# shellcheck shell=bash

RIG_HOME=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PATH=$PATH:/usr/sbin:/sbin      # Debian keeps daemons there, and ordinary users do not look there

rig_fail() { # WORDS...
    printf 'rig: %s\n' "$*" >&2
    return 1
}

# ---- waiting, and knowing our own processes

rig_uptime_cs() { # hundredths of a second since the machine started: a clock that nobody sets
    local up
    read -r up _ </proc/uptime
    printf '%s\n' "${up/./}"
}

rig_wait() { # SECONDS COMMAND...: until COMMAND succeeds
    local end=$(($(rig_uptime_cs) + $1 * 100))
    shift
    until "$@"; do
        [ "$(rig_uptime_cs)" -lt "$end" ] || return 1
        sleep 0.02
    done
}

# A pid alone may belong to a stranger by the time it is used; a pid with its start time never does.
rig_born() { # PID: prints its start time; fails when it is gone or only waits to be reaped
    local stat
    # Not $(<FILE): bash 5.2 ends the whole script, silently, when that FILE is missing.
    { mapfile -d '' -t stat <"/proc/$1/stat"; } 2>/dev/null && [ -n "${stat[*]}" ] || return 1
    read -ra stat <<<"${stat[0]##*) }"      # the name before it may hold blanks
    [ "${stat[0]}" != Z ] && printf '%s\n' "${stat[19]}"
}

rig_same() { # PID BORN: it still is that process
    [ -n "${2:-}" ] && [ "$(rig_born "$1")" = "$2" ]
}

rig_pid() { # DIR NAME: prints the pid of a daemon that we started and that still runs
    local pid born
    { read -r pid born <"$1/run/$2.proc"; } 2>/dev/null && rig_same "$pid" "$born" && printf '%s\n' "$pid"
}

rig_tree() { # PID: prints "PID BORN" of it and of all its descendants
    local pid born
    ps -eo pid=,ppid= | awk -v root="$1" '
        { child[$2] = child[$2] " " $1 }
        END {
            todo = root
            while (split(todo, p, " ")) { print p[1]; sub(/^ *[0-9]+/, "", todo); todo = todo child[p[1]] }
        }' |
        while read -r pid; do
            if born=$(rig_born "$pid"); then printf '%s %s\n' "$pid" "$born"; fi
        done
}

# Starts COMMAND in DIR as a daemon: its own session, no descriptor of ours (an inherited pipe would keep `make | tee`
# waiting for ever), and no child of this shell (a bare `wait` in a test must not wait for it).
rig_launch() { # DIR NAME LOG COMMAND...
    local dir=$1 name=$2 log=$3 fd self
    shift 3
    rm -f "$dir/run/$name.pid" "$dir/run/$name.proc"
    (
        (
            cd "$dir" || exit 1
            for fd in /proc/self/fd/*; do
                fd=${fd##*/}
                if [ "$fd" -gt 2 ] && [ "$fd" -lt 255 ]; then exec {fd}>&-; fi
            done
            self=$BASHPID       # exec keeps pid and start time
            printf '%s %s\n' "$self" "$(rig_born "$self")" >"run/$name.proc"
            exec setsid "$@"
        ) </dev/null >>"$log" 2>&1 &
    )
}

rig_await() { # DIR NAME LOG READY...: until READY succeeds; fails at once when the daemon has died
    local dir=$1 name=$2 log=$3
    shift 3
    rig_wait 40 rig_ready_or_dead "$dir" "$name" "$@" || true
    if "$@" && ! rig_dead "$dir" "$name"; then return 0; fi
    rig_fail "$name did not start in $dir ($(rig_looks "$dir" "$name")); the end of $log says:" || true
    tail -n 5 "$log" >&2
    return 1
}

rig_looks() { # DIR NAME: what is known of a daemon that should be there
    local pid='' born=''
    { read -r pid born <"$1/run/$2.proc"; } 2>/dev/null || true
    if [ -z "$pid" ]; then
        echo "it never began"
    elif rig_same "$pid" "$born"; then
        echo "pid $pid runs, and is not ready"
    else
        echo "pid $pid, born at ${born:-?}, is gone: $(tail -n 1 "/proc/$pid/stat" 2>&1)"
    fi
}

rig_ready_or_dead() { # DIR NAME READY...
    local dir=$1 name=$2
    shift 2
    "$@" || { [ -s "$dir/run/$name.proc" ] && rig_dead "$dir" "$name"; }
}

# Looked at three times: on a busy machine one look at a process that is just becoming another may fail.
rig_dead() { # DIR NAME
    local _
    for _ in 1 2 3; do
        ! rig_pid "$1" "$2" >/dev/null || return 1
        sleep 0.2
    done
}

rig_kill() { # SIGNAL: to every "PID BORN" on stdin that still is that process
    local pid born
    while read -r pid born; do
        if rig_same "$pid" "$born"; then kill "-$1" "$pid" 2>/dev/null || true; fi
    done
}

rig_end() { # DIR NAME
    local pid
    pid=$(rig_pid "$1" "$2") || return 0
    rig_end_pid "$pid"
    rm -f "$1/run/$2.proc"
}

# Asks politely, then ends what is left of it: a stopped sshd leaves sessions behind, and a lost host has none.
rig_end_pid() { # PID
    local tree
    tree=$(rig_tree "$1")
    rig_kill TERM <<<"${tree%%$'\n'*}"
    rig_kill CONT <<<"$tree"            # it may hang (rig_host_hang)
    # shellcheck disable=SC2046,SC2086     # two words: PID BORN
    rig_wait 30 rig_other ${tree%%$'\n'*} || true
    rig_kill KILL <<<"$tree"
}

rig_gone() { # DIR NAME
    ! rig_pid "$1" "$2" >/dev/null
}

rig_other() { # PID BORN: it is not that process any more
    ! rig_same "$@"
}

# ---- ports

rig_ports() { # BASE: prints the ports of a rig
    printf '%s\n' "$1" $(($1 + 1)) $(($1 + 2)) $(($1 + 10)) $(($1 + 22))
}

rig_listeners() { # prints "PORT-IN-HEX INODE" of every listening socket
    { cat /proc/net/tcp /proc/net/tcp6 2>/dev/null || true; } | awk '$4 == "0A" { sub(/.*:/, "", $2); print $2, $10 }'
}

# On any address: rigs share the 127.x addresses, so a port is the smallest thing that can be free.
rig_ports_in_use() { # PORT...: prints those that somebody listens on
    { printf '%d want\n' "$@"; rig_listeners; } |
        awk '$2 == "want" { port[sprintf("%04X", $1)] = $1; next } $1 in port { print port[$1] }' | sort -nu
}

rig_port_holder() { # PORT: prints "NAME, pid PID" of who listens there, or nothing when that is not ours to know
    local inode fd pid
    inode=$(rig_listeners | awk -v port="$(printf '%04X' "$1")" '$1 == port { print $2; exit }')
    fd=$(find /proc/[0-9]*/fd -lname "socket:\[${inode:-none}\]" -print -quit 2>/dev/null) || true
    pid=${fd#/proc/}
    pid=${pid%%/*}
    if [ -n "$pid" ]; then printf '%s, pid %s\n' "$(<"/proc/$pid/comm")" "$pid"; fi
}

# Blocks are claimed until the calling script ends, so tests that start together never get the same one. Every block is
# one of 100 ports, so that two of them have all in common or nothing.
rig_free_ports() { # BASE: prints the first free block at BASE, BASE + 100, ...
    local base=$1 claims=${RIG_CLAIMS:-$RIG_HOME/../build/ports} pid born
    mkdir -p "$claims" || return 1
    (
        flock 9
        for ((; base + 100 <= 32768; base += 100)); do      # above 32768 the kernel hands out ports by itself
            { read -r pid born <"$claims/$base"; } 2>/dev/null && rig_same "$pid" "$born" && continue
            # shellcheck disable=SC2046
            [ -z "$(rig_ports_in_use $(seq "$base" $((base + 99))))" ] || continue
            printf '%s %s\n' "$$" "$(rig_born "$$")" >"$claims/$base"
            printf '%s\n' "$base"
            exit 0
        done
        rig_fail "no 100 free ports from $1 up to 32767"
    ) 9>"$claims/lock"
}

# ---- the rig

rig_init() { # DIR PORTBASE: sets RIG
    case $1 in
    *[!A-Za-z0-9._/-]* | [!/]*) rig_fail "$1: needs an absolute path of letters, digits and . _ - only"; return 1 ;;
    esac
    RIG=$1
    mkdir -p "$RIG"/{run,hosts,edge/run,forge} "$RIG/data/keys" || return 1
    chmod 700 "$RIG" "$RIG/data" "$RIG/data/keys"       # sockets and keys below belong to this user alone
    printf '%s\n' "$2" >"$RIG/ports"
    touch "$RIG/hosts/list" "$RIG/data/known_hosts"
    [ -f "$RIG/data/keys/deploy" ] || ssh-keygen -q -t ed25519 -N '' -C 'rusuban deploy' -f "$RIG/data/keys/deploy"
}

rig_port() { # OFFSET: prints the port at that place of the block
    printf '%s\n' $(($(<"$RIG/ports") + $1))
}

rig_fill() { # TEMPLATE [KEY VALUE]...: prints etc/TEMPLATE.in with every @KEY@ replaced
    local text
    text=$(<"$RIG_HOME/etc/$1.in")
    shift
    while [ $# -ge 2 ]; do
        text=${text//@$1@/"$2"}
        shift 2
    done
    printf '%s\n' "$text"
}

rig_hosts() { # [NAME ZONE ADDRESS]...: makes these hosts and starts them together
    local names=()
    while [ $# -ge 3 ]; do
        rig_host_make "$1" "$2" "$3" || return 1
        names+=("$1")
        shift 3
    done
    rig_each rig_host_start "${names[@]}"
}

rig_host() { # NAME ZONE ADDRESS
    rig_hosts "$1" "$2" "$3"
}

rig_each() { # COMMAND ARGUMENT...: COMMAND ARGUMENT for each at the same time; fails when one fails
    local command=$1 argument pids=() failed=0
    shift
    for argument in "$@"; do
        $command "$argument" &      # COMMAND may be several words
        pids+=($!)
    done
    for argument in "${pids[@]}"; do
        wait "$argument" || failed=1
    done
    return $failed
}

rig_host_make() { # NAME ZONE ADDRESS: directories, keys and settings; nothing runs yet
    local dir=$RIG/hosts/$1 user
    user=$(id -un)
    mkdir -p "$dir"/{etc/ssh,run,tmp,var/log/nginx,www/web} || return 1
    [ -f "$dir/etc/ssh/host_key" ] || ssh-keygen -q -t ed25519 -N '' -C "$1" -f "$dir/etc/ssh/host_key"
    cp "$RIG/data/keys/deploy.pub" "$dir/etc/ssh/authorized_keys"
    local keys=(HOST "$dir" NAME "$1" ADDRESS "$3" USER "$user" HTTP_PORT "$(rig_port 10)" SSH_PORT "$(rig_port 22)"
        PAM "$(rig_pam)")
    rig_fill sshd_config "${keys[@]}" >"$dir/etc/ssh/sshd_config"
    rig_fill nginx.conf "${keys[@]}" >"$dir/etc/nginx.conf"
    rig_fill php-fpm.conf "${keys[@]}" >"$dir/etc/php-fpm.conf"
    rig_host_note "$1 $2 $3" "[$3]:$(rig_port 22) $(cut -d' ' -f1,2 "$dir/etc/ssh/host_key.pub")"
}

rig_host_note() { # HOST_LINE KNOWN_HOSTS_LINE: once, however often a host is made
    grep -qxF "$1" "$RIG/hosts/list" || printf '%s\n' "$1" >>"$RIG/hosts/list"
    grep -qxF "$2" "$RIG/data/known_hosts" || printf '%s\n' "$2" >>"$RIG/data/known_hosts"
}

# Without PAM sshd lets nobody into a locked account, and on a machine run by sudo root is locked.
rig_pam() {
    if [ "$(id -u)" = 0 ] && grep -q '^root:!' /etc/shadow; then echo yes; else echo no; fi
}

rig_host_start() { # NAME [sshd|nginx|php]...: starts what does not run yet; returns when all of it answers
    local name=$1
    shift
    [ $# -gt 0 ] || set -- sshd nginx php
    rig_each "rig_daemon_start $RIG/hosts/$name" "$@"
}

rig_daemon_start() { # DIR DAEMON
    local unit log command
    unit=$(rig_unit "$2") || return 1
    log=$1/var/log/$unit.log
    rig_pid "$1" "$unit" >/dev/null && return 0
    case $unit in
    sshd) mkdir -p "$(rig_sshd_home)" && command=("$(command -v sshd)" -D -e -f "$1/etc/ssh/sshd_config") ;;
    nginx) command=("$(command -v nginx)" -p "$1/" -c etc/nginx.conf -e var/log/nginx/error.log) ;;
    php-fpm) command=("$(rig_php_fpm)" -F -R -p "$1" -y etc/php-fpm.conf) ;;
    esac
    # Calm surroundings: nothing from the caller's environment reaches a host, and hosts live in the site's time zone.
    rig_launch "$1" "$unit" "$log" env -i PATH=/usr/local/bin:/usr/bin:/bin LANG=C.UTF-8 TZ=Asia/Tokyo "${command[@]}"
    rig_await "$1" "$unit" "$log" test -s "$1/run/$unit.pid"     # all three write it once they listen
}

rig_unit() { # DAEMON: prints the name its files carry
    case $1 in
    sshd | nginx | php-fpm | agent) echo "$1" ;;
    php) echo php-fpm ;;
    *) rig_fail "no daemon named $1; there are sshd, nginx, php and agent" ;;
    esac
}

rig_sshd_home() { # a root sshd insists on a directory that Debian's service would have made
    if [ "$(id -u)" = 0 ]; then echo /run/sshd; else echo "$RIG/run"; fi
}

rig_php_fpm() { # prints the newest php-fpm
    local found=(/usr/sbin/php-fpm[0-9]*)
    printf '%s\n' "${found[@]}" | sort -V | tail -n 1
}

rig_host_stop() { # NAME [sshd|nginx|php|agent]...
    local name=$1
    shift
    [ $# -gt 0 ] || set -- agent sshd nginx php
    rig_each "rig_daemon_stop $RIG/hosts/$name" "$@"
}

rig_daemon_stop() { # DIR DAEMON
    local unit
    unit=$(rig_unit "$2") && rig_end "$1" "$unit"
}

rig_host_signal() { # NAME SIGNAL: to every process of the host
    local unit pid
    for unit in sshd nginx php-fpm agent; do
        pid=$(rig_pid "$RIG/hosts/$1" "$unit") || continue
        rig_tree "$pid" | rig_kill "$2"
    done
}

rig_host_hang() { # NAME: it stays connected and says nothing more, like a host whose disk is stuck
    rig_host_signal "$1" STOP
}

rig_host_wake() { # NAME
    rig_host_signal "$1" CONT
}

# One directory on every host so far, as a network disk would be: what one host writes there the others read.
rig_shared_disk() { # NAME: below www/web/shared
    local name
    mkdir -p "$RIG/disk/$1"
    while read -r name _; do
        mkdir -p "$RIG/hosts/$name/www/web/shared"
        ln -sfn "$RIG/disk/$1" "$RIG/hosts/$name/www/web/shared/$1"
    done <"$RIG/hosts/list"
}

# ---- the edge, the forge, the site file, Rusuban

rig_edge() { # [PORT]: HAProxy before all hosts so far
    local name zone address servers='' trackers='' port=${1:-$(rig_port 0)} log=$RIG/edge/haproxy.log
    while read -r name zone address; do
        servers+="    server $name $address:$(rig_port 10)"$'\n'
        trackers+="    server $name $address:$(rig_port 10) track web/$name"$'\n'
    done <"$RIG/hosts/list"
    rig_end "$RIG/edge" haproxy
    rig_fill haproxy.cfg PORT "$port" SERVERS "${servers%$'\n'}" TRACKERS "${trackers%$'\n'}" >"$RIG/edge/haproxy.cfg"
    rig_launch "$RIG/edge" haproxy "$log" "$(command -v haproxy)" -db -f haproxy.cfg -p run/haproxy.pid
    rig_await "$RIG/edge" haproxy "$log" rig_edge_listens "$port"
}

rig_edge_listens() { # PORT
    [ -n "$(rig_ports_in_use "$1")" ]
}

rig_git() { # git without anybody's own settings
    GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 git "$@"
}

rig_forge() { # a git server for kotori/web: a bare repository that tells Rusuban of every push
    local repo=$RIG/forge/kotori/web.git
    [ -f "$RIG/forge/hook_secret" ] ||
        (umask 077 && od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n' >"$RIG/forge/hook_secret")
    rig_git init -q --bare --initial-branch=main "$repo" &&
        rig_git -C "$repo" config hook.url "http://127.0.0.1:$(rig_port 2)/hook/release/web" &&
        rig_git -C "$repo" config hook.secretFile "$RIG/forge/hook_secret" &&
        rig_git -C "$repo" config hook.repository kotori/web &&
        install -m 755 "$RIG_HOME/forge/post-receive" "$repo/hooks/post-receive"
}

rig_clone() { # prints the developer's clone of the forge, made at the first call
    [ -d "$RIG/clone/.git" ] ||
        # "empty repository" is no news
        rig_git clone -q "$RIG/forge/kotori/web.git" "$RIG/clone" 2>/dev/null || return 1
    printf '%s\n' "$RIG/clone"
}

rig_source() { # FROM: copies FROM's files over the clone's
    local clone
    clone=$(rig_clone) && cp -a "$1/." "$clone/"
}

rig_push() { # SUBJECT ["NAME <MAIL>"]: commits everything in the clone as that person, pushes, prints the revision
    local clone author=${2:-Sato Mei <mei@kotori.example>}
    clone=$(rig_clone) || return 1
    rig_git -C "$clone" add -A &&
        rig_as "$author" -C "$clone" commit -q --allow-empty -m "$1" &&
        rig_git -C "$clone" push -q origin HEAD:main &&
        rig_git -C "$clone" rev-parse HEAD
}

rig_apply() { # PATCH: commits a mailed patch in the clone under its own author, pushes, prints the revision
    local clone author
    clone=$(rig_clone) || return 1
    author=$(sed -n 's/^From: //p;/^$/q' "$1")
    rig_as "$author" -C "$clone" am -q --ignore-date "$(realpath "$1")" &&
        rig_git -C "$clone" push -q origin HEAD:main &&
        rig_git -C "$clone" rev-parse HEAD
}

rig_as() { # "NAME <MAIL>" GIT_WORDS...
    local name=${1% <*} mail=${1##*<}
    shift
    rig_git -c user.name="$name" -c user.email="${mail%>}" "$@"
}

rig_site() { # writes site.yaml for the hosts so far: the first is the canary
    local name zone address hosts='' names=() user
    user=$(id -un)
    while read -r name zone address; do
        names+=("$name")
        hosts+="  $name: {zone: $zone, address: $address, ssh: {port: $(rig_port 22), user: $user}, root: $RIG/hosts/$name}"$'\n'
    done <"$RIG/hosts/list"
    rig_fill site.yaml RIG "$RIG" HOSTS "${hosts%$'\n'}" SERVERS "$(rig_servers "${names[@]}")" \
        NAMES "$(IFS=,; echo "${names[*]}")" HTTP_PORT "$(rig_port 10)" WEB_PORT "$(rig_port 1)" HOOK_PORT \
        "$(rig_port 2)" >"$RIG/site.yaml"
}

rig_servers() { # NAME...
    local canary=$1 rest
    shift
    printf -v rest ', %s' "$@"
    if [ $# = 0 ]; then
        printf '{web: {hosts: [%s]}}' "$canary"
    else
        printf '{canary: {hosts: [%s]}, web: {hosts: [%s], limit: 50%%, wait: 1s}}' "$canary" "${rest#, }"
    fi
}

rig_rusuban() { # PROGRAM: writes RIG/rusuban, the program told of this site and this data directory
    local program
    program=$(realpath "$1") || return 1
    {
        printf '#!/bin/sh\n# Rusuban for this rig: the program, told which site and which data are meant.\n'
        # shellcheck disable=SC2016     # the wrapper's $0
        [ -z "${RIG_TYPED:-}" ] ||
            printf '# Its hints name it as it was typed.\nexport RUSUBAN_NAME="${RUSUBAN_NAME-$0}"\n'
        printf 'unset RUSUBAN_AT\nexec %s --site %s --data %s "$@"\n' "$program" "$RIG/site.yaml" "$RIG/data"
    } >"$RIG/rusuban"
    chmod 755 "$RIG/rusuban"
}

rig_serve() { # PROGRAM: starts "serve" with the webhook's secret in its store; returns when "status" answers
    rig_rusuban "$1" || return 1
    if [ -f "$RIG/forge/hook_secret" ]; then
        "$RIG/rusuban" secret set web_hook --quiet <"$RIG/forge/hook_secret" || return 1
    fi
    RUSUBAN_NAME='' rig_launch "$RIG" serve "$RIG/serve.log" "$RIG/rusuban" serve
    rig_await "$RIG" serve "$RIG/serve.log" rig_answers || { cat "$RIG/run/answers" >&2; return 1; }
    rig_pid "$RIG" serve >"$RIG/run/serve.pid"
}

rig_answers() {
    "$RIG/rusuban" status >"$RIG/run/answers" 2>&1
}

# The log agent of each host so far. rusuban serve is there, and a real host would have it as a service of its own; on
# one machine it comes to the log server's Unix socket. Who connects when is its own affair: it tries until it is let
# in.
rig_agents() { # PROGRAM
    local name program
    program=$(realpath "$1") || return 1
    while read -r name _; do
        rig_pid "$RIG/hosts/$name" agent >/dev/null && continue
        rig_launch "$RIG/hosts/$name" agent "$RIG/hosts/$name/var/log/agent.log" \
            env -i PATH=/usr/local/bin:/usr/bin:/bin \
            "$program" log agent --host "$name" --socket "$RIG/data/run/log.sock"
    done <"$RIG/hosts/list"
}

rig_traffic() { # [REQUESTS_A_SECOND]: visitors at the edge, until rig_stop
    rig_launch "$RIG/edge" traffic "$RIG/edge/traffic.log" php -n "$RIG_HOME/traffic" "$(rig_port 0)" "${1:-1.5}"
}

# Also one that somebody started by hand after the first one was killed: its data directory says who minds it. A pid
# alone proves nothing; whoever holds that very file open minds this directory and no other.
rig_houses() { # prints the pids that mind this rig's data, the whole house before single roles
    local name pid fd
    for name in serve web releaser watcher logserver logwatch sql; do
        pid=''
        { read -r pid <"$RIG/data/run/$name.pid"; } 2>/dev/null || true
        [[ $pid =~ ^[1-9][0-9]*$ ]] || continue
        for fd in "/proc/$pid/fd/"*; do     # the same file, by whatever way one came to it
            if [ "$fd" -ef "$RIG/data/run/$name.pid" ]; then echo "$pid"; break; fi
        done
    done
}

rig_serve_stop() {
    local pid
    rig_end "$RIG" serve
    for pid in $(rig_houses); do
        if rig_born "$pid" >/dev/null; then rig_end_pid "$pid"; fi
    done
    rm -f "$RIG/run/serve.pid"
}

rig_stop() { # ends everything that this rig started; safe at any moment, and twice
    local name names=()
    [ -n "${RIG:-}" ] && [ -f "$RIG/hosts/list" ] || return 0
    rig_end "$RIG/edge" traffic
    rig_end "$RIG" past
    rig_serve_stop                  # before its hosts, so that it does not see them go
    while read -r name _; do names+=("$name"); done <"$RIG/hosts/list"
    rig_end "$RIG/edge" haproxy
    rig_each rig_host_stop "${names[@]}"
}

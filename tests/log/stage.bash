# stage.bash: a log server, agents and files that grow, below $play. Sourced by the plays of this folder.
#
#     log_site 'access: {from: {web: {on: [app1], path: /access.log}}}'       # $play/site.yaml; hosts app1 and app2
#     server_start; agent_start app1
#     writer_start app1 20000 100000          # lines a second, lines: to $play/hosts/app1/access.log
#     until_rows 100000
#     end server KILL
#
# Hosts are directories below $play/hosts, their `root` in the site file. Everything started here ends with the play.
# shellcheck shell=bash source-path=SCRIPTDIR source=../lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

site_file=$play/site.yaml
data=$play/data
lake=$play/data/lake

log_site() { # DATASETS [FURTHER LINES BELOW log:]...
    local datasets=$1 name
    shift
    mkdir -p "$play/hosts/app1" "$play/hosts/app2"
    {
        printf 'site: kotori\ntimezone: Asia/Tokyo\nzones: {a: {}}\nhosts:\n'
        for name in app1 app2; do
            printf '  %s: {zone: a, address: %s.example, root: %s}\n' "$name" "$name" "$play/hosts/$name"
        done
        printf 'log:\n  datasets: {%s}\n' "$datasets"
        if [ $# -gt 0 ]; then printf '  %s\n' "$@"; fi
    } >"$site_file.new"
    mv "$site_file.new" "$site_file"
}

rusuban() {
    "$RUSUBAN" --site "$site_file" --data "$data" "$@"
}

# ---- processes

start() { # NAME COMMAND...: in the background; what it says goes to $play/NAME.log
    local name=$1
    shift
    "$@" >>"$play/$name.log" 2>&1 </dev/null &
    echo $! >"$play/$name.pid"
    disown
}

alive() { # NAME
    [ -s "$play/$1.pid" ] && kill -0 "$(<"$play/$1.pid")" 2>/dev/null
}

end() { # NAME [SIGNAL]: and waits until it is gone
    local pid
    [ -s "$play/$1.pid" ] || return 0
    pid=$(<"$play/$1.pid")
    kill "-${2:-TERM}" "$pid" 2>/dev/null || true
    rig_wait 20 not_alive "$1" || { kill -KILL "$pid" 2>/dev/null; rig_wait 5 not_alive "$1" || true; }
    rm -f "$play/$1.pid"
}

not_alive() { # NAME
    ! alive "$1"
}

end_everything() {
    local file name
    for file in "$play"/*.pid; do
        [ -e "$file" ] || continue
        name=${file##*/}
        end "${name%.pid}" KILL
    done
}
at_the_end() { end_everything; }

server_start() {
    start server rusuban_here serve logserver
    rig_wait 20 server_answers || { cat "$play/server.log"; fail "the log server does not answer"; curtain; }
}

rusuban_here() { # the program itself, so that its pid is the one we know
    exec "$RUSUBAN" --site "$site_file" --data "$data" "$@"
}

server_answers() {
    rusuban log status >/dev/null 2>&1
}

agent_start() { # HOST [WORDS]...
    local host=$1
    shift
    start "agent-$host" rusuban_here log agent --host "$host" "$@"
}

writer_program() { # prints the path of tests/log/writer.c, compiled once a play
    if [ ! -x "$play/writer" ]; then
        "${CC:-gcc}" -O2 -o "$play/writer" "$tests/log/writer.c" || { fail "writer.c does not compile"; curtain; }
    fi
    echo "$play/writer"
}

writer_start() { # HOST LINES_A_SECOND LINES [FILE]
    start "writer-$1" "$(writer_program)" "$play/hosts/$1/${4:-access.log}" "$2" "$3"
}

# ---- what came of it

status_number() { # KEY: a number at the top of log status
    rusuban log status --json 2>/dev/null | grep -o "\"$1\":-\?[0-9]*" | head -n 1 | cut -d: -f2
}

rows_are() { # N
    [ "$(status_number rows)" = "$1" ]
}

until_rows() { # N [SECONDS]
    patiently "${2:-60}" rows_are "$1" || fail "the lake has $(status_number rows) rows, wanted $1"
}

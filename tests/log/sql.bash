# sql.bash: a lake without a log server, and whoever asks it. Sourced by the plays named sql*.sh, after stage.bash.
#
#     lake_of 100000 2026-11-21T20:00:00+09:00 50        # lines, the first one's time, lines a second
#     sql_start                                          # the role sql, as a house starts it
#     answer "select count(*) from access_log where dt = '2026-11-21'"       # prints CSV without its header
#
# shellcheck shell=bash disable=SC2154
PATH=$(realpath "$tests/../build/test"):$PATH       # rusuban-sql, when RUSUBAN is a copy somewhere else
export TZ=UTC

have_sql() {
    [ -x "$(dirname "$RUSUBAN")/rusuban-sql" ] || command -v rusuban-sql >/dev/null ||
        skip "rusuban-sql was not built here"
    local lsm=/sys/kernel/security/lsm
    if [ -r $lsm ] && ! grep -q landlock $lsm; then skip "this kernel has no Landlock"; fi
}

lake_of() { # LINES FIRST RATE [WORDS OF make-lake]...
    local lines=$1 first=$2 rate=$3
    shift 3
    "$RUSUBAN" log generate --lines "$lines" --from "$first" --rate "$rate" |
        TZ=Asia/Tokyo "$RUSUBAN" log make-lake "$lake/access" "$@" 2>>"$play/make-lake.log"
}

sql_start() {
    rm -f "$data/run/sql.sock"          # what a killed role leaves behind is nobody who listens
    start sql rusuban_here serve sql
    rig_wait 20 sql_listens || { cat "$play/sql.log"; fail "rusuban-sql does not listen"; curtain; }
}

sql_listens() {
    [ -S "$data/run/sql.sock" ]
}

answer() { # QUERY [WORDS]...: CSV without header, LF at the line ends
    rusuban log sql --csv --quiet "$@" 2>"$play/answer.err" | tail -n +2
}

kids() { # prints the pids of the processes that answer
    [ ! -s "$play/sql.pid" ] || pgrep -P "$(<"$play/sql.pid")" || true
}

kids_are() { # N
    [ "$(kids | grep -c .)" = "$1" ]
}

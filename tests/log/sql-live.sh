#!/usr/bin/env bash
# While lines come in, files are committed, merged and removed beneath them, people ask without a pause: no question
# fails, no count ever goes back, no line is seen twice; a line is visible within a second or so. Then an hour is sealed
# by rusuban-sql.
#
# shellcheck source-path=SCRIPTDIR source=stage.bash disable=SC2154
source "$(dirname "$0")/stage.bash"
# shellcheck source-path=SCRIPTDIR source=sql.bash
source "$(dirname "$0")/sql.bash"
have_sql
lines=${LINES_WRITTEN:-60000} rate=5000
log_site 'access: {from: {web: {on: [app1], path: /access.log}}}' 'sql: {children: 2, warm: 2}'
export RUSUBAN_PACE_COMMIT=300 RUSUBAN_PACE_STALE=100 RUSUBAN_PACE_SEAL=1000
server_start
agent_start app1
sql_start
writer_start app1 $rate "$lines"

asked=0 last=0 failures=0
look() {
    local got
    got=$(answer "select count(*), count(distinct seq), max(seq::bigint) from access_log" --all) || got=failed
    asked=$((asked + 1))
    if ! [[ $got =~ ^([0-9]+),([0-9]+),([0-9]*)$ ]]; then
        # Before the first line there is no table, and before the first seq no column.
        [ "$last" = 0 ] && grep -qE 'no (table|column)' "$play/answer.err" && return 0
        failures=$((failures + 1))
        fail "question $asked: \"$got\" $(<"$play/answer.err")"
        return 0
    fi
    [ "${BASH_REMATCH[1]}" = "${BASH_REMATCH[2]}" ] || fail "question $asked: lines twice: $got"
    [ "${BASH_REMATCH[1]}" -ge "$last" ] || fail "question $asked: $last rows became ${BASH_REMATCH[1]}"
    last=${BASH_REMATCH[1]}
}
while alive "writer-app1" && [ $failures -lt 3 ]; do look; done
[ "$asked" -ge 20 ] || fail "only $asked questions were asked"

all_seen() { look; [ "$last" = "$lines" ]; }
rig_wait 10 all_seen || fail "$last of $lines lines are visible"
expect "sum of their numbers" "$(answer "select sum(seq::bigint) from access_log" --all)" "$((lines * (lines + 1) / 2))"
echo "$asked questions while $lines lines came"

# Lines of the day before: their hour is over, and is sealed.
day=$(TZ=Asia/Tokyo date -d yesterday +%F)
"$RUSUBAN" log generate --lines 3000 --from "${day}T09:00:00+09:00" --rate 100 >"$play/old.log"
rusuban log import "$play/old.log" >"$play/import.out" 2>&1 || fail "import: $(<"$play/import.out")"
sealed() { compgen -G "$lake/access/dt=$day/hour=09/log-0001.parquet" >/dev/null; }
rig_wait 30 sealed || fail "the hour was not sealed: $(tail -n 3 "$play/server.log")"
expect "rows of the sealed hour" "$(answer "select count(*) from access_log where dt = '$day'")" 3000
expect "they are sorted" \
    "$(answer "select count(*) from (select user_id, lag(user_id) over (order by file_row_number) as previous
    from read_parquet('$lake/access/dt=$day/hour=09/log-0001.parquet', file_row_number = true)) where user_id < previous")" 0
curtain

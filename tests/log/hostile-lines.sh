#!/usr/bin/env bash
# Visitors choose what stands in log lines: escape sequences, marks of direction, bytes that are no text, formulas. Whoever
# looks at them at a terminal sees dots and names of bytes, never what the terminal obeys; JSON stays JSON.
# shellcheck disable=SC1003     # a backslash at the end of a text
source "$(dirname "$0")/stage.bash"

export RUSUBAN_PACE_COMMIT=500 NO_COLOR=1 TERM=xterm
log_site 'access: {from: {web: {on: [app1], path: /access.log}}}' 'stop_at: 99'

now=$(date -u +%Y-%m-%dT%H:%M:%S+00:00)
bad=(
    $'/\x1b]0;owned\x07' $'/\x1b[2J\x1b[31mred' $'/a\xc2\x9b2Jb' $'/\x9b2J' $'/\xe2\x80\xaetxt.exe' $'/\xff\xfe\xc0\xaf' $'/del\x7f\x08\x08'
    $'/=cmd|\x27/c calc\x27!A0' $'/"quoted",\'x' $'/{x}' $'/cr\rover' '/back\x1B[2Jslash'
)
for uri in "${bad[@]}"; do
    printf 'time:%s\turi:%s\tstatus:200\treqtime:0.010\tua:%s\tuser_id:%s\tremote_addr:1.2.3.4\n' "$now" "$uri" "$uri" "$uri"
    printf 'not a field %s\n' "$uri"
done >"$play/hosts/app1/access.log"
printf 'time:%s\turi:/nul\0\x1b[2J\tstatus:200\tua:a\0b\n' "$now" >>"$play/hosts/app1/access.log"

# Runs it at a terminal of its own; what the terminal would see, without its line breaks, goes to $play/screen.
at_terminal() { # WORDS...
    local line
    printf -v line '%q ' "$RUSUBAN" --site "$site_file" --data "$data" "$@"
    script -qec "$line" /dev/null </dev/null >"$play/screen" 2>&1 || true
    tr -d '\r\n\t' <"$play/screen" >"$play/seen"
}

# Control characters of seven bits, of eight (as UTF-8, and alone), marks of direction.
expect_calm() { # WHAT
    [ -s "$play/seen" ] || fail "$1: nothing came"
    if LC_ALL=C grep -qaP '[\x00-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8e\x8f\xaa-\xae]|\xe2\x81[\xa6-\xa9]' "$play/seen" ||
        ! iconv -f UTF-8 -t UTF-8 <"$play/seen" >/dev/null 2>&1; then
        fail "$1: the terminal is told something: $(LC_ALL=C grep -aoP '.{0,20}([\x00-\x1f\x7f-\x9f]).{0,20}' "$play/seen" | head -n 3 | cat -v)"
    fi
}

server_start
start tail script -qec "$(printf '%q ' "$RUSUBAN" --site "$site_file" --data "$data" log tail --lines $((2 * ${#bad[@]} + 1)))" "$play/tail.out"
patiently 10 [ -e "$play/tail.out" ] || true
sleep 0.5
agent_start app1
lines=$((${#bad[@]} - 2))        # two are no UTF-8: bad lines, with the one that has zeros
until_rows "$lines"

patiently 10 grep -qa nul "$play/tail.out" || fail "tail shows no lines"
sed '/^Script /d' "$play/tail.out" | tr -d '\r\n\t' >"$play/seen"
expect_calm "log tail"
end tail

for how in "" --csv --json; do
    at_terminal log sql ${how:+"$how"} --all 'select uri, ua, user_id, page from access_log order by uri'
    expect_calm "log sql $how"
    expect_in "log sql $how" "$(<"$play/screen")" owned
    at_terminal log sql ${how:+"$how"} --all 'select reason, line from access_bad'
    expect_calm "bad lines $how"
done
at_terminal log sql --all "select uri from access_log where nope = '"$'\x1b[2J\xc2\x9b'"'"
expect_calm "an error that repeats the question"
at_terminal log user $'/\x1b]0;owned\x07' --all
expect_calm "log user"
at_terminal log top --all
expect_calm "log top"
patiently 10 [ "$(sqlite3 "$data/store.db" 'select count(*) from log_page')" -gt 5 ] || true
at_terminal log pages
expect_calm "log pages"
expect_in "log pages" "$(<"$play/screen")" owned
at_terminal log pages --json
expect_calm "log pages as JSON"
at_terminal log status
expect_calm "log status"

# ---- an alarm of such a page

sqlite3 "$data/store.db" "insert into log_alarm (dataset, page, rule, began_at, raised_at, last_at, now_p95, past_p95, requests, errors,
    past_errors, hosts, release) select 'access', pattern, 'slower', 1, 1, 1, 1, 1, 1, 1, 0, '[\"a\\u001b[2J\"]',
    '{\"service\":\"w\\u001b[2J\",\"number\":1,\"subject\":\"x\",\"host\":\"h\\u009b\",\"at\":\"2026-01-01T00:00:00.000Z\"}' from log_page"
for how in "" --json; do
    at_terminal log watch ${how:+"$how"}
    expect_calm "log watch $how"
done

# ---- programs get what was written, and JSON is JSON whatever stands in it

rusuban log sql --json --all 'select * from access_log' >"$play/json" 2>/dev/null
expect "JSON of all rows" "$(jq -es length "$play/json" 2>/dev/null)" "$lines"
rusuban log pages --json >"$play/json"
jq -es length "$play/json" >/dev/null 2>&1 || fail "log pages --json is no JSON"
rusuban log watch --json >"$play/json" 2>/dev/null || true
jq -es length "$play/json" >/dev/null 2>&1 || fail "log watch --json is no JSON"
rusuban log sql --csv --all "select uri from access_log where uri like '%owned%'" 2>/dev/null >"$play/csv"
expect "CSV in a file" "$(LC_ALL=C grep -ac $'\x1b]0;owned\x07' "$play/csv")" 1
expect "a quote in CSV" "$(rusuban log sql --csv --all "select uri from access_log where uri like '%quoted%'" 2>/dev/null | tail -n 1)" \
    '"/""quoted"",'"'"'x"'
curtain

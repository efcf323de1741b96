#!/usr/bin/env bash
# Somebody asks the log in a real browser: completion, how much it would read, rows, a chart, CSV, a question that is
# stopped and one that is wrong; questions that people keep; pages and one page; lines as they come. Then the same by
# somebody who may not.
source "$(dirname "$0")/../lib.sh"
source "$(dirname "$0")/browser.bash"

browser_fetch
hosts 2 sshd
site build= restart= health= <<<"$(log_of_hosts app1 app2)"
serve
patiently 20 sql_answers || skip "SQL cannot be asked here"
a_past 3 0.05
bad_news
door
"$RIG/rusuban" people invite ono --role viewer >"$play/link" 2>/dev/null
story log "$door" "$play"

# What was copied there, typed on a machine that knows neither the site nor its data, by somebody who has a token; the file
# that was saved is what the command line writes.
token=$("$RIG/rusuban" token make page --role analyst --quiet)
mkdir "$play/elsewhere"
ln -s "$RUSUBAN" "$play/elsewhere/rusuban"
at_hand() { # NAME FURTHER WORDS: the copied command line, as somebody would type it
    env -i HOME="$play/elsewhere" RUSUBAN_TOKEN="$token" PATH="$play/elsewhere:$PATH" bash -c "$(<"$play/$1") $2"
}
at_hand command '--csv --quiet' >"$play/cli.csv" || fail "the copied command does not run"
[ "$(wc -l <"$play/csv")" -gt 100 ] || fail "the file has $(wc -l <"$play/csv") lines"
cmp -s "$play/csv" "$play/cli.csv" || fail "CSV of the page: $(diff "$play/cli.csv" "$play/csv" | head -n 4)"
expect "values by the copied command" "$(at_hand given '--csv --quiet' | tail -n 1)" \
    "2026-11-20,true,'; drop table x; --,{{not}}"
at_hand curl '' >"$play/lines" || fail "the copied curl line does not run"
rows() { jq -c 'select(type == "array")' "$1"; }
at_hand command '--json --quiet' | jq -c '[.[]]' >"$play/cli.rows"
rows "$play/lines" | cmp -s - "$play/cli.rows" || fail "rows by curl are others: $(tail -n 1 "$play/lines" | head -c 200)"
grep -q '"done"' "$play/lines" || fail "the answer by curl is not whole"
rig_agents "$RUSUBAN"
story lines "$door" "$RIG/rusuban" "$RIG/hosts/app1/var/log/nginx/access.log"
story viewer "$door" "$(grep -o 'http:[^ ]*' "$play/link")"
curtain

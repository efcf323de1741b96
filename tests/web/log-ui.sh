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
story log "$door"
rig_agents "$RUSUBAN"
story lines "$door" "$RIG/rusuban" "$RIG/hosts/app1/var/log/nginx/access.log"
story viewer "$door" "$(grep -o 'http:[^ ]*' "$play/link")"
curtain

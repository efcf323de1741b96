#!/usr/bin/env bash
# docs/log-by-api.md: a script asks about yesterday at the marketplace.
source "$(dirname "$0")/stage.bash"
day=$(TZ=Asia/Tokyo date -d yesterday +%F)
three_hosts
[ -x "$(dirname "$RUSUBAN")/rusuban-sql" ] || skip "rusuban-sql was not built here"
site <<'Y'
log: {datasets: {access: {from: {web: {on: [app1, app2, app3], path: /var/log/nginx/access.log}}}}}
Y
rusuban log generate --lines 20000 --from "${day}T09:00:00+09:00" --rate 2 |
    TZ=Asia/Tokyo rusuban log make-lake "$RUSUBAN_DATA/lake/access" 2>/dev/null
serve
patiently 20 test -S "$RUSUBAN_DATA/run/sql.sock" || fail "nobody answers SQL"
unset -f api
read_page docs/log-by-api.md
curtain

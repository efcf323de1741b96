#!/usr/bin/env bash
# docs/user-trail.md: one person among the others.
source "$(dirname "$0")/stage.bash"
three_hosts
[ -x "$(dirname "$RUSUBAN")/rusuban-sql" ] || skip "rusuban-sql was not built here"
site <<'Y'
log: {datasets: {access: {from: {web: {on: [app1, app2, app3], path: /var/log/nginx/access.log}}}}}
Y
step() { # TIME METHOD URI STATUS SECONDS
    printf 'time:2026-11-20T%s+09:00\thost:www\tmethod:%s\treqsize:100\turi:%s\tquery:-\tstatus:%s\tsize:10\t' "$1" \
        "$2" "$3" "$4"
    printf 'referer:-\tua:-\tforwardedfor:203.0.113.9\treqtime:%s\tapptime:%s\tuser_id:1701012\n' "$5" "$5"
}
{
    rusuban log generate --lines 5000 --from 2026-11-20T09:00:00+09:00 --rate 1
    step 09:12:01 GET / 200 0.085
    step 09:12:09 GET /works/search 200 0.240
    step 09:13:30 GET /works/1482 200 0.130
    step 10:40:02 GET /works/1482/apply 200 0.310
    step 10:41:55 POST /works/1482/apply 500 8.004
    step 10:42:03 GET /works/1482/apply 200 0.290
} | TZ=Asia/Tokyo rusuban log make-lake "$RUSUBAN_DATA/lake/access" 2>/dev/null
cd "$play"
read_page docs/user-trail.md
curtain

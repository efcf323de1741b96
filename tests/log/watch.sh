#!/usr/bin/env bash
# A page becomes slower on the host that got a release: the watch names page, host and release, tells it once,
# whatever is killed, and says so when it is over. A calm site raises nothing. The past is eight days of the hours
# that matter.
source "$(dirname "$0")/stage.bash"

export RUSUBAN_PACE_COMMIT=500
log_site 'access: {from: {web: {on: [app1, app2], path: /access.log}}, watch: {notify: [people]}}' \
    'stop_at: 99'
port=$(play_ports)
printf 'web: {listen: 127.0.0.1:%s, hooks: 127.0.0.1:%s}\n' "$port" "$((port + 1))" >>"$site_file"
printf 'notifiers:\n  people: {command: [tee, -a, %s]}\n' "$play/told" >>"$site_file"
: >"$play/told"
mkdir -p "$play/hosts/history"

now=$(date +%s)
when() { # SECONDS SINCE 1970: as in log lines
    date -u -d "@$1" +%Y-%m-%dT%H:%M:%S+00:00
}
generate() { # HOST FROM UNTIL SEED [WORDS]...
    local host=$1 from=$2 until=$3 seed=$4
    shift 4
    rusuban log generate --rate 4 --seed "$seed" --from "$(when "$from")" --until "$(when "$until")" "$@" \
        >>"$play/hosts/$host/access.log"
}
alarms() { sqlite3 "$data/store.db" "select count(*) from log_alarm"; }
told() { grep -o '"what":"[a-z.]*"' "$play/told" | sort | uniq -c | tr -s ' ' | paste -sd ' '; }
worse() { try log watch; [ "$code" = 3 ]; }
watch_for() { # SECONDS: the watch looks at least once
    start watch rusuban_here serve logwatch
    sleep "$1"
}

# ---- eight days of these hours, and a calm present

server_start
first=$(((now - 1800) / 3600 * 3600)) last=$((now / 3600 * 3600 + 3600))
for day in 8 7 6 5 4 3 2 1; do
    generate history $((first - day * 86400)) $((last - day * 86400)) "$day"
done
past=$play/hosts/history/access.log
try log import --host app1 "$past"
expect_in "the past comes in" "$out" "$(wc -l <"$past" | sed 's/\([0-9]\)\([0-9]\{3\}\)$/\1,\2/') rows"
generate app1 $((now - 1500)) $((now - 90)) 20
agent_start app1
lines=$(cat "$past" "$play/hosts/app1/access.log" | wc -l)
until_rows "$lines"
start watcher rusuban_here serve watcher
watch_for 4
try log watch
expect "a calm site" "$code $err" "0 no page is worse than its own past"
end watch

try log pages --since 2h
expect "pages are listed" "$code" 0
expect_in "one of them" "$out" "/proposals/{n}/messages"

# ---- a release on app2, and /mypage is three times as slow there

sqlite3 "$data/store.db" "insert into site_text values ('x', '', 0);
    insert into release (service, number, kind, target, subject, asked_by, via, state, state_at, site, created_at)
    values ('web', 1483, 'release', 1483, 'Faster profile', 'mei', 'cli', 'done', $((now - 700))000, 'x', $((now - 900))000);
    insert into release_step (release, state, host, step, attempt, fence, intent_at, done_at, result)
    values (1, 'production', 'app2', 'switch', 1, 1, $((now - 702))000, $((now - 700))000, 'ok');"
generate app2 $((now - 660)) $((now - 90)) 30 --slow "/mypage:x3@$(when $((now - 660)))"
agent_start app2
lines=$((lines + $(wc -l <"$play/hosts/app2/access.log")))
until_rows "$lines"
watch_for 0
patiently 20 worse || fail "nobody says that it is slower"
expect_in "the page" "$out" "/mypage  slower since"
expect_not_in "no other page" "$(grep -v '^/mypage' <<<"$out")" "since"
expect_in "the hosts" "$out" "app2"
expect_in "the release" "$out" "web 1483 went to app2"
expect_in "how many" "$err" "1 page is worse than its own past"
try log watch --json
expect_in "as JSON" "$out" '"page":"/mypage","rule":"slower"'
expect "what it found is no error" "$code $err" \
    '3 {"finding":{"code":"check","message":"1 page is worse than its own past","hint":null}}'
expect_in "with the release" "$out" '"number":1483'
patiently 20 grep -q mypage "$play/told" || fail "the notifier heard nothing"
expect_in "it was told what" "$(<"$play/told")" '/mypage is slower than its past'

# ---- killed and started again: the same alarm, told once

end watch KILL
watch_for 4
expect "one alarm" "$(alarms)" 1
expect "told once" "$(told)" ' 1 "what":"log.worse"'
end watch

# ---- figures are what the lake holds, also after the log server was killed

end server KILL
server_start
until_rows "$lines"
rusuban log pages --since 30d --json >"$play/pages"
expect "every line counts once" "$(jq -s 'map(.requests) | add' "$play/pages")" "$lines"

# ---- the same for scripts and pages

api() { curl -sS --unix-socket "$data/run/web.sock" "http://localhost/api/v1$1"; }
web_listens() { [ -S "$data/run/web.sock" ]; }
start web rusuban_here serve web
rig_wait 20 web_listens || fail "the web role does not listen"
api '/log/pages?since=30d' >"$play/answer"
expect "the same pages" "$(jq -cS '.items[]' "$play/answer")" "$(jq -cS . "$play/pages")"
expect "and what was worse" "$(jq -c '[.worse[] | .page, .rule, .release.number]' "$play/answer")" \
    '["/mypage","slower",1483]'
id=$(jq -r 'select(.page == "/mypage") | .id' "$play/pages")
api "/log/page/$id?back=3h" >"$play/answer"
expect "one page" "$(jq -c '[.page, (.hours | length), .releases[0].number, .worse[0].page]' "$play/answer")" \
    '["/mypage",3,1483,"/mypage"]'
expect "its requests, hour by hour" "$(jq '[.hours[].requests] | add' "$play/answer")" \
    "$(rusuban log pages --since 2h --json | jq 'select(.page == "/mypage") | .requests')"
expect "and its past" "$(jq -c '[.hours[] | select(.requests > 0) | .past.days] | unique' "$play/answer")" '[8]'
jq -e '[.hours[] | select(.requests > 0)][-1] | .p95_ms > 1.3 * .past.p95_ms' "$play/answer" >/dev/null ||
    fail "it is not slower than its past: $(jq -c .hours "$play/answer")"
expect "a release on the time line" "$(api '/log/markers?from=-1h' | jq -c '[.items[] | .service, .number, .hosts]')" \
    '["web",1483,1]'
curtain

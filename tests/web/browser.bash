# browser.bash: the stage of the stories that are played in a real browser: Debian's Chromium, led by playwright-core.
# Sourced behind tests/lib.sh or stage.bash.
#
#     source "$(dirname "$0")/browser.bash"
#     door                            # $door: http://127.0.0.1:PORT of the served site, and an admin, sato
#     story shell "$door"             # plays browser/shell.mjs; each line it prints is one thing that was not as wanted
#
# Chromium needs its sandbox off where the tests run as root; nothing but this machine is ever asked for.
# shellcheck shell=bash

browser_here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
browser_tree=$browser_here/../..
browser_modules=$browser_tree/build/npm-browser

export RUSUBAN_PACE_COMMIT=500          # test builds: figures of pages half a second behind their lines

command -v chromium >/dev/null || {
    echo "there is no chromium here: scripts/ensure test installs it"
    exit 77
}

# What package-lock.json names, once; several plays may begin together.
browser_fetch() {
    mkdir -p "$browser_modules"
    (
        flock 9
        cmp -s "$browser_here/browser/package-lock.json" "$browser_modules/done" && exit 0
        cp "$browser_here/browser/"{package.json,package-lock.json,.npmrc} "$browser_modules"
        npm ci --prefix "$browser_modules" --ignore-scripts --no-audit --no-fund >"$browser_modules/log" 2>&1 || {
            tail -n 5 "$browser_modules/log"
            exit 1
        }
        cp "$browser_here/browser/package-lock.json" "$browser_modules/done"
    ) 9>"$browser_modules/lock" || fail "npm could not fetch what the browser stories need"
}

# The first admin comes by the link from the terminal, in the browser, and the stories after that sign in as sato.
door() {
    local link
    door=http://127.0.0.1:$(rig_port 1)
    curl -s "$door/" | grep -q '<div id="app">' || skip "the program was built without pages"
    link=$(rusuban admin invite sato 2>/dev/null)
    story first-admin "$door" "$link"
}

# The log's part of a site file.
log_of_hosts() { # HOST...
    printf 'log:\n  datasets:\n    access: {from: {web: {on: [%s], path: /var/log/nginx/access.log}}}\n' "$(
        IFS=,
        echo "$*"
    )"
}

# Lines as two hosts would have written them until now, each page with a past to be compared with. RATE is lines a second:
# it is meant to be small.
a_past() { # DAYS RATE
    local name seed=0
    patiently 20 log_answers || { fail "the log server does not answer"; curtain; }
    for name in app1 app2; do
        seed=$((seed + 1))
        "$RUSUBAN" log generate --pages kotori --rate "$2" --seed "$seed" --from "$(date -d "$1 days ago" +%FT%T%:z)" \
            --until "$(date +%FT%T%:z)" | rusuban log import --host "$name" - >"$play/import.log" 2>&1 ||
            fail "a past cannot be imported: $(tail -n 1 "$play/import.log")"
    done
    patiently 20 pages_are_known || fail "the log knows no pages"
}
pages_are_known() {
    [ "$(api /log/pages | jq .pages)" -gt 0 ]
}
# Visitors of the last 40 minutes, of which app1 has been the canary of that release for ten.
visitors() { # NUMBER RATE
    local name seed=50
    sqlite3 "$RIG/data/store.db" "update release_step set intent_at = intent_at - 600000, done_at = done_at - 600000
        where release = (select id from release where service = 'web' and number = $1)"
    for name in app1 app2; do
        seed=$((seed + 1))
        "$RUSUBAN" log generate --pages kotori --rate "$2" --seed "$seed" --from "$(date -d "40 minutes ago" +%FT%T%:z)" \
            --until "$(date +%FT%T%:z)" | rusuban log import --host "$name" - >"$play/import.log" 2>&1 ||
            fail "visitors cannot be imported: $(tail -n 1 "$play/import.log")"
    done
    patiently 20 visitors_are_known "$1" ||
        fail "the log knows no visitors of the canary: $(api "/releases/web/$1/traffic")"
}
visitors_are_known() { # NUMBER
    api "/releases/web/$1/traffic" |
        jq -e '.state == "ok" and .canary.requests > 50 and .others.requests > 50 and .verdict.minutes > 5' >/dev/null
}
# Two pages that became worse, as the watch would have written them; one is as it was again.
bad_news() {
    sqlite3 "$RIG/data/store.db" "
        insert into log_alarm (dataset, page, rule, began_at, raised_at, last_at, closed_at, now_p95, past_p95, requests,
            errors, past_errors, hosts, release)
        select 'access', page, rule, now - 5400000, now - 5280000, now - 60000, nullif(closed, 0), p95, 71, 412, errors, 0.1,
            '[\"app1\"]', release
        from (select unixepoch() * 1000 as now),
            (select '/work_search' as page, 'slower' as rule, 0 as closed, 640 as p95, 0 as errors,
                '{\"service\":\"web\",\"number\":1,\"subject\":\"Open the shop\",\"host\":\"app1\",
                    \"at\":\"2026-11-20T01:00:00.000Z\"}' as release
             union all select '/user_login', 'errors', unixepoch() * 1000 - 600000, 50, 37, '')"
}
log_answers() {
    rusuban log status >/dev/null 2>&1
}
# Whether SQL can be asked here: rusuban-sql is built, and the kernel has what it shuts itself in with.
sql_answers() {
    rusuban log sql --quiet 'select 1' >/dev/null 2>&1
}

story() { # NAME WORDS...
    local name=$1 line
    shift
    while read -r line; do
        fail "$name: $line"
    done < <(BROWSER_MODULES=$browser_modules timeout 220 node "$browser_here/browser/$name.mjs" "$@" 2>&1 ||
        echo "the story broke off (status $?)")
}

#!/usr/bin/env bash
# The home page in data: calm at first, then a lock and a release happen, then the site file needs somebody.
source "$(dirname "$0")/stage.bash"
# shellcheck disable=SC2034     # serve_web writes it into the site file
more='zones: {a: {net: 127.0.1.0/24}, c: {net: 127.0.2.0/24}}
hosts: {app1: {zone: a, address: 127.0.1.11}, app2: {zone: c, address: 127.0.2.11}}
services:
  web: {repository: git@forge.example:kotori/web.git, deploy_to: /var/www/web, servers: {web: {hosts: [app1, app2]}}}'
serve_web

home() { # PHP EXPRESSION over $home: what it is
    # shellcheck disable=SC2016
    curl -sS --unix-socket "$data/run/web.sock" http://localhost/api/v1/home | php -n -r '
        $home = json_decode(stream_get_contents(STDIN));
        $words = fn($items) => implode("; ", array_map(fn($x) => "$x->how $x->kind: $x->text", $items));
        echo eval("return $argv[1];"), "\n";' -- "$1"
}
act() { # PATH BODY
    curl -sS -o /dev/null -w '%{http_code}' --unix-socket "$data/run/web.sock" -X POST \
        -H 'Content-Type: application/json' -H "Idempotency-Key: home-$(date +%s%N)" -d "$2" "http://localhost/api/v1$1"
}

# shellcheck disable=SC2016
{
    expect 'a calm house' "$(home '$home->sentence->text')" 'Everything is up.'
    expect 'its zones' "$(home 'json_encode($home->zones)')" \
        '[{"name":"a","net":"127.0.1.0\/24","hosts":1},{"name":"c","net":"127.0.2.0\/24","hosts":1}]'
    expect 'its tiles' "$(home '$words($home->tiles)')" \
        'info app.new: no release yet; info app.new: no release yet'
    expect 'a lost zone' "$(home 'json_encode($home->losses[0])')" \
        '{"zone":"a","how":"ok","left":1,"of":2,"services":[{"name":"web","left":1,"of":2}]}'
    expect 'no lines, no peak' "$(home 'json_encode($home->peak)')" null
    expect 'nothing happens' "$(home '$words($home->happening)')" ''

    expect 'a lock' "$(act /locks '{"service":"web","reason":"migration until 15:00"}')" 201
    expect 'a lock happens' "$(home '$words($home->happening)')" 'info lock.set: web is locked'
    expect 'why' "$(home '$home->happening[0]->why')" 'migration until 15:00'
    expect 'a lock needs nobody' "$(home '$home->sentence->kind')" calm

    expect 'a start in spite of it' "$(act /releases '{"service":"web","override":true,"reason":"a fix"}')" 201
    expect 'a release waits' "$(home '$words($home->happening)')" \
        'running release.running: web #1 is at Queue; info lock.set: web is locked'
    expect 'its page' "$(home '$home->happening[0]->path')" /releases/web/1

    sqlite3 "$data/store.db" "insert into log_page (id, dataset, pattern, first_seen)
        values (7, 'access', '/work_search', 1)"
    palette=$(curl -sS --unix-socket "$data/run/web.sock" http://localhost/api/v1/palette | php -n -r '
        foreach (json_decode(stream_get_contents(STDIN))->items as $x) echo "$x->kind $x->name $x->path\n";')
    for line in 'service web /releases?service=web' 'host app2 /releases/web/1' 'zone c /' \
        'release web #1 /releases/web/1' 'log_page /work_search /log/page/7' \
        'command lock set '; do
        grep -qFx "$line" <<<"$palette" || fail "no \"$line\" in the palette"
    done

    echo 'servces: {}' >>"$stage/site.yaml"
    expect 'a mistake' "$(home '$home->sentence->text')" 'One thing needs you.'
    expect 'which' "$(home '$words($home->needs)')" 'warn site.mistake: the site file has a mistake'
    why=$(home '$home->needs[0]->why')
    [[ $why == *servces* ]] || fail "no servces in why: $why"
    sed -i '/^servces/d' "$stage/site.yaml"

    # What each kind brings is held against its description by the program itself (a test build); each is seen here.
    sqlite3 "$data/store.db" "
        insert into release (service, number, kind, target, asked_by, via, state, state_at, site, created_at,
            started_at, ended_at)
        select 'web', n, 'release', n, 'mei', 'cli', state, now, (select site from release), now, now,
            iif(state in ('done', 'failed'), now + 5, null)
        from (select unixepoch() * 1000 as now), (select 2 as n, 'asking' as state union all select 3, 'needs_human'
            union all select 4, 'canary' union all select 5, 'done' union all select 6,
            'failed');
        insert into lock (service, release, reason, author, since)
            select 'web', id, 'look first', 'mei', unixepoch() * 1000 from release where number = 4;
        insert into release_host (service, host, current, error) 
            values ('web', 'app1', 5, 'no route'), ('web', 'app2', 5, '');
        insert into role (name, pid, state, since) values ('releaser', 0, 'waiting', unixepoch() * 1000);
        insert into log_alarm (dataset, page, rule, began_at, raised_at, last_at, closed_at, now_p95, past_p95,
            requests, errors, past_errors, hosts)
        select 'access', rule, rule, now, now, now, iif(rule = 'slower', now, null), 640, past, 9, 0, 0, '[]'
        from (select unixepoch() * 1000 as now), (select 'slower' as rule, 71 as past union all select 'far slower', 71
            union all select 'errors', 71 union all select 'slow and new', -1)"
    sqlite3 "$data/store.db" "update role set since = 1700000000000 where name = 'web'"
    expect 'since when the house is up' "$(home '$home->up_since')" 2023-11-14T22:13:20.000Z
    expect 'every kind' "$({
        home 'implode("\n", array_column(array_merge($home->needs, $home->happening, $home->tiles), "kind"))'
        echo site.mistake
        echo app.new
    } | sort -u | xargs)" "$("$RUSUBAN" api spec |
        jq -r '.components.schemas | (.ItemArgs, .TileArgs).properties | keys[]' | sort | xargs)"
}
curtain

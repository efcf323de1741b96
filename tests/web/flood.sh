#!/usr/bin/env bash
# Two hundred addresses of one network try passwords without end, more than two threads can work on. People from other
# networks, where nobody is signed in, sign in meanwhile, each at the first try. (Turns are counted in web/turns_test.c.)
source "$(dirname "$0")/stage.bash"
command -v node >/dev/null || { echo "there is no node"; exit 77; }
serve_web
password="seven herbs of spring"
post() { # PATH BODY ADDRESS: the status
    curl -s -o /dev/null -w '%{http_code}\n' --max-time 60 -H 'Content-Type: application/json' \
        -H "X-Forwarded-For: $3" -d "$2" "http://$api/api/v1$1"
}
link=$("$RUSUBAN" --site "$stage/site.yaml" --data "$data" admin invite kato --anywhere 2>/dev/null)
expect "kato comes" "$(post "/invites/${link##*/}" "{\"password\":\"$password\"}" 192.0.2.1)" 201

# Who is refused for want of a place asks again at once; five wrong passwords of an address are free, so these are a thousand.
: >"$stage/noise"
node "$here/flood.mjs" "$api" "$stage/noise" &
pids+=($!)
refused() { grep -c '^503$' "$stage/noise" || true; }
until_refused_again() { # the places that the flood may have are full at this moment
    local before
    before=$(refused)
    for _ in {1..6000}; do
        [[ $(refused) -gt $before ]] && return
        sleep 0.02
    done
    fail "the flood is none: nobody of it is refused"
    curtain
}

for i in {1..8}; do
    until_refused_again
    expect "a stranger of network $i" "$(post /session "{\"name\":\"kato\",\"password\":\"$password\"}" "203.0.$i.5")" 201
done
until_refused_again
worked=$(grep -c '^401$' "$stage/noise")
((worked > 8)) || fail "only $worked of the flood were worked on: it had no turns of its own"

# Of all these the audit log has five lines a minute, and the number.
counted() { # SQL of a column, over what the log says of the flood
    sqlite3 "$data/store.db" "select coalesce($1, 0) from audit where origin glob '198.51.100.*' and not ok"
}
kill "${pids[-1]}"
all_counted() { (($(counted "sum(iif(verb = 'refused', after ->> 'more', 1))") >= worked)); }
for _ in {1..1200}; do all_counted && break; sleep 0.1; done
all_counted || fail "$worked were refused, and the audit log knows of $(counted "sum(iif(verb = 'refused', after ->> 'more', 1))")"
(($(counted "sum(verb <> 'refused')") <= 5 * (SECONDS / 60 + 2))) ||
    fail "$(counted "sum(verb <> 'refused')") lines of one network in $SECONDS s"
curtain

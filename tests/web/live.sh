#!/usr/bin/env bash
# Pages are open while things change. Each change comes once and in order; a web role that is killed in the middle costs
# its listeners nothing; who was away too long is told to fetch anew; who does not read is hung up on, and nobody else
# notices.
source "$(dirname "$0")/stage.bash"
# shellcheck disable=SC2034     # serve_web writes it into the site file
more='zones: {a: {net: 127.0.1.0/24}}
hosts: {app1: {zone: a, address: 127.0.1.11}}
services:
  web: {repository: git@forge.example:kotori/web.git, deploy_to: /var/www/web, servers: {web: {hosts: [app1]}}}'
serve_web

hear() { perl "$here/listen.pl" "$data/run" "$@"; }     # STREAMS WANTED SECONDS [LAST-EVENT-ID]
change() { perl "$here/press.pl" "$data/run" "$@"; }    # TIMES OCTETS
hear_behind() { # NAME STREAMS...: a listener that is open when this returns
    local name=$1
    shift
    rm -f "$stage/$name"
    hear "$@" >"$stage/$name" 2>&1 &
    listener=$!
    pids+=("$listener")
    for _ in {1..200}; do
        if grep -sq '^open$' "$stage/$name"; then return; fi
        sleep 0.02
    done
    fail "$name did not open: $(cat "$stage/$name")"
}
newest() {                                              # the number of the newest event
    { curl -sN --max-time 0.3 --unix-socket "$data/run/web.sock" http://localhost/api/v1/live || true; } |
        sed -n 's/.*"seq":\([0-9]*\).*/\1/p'
}
heard() { sed -n '2,$p' "$stage/$1"; }                  # one line a stream

# A change is there at once, with the number by which its listener can go on from it. Who waited for the look of each
# second would need a second in two of three tries.
best=9999
at=$(newest)
for n in 1 2 3; do
    hear_behind page 1 2 10
    began=${EPOCHREALTIME//./}
    change 1 10
    wait "$listener"
    took_ms=$(((${EPOCHREALTIME//./} - began) / 1000))
    if ((took_ms < best)); then best=$took_ms; fi
    expect 'what a page hears' "$(heard page)" "$((at + 2 * n - 1)):lock.set $((at + 2 * n)):lock.lifted"
done
((best < 700)) || fail "a change took $best ms to be heard"

# A hundred pages hear the same.
at=$(newest)
hear_behind hundred 100 2 20
change 1 10
wait "$listener"
expect 'what a hundred pages hear' "$(heard hundred | sort | uniq -c | xargs)" \
    "100 $((at + 1)):lock.set $((at + 2)):lock.lifted"

# The site file changes, and then has a mistake.
at=$(newest)
hear_behind site 1 2 10
echo '# a remark' >>"$stage/site.yaml"
sleep 1.5
echo 'servces: {}' >>"$stage/site.yaml"
wait "$listener"
expect 'what is told of the site file' "$(heard site)" "$((at + 1)):site.changed $((at + 2)):site.changed"
sed -i '/servces/d' "$stage/site.yaml"
sleep 1.5

# The role is killed while pages are open: what they missed is sent to them when they come back. The new ports are a
# change of the site file, made while nobody ran, and the role's own row tells that it runs again.
at=$(newest)
change 1 10
hear_behind cut 1 99 20
kill -9 "$web_pid"
wait "$web_pid" 2>/dev/null || true
wait "$listener"
expect 'a stream whose role is killed' "$(heard cut)" 'closed'
rm -f "$data/run/web.sock"
serve_web
expect 'what was missed' "$(hear 1 4 10 "$at" | sed -n 2p)" \
    "$((at + 1)):lock.set $((at + 2)):lock.lifted $((at + 3)):role.state $((at + 4)):site.changed"

# Numbers that this store never gave: it was put back from a backup.
expect 'a number from elsewhere' "$(hear 1 1 10 999999 | sed -n 2p)" "$(newest):resync"

# One page does not read. It is hung up on; another one hears every change, in order, and too many to be sent again.
mkfifo "$stage/go"
perl -MIO::Socket::UNIX -e 'chdir shift; my $s = IO::Socket::UNIX->new(Peer => "web.sock") or die;
    print $s "GET /api/v1/live HTTP/1.1\r\nHost: localhost\r\n\r\n"; $s->flush; my ($all, $part) = 0;
    open my $go, "<", shift; <$go>; while (my $n = sysread $s, $part, 65536) { $all += $n } print "$all\n"' \
    "$data/run" "$stage/go" >"$stage/slow" &
slow_pid=$!
pids+=("$slow_pid")
at=$(newest)
hear_behind good 1 1400 30
change 700 500
wait "$listener"
heard good | tr ' ' '\n' >"$stage/good.events"
for ((i = 1; i < 1400; i += 2)); do
    printf '%d:lock.set\n%d:lock.lifted\n' $((at + i)) $((at + i + 1))
done | cmp - "$stage/good.events" ||
    fail "the one who reads heard $(wc -l <"$stage/good.events") of 1400 events in order"
expect 'hung up on' "$(grep -c 'what:web.slow' "$stage/web.log")" 1
echo >"$stage/go"
wait "$slow_pid"
slow=$(<"$stage/slow")
((slow > 0 && slow < 1000000)) || fail "the one who did not read got $slow octets"
expect 'who was away for too long' "$(hear 1 1 10 "$at" | sed -n 2p)" "$(newest):resync"

# Somebody comes by the network with a token: four streams and no fifth. When the token ends, they do.
here_too() { "$RUSUBAN" --site "$stage/site.yaml" --data "$data" "$@"; }
token=$(here_too token make page --role viewer --quiet)
by_token() { curl -sN --max-time 20 -H "Authorization: Bearer $token" "http://$api/api/v1/live" "$@"; }
readers=()
for n in 1 2 3 4; do
    by_token >"$stage/token$n" &
    readers+=("$!")
done
pids+=("${readers[@]}")
for _ in {1..200}; do
    if [[ $(cat "$stage"/token? | grep -c '^event: hello') == 4 ]]; then break; fi
    sleep 0.02
done
expect 'a fifth stream' "$(by_token -o /dev/null -w '%{http_code}')" 429
change 1 10
here_too token revoke 1 --quiet
began=${EPOCHREALTIME//./}
for reader in "${readers[@]}"; do wait "$reader" || true; done
took_ms=$(((${EPOCHREALTIME//./} - began) / 1000))
((took_ms < 4000)) || fail "a token ended, and its streams $took_ms ms later"
expect 'what they heard' "$(grep -h '^event: lock' "$stage"/token? | sort | uniq -c | xargs)" \
    '4 event: lock.lifted 4 event: lock.set'

# A token of somebody who was an admin: it hears of roles that come and go, which viewers do not, until its owner is
# made a viewer, and nothing any more when the owner goes.
link=$(here_too people invite kato --role admin 2>/dev/null | grep -o 'http:[^ ]*')
cookie=$(curl -s -o "$stage/body" -D - -H 'Content-Type: application/json' -d '{"password":"seven herbs of spring"}' \
    "${link/\/invite\//\/api\/v1\/invites\/}" | sed -n 's/^Set-Cookie: \([^;]*\).*/\1/p')
[[ $cookie == __Host-rusuban=* ]] || fail "the invitation was answered with $(<"$stage/body")"
token=$(curl -s -H "Cookie: $cookie" -H "Origin: http://$api" -H 'Sec-Fetch-Site: same-origin' \
    -H 'Content-Type: application/json' -d '{"name":"screen"}' "http://$api/api/v1/tokens" |
    sed -n 's/.*"token":"\([^"]*\).*/\1/p')
role_event() { # NAME: as another role would write it
    sqlite3 "$data/store.db" "insert into event (at, topic, subject, kind, body)
        values (unixepoch() * 1000, 'role', '$1', 'role.state', '{}')"
    change 1 10
}
by_token >"$stage/screen" &
screen_pid=$!
pids+=("$screen_pid")
hears() { # WHAT: waits for it
    for _ in {1..200}; do
        if grep -sq "$1" "$stage/screen"; then return; fi
        sleep 0.02
    done
    fail "the token's stream does not hear $1"
}
hears '^event: hello'
role_event one
hears '"subject":"one"'
here_too people set kato --role viewer --quiet
sleep 1.2
role_event two
change 1 10
hears "\"seq\":$(newest)\|^id: $(newest)$"
expect 'what a viewer hears of roles' "$(grep -c '"subject":"two"' "$stage/screen")" 0
here_too people remove kato --quiet
wait "$screen_pid" || true

# Told to end, the role ends its streams, and with them itself.
hear_behind last 1 99 20
began=${EPOCHREALTIME//./}
kill "$web_pid"
wait "$web_pid" || fail "the role ended with $?"
took_ms=$(((${EPOCHREALTIME//./} - began) / 1000))
((took_ms < 3000)) || fail "ending took $took_ms ms"
wait "$listener"
expect 'the end of a stream' "$(heard last)" 'closed'
curtain

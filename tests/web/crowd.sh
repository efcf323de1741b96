#!/usr/bin/env bash
# One person asks for everything at once: questions for the worker, answers of a role that is in no hurry, connections by
# the dozen through a proxy. They are told to wait; the others are served.
source "$(dirname "$0")/stage.bash"
# shellcheck disable=SC2034     # serve_web writes it into the site file
more='zones: {a: {net: 127.0.1.0/24}}
hosts: {app1: {zone: a, address: 127.0.1.11}}
services:
  web: {repository: git@forge.example:kotori/web.git, deploy_to: /var/www/web, servers: {web: {hosts: [app1]}}}
log: {datasets: {access: {from: {web: {on: [app1], path: /var/log/nginx/access.log}}}}}'
serve_web
rusuban() { "$RUSUBAN" "$@" --site "$stage/site.yaml" --data "$data"; }
for name in greedy modest; do
    link=$(rusuban people invite "$name" --role analyst 2>/dev/null | grep -o 'http:[^ ]*')
    curl -s -o "$stage/body" -D "$stage/head" -H 'Content-Type: application/json' \
        -d '{"password":"seven herbs of spring"}' "${link/\/invite\//\/api\/v1\/invites\/}"
    sed -n 's/^Set-Cookie: \([^;]*\).*/\1/p' "$stage/head" >"$stage/$name"
done
as() { # NAME PATH BODY [CURL OPTION]...: the status
    local name=$1 path=$2 body=$3
    shift 3
    curl -s -o /dev/null -w '%{http_code}' -H 'Content-Type: application/json' -H "Cookie: $(<"$stage/$name")" \
        -H "Origin: http://$api" -H 'Sec-Fetch-Site: same-origin' -d "$body" "$@" "http://$api/api/v1$path" || true
}
question='{"sql":"select 1"}'

# No worker runs here: every question waits. The same one again is the one that waits already.
plan() { # NAME REV
    as "$1" /plans "{\"service\":\"web\",\"rev\":\"$2\"}"
}
for n in {1..20}; do expect 'a plan' "$(plan greedy "r$n")" 202; done
expect 'one too many' "$(plan greedy r21)" 429
expect 'a plan that waits' "$(plan greedy r20)" 202
expect "another one's" "$(plan modest r21)" 202

# A role that listens and never answers.
perl -MIO::Socket::UNIX -e 'chdir shift; my $s = IO::Socket::UNIX->new(Local => "sql.sock", Listen => 100) or die "$!";
    my @all; push @all, scalar $s->accept while 1' "$data/run" &
pids+=($!)
for _ in {1..100}; do [[ -S $data/run/sql.sock ]] && break; sleep 0.05; done
for n in {1..20}; do
    as greedy /log/estimate "$question" --max-time 4 >"$stage/asked$n" &
    askers+=($!)
done
for _ in {1..100}; do
    if [[ $(cat "$stage"/asked*) == 429429429429 ]]; then break; fi
    sleep 0.03
done
expect "another one's is waited for" "$(as modest /log/estimate "$question" --max-time 1)" 000
wait "${askers[@]}"
expect 'answers too many' "$(grep -lx 429 "$stage"/asked* | wc -l)" 4

# Who loses the right to an answer loses it while the answer is made.
as modest /log/estimate "$question" --max-time 8 >"$stage/lost" &
asker=$!
sleep 0.5
rusuban people set modest --role viewer --quiet
wait "$asker"
expect 'an answer that is not theirs any more' "$(<"$stage/lost")" 403

# A proxy on this machine brings many people: a limit for one address is not theirs.
served=$(perl -MIO::Socket::INET -e 'my @all = map { IO::Socket::INET->new(PeerAddr => $ARGV[0]) or die } 1 .. 150;
    print $_ "GET /api/v1/ping HTTP/1.1\r\nHost: localhost\r\n\r\n" for @all; $_->flush for @all;
    my $n = 0; for (@all) { my $line = <$_>; $n++ if defined $line && $line =~ m{^HTTP/1.1 401} } print $n' "$api")
expect 'connections through a proxy that are served' "$served" 150
curtain

#!/usr/bin/env bash
# The server has no turn for seconds, again and again, as on a machine that others keep busy: an open page goes on hearing
# it, and a body that was on its way is taken. Only the time in which the server runs counts against its clients.
source "$(dirname "$0")/stage.bash"
serve_web

perl "$here/listen.pl" "$data/run" 1 99 39 >"$stage/page" 2>&1 &
page_pid=$!
perl -MIO::Socket::INET -e 'my $s = IO::Socket::INET->new(PeerAddr => shift, Timeout => 5) or die; $s->autoflush;
    print $s "POST /hook/release/web HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{";
    open my $go, "<", shift; <$go>; print $s "}"; print scalar <$s>' "$hooks" <(sleep 38 && echo) >"$stage/body" &
body_pid=$!
pids+=("$page_pid" "$body_pid")
for _ in {1..100}; do
    if grep -sq '^open$' "$stage/page"; then break; fi
    sleep 0.05
done

# Longer than any of them may be silent: 30 s.
for _ in {1..6}; do
    kill -STOP "$web_pid"
    sleep 5.8
    kill -CONT "$web_pid"
    sleep 0.3
done
wait "$body_pid"
expect 'a body that was on its way' "$(cut -d' ' -f2 "$stage/body")" 202
wait "$page_pid"
expect 'an open page' "$(sed -n 2p "$stage/page" | tr ' ' '\n' | sort -u | xargs)" hb
curtain

#!/usr/bin/env bash
# Five hundred clients drip their request's head, one octet every half second, which would keep them inside for ever.
# All are closed within 12 s; whoever comes properly is served meanwhile, and quickly.
source "$(dirname "$0")/stage.bash"
serve_web

perl - "$api" >"$stage/slow" <<'EOP' &
use strict; use warnings; use IO::Socket::INET; use IO::Select; use Time::HiRes qw(time sleep);
$SIG{PIPE} = 'IGNORE';
my @request = split //, "GET /api/v1/ping HTTP/1.1\r\nHost: localhost\r\nX-Slow: " . "z" x 100;
my $began = time;
my %left = map { my $s = IO::Socket::INET->new(PeerAddr => $ARGV[0], LocalAddr => '127.0.0.' . (2 + $_ % 4));
    $s ? (fileno $s, $s) : () } 1 .. 500;
my ($all, $last) = (scalar keys %left, 0);
for my $octet (@request) {
    syswrite $_, $octet for values %left;
    my $until = time + 0.5;
    while ((my $wait = $until - time) > 0) {
        for my $s (IO::Select->new(values %left)->can_read($wait)) {
            next if sysread $s, my $answer, 4096;
            delete $left{fileno $s};
            $last = time - $began;
        }
        last unless %left;
    }
    last if !%left || time - $began > 15;
}
printf "%d %d %.1f\n", $all, scalar keys %left, $last;
EOP
slow_pid=$!
pids+=("$slow_pid")

sleep 1
served=0 late=0
while kill -0 "$slow_pid" 2>/dev/null && ((served < 200)); do
    began=${EPOCHREALTIME//./}
    expect 'the socket meanwhile' "$(ping_socket)" 200
    expect 'the API meanwhile' "$(ping_api)" 401
    took_ms=$(((${EPOCHREALTIME//./} - began) / 1000))
    ((took_ms < 1000)) || late=$((late + 1))
    served=$((served + 1))
    sleep 0.2
done
wait "$slow_pid" || true
read -r all left last <"$stage/slow"
expect 'slow clients that came in' "$all" 500
expect 'slow clients still inside' "$left" 0
((${last%.*} < 12)) || fail "the last slow client was closed after $last s"
((${last%.*} >= 9)) || fail "slow clients were closed after $last s, before their 10 s were over"
((served >= 10)) || fail "only $served rounds of others were served"
# Browsers of other plays may have the machine for a moment; who is held up by the slow ones is held up all the time.
((late * 10 <= served)) || fail "serving two others took longer than a second in $late of $served rounds"
curtain

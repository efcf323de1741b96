# press.pl: sets a lock and lifts it, TIMES times, over one connection to DIR/web.sock: two events each.
#
#     perl press.pl DIR TIMES OCTETS-OF-THE-REASON
use strict;
use warnings;
use IO::Socket::UNIX;

my ($dir, $times, $octets) = @ARGV;
chdir $dir or die "$dir: $!";
my $s = IO::Socket::UNIX->new(Peer => 'web.sock') or die "connect: $!";

sub act {
    my ($path, $body) = @_;
    my $key = sprintf 'press-%016d', int rand 1e15;
    print $s "POST /api/v1$path HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n",
        "Idempotency-Key: $key\r\nContent-Length: ", length $body, "\r\n\r\n", $body;
    $s->flush;
    my ($status, $length) = (scalar(<$s>), 0);
    die "closed" unless defined $status;
    while (defined(my $line = <$s>)) {
        last if $line eq "\r\n";
        $length = $1 if $line =~ /^Content-Length: (\d+)/i;
    }
    my $answer;
    read $s, $answer, $length;
    die "$path: $status$answer" unless $status =~ m{^HTTP/1.1 20[01]};
}

for (1 .. $times) {
    act('/locks', '{"service":"web","reason":"' . 'x' x $octets . '"}');
    act('/locks/web/lift', '');
}

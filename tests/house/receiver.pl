# Takes webhooks on the port that it prints: each body into FILE.N with the head in FILE.N.head. The first one is
# answered after a second, so that a play can look at who brings it; the second one with 500.
use strict;
use warnings;
use IO::Socket::INET;

my $file = shift;
my $door = IO::Socket::INET->new(Listen => 5, LocalAddr => "127.0.0.1", ReuseAddr => 1) or die "listen: $!";
$| = 1;
print $door->sockport, "\n";
for (my $n = 1; my $guest = $door->accept; $n++) {
    my ($head, $body) = ("", "");
    while (defined(my $line = <$guest>)) {
        last if $line eq "\r\n";
        $head .= $line;
    }
    read $guest, $body, $1 if $head =~ /^Content-Length: (\d+)/mi;
    for (["$file.$n.head", $head], ["$file.$n", $body]) {
        open my $out, ">", $_->[0] or die "$_->[0]: $!";
        print $out $_->[1];
        close $out;
    }
    sleep 1 if $n == 1;
    print $guest "HTTP/1.1 ", $n == 2 ? "500 No" : "204 Thanks", "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    close $guest;
}

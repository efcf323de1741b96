# relay.pl: passes bytes between connections to one Unix socket and another, both ways: a link that a play can cut (KILL),
# or stop (STOP) so that neither side hears anything.
#
#     relay.pl HERE THERE
use strict;
use warnings;
use IO::Select;
use IO::Socket::UNIX;

my ($here, $there) = @ARGV;
unlink $here;
my $listen = IO::Socket::UNIX->new(Local => $here, Listen => 16) or die "$here: $!\n";
my $select = IO::Select->new($listen);
my (%other);
$SIG{PIPE} = 'IGNORE';

sub drop {
    my ($fd) = @_;
    my @pair = grep { $_ } $fd, $other{$fd};
    for my $s (@pair) {
        $select->remove($s);
        delete $other{$s};
        close $s;
    }
}

while (1) {
    my @ready = $select->can_read;
    for my $s (@ready) {
        if ($s == $listen) {
            my $a = $listen->accept or next;
            my $b = IO::Socket::UNIX->new(Peer => $there);
            unless ($b) { close $a; next }
            $other{$a} = $b;
            $other{$b} = $a;
            $select->add($a, $b);
            next;
        }
        next unless $other{$s};
        my $n = sysread $s, my $bytes, 262144;
        if (!$n) { drop($s); next }
        my $to = $other{$s};
        for (my $at = 0; $at < $n;) {
            my $k = syswrite $to, $bytes, $n - $at, $at;
            unless ($k) { drop($s); last }
            $at += $k;
        }
    }
}

# poke.pl: sends raw requests and tells what came back.
#
#     perl poke.pl WHERE HOW < cases
#
# WHERE is tcp:ADDRESS:PORT or unix:DIR (its web.sock); HOW is whole, drip (octet by octet) or halves (cut once, at a
# place that differs from case to case). A case is a line "name|request" with \r \n \t \0 \xNN and {text*times}.
# For each it prints the name, a tab, and the statuses that came before the server closed ("200", "400,200", "closed");
# "open" is added when it did not close within 3 s. "wait" in front of a request waits for the first answer's end only.
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;
use IO::Socket::UNIX;
use Socket qw(TCP_NODELAY IPPROTO_TCP);

my ($where, $how) = @ARGV;
my ($kind, $place) = split /:/, $where, 2;
if ($kind eq 'unix') {
    chdir $place or die "$place: $!";    # the path may be longer than a socket's address
}

sub dial {
    my $s = $kind eq 'unix' ? IO::Socket::UNIX->new(Peer => 'web.sock') : IO::Socket::INET->new(PeerAddr => $place);
    die "connect to $where: $!" unless $s;
    setsockopt $s, IPPROTO_TCP, TCP_NODELAY, 1 if $kind eq 'tcp';
    $s->autoflush(1);
    return $s;
}

sub text {
    my $t = shift;
    $t =~ s/\\x([0-9a-f]{2})/chr hex $1/gei;
    my %mark = (r => "\r", n => "\n", t => "\t", 0 => "\0");
    $t =~ s/\\([rnt0])/$mark{$1}/g;
    1 while $t =~ s/\{([^{}*]*)\*(\d+)\}/$1 x $2/e;
    return $t;
}

sub pieces {
    my ($t, $nth) = @_;
    return split //, $t if $how eq 'drip' && length $t < 2000;
    my $cut = $how eq 'halves' && length $t > 1 ? 1 + $nth * 7 % (length($t) - 1) : length $t;
    return grep { length } substr($t, 0, $cut), substr($t, $cut);
}

# All pieces, until the server says something.
sub put {
    my ($s, @pieces) = @_;
    local $SIG{PIPE} = 'IGNORE';
    my $select = IO::Select->new($s);
    while (@pieces) {
        return unless defined syswrite $s, shift @pieces;
        return if $select->can_read($how eq 'drip' ? 0.0002 : $how eq 'halves' && @pieces ? 0.01 : 0);
    }
}

sub get {
    my $s = shift;
    my ($all, $select) = ('', IO::Select->new($s));
    my $until = time + 4;
    while (time < $until && $select->can_read(3)) {
        return ($all, 1) unless sysread $s, $all, 65536, length $all;
    }
    return ($all, 0);
}

my $nth = 0;
$SIG{PIPE} = 'IGNORE';
$| = 1;
while (my $line = <STDIN>) {
    chomp $line;
    next if $line =~ /^\s*(#|$)/;
    my ($name, $request) = split /\|/, $line, 2;
    my $s = dial;
    put $s, pieces text($request), $nth++;
    my ($answer, $closed) = get $s;
    my @statuses = $answer =~ m{HTTP/1\.1 (\d\d\d)[^\r\n]*\r\n}g;
    print "$name\t", join(',', @statuses, $closed ? @statuses ? () : 'closed' : 'open'), "\n";
}

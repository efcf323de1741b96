# listen.pl: pages that are open: streams of server-sent events, and what came on each.
#
#     perl listen.pl DIR STREAMS WANTED SECONDS [LAST-EVENT-ID]
#
# Opens STREAMS streams over DIR/web.sock. As soon as each has said hello, "open" is printed; when each has heard WANTED
# events behind it, or after SECONDS, one line a stream: "ID:KIND ID:KIND ...", hello left out, then "closed" when the
# server hung up. A comment counts as "hb", an event without an id as "-:KIND". What comes must be chunked and end each
# event by an empty line, or it says so.
use strict;
use warnings;
use IO::Select;
use IO::Socket::UNIX;
use Time::HiRes qw(time);

my ($dir, $streams, $wanted, $seconds, $last) = @ARGV;
chdir $dir or die "$dir: $!";           # the path may be longer than a socket's address
$| = 1;
my %of;
for my $n (1 .. $streams) {
    my $s = IO::Socket::UNIX->new(Peer => 'web.sock') or die "connect: $!";
    my $header = defined $last ? "Last-Event-ID: $last\r\n" : '';
    syswrite $s, "GET /api/v1/live HTTP/1.1\r\nHost: localhost\r\n$header\r\n";
    $of{fileno $s} = {socket => $s, head => '', octets => '', text => '', heard => [], hello => 0, number => $n};
}

sub unchunk {
    my $o = shift;
    while ($o->{octets} =~ /^([0-9a-f]+)\r\n/) {
        my ($size, $from) = (hex $1, length($1) + 2);
        return if length $o->{octets} < $from + $size + 2;
        $o->{closed} = 1 unless $size;
        $o->{text} .= substr $o->{octets}, $from, $size;
        die "no line end behind a chunk" if substr($o->{octets}, $from + $size, 2) ne "\r\n";
        $o->{octets} = substr $o->{octets}, $from + $size + 2;
    }
    die "not a chunk: " . substr $o->{octets}, 0, 40 if $o->{octets} =~ /^[^0-9a-f]/;
}

sub take {
    my $o = shift;
    if (!$o->{headed}) {
        $o->{head} .= $o->{octets};
        return $o->{octets} = '' unless $o->{head} =~ s/^(.*?)\r\n\r\n//s;
        my $head = $1;
        die "the answer is $head" unless $head =~ m{^HTTP/1.1 200} && $head =~ m{\r\nContent-Type: text/event-stream};
        ($o->{headed}, $o->{octets}) = (1, $o->{head});
    }
    unchunk($o);
    while ($o->{text} =~ s/^(.*?)\n\n//s) {
        my $event = $1;
        my ($kind) = $event =~ /^event: (\S+)$/m;
        my ($id) = $event =~ /^id: (\d+)$/m;
        if (!defined $kind) { push @{$o->{heard}}, 'hb'; next }
        if ($kind eq 'hello') { $o->{hello} = 1; next }
        die "no JSON object in: $event" unless $event =~ /^data: \{.*\}$/m;
        push @{$o->{heard}}, ($id // '-') . ":$kind";
    }
}

my ($until, $said) = (time + $seconds, 0);
my $select = IO::Select->new(map { $_->{socket} } values %of);
while ((my $wait = $until - time) > 0) {
    for my $s ($select->can_read($wait)) {
        my $o = $of{fileno $s};
        my $got = sysread $s, $o->{octets}, 65536, length $o->{octets};
        take($o) if $got;
        if (!$got) { $o->{closed} = 1; $select->remove($s) }
    }
    if (!$said && !grep { !$_->{hello} && !$_->{closed} } values %of) { $said = 1; print "open\n" }
    last unless grep { !$_->{closed} && @{$_->{heard}} < $wanted } values %of;
}
print join(' ', @{$_->{heard}}, $_->{closed} ? 'closed' : ()), "\n"
    for sort { $a->{number} <=> $b->{number} } values %of;

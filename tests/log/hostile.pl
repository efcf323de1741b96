# hostile.pl: an agent that means harm, for hostile.sh. It speaks the protocol of log/frame.h to a Unix socket, or to HOST:PORT
# by way of openssl with the token in FILE.
#
#     hostile.pl WHERE [TOKEN_FILE] status|paths|longpaths|opens|pings|claims|imports|other|strangers
#
# Prints what it saw, and ends when the server ends the connection or does not read any more for two seconds.
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;
use IO::Socket::UNIX;
use IPC::Open2;
use MIME::Base64 qw(decode_base64url);

my $where = shift @ARGV;
my $token = @ARGV > 1 ? shift @ARGV : '';
my $harm = shift @ARGV;
$SIG{PIPE} = 'IGNORE';

sub frame { my ($type, $payload) = @_; return pack('V C C v', length $payload, $type, 0, 0) . $payload }
sub text { my ($s) = @_; return pack('v', length $s) . $s }

# More of them than the server has places, and none says who it is.
if ($harm eq 'strangers') {
    my @all;
    for (1 .. 1300) {
        my $s = IO::Socket::INET->new(PeerAddr => $where, Timeout => 2) or last;
        push @all, $s;
    }
    print 'connected ', scalar @all, "\n";
    $| = 1;
    print "\n";
    sleep 20;
    exit 0;
}

my ($in, $out, $host, $secret) = (undef, undef, 'app1', '');
if ($token) {
    open(my $f, '<', $token) or die "$token: $!\n";
    my $raw = decode_base64url(substr(<$f>, 5) =~ s/\s//gr);
    ($host, $secret) = (substr($raw, 0, length($raw) - 64), substr($raw, -64, 32));
    open2($in, $out, 'openssl', 's_client', '-quiet', '-nocommands', '-connect', $where) or die "openssl: $!\n";
} else {
    $in = $out = IO::Socket::UNIX->new(Peer => $where) or die "$where: $!\n";
}
binmode $_ for $in, $out;

my $sent = 0;
sub say_all {
    my ($bytes) = @_;
    my $can = IO::Select->new($out);
    while (length $bytes) {
        return 0 if !$can->can_write(2);
        my $n = syswrite($out, $bytes, 65536);
        return 0 if !defined $n;
        $sent += $n;
        substr($bytes, 0, $n) = '';
    }
    return 1;
}

# Frames until one of that type comes; an error's text, too.
my $got = '';
sub hear {
    my ($type) = @_;
    my $can = IO::Select->new($in);
    while ($can->can_read(5) && sysread($in, $got, 65536, length $got)) {
        while (length $got >= 8 && length $got >= 8 + unpack('V', $got)) {
            my ($n, $t) = unpack('V C', $got);
            my $payload = substr($got, 8, $n);
            substr($got, 0, 8 + $n) = '';
            return $payload if $t == $type;
            if ($t == 15) { print 'refused: ', substr($payload, 4), "\n"; return undef }
        }
    }
    print "nothing came\n";
    return undef;
}

my $build = $harm eq 'imports' ? 'import x' : 'x';
say_all(frame(1, 'RSBL' . pack('v', 1) . ('b' x 16) . text($host) . text($secret) . text($build)));
defined hear(2) or exit 1;
my $claim = sub {
    my ($dataset, $path, $inode, $imported) = @_;
    return frame(5, pack('Q< v', 0, $dataset) . text($path) . pack('Q< Q< V', 1, $inode, 3) . ('h' x 16) . pack('C', $imported));
};

if ($harm eq 'status') {                # it says 60,000 files and has none
    say_all(frame(12, pack('Q< Q< Q< v', 5, 5, 5, 60000) . text('/x')));
    hear(0);
    sleep 3;
} elsif ($harm eq 'paths' or $harm eq 'longpaths') {       # each letter one that JSON makes six of
    my $path = text("\x01\xff" x ($harm eq 'paths' ? 512 : 2000));
    say_all(frame(12, pack('Q< Q< Q< v', 5, 5, 5, 256) . (pack('Q< Q< Q< Q<', 1, 1, 1, 0) . $path) x 256));
    print "said\n";
    sleep 3;
} elsif ($harm eq 'opens' or $harm eq 'pings') {        # without end, and without hearing
    my $one = $harm eq 'opens' ? frame(3, pack('v', 1) . text('/' . 'p' x 1000)) : frame(14, '');
    my $many = $one x (1 + int(262144 / length $one));
    while ($sent < 400_000_000 && say_all($many)) { }
    print "sent $sent\n";
    sleep 2;
} elsif ($harm eq 'claims') {           # new files without end
    my $last = '';
    for my $i (1 .. 5000) {
        say_all($claim->(1, '/' . 'p' x 1000, $i, 0)) or last;
        defined hear(6) or last;
    }
} elsif ($harm eq 'imports') {          # rows of any time, from afar
    say_all($claim->(1, '/x', 1, 1));
    hear(6);
} elsif ($harm eq 'other') {            # a dataset that this host has nothing to do with
    say_all($claim->(2, '/x', 1, 0));
    hear(6);
}

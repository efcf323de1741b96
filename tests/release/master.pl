#!/usr/bin/perl
# A master process with one worker, the way application servers have it: master.pl KIND PIDFILE HOME
#
# node: USR2 replaces the worker. unicorn: USR2 moves PIDFILE aside to PIDFILE.oldbin and starts a second master in
# HOME/current; QUIT ends a master and its worker.
use strict;
use warnings;
use POSIX ':sys_wait_h';

my ($kind, $file, $home) = @ARGV;
my ($worker, $wish) = (0, '');
$SIG{USR2} = sub { $wish = 'new' };
$SIG{QUIT} = sub { $wish = 'end' };

sub start_worker {
    $worker = fork // die;
    return if $worker;
    $SIG{USR2} = $SIG{QUIT} = 'DEFAULT';
    sleep 600;
    exit;
}

sub write_pid {
    open my $out, '>', "$file.new" or die;
    print $out "$$\n";
    close $out;
    rename "$file.new", $file;
}

sub renew {
    my $before = $worker;
    if ($kind eq 'node') {
        start_worker();
        kill TERM => $before;
    } else {
        rename $file, "$file.oldbin";
        fork or exec $^X, $0, @ARGV;
    }
}

sub end {
    kill TERM => $worker;
    unlink "$file.oldbin";
    exit;
}

chdir "$home/current" or die;
start_worker();
write_pid();
while (1) {
    select undef, undef, undef, 0.02;
    waitpid -1, WNOHANG;
    my $now = $wish;
    $wish = '';
    renew() if $now eq 'new';
    end() if $now eq 'end';
}

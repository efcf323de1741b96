#!/usr/bin/env perl
# said.pl: web/said.ltsv against the program's text.
#
#     said.pl rows FILE.c...      rows that no text of these files says, or whose Japanese has another parameter
#     said.pl helps FILE.c...     what fields are for, in these files' tables, that no row has
#                                 (less those that show braces)
#     said.pl lacks FILE.c...     sentences of errors and ways out in these files that no row has, then "SAID of ALL"
use strict;
use warnings;
use utf8;

my ($mode, @files) = @ARGV;
binmode STDOUT, ':utf8';

# C text as the compiler joins it, each conversion of printf as {}.
sub joined {
    my $text = join '', map { $_ eq 'STR_F' ? '%.*s' : /^PRI/ ? 'd' : substr $_, 1, -1 }
        $_[0] =~ /"(?:\\.|[^"\\])*"|STR_F|PRI[a-z]+\d+/g;
    $text =~ s/\\(.)/$1/g;
    $text =~ s/%%/\0/g;
    $text =~ s/%[-0-9.*]*(?:hh?|ll?|z|j)?[diouxXscmf]/{}/g;
    $text =~ s/\0/%/g;
    return $text;
}

sub read_c {
    open my $in, '<:utf8', $_[0] or die "$_[0]: $!";
    local $/;
    my $c = <$in>;
    $c =~ s{("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/|'(?:\\.|[^'\\])*'}{$1 // ' '}ges;
    return $c;
}

my $literal = qr/(?:(?:"(?:\\.|[^"\\])*"|\bSTR_F\b|\bPRI[a-z]+\d+\b)\s*)+/;
my (%texts, %sentences, %helps);
for (map { read_c($_) } @files) {
    for my $row (/\{\s*"[a-z_]+",\s*F_[A-Z]+,((?:[^{}"]|"(?:\\.|[^"\\])*")*)\}/g) {
        $helps{joined($1)} = 1 if $row =~ /\.help\s*=\s*($literal)/;
    }
    $texts{joined($_)} = 1 for /$literal/g;
    for my $call (/\b(?:err_set|err_hint|ask_wrong|mistake_at|wrong)(\((?:[^()"]|"(?:\\.|[^"\\])*"|(?1))*\))/g) {
        for my $text (map { joined($_) } $call =~ /$literal/g) {
            $sentences{$text} = 1 if $text =~ /[a-z]+ (?:.*)[a-z]/ && $text !~ /^rusuban |^ /;
        }
    }
}

my (%rows, %foreign);
open my $table, '<:utf8', 'web/said.ltsv' or die $!;
while (<$table>) {
    next if /^#|^$/;
    my ($whose, $en, $ja) = /^(en|site|duckdb|yaml|jansson):([^\t]+)\tja:([^\t]+)\n$/
        or do { print "line $.: not en: and ja:\n"; next };
    print "line $.: said twice: $en\n" if $rows{$en}++ && $mode eq 'rows';
    $foreign{$en} = $whose !~ /^(?:en|site)$/;      # not this program's words
    my %given = map { $_ => 1 } $en =~ /\{([a-z]+)\}/g;
    $given{$_} or $mode ne 'rows' or print "line $.: {$_} is not given: $ja\n" for $ja =~ /\{([a-z]+)\}/g;
}

# A text of C may leave words to its arguments: then it has to say half of the row at least.
sub says {
    my ($text, $row) = @_;
    (my $plain = $text) =~ s/\{\}//g;
    (my $own = $row) =~ s/\{[a-z]+\}//g;
    my $pattern = join '.*', map { quotemeta } split /\{\}/, $text, -1;
    return 2 * length $plain >= length $own && $row =~ /^$pattern$/;
}

# Or it is said between words that come from elsewhere: "%s %s", "deploy_to: %s %s %s on %s".
sub says_between {
    my ($bare) = @_;
    (my $own = $bare) =~ s/\{\}//g;
    return grep { 2 * length $_ >= length $own && $bare =~ /^(?:.*\{\} )?\Q$_\E(?: \{\}.*)?$/ } keys %texts;
}

# There is a row that the program would take for it.
sub is_known {
    my ($text) = @_;
    for my $row (keys %rows) {
        (my $bare = $row) =~ s/\{[a-z]+\}/{}/g;
        my $pattern = join '.+', map { quotemeta } split /\{\}/, $bare, -1;
        (my $keyless = $bare) =~ s/^(?:\{\}|[a-z]+(?::\{\})?): //;
        return 1 if $bare eq $text || says($text, $row) || $keyless eq $text || $text =~ /^(?:\{\}: )?$pattern$/;
    }
    return 0;
}

# Said by somebody: as it is, or as one of several ways out, or behind the key that it is about ("keep: ").
sub is_said_by {
    my ($row, @all) = @_;
    (my $bare = $row) =~ s/\{[a-z]+\}/{}/g;
    return 1 if $texts{$bare} || says_between($bare) || grep { says($_, $row) } @all;
    my $pattern = join '.+', map { quotemeta } split /\{[a-z]+\}/, $row, -1;
    return 1 if $row =~ /\{/ && grep { /^$pattern$/ } @all;
    return $row =~ /^(?:\{name\}|[a-z]+(?::\{n\})?): (.*)/ && is_said_by($1, @all);
}

if ($mode eq 'rows') {
    $texts{$_} = 1 for map { split /; / } keys %texts;
    for my $row (sort keys %rows) {
        print "nothing says: $row\n" unless $foreign{$row} || is_said_by($row, keys %texts);
    }
} elsif ($mode eq 'helps') {
    print map { "lacks: $_\n" } grep { !$rows{$_} && !/\{/ } sort keys %helps;
    printf "%d\n", scalar keys %helps;
} else {
    my $n = 0;
    for my $text (sort keys %sentences) {
        my $said = is_known($text) || !grep { !is_known($_) } split /; /, $text;
        $n += $said;
        print "lacks: $text\n" unless $said;
    }
    printf "%d of %d\n", $n, scalar keys %sentences;
}

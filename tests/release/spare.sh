#!/usr/bin/env bash
# The directory of the next release is made in advance: a farm of links of the live one, later the release that `keep`
# drops. Whatever lies in it, the next release is equal to its build, and no kept release is touched.
source "$(dirname "$0")/../lib.sh"

hosts 1 sshd
site keep=2 restart= health=
serve
at=$(www app1)
inode() { stat -c %i "$1"; }
number=0
next() { # a release with a word of its own; fails the play when it does not end well
    number=$((number + 1))
    echo "word $number" >"$(rig_clone)/word"
    push "Word $number"
    until_done "$number"
    diff -r --no-dereference "$RIG/data/builds/web/out/$number" "$at/releases/$number" >/dev/null ||
        fail "release $number differs from its build"
}
words() { # what every kept release says
    cat "$at"/releases/*/word
}

next
[ -d "$at/.rusuban/spare/public" ] || fail "no spare after the first release"
farm=$(inode "$at/.rusuban/spare")
echo not ours >"$at/.rusuban/spare/stranger"
echo changed >"$at/.rusuban/spare/public/word.txt.new"
mv "$at/.rusuban/spare/public/word.txt.new" "$at/.rusuban/spare/public/word.txt"
rm "$at/.rusuban/spare/public/index.php"
next
expect "the spare became release 2" "$(inode "$at/releases/2")" "$farm"

oldest=$(inode "$at/releases/1")
next
expect "what was dropped is the spare" "$(kept app1) $(inode "$at/.rusuban/spare")" "2 3 $oldest"
next
expect "and became release 4" "$(kept app1) $(inode "$at/releases/4")" "3 4 $oldest"
expect "every release says its own word" "$(words)" "$(printf 'word 3\nword 4')"

# A worker of release 3 that nobody restarted still stands in its directory when release 3 goes.
(cd "$at/releases/3/public" && exec sleep 60) &
worker=$!
worked_in=$(inode "$at/releases/3")
rig_wait 5 test "$(readlink "/proc/$worker/cwd")" = "$at/releases/3/public" || true
next
expect "release 3 is gone" "$(kept app1)" "4 5"
[ "$(inode "$at/.rusuban/spare")" != "$worked_in" ] || fail "the spare is a directory that somebody works in"
[[ $(readlink "/proc/$worker/cwd") == *deleted* ]] || fail "the worker was to lose its directory"
kill "$worker"
next
expect "every release says its own word" "$(words)" "$(printf 'word 5\nword 6')"

# Without a spare, a release makes its own.
rm -r "$at/.rusuban/spare"
next
expect "every release says its own word" "$(words)" "$(printf 'word 6\nword 7')"
expect "nothing half-made is left" "$(find "$at" -name '.stage*' -o -name '.drop*' -o -name '.spare*' | wc -l)" 0

# Only where nothing is may a copy write files under their own name: what could not be taken away is perhaps linked.
prepare() { # DIRECTORY: with programs of its own
    PATH=$1:$PATH sh -s prepare "$at" "$fence" "$owner" 99 tree 0 0 0 -- -- <"$tests/../release/host.sh" 2>/dev/null
}
read -r fence owner <"$at/.rusuban/fence"
rm -r "$at/.rusuban/spare"
mkdir "$play/none" "$play/stuck"
ln -s "$(type -P false)" "$play/stuck/rm"
expect "a directory that was empty" "$(prepare "$play/none")" fresh
ln "$at/releases/7/word" "$at/.stage-99-$fence/word"
expect "one that could not be emptied" "$(prepare "$play/stuck")" ""
expect "one that could" "$(prepare "$play/none")" fresh
curtain

#!/usr/bin/env bash
# A tree with a link that leads out of it is refused before any host hears of it; one inside it is a link on the hosts
# too.
source "$(dirname "$0")/../lib.sh"

hosts 1 sshd
site restart= health=
serve
ln -s ../word "$(rig_clone)/public/inside"
write 'public/名前 with blanks.txt' name
push "Inside"
until_done 1
expect "a link inside stays a link" \
    "$(readlink "$(www app1)/current/public/inside") $(cat "$(www app1)/current/public/inside")" "../word one"
expect "any name arrives" "$(cat "$(www app1)/current/public/名前 with blanks.txt")" name

refuse() { # TARGET: of public/out
    n=$((n + 1))
    ln -sfn "$1" "$(rig_clone)/public/out"
    push "Out to $1"
    until_state "$n" failed
    expect_in "a link to $1" "$(field "$n" why)" "pack: "
    expect_in "a link to $1 is named" "$(field "$n" why)" public/out
}
n=1
refuse /etc/passwd
refuse ../../../../shared/storage
refuse ../../2/word
rm "$(rig_clone)/public/out"
write bin/build '#!/bin/sh' 'mkfifo public/pipe'
push "A pipe"
until_state 5 failed
expect_in "nor anything that is no file" "$(field 5 why)" public/pipe
expect "no host heard of any of them" "$(live app1), $(kept app1)" "1, 1"
curtain

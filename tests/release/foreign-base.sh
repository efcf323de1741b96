#!/usr/bin/env bash
# What a host runs may be another server's release: a file of it may have the size and the second of ours and another
# content. Then only the content tells what must be copied.
source "$(dirname "$0")/../lib.sh"

write_words() { # TEXT
    local k
    for k in 0 1 2 3 4 5 6 7 8 9; do write "w$k" "$1"; done
}

words_there() {
    cat "$(www app1)"/current/w? | sort -u
}

# Files that some second of the next ten makes look like ours.
pretend() { # DIRECTORY
    local k
    for k in 0 1 2 3 4 5 6 7 8 9; do
        rm -f "$1/w$k"
        echo his >"$1/w$k"
        touch -d "@$((EPOCHSECONDS + k))" "$1/w$k"
    done
}

hosts 1 sshd
rm -f "$RIG/forge/kotori/web.git/hooks/post-receive"       # releases begin when this play says so
site webhook= restart= health=
write_words one
push "One"
serve
for n in 1 2; do
    try release web
    expect "release $n" "$code" 0
done
own=$(www app1)/.rusuban
expect_in "a receipt says whose release it is" "$(<"$own/receipts/2")" "server:"

write_words two
push "Two"
pretend "$(www app1)/releases/2"
pretend "$own/spare"
sed -i 's/server:[0-9a-f]*/server:0123456789abcdef/' "$own"/receipts/*
echo 0123456789abcdef >"$own/spare.server"
try release web
expect "over another server's spare" "$code $(words_there)" "0 two"

write_words six
push "Six"
rm -rf "$own/spare"
pretend "$(www app1)/releases/3"
sed -i 's/server:[0-9a-f]*/server:0123456789abcdef/' "$own"/receipts/*
try release web
expect "over another server's release" "$code $(words_there)" "0 six"
curtain

#!/usr/bin/env bash
# Subjects, authors, paths and lines with characters that turn the direction of text: the pages show these by their names,
# so what is read is what is there.
source "$(dirname "$0")/../lib.sh"
source "$(dirname "$0")/browser.bash"

browser_fetch
hosts 2
site approve='{when: always}'
serve
push "Open the shop"
until_state 1 asking
rusuban release approve web --quiet
until_done 1
over=$'\u202e' isolate=$'\u2066'
write "public/a${over}txt.php" '<?php' "allow(); /*${over} ${isolate}if admin */"
git -C "$(rig_clone)" add -A
git -C "$(rig_clone)" -c user.name="ma${over}ry" -c user.email=mary@example.com commit -q -m "Mend ${over}the search"
write public/search.php '<?php'
push "Faster ${over}work search"
until_state 2 asking
door
story foreign "$door"
curtain

#!/usr/bin/env bash
# News in a real browser: twelve tabs share one stream; the tab that leads is closed; the web role is killed with -9 while
# something changes; a session ends while its page is open.
source "$(dirname "$0")/../lib.sh"
source "$(dirname "$0")/browser.bash"

browser_fetch
hosts 2 sshd
site build= restart= health=
serve
door
story tabs "$door" "$RIG/rusuban" "$RIG/data/run/web.pid"
curtain

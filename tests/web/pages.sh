#!/usr/bin/env bash
# Every page in a real browser, in two themes, two languages and four widths, over a site on which one release is done, one
# waits on the canary, and three days of lines are in the log.
source "$(dirname "$0")/../lib.sh"
source "$(dirname "$0")/browser.bash"

browser_fetch
hosts 3
site approve='{when: always}' < <(log_of_hosts app1 app2)
serve
a_past 3 0.05
push "Open the shop"
until_state 1 asking
rusuban release approve web
until_done 1
# shellcheck disable=SC2016
write public/search.php '<?php' '// Categories are counted once a minute.' \
    '$counts = apcu_fetch("categories") ?: count_all();'
echo two >"$(rig_clone)/word"
push "Faster work search"
until_state 2 asking
visitors 2 1
bad_news
door
page=$(api '/log/pages?since=7d' | jq '.items[0].id')
story looks "$door" / /releases /releases/web/1 /releases/web/2 "/releases/web/2?compare=1" /log /log/pages "/log/page/$page" /people /audit /me /sign-in
curtain

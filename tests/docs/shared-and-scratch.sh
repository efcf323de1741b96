#!/usr/bin/env bash
# docs/shared-and-scratch.md: a file that is missing on the hosts, and an app that writes where it should not.
source "$(dirname "$0")/stage.bash"

act_the_file_is_put_there() {
    local name
    while read -r name _; do
        echo KEY=1 >"$(www "$name")/shared/.env"
    done <"$RIG/hosts/list"
}

act_an_app_writes_into_its_release() {
    echo scribble >>"$(www app2)/current/word"
}

a_shop
page_site "    on_push: off"
write var/.keep "the app's own cache comes here"
push "A place for the cache"
read_page docs/shared-and-scratch.md
expect "the scratch directory is there" "$(ls -A "$(www app3)/current/var/cache")" ""
rusuban release web --yes --quiet
expect "the next release sends it anew" "$(<"$(www app2)/current/word") $(wc -l <"$(www app2)/releases/3/word")" "one 2"
curtain

#!/usr/bin/env bash
# README.md: what it shows, a release and a log.
source "$(dirname "$0")/stage.bash"

act_a_change() {
    page_site "    on_push: off"
    echo budget >"$(rig_clone)/word"
    push "Search by budget"
}

# Twelve requests to each host; two of app1's go wrong, as its page is sick for as long as they take.
act_visitors_come() {
    local name address i
    patiently 20 rusuban log status >/dev/null 2>&1 || fail "the log server does not begin with the site file's change"
    while read -r name _ address; do
        for ((i = 1; i <= 12; i++)); do
            if [ "$name $i" = "app1 11" ]; then echo app1 >"$(www app1)/current/sick"; fi
            curl -s -o /dev/null "http://$address:$(rig_port 10)/?page=$i"
        done
    done <"$RIG/hosts/list"
    rig_agents "$RUSUBAN"
    patiently 20 all_is_there || { rusuban log status; fail "the rows do not come"; }
}

all_is_there() {
    rusuban log status | grep -q '^lake  *36 rows.*visible' && [ "$(rusuban log status | grep -c acked)" = 3 ]
}

[ -x "$(dirname "$RUSUBAN")/rusuban-sql" ] || skip "rusuban-sql was not built here"
a_shop
read_page README.md
curtain

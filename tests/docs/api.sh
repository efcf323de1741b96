#!/usr/bin/env bash
# docs/api.md: a script releases, tries twice, approves, and makes a mistake.
source "$(dirname "$0")/stage.bash"

a_shop
unset -f api
read_page docs/api.md
rusuban release watch web 2 --quiet
expect "every host runs it" "$(on_hosts)" "2 2 2"
curtain

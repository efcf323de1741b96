#!/usr/bin/env bash
# docs/pages.md: the way in, and that every page of its table is one.
source "$(dirname "$0")/stage.bash"

three_hosts
site "servers={canary: {hosts: [app1]}, web: {hosts: [app2, app3]}}" </dev/null
serve
face=http://127.0.0.1:$(rig_port 1)
if ! curl -s "$face/" | grep -q '<div id="app">'; then skip "the program was built without pages"; fi
read_page docs/pages.md
pages=0
# shellcheck disable=SC2016     # these are the ticks of Markdown
while read -r path; do
    pages=$((pages + 1))
    expect "$path" "$(curl -s -o /dev/null -w '%{http_code}' "$face$path")" 200
done < <(grep '^| `/' "$page_home/docs/pages.md" | cut -d'|' -f2 | grep -o '`/[^`]*`' | tr -d '`')
((pages > 9)) || fail "only $pages pages were found in the table"
curtain

#!/usr/bin/env bash
# docs/columns.md: its table is what the program knows; a JSON log with nginx's own names comes in.
source "$(dirname "$0")/stage.bash"

# The page's table, as the program would write it.
table() {
    echo '| column | type | holds | nginx fills it from | combined | JSON may call it |'
    echo '|---|---|---|---|---|---|'
    rusuban log columns --all --quiet --json | jq -r 'def code: "`" + . + "`";
        "| \(.column | code) | \(.type) | \(.what | gsub("(?<x>extra->>.colour.|/works/[{]n[}])"; .x | code))\(
        if .in_lines != .in_sql and .in_lines then "; \(.in_sql) (in lines: \(.in_lines))" elif .in_sql then "; \(.in_sql)" else "" end) | \(
        (.nginx // "") | gsub("(?<x>\\$[a-z0-9_]+)"; .x | code)) | \(if .combined then "yes" else "" end) | \(
        .json | map(code) | join(", ")) |"'
}

line() { # SECOND EXTRA-MEMBERS
    printf '{"time_iso8601":"2026-01-05T10:00:%02d+09:00","request_uri":"/works/%d?page=2",' "$1" "$1"
    printf '"request_method":"GET","status":200,"request_time":0.120,"colour":"red"%s}\n' "${2:-}"
}

act_a_json_log_comes() {
    local i
    for i in {1..40}; do line "$i"; done >shop.json
}

act_a_rare_label_comes() {
    line 41 ',"weight":"heavy"' >rare.json
    rusuban log import --dataset shop --host app1 --quiet rare.json
}

three_hosts
[ -x "$(dirname "$RUSUBAN")/rusuban-sql" ] || skip "rusuban-sql was not built here"
site "servers={canary: {hosts: [app1]}, web: {hosts: [app2, app3]}}" <<'LOG'
log:
  datasets:
    access: {from: {web: {on: [app1, app2, app3], path: /var/log/nginx/access.log}}}
    shop: {format: json, from: {web: {on: [app1, app2, app3], path: /var/log/shop.json}}}
LOG
export RUSUBAN_PACE_COMMIT=300
serve
patiently 20 rusuban log status --quiet >/dev/null 2>&1 || fail "the log server does not answer"
cd "$play"
table >want
if ! grep '^|' "$page_home/docs/columns.md" | diff - want; then fail "docs/columns.md: its table is behind"; fi
read_page docs/columns.md
curtain

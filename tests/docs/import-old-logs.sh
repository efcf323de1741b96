#!/usr/bin/env bash
# docs/import-old-logs.md: two days of last winter lie in old/.
source "$(dirname "$0")/stage.bash"

generate() { # SEED DAY
    "$RUSUBAN" log generate --lines 4000 --seed "$1" --from "2026-01-${2}T10:00:00+09:00"
}

act_old_logs_lie_there() {
    mkdir old
    generate 1 05 | gzip >old/access.log-20260105.gz
    generate 2 06 | gzip >old/access.log-20260106.gz
}

act_a_file_is_cut() {
    generate 3 07 | gzip >old/whole.gz
    head -c $(($(stat -c %s old/whole.gz) / 2)) old/whole.gz >old/cut.gz
}

three_hosts
site "servers={canary: {hosts: [app1]}, web: {hosts: [app2, app3]}}" <<'LOG'
log:
  datasets: {access: {from: {web: {on: [app1, app2, app3], path: /var/log/nginx/access.log}}}}
LOG
export RUSUBAN_PACE_COMMIT=300
serve
patiently 20 rusuban log status --quiet >/dev/null 2>&1 || fail "the log server does not answer"
cd "$play"
read_page docs/import-old-logs.md
curtain

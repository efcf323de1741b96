# stage.bash: what every play in tests/web needs: a directory, free ports, a served web role. Sourced, not run.
#
#     source "$(dirname "$0")/stage.bash"
#     serve_web                   # sets $data (its run/web.sock), $api and $hooks (127.0.0.1:PORT), $web_pid
#     expect "what it is" GOT WANTED
#     more='services: ...'        # set before it: further lines of the site file
#     curtain                     # exits: 0 when every expectation held
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
RUSUBAN=${RUSUBAN:-$here/../../build/rusuban}
stage=$(mktemp -d "${TMPDIR:-/tmp}/rusuban-web-XXXXXX")
data=$stage/data
pids=()
failed=0
unset RUSUBAN_SITE RUSUBAN_DATA RUSUBAN_AT

leave() {
    for pid in ${pids[@]+"${pids[@]}"}; do kill "$pid" 2>/dev/null || true; done
    for pid in ${pids[@]+"${pids[@]}"}; do wait "$pid" 2>/dev/null || true; done
    rm -rf "$stage"
}
trap leave EXIT

fail() {
    echo "FAIL $(basename "$0"): $*"
    failed=$((failed + 1))
}

expect() {
    [[ $2 == "$3" ]] || fail "$1: got \"$2\", wanted \"$3\""
}

curtain() {
    if ((failed)); then
        tail -n 5 "$stage"/web.log >&2
        exit 1
    fi
}

serve_web() {
    local a b
    read -r a b < <("$here/../../scripts/free-ports" 2)
    api=127.0.0.1:$a hooks=127.0.0.1:$b
    printf 'site: kotori\ntimezone: Asia/Tokyo\nweb: {listen: %s, hooks: %s}\n%s\n' "$api" "$hooks" "${more:-}" \
        >"$stage/site.yaml"
    "$RUSUBAN" --site "$stage/site.yaml" --data "$data" serve web >>"$stage/web.log" 2>&1 &
    web_pid=$!
    pids+=("$web_pid")
    for _ in {1..100}; do
        [[ -S $data/run/web.sock ]] && return
        sleep 0.05
    done
    cat "$stage/web.log" >&2
    fail "the web role did not start"
    curtain
}

two_services() { # web and api on one host, in the site file
    cat >>"$stage/site.yaml" <<'SITE'
zones: {a: {net: 127.0.1.0/24}}
hosts: {app1: {zone: a, address: 127.0.1.11}}
services:
  web: {repository: /nowhere/web.git, deploy_to: /var/www/web, servers: {web: {hosts: [app1]}}}
  api: {repository: /nowhere/api.git, deploy_to: /var/www/api, servers: {web: {hosts: [app1]}}}
SITE
}

# What the socket and the API listener say to one good request.
ping_socket() { ask_with_poke "unix:$data/run"; }
ping_api() { ask_with_poke "tcp:$api"; }
ask_with_poke() {
    printf 'ping|GET /api/v1/ping HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n\n' |
        perl "$here/poke.pl" "$1" whole | cut -f2
}

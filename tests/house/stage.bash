# stage.bash: what every play in tests/house needs: a directory, free ports, a site file, hosts. Sourced, not run.
#
#     source "$(dirname "$0")/stage.bash"
#     site                        # writes $stage/site.yaml: no hosts; lines on stdin are added
#     rusuban serve               # with --site and --data of this stage
#     start_house                 # serve in the background: $house, its log $log; waits until it answers
#     expect "what it is" GOT WANTED
#     curtain                     # exits: 0 when every expectation held
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
RUSUBAN=$(realpath "${RUSUBAN:-$here/../../build/rusuban}")
stage=$(mktemp -d "${TMPDIR:-/tmp}/rusuban-house-XXXXXX")
data=$stage/data
log=$stage/log
house=
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

expect() { # WHAT GOT WANTED
    [[ $2 == "$3" ]] || fail "$1: got \"$2\", wanted \"$3\""
}

expect_in() { # WHAT TEXT PART
    [[ $2 == *"$3"* ]] || fail "$1: no \"$3\" in \"$2\""
}

curtain() {
    if ((failed)); then
        tail -n 8 "$log" >&2 2>/dev/null || true
        exit 1
    fi
}

site() {
    local web hooks
    read -r web hooks < <("$here/../../scripts/free-ports" 2)
    {
        printf 'site: kotori\ntimezone: Asia/Tokyo\nweb: {listen: 127.0.0.1:%s, hooks: 127.0.0.1:%s}\n' "$web" "$hooks"
        cat
    } >"$stage/site.yaml"
}

rusuban() {
    "$RUSUBAN" --site "$stage/site.yaml" --data "$data" "$@"
}

# Runs it; its exit code in $code, what it printed (both streams) in $said.
# shellcheck disable=SC2034     # the plays read them
try() {
    code=0
    said=$(rusuban "$@" 2>&1) || code=$?
}

until_true() { # SECONDS COMMAND...
    local tries=$(($1 * 50))
    shift
    until "$@" >/dev/null 2>&1; do
        ((tries-- > 0)) || return 1
        sleep 0.02
    done
}

# A host of its own on 127.0.0.1: start_host NAME sets ${port[NAME]}; its sshd lets our key in once it is in
# $stage/NAME/authorized_keys.
declare -A port
start_host() { # NAME
    local dir=$stage/$1 pam=no
    read -r "port[$1]" < <("$here/../../scripts/free-ports" 1)
    mkdir -p "$dir/www"
    [[ -f $dir/host_key ]] || ssh-keygen -q -t ed25519 -N '' -f "$dir/host_key"
    if [ "$(id -u)" = 0 ]; then
        mkdir -p /run/sshd          # a root sshd insists on it
        if grep -q '^root:!' /etc/shadow; then pam=yes; fi
    fi
    printf '%s\n' "ListenAddress 127.0.0.1:${port[$1]}" "HostKey $dir/host_key" \
        "AuthorizedKeysFile $dir/authorized_keys" \
        "PidFile $dir/pid" 'PermitRootLogin prohibit-password' 'PasswordAuthentication no' "UsePAM $pam" \
        'StrictModes no' \
        >"$dir/sshd_config"
    "$(command -v sshd || echo /usr/sbin/sshd)" -D -e -f "$dir/sshd_config" 2>"$dir/log" &
    pids+=("$!")
    until_true 5 test -s "$dir/pid" || fail "sshd of $1 did not start: $(cat "$dir/log")"
}

stop_host() { # NAME
    kill "$(cat "$stage/$1/pid")"
    until_true 5 eval "! test -e '$stage/$1/pid'" || fail "sshd of $1 did not end"
}

start_house() {
    "$RUSUBAN" --site "$stage/site.yaml" --data "$data" serve >>"$log" 2>&1 &
    house=$!
    pids+=("$house")
    if ! until_true 10 rusuban status; then
        cat "$log" >&2
        fail "the house did not start"
        curtain
    fi
}

role_pid() { # ROLE: as status says
    rusuban status --json | role_field "$1" pid
}

role_field() { # ROLE FIELD, JSON on stdin
    perl -0777 -e 'my ($role, $field) = @ARGV; $_ = <STDIN>;
        print $1 if /\{"name":"$role"[^}]*?"$field":"?([^",}]*)/' "$1" "$2"
}

gone() { # PID: it ended, whether or not its new parent has noticed yet
    ! grep -q '^State:.[^ZX]' "/proc/$1/status" 2>/dev/null
}

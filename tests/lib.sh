# lib.sh: the stage of every play about releases: real hosts, a forge, a site file, Rusuban. Sourced, not run.
#
#     source "$(dirname "$0")/../lib.sh"
#     hosts 3                             # app1 (the canary), app2, app3: sshd, nginx and php-fpm each, zones a, c, a
#     site approve='{when: always}'       # site.yaml; keys of the service that are not named keep the values below
#     serve                               # Rusuban itself
#     push "Open the shop"                # commit, push, webhook
#     until_state 1 asking
#     try release approve web             # $code, $out, $err
#     expect "what it is" GOT WANTED
#     curtain                             # exits: 0 when every expectation held
#
# Everything is below $play, a directory of this play alone, and on ports of this play alone. $RIG is demo/rig.sh's.
# shellcheck shell=bash
set -euo pipefail

tests=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
RUSUBAN=$(realpath "${RUSUBAN:-$tests/../build/test/rusuban}")
export RUSUBAN_RETRY_MS=50              # test builds: pauses between tries of 50, 200, 800 ms
unset RUSUBAN_SITE RUSUBAN_DATA RUSUBAN_AT
# shellcheck source-path=SCRIPTDIR source=../demo/rig.sh
source "$tests/../demo/rig.sh"

# In memory where there is room: a release flushes the disks of its hosts, which here are all the one disk of this
# machine, and everybody who works on it would wait. TMPDIR says otherwise. Short: a socket's path has at most 107
# bytes.
play_home() {
    local free
    free=$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 { print $4 }')
    if [ -n "${TMPDIR:-}" ]; then
        echo "$TMPDIR"
    elif [ "${free:-0}" -gt 1000000 ] && [ -w /dev/shm ] && ! grep -q ' /dev/shm .*noexec' /proc/mounts; then
        echo /dev/shm
    else
        echo /tmp
    fi
}
play=$(mktemp -d "$(play_home)/play-XXXXXX")
service=web
failed=0

leave() {
    local status=$?
    trap '' INT TERM
    if [ "$status" != 0 ] && [ "$status" != 77 ] && [ -f "$play/rig/serve.log" ]; then
        echo "---- the end of serve.log:"
        tail -n 12 "$play/rig/serve.log"
    fi
    rig_stop
    at_the_end
    rm -rf "$play"
}
at_the_end() { :; }                     # a play that has more to put away says how
trap leave EXIT
trap 'exit 130' INT TERM

# ---- expectations

fail() { # SENTENCE
    echo "FAIL $(basename "$0"): $*"
    failed=$((failed + 1))
}

expect() { # WHAT GOT WANTED
    [[ $2 == "$3" ]] || fail "$1: got \"$2\", wanted \"$3\""
}

expect_in() { # WHAT TEXT PART
    [[ $2 == *"$3"* ]] || fail "$1: no \"$3\" in \"$2\""
}

expect_not_in() { # WHAT TEXT PART
    [[ $2 != *"$3"* ]] || fail "$1: there is \"$3\" in \"$2\""
}

curtain() {
    ((failed == 0)) || exit 1
}

skip() { # REASON: only while all is well
    curtain
    echo "$*"
    exit 77
}

# ---- the stage

# A block of 100 ports for this play. Where to look first is left to chance: another tree on this machine, or a container
# that shares its network, knows nothing of this tree's claims.
play_ports() {
    rig_free_ports $((9000 + RANDOM % 120 * 100))
}

# app1 is 127.0.1.11 in zone a, app2 127.0.2.12 in zone c, and so on in turn. Without DAEMONs all three of them run; a
# play whose releases need neither restart nor health says sshd.
hosts() { # N [DAEMON]...
    local i zone net n=$1 names=()
    shift
    rig_init "$play/rig" "$(play_ports)"
    for ((i = 1; i <= n; i++)); do
        if ((i % 2)); then zone=a net=1; else zone=c net=2; fi
        rig_host_make "app$i" "$zone" "127.0.$net.$((10 + i))"
        names+=("app$i")
    done
    daemons=("$@")
    rig_each start_host "${names[@]}"
    rig_forge
    source_tree
}

start_host() { # NAME
    rig_host_start "$1" "${daemons[@]}"
}

# A shop of three files: a page that says which release it is (500 on the hosts that the file `sick` names), a word, and
# a build that copies the word.
source_tree() {
    local clone
    clone=$(rig_clone)
    mkdir -p "$clone/public" "$clone/bin"
    # shellcheck disable=SC2016
    printf '%s\n' '<?php' \
        'preg_match("/release:(\d+)/", file_get_contents(__DIR__ . "/../RELEASE"), $found);' \
        '$sick = @file(__DIR__ . "/../sick", FILE_IGNORE_NEW_LINES) ?: [];' \
        'if (in_array($_SERVER["HOST_NAME"], $sick)) { http_response_code(500); }' \
        'echo "release $found[1]\n";' >"$clone/public/index.php"
    echo one >"$clone/word"
    write bin/build '#!/bin/sh' 'echo building' 'cp word public/word.txt'
}

write() { # PATH LINE...: a file in the developer's clone; what begins with #! may be run
    local file
    file=$(rig_clone)/$1
    shift
    mkdir -p "$(dirname "$file")"
    printf '%s\n' "$@" >"$file"
    if [[ ${1:-} == '#!'* ]]; then chmod 755 "$file"; fi
}

push() { # [SUBJECT]: commits and pushes the clone; $rev is the revision
    # shellcheck disable=SC2034     # the plays read it
    rev=$(rig_push "${1:-A change}" 2>"$play/push.err") || { fail "push: $(cat "$play/push.err")"; curtain; }
}

# Stands on stdin: further services (indented by two) and further top-level keys (not indented).
site() { # [KEY=YAML]...: KEY= leaves it out
    local -A key=(
        [repository]=$RIG/forge/kotori/web.git [webhook]='{secret: web_hook}' [build]='{run: [[bin/build]]}'
        [deploy_to]=/www/web [shared]='{dirs: [storage]}' [servers]=$(groups_of_hosts)
        [restart]='{php_fpm: reload, pid: /run/php-fpm.pid}'
        [health]="{path: /up, port: $(rig_port 10), every: 100ms, timeout: 20s}" [approve]='{when: never}')
    local word name zone address more
    more=$([ -t 0 ] || cat)
    for word in "$@"; do key[${word%%=*}]=${word#*=}; done
    {
        printf 'site: kotori\ntimezone: Asia/Tokyo\nzones:\n  a: {net: 127.0.1.0/24}\n  c: {net: 127.0.2.0/24}\nhosts:\n'
        while read -r name zone address; do
            printf '  %s: {zone: %s, address: %s, ssh: {port: %s, user: %s}, root: %s}\n' \
                "$name" "$zone" "$address" "$(rig_port 22)" "$(id -un)" "$RIG/hosts/$name"
        done <"$RIG/hosts/list"
        printf 'web: {listen: 127.0.0.1:%s, hooks: 127.0.0.1:%s}\nservices:\n  web:\n' "$(rig_port 1)" "$(rig_port 2)"
        for word in "${!key[@]}"; do
            if [ -n "${key[$word]}" ]; then printf '    %s: %s\n' "$word" "${key[$word]}"; fi
        done
        printf '%s\n' "$more"
    } >"$play/site.new"
    mv "$play/site.new" "$RIG/site.yaml"        # whoever reads it just now gets the old one or the new one
}

groups_of_hosts() { # prints {canary: {hosts: [app1]}, web: {hosts: [app2, app3]}}
    local name rest=()
    while read -r name _; do rest+=("$name"); done <"$RIG/hosts/list"
    rest=("${rest[@]:1}")
    if [ ${#rest[@]} = 0 ]; then
        echo '{web: {hosts: [app1]}}'
    else
        printf '{canary: {hosts: [app1]}, web: {hosts: [%s]}}\n' "$(IFS=,; echo "${rest[*]}")"
    fi
}

serve() {
    rig_serve "$RUSUBAN" 2>"$play/serve.err" || { cat "$play/serve.err"; fail "it does not serve"; curtain; }
}

rusuban() {
    "$RIG/rusuban" "$@"
}

# Runs it; its exit code in $code, its streams in $out and $err.
# shellcheck disable=SC2034     # the plays read them
try() { # WORDS...
    code=0
    rusuban "$@" >"$play/out" 2>"$play/err" || code=$?
    out=$(<"$play/out")
    err=$(<"$play/err")
}

# ---- what everyone sees

show() { # NUMBER: the release as JSON
    rusuban release show "$service" "$1" --json 2>/dev/null
}

# A text or number at the top of the object.
field() { # NUMBER NAME
    local text like
    text=$(show "$1") || return 0
    like="\"$2\":(\"(([^\"\\]|\\\\.)*)\"|([0-9a-z-]+))"
    if [[ ${text%%,\"steps\":*} =~ $like ]]; then
        text=${BASH_REMATCH[2]}${BASH_REMATCH[4]}
        printf '%s\n' "${text//\\\"/\"}"
    fi
}

state() { # NUMBER
    field "$1" state
}

# One line a step: STATE HOST STEP RESULT ATTEMPT BEGUN DONE DETAIL. HOST is "here" for the release host, RESULT "open"
# while it runs, the times are in ms.
steps() { # NUMBER
    # shellcheck disable=SC2016
    show "$1" | php -n -r 'foreach (json_decode(stream_get_contents(STDIN), true)["steps"] as $s) {
        $ms = fn($t) => $t ? (int) round((new DateTime($t))->format("U.v") * 1000) : 0;
        echo implode(" ", [$s["state"], $s["host"] ?? "here", $s["step"], $s["result"] ?? "open", $s["attempt"],
            $ms($s["begun_at"]), $ms($s["done_at"]), $s["detail"]]), "\n"; }'
}

valid_json() { # on stdin
    php -n -r 'json_decode(stream_get_contents(STDIN)); exit(json_last_error() === 0 ? 0 : 1);'
}

# rig_wait looks 50 times a second; asking Rusuban costs more than that is worth.
patiently() { # SECONDS COMMAND...: until COMMAND succeeds
    local end=$(($(rig_uptime_cs) + $1 * 100))
    shift
    until "$@"; do
        [ "$(rig_uptime_cs)" -lt "$end" ] || return 1
        sleep 0.1
    done
}

# Waits for the state; a release that ended otherwise, or needs a person, is waited for no longer.
until_state() { # NUMBER STATE [SECONDS]
    patiently "${3:-60}" state_settled "$1" "$2" || true
    [ "$(state "$1")" = "$2" ] ||
        { fail "release $1 of $service is \"$(state "$1")\" (why: $(field "$1" why)), wanted \"$2\""; curtain; }
}

until_done() { # NUMBER [SECONDS]
    until_state "$1" "done" "${2:-60}"
}

state_settled() { # NUMBER STATE
    local now
    now=$(state "$1")
    [ "$now" = "$2" ] && return 0
    case $now in
    done | failed | cancelled | superseded | rolled_back | left | needs_human) [ "$2" != finishing ] && return 0 ;;
    esac
    return 1
}

until_why() { # NUMBER PART [SECONDS]: until it says that it waits for that
    patiently "${3:-30}" why_has "$1" "$2" || fail "release $1 of $service says \"$(field "$1" why)\", wanted \"$2\""
}

why_has() { # NUMBER PART
    [[ $(field "$1" why) == *"$2"* ]]
}

until_step() { # NUMBER STEP: until that step has begun
    patiently 60 step_begun "$1" "$2" || fail "release $1 of $service never came to $2"
}

step_begun() { # NUMBER STEP
    show "$1" | grep -q "\"step\":\"$2\""
}

www() { # HOST: where its web server and its releases are
    printf '%s\n' "$RIG/hosts/$1/www/web"
}

live() { # HOST: the release that current points to
    local target
    target=$(readlink "$(www "$1")/current") || target=nothing
    printf '%s\n' "${target#releases/}"
}

on_hosts() { # prints what every host runs: "2 2 1"
    local name all=()
    while read -r name _; do all+=("$(live "$name")"); done <"$RIG/hosts/list"
    echo "${all[*]}"
}

kept() { # HOST: the release directories there: "1 2 3"
    find "$(www "$1")/releases" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort -n | paste -sd ' '
}

address() { # HOST
    awk -v host="$1" '$1 == host { print $3 }' "$RIG/hosts/list"
}

up() { # HOST: what its web server says
    curl -s --max-time 5 "http://$(address "$1"):$(rig_port 10)/up"
}

api() { # PATH: GET over the Unix socket
    curl -s --max-time 5 --unix-socket "$RIG/data/run/web.sock" "http://localhost/api/v1$1"
}

# What the forge would send, by hand. Prints the HTTP status.
hook() { # EVENT DELIVERY BODY [SIGNATURE]
    local body=$play/hook.body signature=${4:-}
    printf '%s' "$3" >"$body"
    [ -n "$signature" ] || signature=$(hook_signature "$body")
    curl -s -o "$play/hook.answer" -w '%{http_code}\n' --max-time 20 -H 'Content-Type: application/json' \
        -H "X-GitHub-Event: $1" \
        -H "X-GitHub-Delivery: $2" -H "X-Hub-Signature-256: $signature" --data-binary "@$body" \
        "http://127.0.0.1:$(rig_port 2)/hook/release/$service"
}

hook_signature() { # FILE
    echo "sha256=$(openssl dgst -sha256 -hmac "$(<"$RIG/forge/hook_secret")" -r "$1" | cut -d' ' -f1)"
}

hook_push() { # REVISION [BRANCH]: the JSON of a push
    printf '{"ref":"refs/heads/%s","before":"%040d","after":"%s","pusher":{"name":"Sato Mei"}}' "${2:-main}" 0 "$1"
}

# What became of a delivery, as the API tells: "refused: the signature is wrong".
hook_fate() { # DELIVERY
    # shellcheck disable=SC2016
    api /hooks | php -n -r 'foreach (json_decode(stream_get_contents(STDIN), true)["items"] as $h)
        if ($h["delivery"] === $argv[1]) { echo $h["result"], ": ", $h["detail"], "\n"; break; }' -- "$1"
}

expect_fate() { # DELIVERY PART
    patiently 20 hook_known "$1" || true
    expect_in "fate of $1" "$(hook_fate "$1")" "$2"
}

hook_known() { # DELIVERY
    [ -n "$(hook_fate "$1")" ]
}

#!/usr/bin/env bash
# A build in a container sees its image and its tree and nothing else of this machine. Too slow, aborted, or its
# releaser killed: the container ends and is gone, and so is all that ran in it.
source "$(dirname "$0")/../lib.sh"

command -v podman >/dev/null || skip "there is no podman"
[ "$(id -u)" = 0 ] || skip "only root's podman is tested"

# Images of our own, the older runtime, and limits below those of whatever we run in ourselves.
mkdir "$play/podman"
printf '[storage]\ndriver = "vfs"\ngraphroot = "%s"\nrunroot = "%s"\n' "$play/podman/graph" \
    "$play/podman/run" >"$play/podman/storage.conf"
printf '%s\n' '[containers]' 'default_ulimits = ["nofile=1024:4096", "nproc=1000:1000"]' '[engine]' \
    "runtime = \"$(basename "$(command -v runc || command -v crun)")\"" >"$play/podman/containers.conf"
export CONTAINERS_STORAGE_CONF=$play/podman/storage.conf CONTAINERS_CONF=$play/podman/containers.conf
at_the_end() {
    podman rm -fa -t 0 >/dev/null 2>&1 || true
}

an_image() { # of a shell and a few programs of this machine
    local program library root=$play/image
    mkdir -p "$root/bin" "$root/tmp"
    for program in sh cat cp env id ls sleep setsid touch; do
        cp -L "$(command -v $program)" "$root/bin/$program"
        ldd "$root/bin/$program" | grep -o '/[^ ]*' | while read -r library; do
            mkdir -p "$root$(dirname "$library")"
            cp -Lf "$library" "$root$library"
        done
    done
    touch "$root/we-are-inside"
    tar -C "$root" -c . | podman import -q - localhost/kotori/build >/dev/null
}

an_image
podman run --rm --pids-limit=100 --memory=64m localhost/kotori/build id >"$play/works" 2>&1 ||
    skip "podman runs no container here: $(tail -n 1 "$play/works")"

all_gone() { # MARK: no container, and no process with that word in its arguments
    patiently 20 none_left "$1" ||
        fail "left behind: $(podman ps -a --format '{{.Names}} {{.Status}}') $(pgrep -fa "sleep $1" | paste -sd ';')"
}

none_left() { # MARK
    [ -z "$(podman ps -aq)" ] && ! pgrep -f "sleep $1" >/dev/null
}

hosts 1 sshd
# shellcheck disable=SC2016
write bin/build '#!/bin/sh' 'cp word public/word.txt; ls / >public/root; ls "$HOME" >/dev/null && env >public/env' \
    'cat /proc/net/dev >public/net; cat "$RUSUBAN_SECRETS/npm_token" >/dev/null && echo "as uid $(id -u)"; touch "$RUSUBAN_SECRETS/x" || echo "secrets are read only"'
build='image: localhost/kotori/build, secrets: [npm_token], network: false, memory: 128M, run: [[bin/build]]'
site restart= health= build="{$build}"
push "First"
serve
echo token | rusuban secret set npm_token 2>/dev/null
try release web
expect "it goes" "$code $(live app1) $(cat "$(www app1)/current/public/word.txt")" "0 1 one"
there=$(www app1)/current/public
expect "it saw the image, not this machine" \
    "$(grep -cx we-are-inside "$there/root"), $(grep -cx boot "$there/root" || true)" "1, 0"
expect_in "its output is kept" "$(rusuban release show web 1 --output build)" "as uid 0"
expect_in "the secrets cannot be changed" "$(rusuban release show web 1 --output build)" "secrets are read only"
expect_in "it knows which release" "$(cat "$there/env")" "RUSUBAN_RELEASE=1"
expect "no network" "$(grep -c ':' "$there/net"), $(grep -c 'lo:' "$there/net")" "1, 1"
expect_not_in "nothing of ours in its environment" "$(cat "$there/env")" "$play/podman"
all_gone 1234567

write bin/build '#!/bin/sh' 'setsid sleep 7654321 &' 'echo begun; sleep 7654321'
site restart= health= build="{$build, timeout: 1s}"
push "Endless"
until_state 2 failed
expect_in "why" "$(field 2 why)" "build: "
all_gone 7654321

site restart= health= build="{$build}"
begun() { rusuban release show web "$1" --output build 2>/dev/null | grep -q '^begun'; }
rusuban release web --detach >"$play/number"
patiently 30 begun 3 || fail "the third build did not begin"
try release abort web
expect "aborted" "$code $(state 3)" "0 failed"
all_gone 7654321

write bin/build '#!/bin/sh' "if [ -e public/again ]; then echo again; exit; fi; touch public/again; setsid sleep 7654321 & echo begun; sleep 7654321"
site restart= health= build="{$build, cache: [public]}"
push "Killed"
patiently 30 begun 4 || fail "the fourth build did not begin"
kill -9 "$(cat "$RIG/data/run/releaser.pid")"
until_done 4
expect "built again" "$(rusuban release show web 4 --output build | tail -n 1)" again
all_gone 7654321
curtain

#!/usr/bin/env bash
# docs/build-in-a-container.md: a build in an image that is made here, of a shell and a few programs of this machine.
source "$(dirname "$0")/stage.bash"

command -v podman >/dev/null || skip "there is no podman"
[ "$(id -u)" = 0 ] || skip "only root's podman is tested"

# Images of our own, and limits below those of whatever we run in ourselves.
mkdir "$play/podman"
printf '[storage]\ndriver = "vfs"\ngraphroot = "%s"\nrunroot = "%s"\n' "$play/podman/graph" \
    "$play/podman/run" >"$play/podman/storage.conf"
printf '[containers]\ndefault_ulimits = ["nofile=1024:4096", "nproc=1024:2048"]\n' >"$play/podman/containers.conf"
export CONTAINERS_STORAGE_CONF=$play/podman/storage.conf CONTAINERS_CONF=$play/podman/containers.conf

act_the_image() {
    local program library root=$play/image
    mkdir -p "$root/bin" "$root/tmp"
    for program in sh cp wc id cat; do
        cp -L "$(command -v $program)" "$root/bin/$program"
        ldd "$root/bin/$program" | grep -o '/[^ ]*' | while read -r library; do
            mkdir -p "$root$(dirname "$library")"
            cp -L "$library" "$root$library"
        done
    done
    tar -C "$root" -c . | podman import -q - localhost/kotori/build
    # shellcheck disable=SC2016     # the build expands them
    write bin/build '#!/bin/sh' 'cp word public/word.txt' \
        'echo "built as uid $(id -u) in the container, token $(cat "$RUSUBAN_SECRETS/npm_token")"' \
        '[ ! -e /etc/passwd ]'
    page_site "    on_push: off"
    push "In a container"
}

podman info >/dev/null 2>&1 || skip "podman does not work here"
a_shop
read_page docs/build-in-a-container.md
expect "the second command ran too" "$(<"$(www app3)/current/public/token-length")" 13
curtain

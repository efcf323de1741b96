# browser.bash: the stage of the stories that are played in a real browser: Debian's Chromium, led by playwright-core.
# Sourced behind tests/lib.sh or stage.bash.
#
#     source "$(dirname "$0")/browser.bash"
#     door                            # $door: http://127.0.0.1:PORT of the served site, and an admin, sato
#     story shell "$door"             # plays browser/shell.mjs; each line it prints is one thing that was not as wanted
#
# Chromium needs its sandbox off where the tests run as root; nothing but this machine is ever asked for.
# shellcheck shell=bash

browser_here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
browser_tree=$browser_here/../..
browser_modules=$browser_tree/build/npm-browser

command -v chromium >/dev/null || {
    echo "there is no chromium here: scripts/ensure test installs it"
    exit 77
}

# What package-lock.json names, once; several plays may begin together.
browser_fetch() {
    mkdir -p "$browser_modules"
    (
        flock 9
        cmp -s "$browser_here/browser/package-lock.json" "$browser_modules/done" && exit 0
        cp "$browser_here/browser/"{package.json,package-lock.json,.npmrc} "$browser_modules"
        npm ci --prefix "$browser_modules" --ignore-scripts --no-audit --no-fund >"$browser_modules/log" 2>&1 || {
            tail -n 5 "$browser_modules/log"
            exit 1
        }
        cp "$browser_here/browser/package-lock.json" "$browser_modules/done"
    ) 9>"$browser_modules/lock" || fail "npm could not fetch what the browser stories need"
}

# The first admin comes by the link from the terminal, in the browser, and the stories after that sign in as sato.
door() {
    local link
    door=http://127.0.0.1:$(rig_port 1)
    link=$(rusuban admin invite sato 2>/dev/null)
    story first-admin "$door" "$link"
}

story() { # NAME WORDS...
    local name=$1 line
    shift
    while read -r line; do
        fail "$name: $line"
    done < <(BROWSER_MODULES=$browser_modules timeout 220 node "$browser_here/browser/$name.mjs" "$@" 2>&1 ||
        echo "the story broke off (status $?)")
}

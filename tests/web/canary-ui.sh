#!/usr/bin/env bash
# A release whose canary is not well, seen in a browser while it happens: what it says of who saw it, and who is told to
# mend it. Then one that is well, rolled back by clicks; both also on a phone in Japanese. At last how every end reads.
source "$(dirname "$0")/../lib.sh"
source "$(dirname "$0")/browser.bash"

browser_fetch
hosts 3
site approve='{when: always}' health="{path: /up, port: $(rig_port 10), every: 100ms, timeout: 3s}"
serve
door
push "Open the shop"
until_state 1 asking
rusuban release approve web --quiet
until_done 1

pushed_when_looked_at() {
    patiently 100 test -e "$play/ready" && push "Faster work search"
}
echo app1 >"$(rig_clone)/sick"
pushed_when_looked_at &
story canary "$door" bad "$play/ready"
wait $!
until_state 2 rolled_back

rm "$(rig_clone)/sick"
push "Work search, mended"
until_state 3 asking
rusuban release approve web --quiet
until_done 3
story canary "$door" back
expect "what runs then" "$(on_hosts)" "1 1 1"
story canary "$door" ends "$RIG/data/store.db"
curtain

#!/usr/bin/env bash
# docs/push-to-release.md: the forge calls through an nginx that has the page's lines; later a stranger and a friend do.
source "$(dirname "$0")/stage.bash"

# On app1, which has an nginx already. The forge signs with the secret that the page made.
act_a_push() {
    local conf=$RIG/hosts/app1/etc/nginx.conf port
    port=$(rig_port 0)
    sed -i "s|^http {|http {\n    server { listen 127.0.0.1:$port; include $play/nginx/rusuban.conf; }|" "$conf"
    rig_host_stop app1 nginx
    rig_host_start app1 nginx
    cp hook.txt "$RIG/forge/hook_secret"
    rig_git -C "$RIG/forge/kotori/web.git" config hook.url "http://127.0.0.1:$port/hook/release/web"
    echo new >"$(rig_clone)/word"
    push "New words"
    until_state 2 asking
}

act_they_are_read() {
    rig_wait 5 both_read || fail "the webhooks were not read"
}

both_read() {
    [ "$(api '/hooks?limit=2' | grep -o by-hand-1 | wc -l)" = 2 ]
}

a_shop
mkdir "$play/nginx" "$play/home"
cd "$play/home"
read_page docs/push-to-release.md
curtain

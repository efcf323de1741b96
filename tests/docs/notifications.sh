#!/usr/bin/env bash
# docs/notifications.md: a chat that listens, and a board that does not.
source "$(dirname "$0")/stage.bash"

# The chat is app1's nginx: it says yes, and its log says what for.
act_the_chat_is_there() {
    local conf=$RIG/hosts/app1/etc/nginx.conf port
    port=$(rig_port 0)
    sed -i "s|^http {|http {\n    server { listen 127.0.0.1:$port; location /hooks/ { return 204; } }|" "$conf"
    rig_host_stop app1 nginx
    rig_host_start app1 nginx
    sed -i "s|127.0.0.1:8065|127.0.0.1:$port|" "$play/bin/tell-chat"
    chmod 755 "$play/bin/tell-chat"
    sed -i "s|https://board.example/|http://127.0.0.1:$(rig_port 50)/|" "$RUSUBAN_SITE"
    printf sesame | rusuban secret set board_hook --role watcher
}

act_it_was_sent() {
    rig_wait 10 was_sent || fail "the notice was not sent"
}

was_sent() {
    rusuban notify list | grep -q '^2 .*sent .*asking'
}

a_shop
read_page docs/notifications.md
expect "the chat heard of both" "$(grep -c 'uri:/hooks/releases' "$RIG/hosts/app1/var/log/nginx/access.log")" 2
curtain

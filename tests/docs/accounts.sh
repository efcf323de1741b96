#!/usr/bin/env bash
# docs/accounts.md: two people open their links in what stands for a browser here.
source "$(dirname "$0")/stage.bash"

open_the_link() { # NAME
    local link
    link=$(grep -o 'http://[^ ]*/invite/.*' "$play/said" | head -n 1)
    curl -sf -o /dev/null -H 'Content-Type: application/json' -A 'Chromium' -d '{"password":"seven herbs of spring"}' \
        "${link/\/invite\//\/api\/v1\/invites\/}" || fail "$1's link does not work: $link"
}

act_kato_opens_the_link() { open_the_link kato; }

act_sato_opens_hers() {
    rusuban people invite sato --role developer --services web >"$play/said" 2>&1
    open_the_link sato
}

act_the_proxy_is_named() {
    sed -i 's/^web: {/web: {sso: {from: [127.0.0.1], header: X-Remote-User, secret: web_proxy, role: viewer}, /' \
        "$RUSUBAN_SITE"
}

act_the_provider_is_named() {
    sed -i 's/^web: {/web: {oidc: {issuer: "https:\/\/id.example", client_id: rusuban, roles: {admin: [ops]}}, /' \
        "$RUSUBAN_SITE"
}

three_hosts
site "servers={canary: {hosts: [app1]}, web: {hosts: [app2, app3]}}" </dev/null
serve
read_page docs/accounts.md
curtain

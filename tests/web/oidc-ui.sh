#!/usr/bin/env bash
# The button on the sign-in page, in a real browser: away to the provider and back to the page that was asked for. Who has
# no password is not asked for one.
source "$(dirname "$0")/stage.bash"
source "$here/browser.bash"
source "$here/provider.bash"
browser_fetch
export SSL_CERT_FILE=$stage/ca.pem
serve_web
keep_plain
rusuban() { "$RUSUBAN" "$@" --site "$stage/site.yaml" --data "$data"; }
printf '%s' "$secret" | rusuban secret set web_oidc --role web --quiet
provider first
oidc "$usual, roles: {developer: [dev]}"
rusuban admin invite kato --anywhere >/dev/null 2>&1
story provider "http://$api"
curtain

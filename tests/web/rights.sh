#!/usr/bin/env bash
# Every route of the API, asked by nobody and by each role in each way (socket, session, token, proxy): who is let
# in is exactly who rights.mjs says. Routes come from the program itself, so a new one is asked too; a right that rights.mjs
# does not know fails.
source "$(dirname "$0")/stage.bash"
command -v node >/dev/null || { echo "there is no node"; exit 77; }
serve_web
sed -i 's/^web: {/web: {sso: {from: [127.0.0.1]}, /' "$stage/site.yaml"
printf 'between the two of us' |
    "$RUSUBAN" --site "$stage/site.yaml" --data "$data" secret set web_proxy --role web --quiet
"$RUSUBAN" api spec >"$stage/spec.json"
for role in viewer analyst developer admin; do
    "$RUSUBAN" --site "$stage/site.yaml" --data "$data" admin invite "$role" --role "$role" 2>/dev/null
done >"$stage/links"
node "$here/rights.mjs" "$stage/spec.json" "$stage/links" "$api" "$data/run/web.sock" || fail "see above"
curtain

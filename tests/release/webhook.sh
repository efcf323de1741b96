#!/usr/bin/env bash
# Whoever finds the webhook's door can do nothing: only a signed push of the right branch starts a release, and only
# once. Every delivery is written down with what became of it.
source "$(dirname "$0")/../lib.sh"

hosts 1 sshd
site restart= health=
push "First"
serve
body=$(hook_push "$rev")

expect "a bad signature is taken in like any other" "$(hook push d-forged "$body" "sha256=$(printf '%064d' 0)")" 202
expect_fate d-forged "refused: the signature is wrong"
expect "none at all" "$(hook push d-none "$body" " ")" 202
expect_fate d-none "refused: the signature is wrong"
hook push d-garbage '{"ref": "refs/heads/main", "after"' >/dev/null
expect_fate d-garbage "refused: "
hook push d-odd '{"ref": "refs/heads/main", "after": "--upload-pack=touch"}' >/dev/null
expect_fate d-odd "refused: "
hook push d-branch "$(hook_push "$rev" feature)" >/dev/null
expect_fate d-branch "ignored: not the branch: refs/heads/feature"
hook push d-deleted "$(hook_push "$(printf '%040d' 0)")" >/dev/null
expect_fate d-deleted "ignored: a branch was deleted"
hook ping d-ping '{"zen": "Design for failure."}' >/dev/null
expect_fate d-ping "ignored: event ping"
service=cart
expect "a service that is not ours is answered alike" "$(hook push d-cart "$body")" 202
service=web
expect_fate d-cart "refused: this service has no webhook"
expect "none of these started anything" "$(rusuban release history web)" \
    "No release yet. Start one: rusuban release web"

head -c 10M /dev/zero | tr '\0' x >"$play/large"
expect "10 MB are refused at the door" \
    "$(curl -s -o /dev/null -w '%{http_code}' -H 'X-GitHub-Event: push' -H 'X-Hub-Signature-256: sha256=0' \
    -H 'X-GitHub-Delivery: d-large' --data-binary "@$play/large" "http://127.0.0.1:$(rig_port 2)/hook/release/web")" 413
expect "the API is not behind this door" \
    "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$(rig_port 2)/api/v1/releases")" 404

expect "a good one" "$(hook push d-good "$body")" 202
until_done 1
expect "it is live" "$(live app1), $(field 1 rev)" "1, $rev"
hook push d-good "$body" >/dev/null
expect_fate d-good "replayed: "
hook push d-renamed "$body" >/dev/null
expect_fate d-renamed "replayed: "
expect "neither started a second one" "$(state 2)" ""
expect "no secret in the log" "$(grep -c "$(cat "$RIG/forge/hook_secret")" "$RIG/serve.log")" 0
curtain

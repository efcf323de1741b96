#!/usr/bin/env bash
# A proxy says who people are. It is believed from its address, with its secret, and nobody else is; a page of another site
# gets nothing done through it.
source "$(dirname "$0")/stage.bash"
serve_web
rusuban() { "$RUSUBAN" "$@" --site "$stage/site.yaml" --data "$data"; }
secret="between the two of us"
printf '%s' "$secret" | rusuban secret set web_proxy --role web --quiet
cp "$stage/site.yaml" "$stage/plain.yaml"
sso() { # KEYS of web.sso
    sed "s/^web: {/web: {sso: {$1}, /" "$stage/plain.yaml" >"$stage/new.yaml"
    mv "$stage/new.yaml" "$stage/site.yaml"
}
ask() { # CURL OPTION...: the status; the answer stays in $stage/body
    curl -s -o "$stage/body" -w '%{http_code}' --max-time 10 "$@"
}
me=http://$api/api/v1/me
tanaka=(-H 'X-Remote-User: tanaka')
knows=(-H "Rusuban-Proxy-Secret: $secret")

expect "nobody is believed unless named" "$(ask "${tanaka[@]}" "${knows[@]}" "$me")" 401
sso 'from: [192.0.2.1], role: viewer'
expect "only who is named is" "$(ask "${tanaka[@]}" "${knows[@]}" "$me")" 401
expect "and X-Forwarded-For names nobody" "$(ask "${tanaka[@]}" "${knows[@]}" -H 'X-Forwarded-For: 192.0.2.1' "$me")" 401
sso 'from: [127.0.0.1]'
expect "without the secret" "$(ask "${tanaka[@]}" "$me")" 401
expect "with a wrong one" "$(ask "${tanaka[@]}" -H 'Rusuban-Proxy-Secret: between the two of uS' "$me")" 401
expect "with two" "$(ask "${tanaka[@]}" "${knows[@]}" "${knows[@]}" "$me")" 401
expect "without an account" "$(ask "${tanaka[@]}" "${knows[@]}" "$me")" 403
expect "said twice" "$(ask "${tanaka[@]}" -H 'X-Remote-User: kato' "${knows[@]}" "$me")" 401
expect "no name" "$(ask -H 'X-Remote-User: Robert; drop' "${knows[@]}" "$me")" 400
sso 'from: [127.0.0.1], role: viewer'
expect "a viewer without an account" "$(ask "${tanaka[@]}" "${knows[@]}" "$me")" 200
[[ $(<"$stage/body") == *'"name":"tanaka","role":"viewer"'*'"way":"proxy"'* ]] || fail "it is $(<"$stage/body")"
expect "whose stream goes on" \
    "$(curl -sN -o "$stage/stream" -w '%{http_code}' --max-time 3 "${tanaka[@]}" "${knows[@]}" "http://$api/api/v1/live" ||
        echo " $?")" '200 28'
expect "may not do what an admin may" "$(ask "${tanaka[@]}" "${knows[@]}" "http://$api/api/v1/audit")" 403

link=$(rusuban admin invite kato 2>/dev/null)
ask -H 'Content-Type: application/json' -d '{"password":"seven herbs of spring"}' \
    "${link/\/invite\//\/api\/v1\/invites\/}" >/dev/null
kato=(-H 'X-Remote-User: kato' "${knows[@]}" -H 'Content-Type: application/json')
invite=(-d '{"name":"sato","role":"viewer"}' "http://$api/api/v1/invites")
expect "an admin by the account's role" "$(ask "${kato[@]}" "http://$api/api/v1/audit")" 200
expect "another site's page" "$(ask "${kato[@]}" -H 'Origin: https://evil.example' -H 'Sec-Fetch-Site: cross-site' \
    "${invite[@]}")" 403
expect "a page without an Origin" "$(ask "${kato[@]}" "${invite[@]}")" 403
expect "a page of ours" "$(ask "${kato[@]}" -H "Origin: http://$api" -H 'Sec-Fetch-Site: same-origin' "${invite[@]}")" 201
[[ $(rusuban audit --json --who kato) == *'"via":"proxy"'* ]] || fail "the audit log does not say how kato came"
if grep -qF -- "$secret" "$stage/web.log"; then fail "the secret is in the log"; fi
curtain

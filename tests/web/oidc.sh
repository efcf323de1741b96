#!/usr/bin/env bash
# People sign in at a provider: a real one, on loopback by TLS. Who may come in comes in, under their own name and with
# the role that their groups have; a code of somebody else, a token for another house, one whose time is over, a
# provider of bad faith or none at all get nobody in, and each says why.
source "$(dirname "$0")/stage.bash"
source "$here/provider.bash"

# ---- the house
export SSL_CERT_FILE=$stage/ca.pem
serve_web
keep_plain
rusuban() { "$RUSUBAN" "$@" --site "$stage/site.yaml" --data "$data"; }
printf '%s' "$secret" | rusuban secret set web_oidc --role web --quiet
# URL [CURL OPTION]...: a browser with the cookies in $jar; the status, the answer in $stage/body. Every visit comes
# from another address, so that nobody has to wait for having been refused before.
browse() {
    local now=$((10#${EPOCHREALTIME: -6}))
    curl -s -o "$stage/body" -D "$stage/head" -w '%{http_code}' --max-time 30 --cacert "$stage/ca.pem" \
        -b "$jar" -c "$jar" -H "X-Forwarded-For: 203.$((now / 4096 % 250)).$((now / 16 % 250)).7" "$@"
}
person() { # NAME: a browser of their own
    who=$1 jar=$stage/jar.$1
    : >>"$jar"
}
come() { # [QUERY]: the whole way, ending at who they are
    browse -L -H "X-User: $who" "http://$api/oidc/start?to=/api/v1/me${1:+&$1}"
}
code() { # the way until the provider sends the browser back: that address
    browse -H "X-User: $who" "http://$api/oidc/start?to=/api/v1/me" >/dev/null
    local at=0 url
    url=$(location)
    while [[ $url != http://$api/oidc/back* && $at -lt 6 ]]; do
        [[ $url == /* ]] && url=$issuer$url
        browse -H "X-User: $who" "$url" >/dev/null
        url=$(location)
        at=$((at + 1))
    done
    printf '%s' "$url"
}
location() { sed -n 's/^[Ll]ocation: \(.*\)\r$/\1/p' "$stage/head" | tail -n 1; }
said() { cat "$stage/body"; }
expect_said() { [[ $(said) == *"$2"* ]] || fail "$1: no \"$2\" in $(said | head -c 600)"; }
audit_has() {
    local last
    last=$(rusuban audit --json --limit 3)
    [[ $last == *"$2"* ]] || fail "$1: no $2 in $last"
}

roles='roles: {admin: [ops], developer: [dev], viewer: [staff]}'

# ---- none
person tanaka
expect "no provider" "$(come)" 404
expect "nothing to offer" "$(browse "http://$api/api/v1/sign-in")" 200
expect_said "nothing to offer" '"oidc":null'

# ---- one that is not there yet
oidc "$usual, $roles, domains: [example.com]"
began=$EPOCHSECONDS
expect "the provider is down" "$(come)" 502
expect_said "it is said so" "nobody answers at $issuer"
browse -H 'Accept: text/html' "http://$api/oidc/start" >/dev/null
expect_said "to people too" '<h1>Not signed in</h1>'
((EPOCHSECONDS - began < 8)) || fail "it took long to say so"

# ---- people who may
provider first
sleep 3
expect "what is offered" "$(browse "http://$api/api/v1/sign-in")" 200
expect_said "its name" '"oidc":{"name":"Kotori ID","start":"/oidc/start"}'
expect "tanaka comes" "$(come)" 200
expect_said "with the role of the highest group" '"name":"tanaka","role":"developer"'
expect_said "by a session" '"way":"session"'
audit_has "it is noted" '"verb":"session oidc"'
audit_has "with who came" '"after":"new: developer, oidc sub-tanaka"'
[[ $(cat "$jar") != *__Host-rusuban-oidc* ]] || fail "the cookie of the way is still there"
expect "once more" "$(come)" 200
person suzuki
expect "suzuki comes" "$(come)" 200
expect_said "a viewer" '"name":"suzuki","role":"viewer"'
page=(-H "Origin: http://$api" -H 'Sec-Fetch-Site: same-origin' -H 'Content-Type: application/json')
expect "no password to type again" "$(browse "${page[@]}" -d '{"password":"anything at all"}' \
    "http://$api/api/v1/step-up")" 409
expect_said "but the way to do it" '/oidc/start?fresh=true'
expect "asked anew at the provider" "$(come fresh=true)" 200
expect_said "that counts as one" '"stepped_up":true'
expect "signed out" "$(browse -X DELETE "${page[@]}" "http://$api/api/v1/session")" 200
expect "and gone" "$(browse "http://$api/api/v1/me")" 401

# ---- people who may not
person guest
expect "in no group" "$(come)" 403
expect_said "it is said" 'you have no account here'
audit_has "and noted" '"subject":"oidc sub-guest"'
person stranger
expect "of another domain" "$(come)" 403
person unsure
expect "not verified" "$(come)" 403
person odd
expect "a name that none can be" "$(come)" 403
person nobody
expect "refused there" "$(come)" 403
expect_said "in its word" 'the provider did not sign you in: access_denied'
[[ $(said) != *'<b>'* ]] || fail "its markup comes through"

# ---- a name that is somebody's already: only with an admin's link
link=$(rusuban admin invite kato 2>/dev/null)
curl -s -o /dev/null "${page[@]}" -d '{"password":"seven herbs of spring"}' "${link/\/invite\//\/api\/v1\/invites\/}"
person kato
expect "kato has an account with a password" "$(come)" 409
expect_said "it stays its owner's" 'an account with your name is here already'
link=$(rusuban admin invite kato --anywhere 2>/dev/null)
expect "with the link" "$(come "invite=${link##*/}")" 200
expect_said "it is the same one" '"name":"kato","role":"admin"'
expect "then without" "$(come)" 200
expect "the link works once" "$(come "invite=${link##*/}")" 404

# ---- a name that the site file lists for approvals: nobody takes it by calling himself so
cat >>"$stage/plain.yaml" <<'SITE'
zones: {a: {net: 127.0.1.0/24}}
hosts: {app1: {zone: a, address: 127.0.1.11}}
services:
  web: {repository: /nowhere/web.git, deploy_to: /var/www/web, servers: {web: {hosts: [app1]}},
    approve: {when: always, by: [mori, suzuki]}}
SITE
oidc "$usual, $roles, domains: [example.com]"
person mori
expect "a listed name that nobody has yet" "$(come)" 403
expect_said "it is said" 'the site file lists your name'
expect "there is no such account" "$(rusuban people | grep -c '^mori ')" 0
link=$(rusuban people invite mori --role developer 2>/dev/null)
expect "with an admin's link" "$(come "invite=${link##*/}")" 200
expect_said "it is theirs" '"name":"mori","role":"developer"'
expect "from then on without" "$(come)" 200
person suzuki
expect "who was known before it was listed" "$(come)" 200

# ---- what those see who look after it
expect "people" "$(rusuban people | grep -c "^kato .*, by $issuer\$")" 1
doctor() { rusuban doctor 2>/dev/null | grep 'web.oidc:' || true; }
expect "doctor" "$(doctor)" "ok    web.oidc: $issuer answers"

# ---- groups change, until an admin here says otherwise
echo '{"tanaka": {"groups": ["staff"]}}' >"$stage/people.json"
person tanaka
expect "tanaka comes again" "$(come)" 200
expect_said "with less" '"name":"tanaka","role":"viewer"'
audit_has "it is noted" '"before":"developer"'
rusuban people set tanaka --role analyst --quiet || fail "no role for tanaka"
expect "and again" "$(come)" 200
expect_said "as the admin said" '"name":"tanaka","role":"analyst"'
echo '{"suzuki": {"groups": []}}' >"$stage/people.json"
person suzuki
expect "who lost all groups" "$(come)" 403
rm "$stage/people.json"

# ---- somebody else's way
person mallory
mallory=$stage/jar.mallory
who=suzuki
back=$(code)
[[ $back == http://$api/oidc/back?*code=* ]] || fail "the provider sent nobody back: $back"
jar=$stage/jar.victim
: >"$jar"
expect "a link of somebody else's sign-in" "$(browse "$back")" 401
expect_said "it began elsewhere" 'did not begin in this browser'
browse "http://$api/oidc/start" >/dev/null
expect "also with a sign-in of one's own on its way" "$(browse "$back")" 401
jar=$mallory
expect "a changed state" "$(browse "${back/state=/state=A}")" 401
expect "another issuer" "$(browse "${back/&iss=*/}&iss=https://elsewhere.example")" 403
back=$(code)
expect "no issuer, of a provider that says who it is" "$(browse "${back/&iss=*/}")" 403
expect_said "it is told" 'did not say that it is the provider'
back=$(code)
cp "$jar" "$stage/kept"
expect "its own" "$(browse "$back")" 303
expect "leads where it was to" "$(location)" /api/v1/me
cp "$stage/kept" "$jar"
expect "the same code again, with its cookie" "$(browse "$back")" 401
expect_said "it was used" 'it was used already, or its time is over'
audit_has "it is noted" '"ok":false'
for to in //elsewhere.example https://elsewhere.example '/\elsewhere.example' /a%0d%0ab; do
    browse -G --data-urlencode "to=$to" "http://$api/oidc/start" >/dev/null
    case $(sed -n 's/.*rusuban-oidc=[^.]*\.\([^.]*\)\..*/\1/p' "$stage/head" | tr -- -_ +/ | base64 -d 2>/dev/null) in
        / | /a%0d%0ab) ;;
        *) fail "it would lead to $to" ;;
    esac
done

# ---- tokens that are not to be believed
person suzuki
for deed in expired audience; do
    echo $deed >"$stage/deed"
    expect "$deed" "$(come)" 502
    [ -e "$stage/deed" ] && fail "nobody meddled"
    case $deed in
        expired) expect_said $deed 'its time is over' ;;
        audience) expect_said $deed 'it is for another client' ;;
    esac
done
printf 'another secret' | rusuban secret set web_oidc --role web --quiet
expect "a wrong secret" "$(come)" 502
expect_said "is told" 'invalid_client'
printf '%s' "$secret" | rusuban secret set web_oidc --role web --quiet
expect "and put right" "$(come)" 200

# ---- the provider has new keys
no_provider
[[ $(doctor) == "FAIL  web.oidc: "*"Connection refused"* ]] || fail "doctor, of one that is away: $(doctor)"
expect "while it is away, who it is is still known" "$(browse "http://$api/oidc/start")" 303
[[ $(location) == "$issuer"/auth* ]] || fail "it leads to $(location)"
provider second
rm "$stage/jar.suzuki"
person suzuki
expect "with another key" "$(come)" 200
expect_said "suzuki" '"name":"suzuki"'

# ---- providers of bad faith, each within its limits
bad() { # NAME STATUS SENTENCE
    oidc "issuer: \"$issuer/$1\", client_id: rusuban, role: viewer"
    began=$EPOCHSECONDS
    expect "$1" "$(come)" "$2"
    expect_said "$1" "$3"
    ((EPOCHSECONDS - began < 20)) || fail "$1 took $((EPOCHSECONDS - began)) s"
}
bad big 502 'larger than 131072 bytes'
bad away 502 'answers with status 302'
bad plain 502 'not a plain https:// address'
bad other 502 'calls itself by another name'
bad slow 504 'did not answer in time'
expect "others are served meanwhile" "$(browse "http://$api/api/v1/sign-in")" 200
oidc "issuer: \"$issuer/inside\", client_id: rusuban, role: viewer"
browse "http://$api/oidc/start" >/dev/null
state=$(location)
state=${state#*state=}
expect "a token endpoint on an inner address" "$(browse "http://$api/oidc/back?code=x&state=${state%%&*}")" 502
expect_said "is not asked" 'an inner net'

# ---- a certificate of somebody else
kill "$web_pid"
wait "$web_pid" 2>/dev/null || true
oidc "$usual, $roles"
unset SSL_CERT_FILE
"$RUSUBAN" --site "$stage/site.yaml" --data "$data" serve web >>"$stage/web.log" 2>&1 &
web_pid=$!
pids+=("$web_pid")
for _ in {1..100}; do
    [ "$(browse "http://$api/api/v1/sign-in")" = 200 ] && break
    sleep 0.05
done
expect "an authority that nobody knows" "$(come)" 502
expect_said "is not believed" 'TLS: '

if grep -qF -e "$secret" -e 'plum%20blossom' "$stage/web.log" || rusuban audit --json | grep -qF 'plum'; then
    fail "the secret is in a log"
fi
rusuban audit verify --json >/dev/null || fail "the audit log does not verify"
curtain

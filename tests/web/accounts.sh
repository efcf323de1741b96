#!/usr/bin/env bash
# The first admin comes by a link from the terminal, invites a developer, makes a token; strangers guess passwords,
# other sites' pages borrow a cookie, somebody writes into the audit log. Nobody gets more than is theirs.
source "$(dirname "$0")/stage.bash"
serve_web
two_services
rusuban() { "$RUSUBAN" "$@" --site "$stage/site.yaml" --data "$data"; }
password="seven herbs of spring" sato_password="first snow, late"

# METHOD PATH [BODY [CURL OPTION]...]: the status; head and body stay in $stage/head and $stage/body.
ask() {
    local method=$1 path=$2 body=${3:-}
    shift $(($# < 3 ? $# : 3))
    curl -s -o "$stage/body" -D "$stage/head" -w '%{http_code}' --max-time 60 -X "$method" \
        -H 'Content-Type: application/json' ${body:+-d "$body"} "$@" "http://$api/api/v1$path"
}
said() { cat "$stage/body"; }
cookie_of() { sed -n 's/^Set-Cookie: \(__Host-rusuban=[^;]*\).*/\1/p' "$stage/head"; }
# COOKIE METHOD PATH [BODY]: as a page of ours asks
page() {
    ask "$2" "$3" "${4:-}" -H "Cookie: $1" -H "Origin: http://$api" -H 'Sec-Fetch-Site: same-origin'
}
expect_in() { [[ $2 == *"$3"* ]] || fail "$1: no \"$3\" in \"$2\""; }
expect_not_in() { [[ $2 != *"$3"* ]] || fail "$1: there is \"$3\" in \"$2\""; }
sign_in() { ask POST /session "{\"name\":\"$1\",\"password\":\"$2\"}"; }

# ---- the first admin
expect "a stranger" "$(ask GET /me)" 401
expect_in "and is told the way in" "$(said)" "rusuban admin invite"
link=$(rusuban admin invite kato 2>/dev/null)
expect_in "the link" "$link" "http://$api/invite/"
invite=${link##*/}
expect "what it offers" "$(ask GET "/invites/$invite")" 200
expect_in "it" "$(said)" '"name":"kato"'
expect "from another machine" "$(ask GET "/invites/$invite" '' -H 'X-Forwarded-For: 192.0.2.7')" 403
expect "a short password" "$(ask POST "/invites/$invite" '{"password":"short"}')" 400
expect "another name" "$(ask POST "/invites/$invite" "{\"name\":\"sato\",\"password\":\"$password\"}")" 400
expect "taken" "$(ask POST "/invites/$invite" "{\"password\":\"$password\"}")" 201
kato=$(cookie_of)
expect_in "the cookie" "$(grep -i '^set-cookie' "$stage/head")" "Path=/; Secure; HttpOnly; SameSite=Lax"
expect "taken again" "$(ask POST "/invites/$invite" "{\"password\":\"$password\"}")" 404
expect "who am I" "$(page "$kato" GET /me)" 200
expect_in "kato" "$(said)" '"name":"kato","role":"admin"'

# ---- another site's page has the cookie sent along, but not our Origin
lock='{"service":"web","reason":"not yours"}'
key=(-H 'Idempotency-Key: 0123456789abcdef')
expect "no Origin" "$(ask POST /locks "$lock" "${key[@]}" -H "Cookie: $kato")" 403
expect_in "the code" "$(said)" '"code":"foreign"'
expect "a foreign Origin" "$(ask POST /locks "$lock" "${key[@]}" -H "Cookie: $kato" -H 'Origin: https://evil.example' \
    -H 'Sec-Fetch-Site: cross-site')" 403
expect "a form's type" "$(curl -s -o /dev/null -w '%{http_code}' -H "Cookie: $kato" -H "Origin: http://$api" \
    -H 'Sec-Fetch-Site: same-origin' -H 'Content-Type: text/plain' -d "$lock" "http://$api/api/v1/locks")" 415
expect "a foreign sign-in" "$(ask POST /session '{"name":"kato","password":"x"}' -H 'Origin: https://evil.example')" 403
expect "nothing was locked" "$(rusuban lock show --json | grep -c 'not yours')" 0

# ---- a developer, for one service
link=$(rusuban people invite sato --role developer --services web 2>/dev/null)
expect "sato comes" "$(ask POST "/invites/${link##*/}" "{\"password\":\"$sato_password\"}" \
    -H 'X-Forwarded-For: 192.0.2.7')" 201
sato=$(cookie_of)
page_lock() { # COOKIE SERVICE
    ask POST /locks "{\"service\":\"$2\",\"reason\":\"mine\"}" -H "Cookie: $1" -H "Origin: http://$api" \
        -H 'Sec-Fetch-Site: same-origin' -H "Idempotency-Key: lock-$2-0123456789"
}
expect "her own service" "$(page_lock "$sato" web)" 201
expect "another one" "$(page_lock "$sato" api)" 403
expect_in "she is told" "$(said)" "sato may act on web only"
expect "and it is noted on what" "$(rusuban audit --who sato --json | jq -r '.items[0] | [.ok, .subject] | join(" ")')" "false /locks api"
expect "people are not hers" "$(page "$sato" POST /invites '{"name":"tanaka","role":"admin"}')" 403
expect "nor the audit log" "$(page "$sato" GET /audit)" 403

# ---- roles change; who means an older state is told
match=$(rusuban people --json | grep -o '"match":"\\"r[0-9]*\\""' | head -n 1)
expect_in "a state to mean" "$match" 'r1'
expect "without a state" "$(page "$kato" PUT /people/sato '{"role":"viewer"}')" 428
expect "set" "$(rusuban people set sato --role viewer 2>&1)" "sato is viewer of web now."
expect "at once" "$(page_lock "$sato" api)" 403
expect "and it is noted with the way and the reason" \
    "$(rusuban audit --who sato --json | jq -r '.items[0] | [.ok, .verb, .subject, .via, .after] | join(" ")')" \
    "false lock set /locks session sato (viewer) may not do this"
expect "an older state" "$(ask PUT /people/sato '{"role":"admin"}' -H "Cookie: $kato" -H "Origin: http://$api" \
    -H 'Sec-Fetch-Site: same-origin' -H 'If-Match: "r1"')" 412
expect "oneself" "$(ask PUT /people/kato '{"role":"viewer"}' -H "Cookie: $kato" -H "Origin: http://$api" \
    -H 'Sec-Fetch-Site: same-origin' -H 'If-Match: "r1"')" 409
rusuban people set sato --role developer --services web --quiet

# ---- guessing
guess() { ask POST /session "{\"name\":\"$1\",\"password\":\"guess at random\"}" -H "X-Forwarded-For: $2"; }
# A machine that takes a second to look at a password has waited by then; each further one makes the wait twice as long.
late() { # NAME ADDRESS
    local got i
    for ((i = 0; i < 4; i++)); do
        got=$(guess "$1" "$2")
        [[ $got != 429 ]] || break
    done
    echo "$got"
}
# The right one after those. Where even that one came after the wait was over, it made good for all, and they begin anew.
right_one_waits() { # sets $waited
    for _ in 1 2 3 4; do
        late sato 192.0.2.10 >/dev/null
        waited=$(sign_in sato "$sato_password")
        [[ $waited != 429 ]] || return 0
        for _ in 1 2 3 4 5; do guess sato 192.0.2.10 >/dev/null; done
    done
}
for _ in 1 2 3 4 5; do expect "a guess" "$(guess sato 192.0.2.10)" 401; done
right_one_waits
expect "the sixth waits" "$waited" 429
expect_in "how long" "$(cat "$stage/head")" "Retry-After: "
expect "who guesses from elsewhere does not lock her out where she is signed in" "$(ask POST /session \
    "{\"name\":\"sato\",\"password\":\"$sato_password\"}" -H 'X-Forwarded-For: 192.0.2.7')" 201
for _ in 1 2 3 4 5; do expect "guesses from there" "$(guess sato 192.0.2.7)" 401; done
expect "wait too" "$(late sato 192.0.2.7)" 429
for _ in 1 2 3 4 5; do expect "a name that nobody has" "$(guess nobody 192.0.2.9)" 401; done
expect "waits as long" "$(late nobody 192.0.2.11)" 429
expect "and so does the address" "$(late tanaka 192.0.2.9)" 429
wrong_ones() { sqlite3 "$data/store.db" "select tries from throttle where key = 'name:sato'"; }
wrong=$(wrong_ones)
{ kill -9 "$web_pid"; wait "$web_pid" || true; } 2>/dev/null
again() {
    "$RUSUBAN" --site "$stage/site.yaml" --data "$data" serve web >>"$stage/web.log" 2>&1 &
    web_pid=$!
    pids+=("$web_pid")
    for _ in {1..100}; do
        [[ $(ping_socket 2>/dev/null) == 200 ]] && return
        sleep 0.05
    done
    fail "the web role did not start again"
}
again
expect "the cookie outlives kill -9" "$(page "$sato" GET /me)" 200
expect "her wrong ones" "$((wrong >= 5))" 1
expect "they too" "$(wrong_ones)" "$wrong"
sleep 1.1
expect "then the right one is taken" "$(sign_in sato "$sato_password")" 201
second=$(cookie_of)

# ---- the password again, another password, sessions
sqlite3 "$data/store.db" "update session set stepped_up = stepped_up - 660000"
expect "eleven minutes later" "$(page "$kato" POST /tokens '{"name":"ci"}')" 403
expect_in "the password once more" "$(said)" '"code":"step_up"'
expect "a wrong one" "$(page "$kato" POST /step-up '{"password":"guess at random"}')" 401
expect "the right one" "$(page "$kato" POST /step-up "{\"password\":\"$password\"}")" 200
expect "then" "$(page "$kato" POST /tokens '{"name":"ci","role":"developer","services":["web"],"days":30}')" 201
token=$(sed 's/.*"token":"\([^"]*\)".*/\1/' "$stage/body")
expect "another password" "$(page "$second" POST /me/password \
    "{\"old\":\"$sato_password\",\"password\":\"late snow, second\"}")" 200
expect "the other browser is signed out" "$(page "$sato" GET /me)" 401
expect_in "and forgets" "$(grep -i '^set-cookie' "$stage/head")" "Max-Age=0"
expect "this one is not" "$(page "$second" GET /me)" 200
expect "sign out" "$(page "$second" DELETE /session)" 200
expect "signed out" "$(page "$second" GET /me)" 401

# ---- tokens, from another machine
expect "a token acts" "$(ask POST /locks '{"service":"web","reason":"ci"}' -H "Authorization: Bearer $token" \
    -H 'Idempotency-Key: 1123456789abcdef')" 201
expect "on its service only" "$(ask POST /locks '{"service":"api","reason":"ci"}' -H "Authorization: Bearer $token" \
    -H 'Idempotency-Key: 2123456789abcdef')" 403
expect "makes no tokens" "$(ask POST /tokens '{"name":"more"}' -H "Authorization: Bearer $token")" 403
# Whoever finds it does not learn where its owner is signed in, nor throws them out, nor changes what is theirs.
expect "sees no sessions" "$(ask GET /sessions '' -H "Authorization: Bearer $token")" 403
expect_in "is told why" "$(said)" "it takes a person"
mine=$(sqlite3 "$data/store.db" \
    "select max(s.id) from session s join account a on a.id = s.account where a.name = 'kato'")
expect "ends none" "$(ask DELETE "/sessions/$mine" '' -H "Authorization: Bearer $token")" 403
expect "its owner is still signed in" "$(page "$kato" GET /me)" 200
expect "sees no tokens" "$(ask GET /tokens '' -H "Authorization: Bearer $token")" 403
expect "changes no settings" "$(ask PUT /me '{"language":"ja","theme":"dark","single_keys":true}' \
    -H "Authorization: Bearer $token")" 403
expect "it knows whose it is" "$(ask GET /me '' -H "Authorization: Bearer $token")" 200
expect_not_in "and that it may no more" "$(said)" '"own"'
expect "typed wrong" "$(ask GET /me '' -H "Authorization: Bearer ${token%?}!")" 401
expect_in "the command line with it" "$(RUSUBAN_TOKEN=$token rusuban lock show --at "http://$api")" "web"
expect_in "in the clear" "$(RUSUBAN_TOKEN=$token rusuban lock show --at http://192.0.2.1 2>&1 || true)" "in the clear"
export HOME=$stage/home
mkdir -p "$HOME/.config/rusuban"
printf '%s\n' "$token" >"$HOME/.config/rusuban/token"
chmod 644 "$HOME/.config/rusuban/token"
expect_in "a token that others can read" "$(rusuban status --at "http://$api" 2>&1 || true)" "chmod 600"
chmod 600 "$HOME/.config/rusuban/token"
expect_in "from its file" "$(rusuban status --at "http://$api")" "kotori"
rusuban status --at "http://$api" --quiet >/dev/null || fail "status by a token"

# TLS in front, as an edge would be: a certificate for this address, and a client that trusts it or not.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=edge \
    -addext subjectAltName=IP:127.0.0.1 \
    -keyout "$stage/key.pem" -out "$stage/cert.pem" 2>/dev/null
node "$here/edge.mjs" "$api" "$stage/key.pem" "$stage/cert.pem" >"$stage/port" &
pids+=($!)
for _ in {1..100}; do [[ -s $stage/port ]] && break; sleep 0.05; done
edge=https://127.0.0.1:$(<"$stage/port")
expect_in "through TLS" "$(SSL_CERT_FILE=$stage/cert.pem rusuban status --at "$edge")" "kotori"
expect_in "an unknown certificate" "$(rusuban status --at "$edge" 2>&1 || true)" "TLS: self-signed certificate"
elsewhere=$(SSL_CERT_FILE=$stage/cert.pem rusuban status --at "${edge/127.0.0.1/localhost}" 2>&1 || true)
expect_in "another name" "$elsewhere" "TLS: hostname mismatch"
rusuban token revoke 1 --quiet
expect "a revoked one" "$(ask GET /me '' -H "Authorization: Bearer $token")" 401

# ---- many at once, and some who do not wait
for _ in {1..40}; do
    curl -s -o /dev/null -w '%{http_code}\n' --max-time 60 -H 'Content-Type: application/json' \
        -H "X-Forwarded-For: 198.51.100.$((RANDOM % 250))" \
        -d "{\"name\":\"n$RANDOM\",\"password\":\"guess at random\"}" "http://$api/api/v1/session" >>"$stage/many" &
    many+=($!)
done
expect "who is signed in here finds a place" "$(sign_in kato "$password")" 201
for _ in {1..5}; do
    curl -s -o /dev/null --max-time 0.05 -H 'Content-Type: application/json' -d '{"name":"x","password":"y"}' \
        "http://$api/api/v1/session" || true
done
expect "others are served meanwhile" "$(page "$kato" GET /me)" 200
wait "${many[@]}" || true
expect "every one is answered" "$(grep -cE '^(401|429|503)$' "$stage/many")" 40
expect "as wrong or as too many" "$(grep -c 401 "$stage/many" | awk '{ print ($1 >= 8) }')" 1
expect "who found no place was not charged for it" \
    "$(sqlite3 "$data/store.db" "select count(*) <= $(grep -c 401 "$stage/many") + $(grep -c 429 "$stage/many")
        from throttle where key glob 'name:n[0-9]*'")" 1

# ---- somebody tries what is not theirs, over and over
noise=$(rusuban token make noise --role viewer --quiet)
for _ in {1..30}; do
    expect "not theirs" "$(ask POST /invites '{"name":"tanaka","role":"admin"}' -H "Authorization: Bearer $noise")" 403
done
noise_lines="sum(via = 'token noise') + sum(iif(verb = 'refused' and origin = '', after ->> 'more', 0))"
noise_kept() {
    (($(sqlite3 "$data/store.db" "select (select $noise_lines from audit where not ok)
        + (select coalesce(sum(more), 0) from refused where origin = '')") == 30))
}
for _ in {1..600}; do noise_kept && break; sleep 0.1; done
noise_kept || fail "a second later the store does not know how often"
{ kill -9 "$web_pid"; wait "$web_pid" || true; } 2>/dev/null
again
expect "killed, it had kept the number" "$(sqlite3 "$data/store.db" "select $noise_lines from audit where not ok")" 30

# ---- a stranger has many addresses: those of his network are one, and a few lines a minute
for i in {1..24}; do
    expect "a stranger's guess" "$(guess "nobody-$i" "2001:db8:7:$i::1")" 401
done

# ---- what was done is written down
rusuban audit verify >"$stage/verify" || fail "the audit log is not whole: $(cat "$stage/verify")"
head=$(sed 's/.*Head: //' "$stage/verify")
audit=$(rusuban audit --limit 500)
for line in "admin invite" "people invite" "people set" "lock set" "POST /session: refused" "token make"; do
    expect_in "the audit log" "$audit" "$line"
done
rusuban audit verify --head "$head" >/dev/null || fail "the head that was just printed is not known"

# ---- the same from a machine that has no house: about the server, or not at all
auditor=$(rusuban token make auditor --role admin --quiet)
far() {
    code=0
    RUSUBAN_TOKEN=$auditor RUSUBAN_AT=http://$api RUSUBAN_DATA=$stage/no-house "$RUSUBAN" "$@" \
        >"$stage/far.out" 2>"$stage/far.err" || code=$?
}
far audit verify
expect "verified there" "$code $(<"$stage/far.out")" "0 $(rusuban audit verify)"
far audit verify --json
expect "as JSON" "$(<"$stage/far.out")" "$(rusuban audit verify --json)"
far audit verify --head "$head"
expect "a head that it knows" "$code" 0
far audit verify --head "${head//[0-9]/a}"
expect "one that it does not know" "$code" 3
expect_in "is said" "$(<"$stage/far.err")" "none of them has the hash that you noted"
whose=$(sqlite3 "$data/store.db" "select who from audit where seq = 4; update audit set who = 'nobody' where seq = 4")
far audit verify
expect "a line that was changed there" "$code $(head -n 1 "$stage/far.err")" \
    "3 the audit log is broken at line 4: it is not what was written"
sqlite3 "$data/store.db" "update audit set who = '$whose' where seq = 4"
for words in "notify list" "log status" "log watch" "secret list" "doctor" "admin invite mei"; do
    # shellcheck disable=SC2086     # words
    far $words
    expect "$words: nothing about this machine" "$code $(<"$stage/far.out")" "2 "
    expect_in "$words: why" "$(<"$stage/far.err")" \
        "RUSUBAN_AT names http://$api, and ${words% mei} is about the machine it runs on"
done
far version
expect "what is of no house" "$code" 0
auditor=$noise far audit verify
expect "a viewer" "$code" 4
expect_in "a viewer" "$(<"$stage/far.err")" "may not do this"
[[ ! -e $stage/no-house ]] || fail "a house was made where somebody only asked"
for secret in "$password" "$sato_password" "$token" "${kato#*=}" "$invite" "late snow, second" "$noise"; do
    if grep -aqF -- "$secret" "$data"/store.db* "$stage/web.log"; then fail "a secret lies in store or log"; fi
done

# ---- the end comes while somebody signs in
curl -s -o /dev/null --max-time 5 -H 'Content-Type: application/json' -H 'X-Forwarded-For: 203.0.113.1' \
    -d '{"name":"last","password":"guess at random"}' "http://$api/api/v1/session" &
late=$!
sleep 0.03
kill "$web_pid"
status=0
wait "$web_pid" || status=$?
wait "$late" || true
expect "it ends well" "$status" 0
expect "over and over is a few lines and a number, and nothing of it is lost" "$(sqlite3 "$data/store.db" "
    select sum(via = 'token noise') <= 15, $noise_lines from audit where not ok")" "1|30"
expect "so it is for strangers" "$(sqlite3 "$data/store.db" "
    select sum(verb <> 'refused') <= 15, sum(iif(verb = 'refused', after ->> 'more', 1)), max(origin)
        from audit where who = 'somebody' and not ok and origin glob '2001:db8:7:*'")" "1|24|2001:db8:7::/48"
rusuban audit verify >/dev/null || fail "the audit log is not whole with the number in it"
sqlite3 "$data/store.db" "update audit set who = 'nobody' where seq = 3"
status=0
rusuban audit verify >"$stage/verify" 2>&1 || status=$?
expect "a line that was changed" "$status" 3
expect_in "is named" "$(cat "$stage/verify")" "broken at line 3"
curtain

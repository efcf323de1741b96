#!/usr/bin/env bash
# What the API says to people is Japanese where they read Japanese: the refusals that somebody meets on the pages, one
# by one. A code is the same in every language, scripts hear English, and what is not said in Japanese says that it is
# not. First the table itself: its sentences are still those of the program, and it has nearly all that reach a page.
source "$(dirname "$0")/stage.bash"
cd "$here/../.." || exit 1
command -v jq >/dev/null || { echo "there is no jq"; exit 77; }

mapfile -t texts < <(find base site store web release log house sql -name '*.c' ! -name '*_test.c')
while read -r line; do fail "$line"; done < <(perl tests/web/said.pl rows "${texts[@]}")
reach=(web/*_api.c web/{person,rights,ask,act,session,bearer,throttle,origin,who,request,relay}.c web/oidc*.c
    release/api*.c release/{gate,record}.c log/{*_api,where}.c sql/{statement,period}.c
    web/fields.c)
lacks=$(perl tests/web/said.pl lacks "${reach[@]}")
read -r said _ all <<<"${lacks##*$'\n'}"
((said * 100 >= all * 90)) || fail "too few sentences are said in Japanese: $lacks"
mapfile -t tables < <(find web release log house -name '*.c' ! -name '*_test.c' ! -name '*_fuzz.c' ! -name '*_bench.c')
site=(site/{address,decode,name,node,path,repository,scalar,settle_service,settle_site,syntax,window,words}.c)
lacks=$(perl tests/web/said.pl lacks "${site[@]}")
read -r said _ all <<<"${lacks##*$'\n'}"
((said * 100 >= all * 97)) || fail "too few mistakes of the site file are said in Japanese: $lacks"
helps=$(perl tests/web/said.pl helps "${tables[@]}")
[[ $helps != *lacks* && $helps -gt 45 ]] || fail "what fields are for is not said in Japanese: $helps"

serve_web
two_services
rusuban() { "$RUSUBAN" "$@" --site "$stage/site.yaml" --data "$data"; }
password="seven herbs of spring"
language=ja-JP,ja\;q=0.9,en\;q=0.8

ask() { # METHOD PATH [BODY [CURL OPTION]...]: the status; the body stays in $stage/body
    local method=$1 path=$2 body=${3:-}
    shift $(($# < 3 ? $# : 3))
    curl -s -o "$stage/body" -D "$stage/head" -w '%{http_code}' --max-time 20 -X "$method" ${language:+-H} \
        ${language:+"Accept-Language: $language"} -H 'Content-Type: application/json' ${body:+-d "$body"} "$@" \
        "http://$api/api/v1$path"
}
cookie_of() { sed -n 's/^Set-Cookie: \(__Host-rusuban=[^;]*\).*/\1/p' "$stage/head"; }
page() { # COOKIE METHOD PATH [BODY [CURL OPTION]...]: as a page of ours asks
    local cookie=$1 method=$2 path=$3 body=${4:-}
    shift $(($# < 4 ? $# : 4))
    ask "$method" "$path" "$body" -H "Cookie: $cookie" -H "Origin: http://$api" -H 'Sec-Fetch-Site: same-origin' \
        -H "Idempotency-Key: said-$(date +%s%N)" "$@"
}
hears() { # WHAT STATUS CODE MESSAGE HINT GOT_STATUS: what the last answer was
    expect "$1" "$6 $(jq -r '.error | "\(.lang) \(.code): \(.message) [\(.hint // "")]"' "$stage/body")" \
        "$2 ja $3: $4 [$5]"
}

# ---- before the door
hears "nobody yet" 401 signed_out 'サインインしていません。' 'まだアカウントがありません。サーバーで: rusuban admin invite' "$(ask GET /me)"
invite() { rusuban people invite "$@" 2>/dev/null | sed 's|.*/invite/||'; }
first=$(rusuban admin invite kato 2>/dev/null)
first=${first##*/}
hears "a short password" 400 input 'パスワードは10〜256バイトにしてください。' \
    '自分にしかつながりの分からない単語をいくつか並べてください。' "$(ask POST "/invites/$first" '{"password":"short"}')"
expect "its detail" "$(jq -r '.error.details[0] | "\(.lang) \(.message)"' "$stage/body")" \
    'ja パスワードは10〜256バイトにしてください。'
hears "another name" 400 input 'この招待は kato 宛てです。' '名前を省いてください。' \
    "$(ask POST "/invites/$first" "{\"name\":\"sato\",\"password\":\"$password\"}")"
ask POST "/invites/$first" "{\"password\":\"$password\"}" >/dev/null
kato=$(cookie_of)
hears "an invitation twice" 404 not_found 'この招待は使用済みか、期限が切れています。' \
    '新しい招待を頼んでください。サーバーでは: rusuban admin invite' "$(ask GET "/invites/$first")"
hears "a wrong password" 401 signed_out '名前またはパスワードが違います。' \
    '忘れた場合は管理者が新しいリンクを作ります: rusuban admin invite NAME' "$(ask POST /session '{"name":"kato","password":"no"}')"
for _ in {1..20}; do        # a slow machine has waited long enough by the sixth, but each wait is twice as long
    [[ $(ask POST /session '{"name":"mori","password":"no"}') != 429 ]] || break
done
expect "throttled" "$(
    jq -r '.error | "\(.lang) \(.code) \(.message)"' "$stage/body" | sed 's/[0-9.]* m*s後/N後/')" \
    'ja limit パスワードの誤りが続いたため、次に試せるのはN後です。'
hears "a session that is over" 401 signed_out 'セッションの期限が切れました。' 'もう一度サインインしてください。' \
    "$(page '__Host-rusuban=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' GET /home)"

# ---- what somebody may not
ask POST "/invites/$(invite mei --role viewer)" "{\"password\":\"$password\"}" >/dev/null
mei=$(cookie_of)
hears "forbidden" 403 forbidden 'mei（閲覧者）にはこの操作の権限がありません。' \
    '必要な役割は developer, admin です。管理者が変更できます: rusuban people set mei --role ROLE' \
    "$(page "$mei" POST /releases '{"service":"web"}')"
ask POST "/invites/$(invite sato --role developer --services web)" "{\"password\":\"$password\"}" >/dev/null
sato=$(cookie_of)
hears "another service" 403 forbidden 'sato が操作できるサービスは web だけです。' \
    '管理者が変更できます: rusuban people set sato --services ...' "$(page "$sato" POST /locks '{"service":"api","reason":"x"}')"
hears "another site's page" 403 foreign 'このサイトのページからのリクエストではありません（Originが送信先のサーバーと異なります）。' \
    'スクリプトではトークンを使えば不要です: rusuban token make' \
    "$(ask POST /locks '{"service":"web","reason":"x"}' -H "Cookie: $sato" -H 'Origin: https://evil.example')"
sqlite3 "$data/store.db" 'update session set stepped_up = 0'
hears "step up" 403 step_up 'この操作にはパスワードの再入力が必要です。' \
    'POST /api/v1/step-up にパスワードを送ってから、もう一度実行してください。' "$(page "$kato" POST /invites '{"name":"ono","role":"viewer"}')"
hears "a wrong password again" 401 signed_out 'パスワードが違います。' \
    '忘れた場合は管理者が新しいリンクを作ります: rusuban admin invite kato' "$(page "$kato" POST /step-up '{"password":"no"}')"
page "$kato" POST /step-up "{\"password\":\"$password\"}" >/dev/null
hears "oneself" 409 state '自分のアカウントは変更も削除もできません。元に戻せなくなるためです。' \
    'ほかの管理者か、サーバーに入れる人が変更できます: rusuban people set' \
    "$(page "$kato" PUT /people/kato '{"role":"viewer"}' -H 'If-Match: "r1"')"
# shellcheck disable=SC2016     # no command: it is said so
hears "changed meanwhile" 412 changed 'mei のアカウントは、この間にほかの人が変更しました。' \
    'GET /api/v1/people の `match` を If-Match で送ってください。' \
    "$(page "$kato" PUT /people/mei '{"role":"analyst"}' -H 'If-Match: "r99"')"
hears "nobody of that name" 404 not_found 'アカウント「meo」はありません。' 'mei ではありませんか。' \
    "$(page "$kato" PUT /people/meo '{"role":"analyst"}' -H 'If-Match: "r1"')"

# ---- releases, locks, questions
hears "no such service" 404 not_found 'サイトファイルにサービス「wb」はありません。' '「web」ではありませんか。' \
    "$(page "$kato" POST /releases '{"service":"wb"}')"
hears "no such release" 404 not_found 'web にリリース 7 はありません。' 'rusuban release history web' \
    "$(page "$kato" GET /releases/web/7)"
page "$kato" POST /locks '{"service":"web","reason":"DB migration"}' >/dev/null
hears "locked" 423 locked 'web は kato がロック中です:「DB migration」' 'rusuban lock show web' \
    "$(page "$kato" POST /releases '{"service":"web"}')"
page "$kato" POST /locks/web/lift '{}' >/dev/null
hears "lifted twice" 409 state 'web はロックされていません。' '' "$(page "$kato" POST /locks/web/lift '{}')"
page "$kato" POST /releases '{"service":"web"}' >/dev/null
hears "approved too early" 409 state 'web のリリース 1 は「待機」のため、承認できません。' '' \
    "$(page "$kato" POST /releases/web/1/approve '{}')"
sqlite3 "$data/store.db" "update release set state = 'done', ended_at = created_at"
hears "approved twice" 409 state 'web のリリース 1 は「完了」のため、承認できません。' '' \
    "$(page "$kato" POST /releases/web/1/approve '{}')"
hears "a field too many" 400 input '「reson」という項目はありません。' '「reason」ではありませんか。' \
    "$(page "$kato" POST /locks '{"service":"web","reason":"x","reson":"y"}')"
hears "a field that is missing" 400 input 'reason がありません。' 'ほかの人が読む理由や名前を書いてください。' \
    "$(page "$kato" POST /locks '{"service":"web"}')"
hears "a value of another kind" 400 input 'to は整数で指定してください（文字列でした）。' 'リリース番号（省略すると1つ前）' \
    "$(page "$kato" POST /rollbacks '{"service":"web","to":"x"}')"
hears "what nobody sees" 400 input 'reason の2文字目が目に見えない文字です（U+202E）。' '取り除いてください。' \
    "$(page "$kato" POST /locks '{"service":"web","reason":"a\u202eb"}')"
hears "two lines" 400 input 'name は1行にしてください。' '改行を取り除いてください。' \
    "$(page "$kato" POST /log/saved '{"name":"two\nlines","sql":"select 1"}')"
hears "the sql role does not run" 503 unreachable 'プロセス sql が動いていません。' \
    'ほかの機能は使えます。動作中のプロセスは rusuban status で分かります。' "$(page "$kato" POST /log/query '{"sql":"select 1"}')"
hears "no such page of the log" 404 not_found 'ページ 9 はありません。' '' "$(page "$kato" GET /log/page/9)"
hears "no day" 400 input 'day の日付「sunday」を読めません。2026-11-20、today、yesterday のように書いてください。' '' \
    "$(page "$kato" GET '/log/pages?day=sunday')"
hears "two times" 400 input 'since だけを指定してください。day、from、to は併用できません。' '' \
    "$(page "$kato" GET '/log/pages?since=1h&day=today')"
hears "so long ago" 400 input 'from の日時「2h」を読めません。2026-11-20 や '"'2026-11-20 14:30'"' のように書いてください。' \
    '「どれだけ前から」は since で指定します。' "$(page "$kato" GET '/log/pages?from=2h')"
hears "which of two times" 400 input 'to の日時「garbage」を読めません。2026-11-20 や '"'2026-11-20 14:30'"' のように書いてください。' \
    '' "$(page "$kato" GET '/log/pages?from=2026-11-20&to=garbage')"
hears "times the wrong way round" 400 input '終わり（to: 2026-11-20）が始まり（from: 2026-11-21）より後ではありません。' \
    'to は、対象に含まない最初の時刻です。' "$(page "$kato" GET '/log/pages?from=2026-11-21&to=2026-11-20')"
hears "a marker's time" 400 input 'from は日時として読めません。' '2026-11-22T00:00:00.000Z、または -6h（6時間前）のように書いてください。' \
    "$(page "$kato" GET '/log/markers?from=garbage')"
hears "another language" 400 input '「fr」は使えません。' 'en または ja' \
    "$(page "$kato" PUT /me '{"language":"fr","theme":"auto","single_keys":true}')"
hears "no JSON" 400 input "本文をJSONとして読めません: '}' のところに文字列か「}」がありません。" '' \
    "$(page "$kato" POST /locks '{"service":"web",}')"
hears "no object" 400 input '本文はJSONのオブジェクトにしてください（リストでした）。' '' "$(page "$kato" POST /locks '[]')"

# ---- which lines the live page shows
cp "$stage/site.yaml" "$stage/site.before"
printf 'log: {datasets: {access: {from: {web: {on: [app1], path: /x}}}}}\n' >>"$stage/site.yaml"
mistaken() { hears "$1" 400 input "$2" "$3" "$(page "$kato" POST /log/tail "$(jq -nc --arg w "$1" '{where: $w}')")"; }
mistaken 'status >=' 'where:10: 値がありません。' "空の値は '' と書きます。"
mistaken 'status == 500' 'where:8: 「==」という演算子はありません。' '= ではありませんか。'
mistaken 'status' 'where:7: 演算子があるはずのところで終わっています。' '使える演算子は = != < > <= >= ~ です。'
mistaken 'status = 1 && uri = /' 'where:12: and、or、または終わりのはずのところに「&&」があります。' 'and と書いてください。'
mistaken '(status = 1' 'where:1: ここで始まるかっこが閉じていません。' ') で閉じてください。'
mistaken 'page ~ /works' 'page は表の列で、行のラベルではありません。' 'パスのラベルは uri です。* は任意の文字列を表します: uri ~ /works/*'
mv "$stage/site.before" "$stage/site.yaml"
hears "no such path" 404 not_found '/api/v1/peopel はありません。' '/api/v1/people ではありませんか。' "$(page "$kato" GET /peopel)"

# ---- the provider's door is a page
curl -s -H 'Accept: text/html' -H "Accept-Language: $language" "http://$api/oidc/start" >"$stage/refusal"
grep -q '<html lang="ja">.*<h1>サインインできませんでした</h1><p lang="ja">ここでは外部プロバイダーによるサインインを使っていません。</p>' \
    "$stage/refusal" || fail "the refusal: $(cat "$stage/refusal")"
curl -s -H 'Accept: text/html' "http://$api/oidc/start" | grep -q '<html lang="en">.*<h1>Not signed in</h1>' ||
    fail "the refusal in English"

# ---- whose language
tells() { # WHAT LANG MESSAGE ARGUMENTS OF page...
    page "${@:4}" >/dev/null
    expect "$1" "$(jq -r '.error | "\(.lang) \(.code) \(.message)"' "$stage/body")" "$2 not_found $3"
}
language=en
tells "a browser that asks for English" en 'web has no release 7' "$kato" GET /releases/web/7
page "$kato" PUT /me '{"language":"ja","theme":"auto","single_keys":true}' >/dev/null
tells "an account that chose Japanese" ja 'web にリリース 7 はありません。' "$kato" GET /releases/web/7
tells "a page that shows English all the same" en 'web has no release 7' \
    "$kato" GET /releases/web/7 '' -H 'Rusuban-Language: en'
language=
expect "a script" "$(curl -s --unix-socket "$data/run/web.sock" http://localhost/api/v1/releases/web/7 |
    jq -r '.error | "\(.lang) \(.message)"')" 'en web has no release 7'
language=ja
sqlite3 "$data/store.db" "update release set why = 'rejected by mei'"
page "$kato" GET /releases/web/1 >/dev/null
expect "why a release ended" "$(jq -r .why "$stage/body")" 'mei が却下しました。'
printf 'servces: {}\n' >>"$stage/site.yaml"
page "$kato" POST /releases '{"service":"web"}' >/dev/null
site_says() { # WHAT THE FILE ENDS IN, WHAT THE PAGE SAYS
    head -n "$good" "$stage/site.good" >"$stage/site.new"
    printf '%b' "$1" >>"$stage/site.new"
    mv "$stage/site.new" "$stage/site.yaml"
    page "$kato" POST /releases '{"service":"web"}' >/dev/null
    expect "a mistake of the site file" "$(jq -r '.error | .lang + " " + .message' "$stage/body" | sed 's|/.*/||')" \
        "ja サイトファイルに誤りがあります: site.yaml:$2"
}
cp "$stage/site.yaml" "$stage/site.good"
good=$(($(wc -l <"$stage/site.good") - 1))
line=$((good + 1))
site_says 'servces: {}\n' "$line:1: 「servces」というキーはありません（「services」ではありませんか）"
site_says 'gateway: {listen: x}\n' "$line:1: 「gateway」はこの版では使えません（今は省いてください）"
site_says 'log: 5\n' "$line:6: log はキーと値で指定してください（\"5\"でした）"
site_says 'gateway: [\n' "$((line + 1)):1: YAMLとして読めません: 値があるはずのところにありません"
site_says 'log: {datasets: {access: {from: {web: {on: [app2], path: /x}}}}}\n' \
    "$line:45: on: \"app2\" というホストはこのサイトにありません（「app1」ではありませんか）"
site_says 'log: {datasets: {access: {privacy: {ua: msk}}}}\n' \
    "$line:41: do は keep、drop、mask、hash のいずれかで指定してください（\"msk\"でした。「mask」ではありませんか）"
page "$kato" GET /home >/dev/null
needs=$(jq -r '.needs[] | select(.kind == "site.mistake") | .why' "$stage/body")
expect "the same on the first page" "${needs##*/}" \
    "site.yaml:$line:41: do は keep、drop、mask、hash のいずれかで指定してください（\"msk\"でした。「mask」ではありませんか）"
site_says 'alerts: {}\n' "$line:1: 「alerts」というキーはありません"
site_says 'timezone: UTC\n' "$line:1: \"timezone\" が2回あります（最初は2行目）"
curtain

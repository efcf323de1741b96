#!/usr/bin/env bash
# Mei asks the log through the API: rows, CSV, how much it would read; a slow reader, one who leaves, a role that is
# dead or silent; questions that people keep; tables, pages, releases on a time line.
# shellcheck source-path=SCRIPTDIR/../log source=../log/stage.bash disable=SC2154
source "$(dirname "$0")/../log/stage.bash"
# shellcheck source-path=SCRIPTDIR/../log source=../log/sql.bash
source "$(dirname "$0")/../log/sql.bash"
have_sql

log_site 'access: {from: {web: {on: [app1], path: /access.log}}}' 'sql: {children: 3, warm: 1, memory: 300M}'
port=$(play_ports)
printf 'web: {listen: 127.0.0.1:%s, hooks: 127.0.0.1:%s}\n' "$port" "$((port + 1))" >>"$site_file"

api() { # PATH [WORDS OF curl]...
    local path=$1
    shift
    curl -sS --max-time 60 --unix-socket "$data/run/web.sock" "http://localhost/api/v1$path" "$@"
}
post() { # PATH JSON [WORDS OF curl]...
    local path=$1 body=$2
    shift 2
    api "$path" -H 'Content-Type: application/json' -d "$body" "$@"
}
about() { # SQL [FURTHER FIELDS]: the body of a question
    jq -cn --arg sql "$1" "{sql: \$sql} + ${2:-{\}}"
}
ask() { # SQL [WORDS OF curl]...
    post /log/query "$(about "$1")" "${@:2}"
}
ask_all() { # the same of everything that is kept
    post /log/query "$(about "$1" '{all: true}')" "${@:2}"
}
client_start() { # SQL [WORDS OF curl]...: a client by itself, its pid in $client
    about "$1" >"$play/question"
    curl -sS --unix-socket "$data/run/web.sock" http://localhost/api/v1/log/query -H 'Content-Type: application/json' \
        -d "@$play/question" "${@:2}" &
    client=$!
}
error_of() { # FIELD: of the error object on stdin
    jq -r ".error.$1"
}
web_listens() {
    [ -S "$data/run/web.sock" ]
}
web_kb() { # FIELD
    awk -v field="$1:" '$1 == field { print $2 }' "/proc/$(<"$play/web.pid")/status"
}

start web rusuban_here serve web
rig_wait 20 web_listens || { cat "$play/web.log"; fail "the web role does not listen"; curtain; }

# ---- nobody is there who could answer

expect "a dead role" "$(ask 'select 1' -w ' %{http_code}' | tr -d '\n' | grep -o '"code":"[a-z]*"\|...$' | tr '\n' ' ')" \
    '"code":"unreachable" 503 '
expect "and its name" "$(ask 'select 1' | error_of message)" "the role sql does not run"
expect "tables without a lake" "$(api /log/tables | jq -c '[.items[].table]')" '["releases"]'
expect "pages without a log" "$(api /log/pages | jq -c '[.items, .worse, .dataset]')" '[[],[],"access"]'

lake_of 60000 2026-11-21T20:00:00+09:00 50
sql_start

# ---- rows

rows=$(ask "select 1 as one, 'a\"b' as text, null as nothing, 9007199254740993 as large, [1,2] as list, true as yes")
expect "columns" "$(head -n 1 <<<"$rows" | jq -c '[.columns[] | .name + ":" + .type]')" \
    '["one:whole","text:text","nothing:whole","large:whole","list:json","yes:bool"]'
expect "a row" "$(sed -n 2p <<<"$rows")" '[1,"a\"b",null,"9007199254740993",[1,2],true]'
expect "the end" "$(tail -n 1 <<<"$rows" | jq -c '[.done.rows, .done.more]')" '[1,false]'
expect "its type" "$(ask 'select 1' -o /dev/null -w '%{content_type}')" application/x-ndjson

expect "a moment is UTC" "$(ask "select make_timestamptz(1795233600000000) as at, date '2026-11-21' as day" | head -n 2 |
    jq -c 'if type == "array" then . else [.columns[].type] end' | xargs -d '\n')" \
    '["timestamp","text"] ["2026-11-21T04:00:00.000Z","2026-11-21"]'

question="select dt, time, hour, page, uri, status, reqtime, ua from access_log order by time, uri"
expect "the lake's rows" "$(ask_all "$question" | jq -c 'select(type == "array")' | wc -l)" 60000
ask_all "$question" -H 'Accept: text/csv' >"$play/api.csv"
rusuban log sql --csv --quiet --all "$question" >"$play/cli.csv"
cmp -s "$play/api.csv" "$play/cli.csv" || fail "CSV of the API is not that of the command line"
[ "$(wc -l <"$play/api.csv")" = 60001 ] || fail "CSV has $(wc -l <"$play/api.csv") lines"
formulas="select '=1+1' as a, '@x' as b, -5 as c"
expect "CSV for a spreadsheet" "$(ask "$formulas" -H 'Accept: text/csv')" $'a,b,c\n\'=1+1,\'@x,-5'
expect "CSV for a program" "$(post /log/query "$(about "$formulas" '{exact: true}')" -H 'Accept: text/csv')" \
    $'a,b,c\n=1+1,@x,-5'
limited=$(post /log/query "$(about "$question" '{all: true, limit: 5}')")
expect "a limit" "$(tail -n 1 <<<"$limited" | jq -c '[.done.rows, .done.more]')" '[5,true]'
expect "a day without rows" \
    "$(post /log/query '{"sql": "select count(*) from access_log", "day": "2026-11-01"}' | sed -n 2p)" '[0]'

# Who asked what, and how many rows they were given, are lines of the audit log.
expect "the question" "$(api '/audit?limit=2' | jq -r '.items[1].after | fromjson | .day')" 2026-11-01
expect "its rows" "$(api '/audit?limit=2' | jq -c '.items[0] | [.verb, .ok, .after]')" '["log sql",true,"{\"rows\":1}"]'

# ---- how much it would read

estimate=$(post /log/estimate "$(about "$question" '{all: true}')")
expect "an estimate" "$(jq -c '[.files, .of_files, .read_bytes > 100000, .columns[5].name]' <<<"$estimate")" \
    '[1,1,true,"status"]'
expect "of nothing" "$(post /log/estimate '{"sql": "select 1"}' | jq -c '[.files, .read_bytes]')" '[0,0]'

# ---- mistakes

wrong=$(ask $'select status,\n  count(*) frm access_log')
expect "where SQL is wrong" "$(jq -c '[.error.code, .error.place.in, .error.place.line]' <<<"$wrong")" '["input","sql",2]'
expect "its status" "$(ask "select count(*) from acces_log" -w '%{http_code}' -o "$play/wrong")" 400
expect "a table that is not there" "$(error_of message <"$play/wrong")" "no table acces_log; did you mean access_log?"
expect "and its column" "$(error_of place.col <"$play/wrong")" 22
expect_in "a file" "$(ask "select * from read_csv('/etc/passwd')" | error_of code)" "forbidden"
expect_not_in "no path" "$(ask "select * from read_parquet('$lake/access/none.parquet')")" "$play"

# In Japanese, what the engine says most often: each row of the table that is DuckDB's own has a question here.
in_japanese() { # QUESTION MESSAGE
    expect "in Japanese: $1" "$(ask_all "$1" -H 'Accept-Language: ja' | jq -r '.error | "\(.lang) \(.message)"' | tail -n 1)" "ja $2"
    asked=$((asked + 1))
}
asked=0
in_japanese 'selct 1' '「selct」の付近に構文の誤りがあります。'
in_japanese 'select (1' 'クエリが途中で終わっています。'
in_japanese "select 'abc" "引用符が閉じていません: 'abc"
in_japanese 'select uri, count(*) from access_log' '列「uri」は GROUP BY に加えるか、集計関数の中で使ってください。'
in_japanese 'select sum(uri) from access_log' \
    'この型の引数をとる関数や演算はありません: sum(VARCHAR)（型の変換が必要かもしれません）'
in_japanese 'select coutn(1)' '関数 coutn はありません。count ではありませんか。'
in_japanese "select cast(method as int) from access_log" '列 method の値「GET」を INT32 に変換できません。'
in_japanese "select status from access_log where status > 'abc'" '「abc」を INT32 に変換できません。'
in_japanese "select date '2026-13-01'" '日付「2026-13-01」はありえない値です。'
in_japanese "select timestamp 'abc'" \
    '日時「abc」の書き方が違います。書き方: YYYY-MM-DD HH:MM:SS[.US][±HH[:MM[:SS]]| ZONE]'
in_japanese 'select a.uri from access_log b' 'テーブル「a」はこのクエリにありません。使えるのは "b" です。'
in_japanese 'select 1 from access_log where count(*) > 1' 'WHERE では集計関数を使えません。HAVING を使ってください。'
in_japanese 'select max(count(*)) from access_log' '集計関数の中で集計関数は使えません。'
in_japanese 'select 1 from access_log a join access_log b on a.uri = b.uri where uri > 0' \
    '列「uri」がどのテーブルのものか決まりません。次のように書いてください: "a.uri" or "b.uri"'
in_japanese 'select 1, 2 union select 1' 'UNION などでつなぐクエリは、列の数を同じにしてください。'
in_japanese 'select cast(300 as tinyint)' '値 300 は INT8 の範囲を超えています。'
in_japanese 'select 9223372036854775807 + 1' '計算の結果が INT64 の範囲を超えています: 9223372036854775807 + 1'
in_japanese 'select (select range from range(2))' '値として使う副問い合わせが2行以上を返しました。1行になるようにしてください。'
expect "questions for the rows that are DuckDB's" "$asked" "$(grep -c '^duckdb:' "$tests/../web/said.ltsv")"
in_japanese 'select stat from access_log' '列 stat はありません。status ではありませんか。'
in_japanese 'select 1 from acces_log' 'テーブル acces_log はありません。access_log ではありませんか。'
in_japanese 'drop table access_log' \
    '実行できるのは参照のクエリだけです: SELECT、WITH、FROM、VALUES、SUMMARIZE、DESCRIBE、SHOW、PIVOT、EXPLAIN'
breaks="select range, cast(repeat('x', (range = 900000)::int) || range as int) from range(1000000)"
expect "a failure in mid-answer" "$(ask "$breaks" | tail -n 1 | error_of code)" input
expect "its status was sent before" "$(ask "$breaks" -w '%{http_code}' -o /dev/null)" 200
if ask "$breaks" -H 'Accept: text/csv' >"$play/broken.csv" 2>/dev/null; then fail "CSV that broke off looks whole"; fi
expect "two times" "$(post /log/query '{"sql": "select 1", "day": "today", "all": true}' | error_of place.name)" day
expect "an unknown field" "$(post /log/query '{"sql": "select 1", "dya": "today"}' | error_of hint)" 'did you mean "day"?'
wide=$(ask "select repeat('x', 3000000)" | tail -n 1)
expect "a row that is too wide" "$(error_of code <<<"$wide")" limit

# ---- 200 MB for a slow reader: the web role holds none of it

big="select range, repeat('x', 1000) from range(200000)"
before=$(web_kb VmRSS)
ask "$big" --limit-rate 40M | wc -c >"$play/big.size" &
slow_pid=$!
peak=0
while kill -0 "$slow_pid" 2>/dev/null; do
    now=$(web_kb VmRSS)
    peak=$((now > peak ? now : peak))
    expect "others are served meanwhile" "$(api /ping | jq .ok)" true
    sleep 0.2
done
wait "$slow_pid"
(($(<"$play/big.size") > 200000000)) || fail "the slow reader got $(<"$play/big.size") bytes"
((peak - before < 4000)) || grep -q __asan_init "$RUSUBAN" || fail "the web role grew by $((peak - before)) KB"
echo "200 MB to a slow reader: $before KB before, $peak KB at most"

# ---- the client leaves: what worked for it is gone within a second

sleeping="select count(*) from range(100000000000) a where a.range % 7 = 3"
for leaves in 'before its first row' 'in the middle'; do
    [ "$leaves" = 'in the middle' ] && sleeping="select range, repeat('x', 1000) from range(100000000)"
    patiently 5 kids_are 1 || fail "there are $(kids | grep -c .) processes before anybody asks"
    client_start "$sleeping" --limit-rate 10M -o /dev/null
    patiently 5 kids_are 2 || fail "nobody works for the client"
    sleep 0.3
    kill "$client"
    wait "$client" 2>/dev/null || true
    rig_wait 1 kids_are 1 || fail "who leaves $leaves leaves its question behind"
done
alive web || fail "the web role is gone"

# ---- a role that hangs, and one that dies in mid-answer

sql_pid=$(<"$play/sql.pid")
kill -STOP "$sql_pid"
silent=$(ask 'select 1' -w '%{time_total}')
kill -CONT "$sql_pid"
expect "a silent role" "$(head -c -9 <<<"$silent" | grep -o '"message":"[^"]*"')" '"message":"the role sql does not answer"'
client_start "$big" --limit-rate 20M -o "$play/cut"
sleep 1
end sql KILL
wait "$client" || true
expect "an answer that was cut off" "$(tail -n 1 "$play/cut" | error_of code)" unreachable
sql_start
expect "and then all is well" "$(ask 'select 42' | sed -n 2p)" '[42]'

# ---- what a question leaves open

given=$(post /log/query "$(about 'select {{day}} d, typeof({{day}}) t, {{app?}} a, {{n:number}} + 1 n' \
    '{params: {day: "2026-11-20", n: "41"}}')")
expect "values" "$(sed -n 2p <<<"$given")" '["2026-11-20","DATE",null,42]'
expect "a day of the lake" "$(post /log/query "$(about 'select count(*) from access_log where dt = {{day}}' \
    '{params: {day: "2026-11-21"}}')" | jq -c 'if type == "array" then . else .note // empty end' | xargs)" '[60000]'
expect "files of that day alone" "$(post /log/estimate "$(about 'select max(uri) from access_log where dt = {{day}}' \
    '{params: {day: "2026-11-01"}}')" | jq -c '[.files, .of_files]')" '[0,1]'
expect "none" "$(ask $'select\n {{day}}' | jq -c '[.error.message, .error.place.line, .error.place.col]')" \
    '["{{day}} has no value",2,2]'
expect "one too many" "$(post /log/query "$(about 'select {{day?}}' '{params: {dya: "1"}}')" | error_of hint)" \
    'did you mean day?'
expect "no day" "$(post /log/query "$(about 'select {{day}}' '{params: {day: "2026-13-01"}}')" | error_of message)" \
    '{{day}}: "2026-13-01" is no day; write 2026-11-20, today or yesterday'
expect "no name" "$(post /log/query "$(about 'select 1' '{params: {"a b": "1"}}')" | error_of place.name)" params
kept=$(post /log/saved "$(jq -cn '{name: "by day", sql: "select {{day}}", params: {day: "yesterday", other: "x"}}')")
expect "a kept value" "$(jq -c .params <<<"$kept")" '{"day":"yesterday"}'
expect "its end" "$(api "/log/saved/$(jq .id <<<"$kept")" -X DELETE | jq .forgotten)" true

# ---- questions that people keep

saved=$(post /log/saved '{"name": "5xx by page", "sql": "select 1"}')
id=$(jq .id <<<"$saved")
expect "a kept question" "$(jq -c '[.name, .rev, .who == "'"$(id -un)"'"]' <<<"$saved")" '["5xx by page",1,true]'
expect "its name again" "$(post /log/saved '{"name": "5xx by page", "sql": "select 2"}' | error_of place.name)" name
expect "changed" "$(post "/log/saved/$id" '{"name": "5xx", "sql": "select 3", "rev": 1}' -X PUT | jq -c '[.name, .rev]')" \
    '["5xx",2]'
expect "changed by two" "$(post "/log/saved/$id" '{"name": "5xx", "sql": "select 4", "rev": 1}' -X PUT | error_of code)" state
expect "all of them" "$(api /log/saved | jq -c '[.items[] | .name + " " + .sql]')" '["5xx select 3"]'
expect "forgotten" "$(api "/log/saved/$id" -X DELETE | jq .forgotten)" true
expect "and gone" "$(api "/log/saved/$id" -X DELETE | error_of code)" not_found

# ---- tables, pages, releases

expect "tables" "$(api /log/tables | jq -c '[.items[] | [.table, .rows]]')" '[["access_log",60000],["access_bad",0],["releases",null]]'
expect "columns of one" \
    "$(api /log/tables | jq -c '[.items[0].columns[] | select(.name == "status" or .name == "page" or .name == "dt")]')" \
    '[{"name":"status","type":"INTEGER"},{"name":"dt","type":"DATE"},{"name":"page","type":"VARCHAR"}]'
named=$(api /log/tables | jq -r '.items[0].columns | map(.name + " " + .type) | sort | .[]')
asked=$(ask "select column_name || ' ' || replace(column_type, 'TIMESTAMP WITH TIME ZONE', 'TIMESTAMPTZ')
    from (describe access_log) order by 1" | jq -r 'select(type == "array") | .[0]' | LC_ALL=C sort)
expect "the same as SQL says" "$(LC_ALL=C sort <<<"$named")" "$asked"
expect "a page that is not there" "$(api /log/page/7 | error_of code)" not_found
expect "a log that is not there" "$(api '/log/pages?dataset=acces' | error_of hint)" 'did you mean "access"?'
expect "no releases" "$(api '/log/markers?from=-7d' | jq -c .items)" '[]'
expect "no time" "$(api '/log/markers?from=yesterdy' | error_of place.name)" from
curtain

#!/usr/bin/env bash
# Mei asks the log in SQL: with and without a house, as table, CSV and JSON; she mistypes, asks for too much, changes
# her mind. Others ask at the same time, and somebody pulls plugs.
# shellcheck source-path=SCRIPTDIR source=stage.bash disable=SC2154
source "$(dirname "$0")/stage.bash"
# shellcheck source-path=SCRIPTDIR source=sql.bash
source "$(dirname "$0")/sql.bash"
have_sql
limits() { # DEADLINE
    log_site 'access: {from: {web: {on: [app1], path: /access.log}}}' \
        "sql: {children: 3, warm: 1, memory: 200M, deadline: $1}"
}
limits 4s

# Several ask at once, and a question that failed says why instead of nothing.
answer() { # QUERY [WORDS]...
    local file
    file=$(mktemp "$play/answer-XXXXXX")
    if rusuban log sql --csv --quiet "$@" >"$file" 2>"$file.err"; then
        tail -n +2 "$file"
    else
        echo "failed: $(<"$file.err")"
    fi
    rm -f "$file" "$file.err"
}


# ---- no lake, no house

try log sql "select 1"
expect "a data directory that is not there" "$code" 2
expect_in "and its sentence" "$err" "$data is no data directory of rusuban"
[[ ! -e $data ]] || fail "a question made $data"
mkdir -p "$data"
try log sql "select count(*) from access_log"
expect "a lake that is not there yet" "$code" 2
expect_in "and its sentence" "$err" "<query>:1:22: no table access_log; there are releases"

# A label that nobody knows comes in the second half only: first in `extra`, then as a column; the files differ in
# width.
lines() { # HOUR EXTRA-LABEL
    local i
    for ((i = 0; i < 12000; i++)); do
        printf 'time:2026-11-21T%s:%02d:%02d+09:00\tstatus:%s\turi:/works/%d\tmethod:GET\treqtime:%s\tuser_id:%s\tforwardedfor:%s%s\n' \
            "$1" $((i / 60 % 60)) $((i % 60)) $((i % 100 == 7 ? 500 : 200)) $i "0.$((100 + i % 900))" \
            "$([ $((i % 3)) = 0 ] && echo - || echo $((1000 + i % 5)))" '203.0.113.9, 10.0.0.1' "$2"
    done
}
make_lake() { TZ=Asia/Tokyo "$RUSUBAN" log make-lake "$lake/access" "$@" 2>>"$play/make-lake.log"; }
lines 10 '' | make_lake
lines 11 $'\tcolour:red' | make_lake --live
printf 'time:2026-11-21T12:00:00+09:00\tstatus:abc\turi:/x\nno labels here\n\xff\xfe\n' | make_lake --live

expect "rows of three widths" "$(answer "select count(*) from access_log where dt = '2026-11-21'")" 24001
expect "a label before and after it became a column" \
    "$(answer "select colour, count(*) from access_log where dt = '2026-11-21' group by 1 order by 1 nulls last")" \
    $'red,12000\n,12001'
expect "a misfit" "$(answer "select status is null, status__s from access_log where dt = '2026-11-21' and hour = 12")" \
    true,abc
expect "page and client" \
    "$(answer "select page, client, count(*) from access_log where dt = '2026-11-21' and hour < 12 group by all")" \
    '/works/{n},203.0.113.9,24000'
expect "bad lines" \
    "$(answer "select reason, count(*) from access_bad group by 1 order by 1" --all)" $'no_label,1\nutf8,1'
for limit in '' ' order by time limit 1'; do
    try log sql --all "select line from access_bad$limit"
    expect "files of bad lines$limit" "$(sed -n 's/.*, \([0-9]*\) of \([0-9]*\) files$/\1 \2/p' <<<"$err")" "1 1"
done
expect "time of the site's zone" "$(answer "select max(time) from access_log where dt = '2026-11-21' and hour = 10")" \
    '2026-11-21 10:59:59+09'
expect "no releases" "$(answer "select count(*) from releases")" 0

# ---- how much is read

try log sql "select sum(status) from access_log where dt = '2026-11-21' and hour = 10"
expect_in "one hour" "$err" "1 of 3 files"
try log sql "select count(*) from access_log where time >= '2026-11-21 11:00' and time < '2026-11-21 11:30'"
expect_in "half an hour" "$err" "1 of 3 files"
expect_in "its rows" "$out" 6600
try log sql "select count(*) from access_log where '2026-11-21' = dt and hour in (10, 12)"
expect_in "hours of a list" "$out" 12001
try log sql \
    "select count(*) from access_log a join (select distinct uri from access_log where dt = '2026-11-21') b using (uri) where a.dt = '2026-11-21'"
expect_in "two parts" "$out" 24001
try log sql "select count(*) from access_log where dt = '2026-11-21' or status = 500"
expect_in "an or narrows nothing" "$err" "the last 24 hours"
try log sql "select count(*) from access_log where dt = '2026-11-20' or dt = '2026-11-21' and hour < 24"
expect_in "unless both sides do" "$out $err" 24001
for form in '({{day?}} is null or dt = {{day?}})' '(dt = {{day?}} or {{day?}} is null)' \
    'hour >= 0 and ({{day?}}::date is null or {{day?}} = dt)'; do
    try log sql --param day=2026-11-21 "select count(*) from access_log where $form"
    expect_in "a day that may be missing: $form" "$out" 24001
    expect_not_in "and nothing said of other days" "$err" "the last 24 hours"
    try log sql "select count(*) from access_log where $form"
    expect_in "and is: $form" "$err" "the last 24 hours, since nothing in the question narrows dt"
done
try log sql "select count(*) from access_log" --quiet
expect "whoever is quiet and finds nothing" "$code $out" "0 count_star()
           0"
expect_in "hears where it was looked for" "$err" "nothing was found in the last 24 hours, since nothing in the question narrows dt"
try log sql "select count(*) from access_log"
expect_in "nothing said" "$err" "the last 24 hours, since nothing in the question narrows dt or time (--since, --day, --from, --all)"
try log sql "select count(*) from access_log" --day 2026-11-21
expect_in "--day" "$out" 24001
try log sql "select count(*) from access_log" --from '2026-11-21 10:30' --to '2026-11-21 11:30'
expect_in "--from and --to" "$out" 12000
hours=$((($(date +%s) - $(date -d '2026-11-21 10:30 +09:00' +%s)) / 3600 + 48))      # before the first line
((hours <= 9600)) || hours=9600         # 400 days is the most that may be asked for
for times in '--since 2h' "--since ${hours}h" '--day 2026-11-21' '--from 2026-11-21T10:30 --to 2026-11-21T11:30' \
    '--from 2026-11-21T02:30:00Z' '--from 2026-11-21T02:30Z' '--to 2026-11-21T11:30+09' '--to 2026-11-21T11:30'; do
    read -ra when <<<"$times"
    try log top --json --limit 100000 --by requests "${when[@]}"
    sum=$(jq -s 'map(.requests) | add // 0' <<<"$out")
    try log sql --quiet --csv "select count(*) from access_log" "${when[@]}"
    expect "the same lines for every question: $times" "$code $sum $err" "0 ${out##*$'\n'} "
done
try log sql --csv "select uri from access_log" --day 2001-01-01
expect "a day without lines" "$code $out" "0 uri"
expect_in "is said, with those that have some" "$err" "no line is of that time; lines are of 2026-11-21"
try log sql --csv --quiet "select uri from access_log" --day 2001-01-01
expect "but not to whoever is quiet" "$err" ""
try log sql "select uri from access_log where dt = '2001-01-01'"
expect_in "in the question itself too" "$err" "no line is of that time; lines are of 2026-11-21"
try log top --csv --day 2001-01-01
expect_in "the slowest pages" "$err" "The log has no line on 2001-01-01; lines are of 2026-11-21."
try log user 1 --day 2001-01-01
expect_in "a person" "$err" "lines are of 2026-11-21"
try log top --from 2026-11-21 --to 2026-11-21
expect_in "an end that is none" "$code $err" "2 --to 2026-11-21 is not after --from 2026-11-21"
try log sql "select count(*) from access_log" --all
expect_in "--all" "$out" 24001
expect_in "the line of the estimate" "$err" "3 of 3 files"
expect_in "and what it was" "$err" "1 row, "
try log sql "select count(*) from access_log where dt = current_date - 40000"
expect_in "an expression" "$err" "0 of 3 files"
said=$(rusuban log sql "select uri, reqtime from access_log where dt = '2026-11-21'" --csv 2>&1 >/dev/null)
guess=$(sed -n 's/.*about \([0-9.]*\) KB.*/\1/p' <<<"$said") really=$(sed -n 's/^read \([0-9.]*\) KB.*/\1/p' <<<"$said")
awk -v a="$guess" -v b="$really" 'BEGIN { exit !(a > 0 && a / b > 0.75 && a / b < 1.25) }' || fail "estimate: $said"

# ---- what it looks like

try log sql "select 'ab' a, 1 n, null x union all select 'c', 1000, 'y' order by n"
expect "a table" "$out" $'a      n  x\nab     1  NULL\nc   1000  y'
try log sql "select 1 a, null b, '' c, 'x,\"y\"' d, 'two' || chr(10) || 'lines' e" --csv
expect "CSV" "$out" $'a,b,c,d,e\n1,,"","x,""y""","two\nlines"'
formulas="select '=1+1' a, '@x' \"=b\", -5 c, '-5' d, -0.5 e, '-' f, chr(9) || '=1' g"
try log sql "$formulas" --csv
expect "CSV for a spreadsheet" "$out" $'a,\'=b,c,d,e,f,g\n\'=1+1,\'@x,-5,-5,-0.5,-,\'\t=1'
try log sql "$formulas" --csv --exact
expect "CSV for a program" "$out" $'a,=b,c,d,e,f,g\n=1+1,@x,-5,-5,-0.5,-,\t=1'
try log sql \
    "select 9007199254740993 big, 1.5 n, true t, null x, [1, 2] l, {'a': 1} s, 'a' || chr(9) || 'b' || chr(27) || '[31m' c, 'nan'::double f" --json
expect "JSON" "$out" \
    '{"big":"9007199254740993","n":1.5,"t":true,"x":null,"l":[1,2],"s":{"a":1},"c":"a\tb\u001b[31m","f":"nan"}'
try log sql "select chr(27) || '[31mred' || chr(27) || '[0m' || chr(7) c"
expect_in "controls are shown, not obeyed" "$out" '\x1B[31mred\x1B[0m\x07'
try log sql "from range(10005)"
expect "rows of a table" "$(wc -l <<<"$out")" 10001
expect_in "and that there are more" "$err" "the first 10,000 rows, and there are more"
expect "all of them as CSV" "$(answer "from range(30000)" | wc -l)" 30000
expect "a limit" "$(answer "from range(30000)" --limit 7 | wc -l)" 7
{ rusuban log sql --csv --quiet "from range(3000000)" 2>"$play/err" || echo $? >"$play/code"; } | head -n 1 >/dev/null
expect "whoever reads a line only is no trouble" "$(<"$play/code") $(<"$play/err")" "141 "
{ rusuban log sql --csv --quiet "select case range when 3000 then error('boom')::int else range end from range(5000)" \
    2>"$play/err" || echo $? >"$play/code"; } | true
expect "what failed is said, also when nobody reads the answer" "$(<"$play/code")" 2
expect_in "and why" "$(<"$play/err")" boom
expect "DESCRIBE" "$(answer "select column_type from (describe access_log) where column_name = 'time'")" \
    'TIMESTAMP WITH TIME ZONE'
for word in "summarize select status from access_log where dt = '2026-11-21'" "show tables" "explain select 1" \
    "values (1)" "select 1; -- hi"; do
    try log sql "$word"
    expect "$word" "$code" 0
done
for word in "explain" "explain analyze"; do
    try log sql --csv --param a=1 --param n=2 "$word select {{a}} as x, {{n:number}} + {{N:number}} as y"
    expect "$word with values" "$code $(head -n 1 <<<"$out")" $'0 explain_key,explain_value'
    expect_in "its plan" "$out" PROJECTION
done
expect "a name in other letters" "$(answer 'select {{a}} || {{A}}' --param A=x)" xx
expect "a comment ends where the engine ends it" "$(answer $'select 1 -- {{a}}\r + {{b:number}}' --param b=2)" 3
printf 'select 41 + 1 -- a comment\n' >"$play/q.sql"
try log sql --file "$play/q.sql" --csv
expect "from a file" "$out" $'(41 + 1)\n42'
expect "from standard input" "$(echo 'select 43' | rusuban log sql --csv --quiet | tail -n 1)" 43

# ---- mistakes

wrong() { # CODE PART WORDS...: on standard error
    local wanted=$1 part=$2
    shift 2
    try log sql "$@"
    expect "exit of: $*" "$code" "$wanted"
    expect_in "sentence of: $*" "$err" "$part"
}
wrong 2 '<query>:1:22: no table acces_log; did you mean access_log?' 'select count(*) from acces_log'
wrong 2 '<query>:2:8: no column statu; did you mean status?' $'select\n       statu from access_log'
wrong 2 '<query>:1:1: syntax error at or near "selct"' 'selct 1'
wrong 2 'syntax error at end of input' 'select 1 +'
wrong 2 "Could not convert string 'x' to INT32" "select 'x'::int"
wrong 2 'ask one at a time' 'select 1; select 2'
wrong 2 "ON method IN ('GET', 'POST')" "pivot (select 'GET' as method, 1 as n) on method using sum(n)"
wrong 2 'only questions are answered' 'create table t (a int)'
wrong 2 'only questions are answered' 'insert into access_log select * from access_log'
wrong 2 'write {{name}} for a value that comes with the question' 'select ?'
# shellcheck disable=SC2016
wrong 2 '<query>:1:17: write {{name}} for a value that comes with the question, not $a' 'select {{a}} || $a' --param a=1
wrong 2 '"1e400" is no number' 'select {{n:number}}' --param n=1e400
wrong 2 'is no day; write 2026-11-20' 'select 1 from access_log' --day tomorow
wrong 2 'is no time; write 2026-11-20' 'select 1 from access_log' --from noon
wrong 2 '--to 2026-11-10 is not after --from 2026-11-20' 'select 1 from access_log' --from 2026-11-20 --to 2026-11-10
wrong 2 'so long ago is --since' 'select 1' --from 2h
wrong 2 'a day is --day, a moment --from' 'select 1' --since 2026-11-21
wrong 2 'leave out --day, --from and --to' 'select 1' --since 2h --to 2026-11-21
wrong 2 '--all says it all' 'select 1' --day today --all
wrong 2 '--day says it all' 'select 1' --day today --to 2026-11-21
wrong 2 'choose one' 'select 1' --csv --json
wrong 2 'says how CSV is written' 'select 1' --exact
wrong 2 'expected a whole number' 'select 1' --limit many
wrong 2 'there is no question' '   '
wrong 4 'Cannot access file "<file>"' "select * from read_text('/etc/passwd')"
wrong 124 'took longer than 4.0 s and was ended' 'select count(*) from range(100000000000) a, range(100000) b'
wrong 1 'needs more than the 200 MB' "select list(i) from range(1000000000) t(i)"
try log sql 'select 1 from nowhere' --json
expect_in "an error as JSON" "$err" '{"error":{"code":"input","message":"<query>:1:15: no table nowhere'
PATH=/usr/bin:/bin "$RUSUBAN" --site "$site_file" --data "$data" log sql 'select 1' >/dev/null 2>"$play/err" &&
    code=0 || code=$?
if [ ! -x "$(dirname "$RUSUBAN")/rusuban-sql" ]; then expect "without rusuban-sql" "$code" 5; fi

# ---- questions of every day

try log top --day 2026-11-21
expect_in "top" "$out" '/works/{n}     24000'
try log top --by 5xx --day 2026-11-21 --csv
expect_in "top by 5xx" "$out" '/works/{n},24000,538,953,999,13008,240'
for by in total requests; do
    try log top --by $by --day 2026-11-21
    expect_in "top by $by" "$out" '/works/{n}'
done
try log page '/works/{n}' --day 2026-11-21
for part in 'By hour' 'By host' 'The slowest requests' '2026-11-21    10     12000' 'app1     24000'; do
    expect_in "page" "$out" "$part"
done
try log user 1003 --day 2026-11-21 --limit 5 --csv
expect_in "user" "$out" "/works/{n},200,"
try log page '/works/{n}' --day 2026-11-21 --csv
expect "four tables are no CSV" "$code" 2
expect_in "and the way out" "$err" "--json says of each row whose it is"
rusuban log page '/works/{n}' --day 2026-11-21 --json --limit 3 >"$play/page.json" 2>/dev/null
expect "whose each row is" "$(jq -r .part "$play/page.json" | sort | uniq -c | xargs)" "1 all 1 hosts 2 hours 3 slowest"
expect "a moment is UTC for programs" "$(jq -r 'select(.part == "slowest").time' "$play/page.json" |
    grep -cE '^2026-11-21T0[12]:[0-9]{2}:[0-9]{2}\.000Z$')" 3
moment="select time, time::timestamp as local, dt from access_log where dt = '2026-11-21' and hour = 12"
expect "to programs" "$(rusuban log sql --json --quiet "$moment")" \
    '{"time":"2026-11-21T03:00:00.000Z","local":"2026-11-21 12:00:00","dt":"2026-11-21"}'
expect "to people, with the zone" "$(answer "$moment")" '2026-11-21 12:00:00+09,2026-11-21 12:00:00,2026-11-21'
expect "one with more digits, none, and one beyond all" \
    "$(rusuban log sql --json --quiet "select make_timestamptz(1500) as a, null::timestamptz as b, 'infinity'::timestamptz as c")" \
    '{"a":"1970-01-01T00:00:00.001Z","b":null,"c":"infinity"}'
try log user 1003 --day 2026-11-21 --limit 1
expect_in "a person's trail names the zone" "$out" "2026-11-21 10:00:0"
expect_in "by its offset" "$out" "+09  first"
try log user 1003 --sql
expect_in "its SQL" "$out" "user_id = 1003 AND dt >= current_date - 1"
try log user u-3 --day 2026-11-21
expect "nobody of that name" "$code" 2
expect_in "nor the sentence" "$err" 'nobody whose user_id is "u-3" came on 2026-11-21'
try log page works
expect "no page" "$code" 2
try log user 77 --day 2026-11-21
expect "nobody" "$code $out" "2 "
expect_in "nobody" "$err" 'nobody whose user_id is "77" came on 2026-11-21'
try log page /x --day 2026-11-20
expect "no line of a page" "$code" 2

# Lines that lack what the questions like to have: an answer without it, or why there is none.
"$RUSUBAN" log make-lake "$lake/app" 2>>"$play/make-lake.log" <<'LINES'
time:2026-11-21T10:00:00+09:00	uri:/a	user_id:u-3
time:2026-11-21T10:00:01+09:00	uri:/a	user_id:u'4
LINES
"$RUSUBAN" log make-lake "$lake/jobs" 2>>"$play/make-lake.log" <<<$'time:2026-11-21T10:00:00+09:00\tjob:mail'
log_site 'access: {from: {web: {on: [app1], path: /access.log}}}, app: {from: {web: {on: [app1], path: /app.log}}},
    jobs: {from: {web: {on: [app1], path: /jobs.log}}}, none: {from: {web: {on: [app1], path: /none.log}}}' \
    "sql: {children: 3, warm: 1, memory: 200M, deadline: 4s}"
day='--day 2026-11-21'
# shellcheck disable=SC2086
{
    try log top --of app $day
    expect "by requests where there are no times" "$code $out" "0 page  requests   p50   p95  slowest  total_s  5xx
/a           2  NULL  NULL     NULL     NULL    0"
    expect_in "what is missing" "$err" "The lines of app have no reqtime and no status"
    try log top --of app --by total $day
    expect "no order without times" "$code" 2
    expect_in "and why" "$err" "the lines of app have no reqtime, so nobody knows how long they took"
    expect_in "and the way out" "$err" "nginx writes it as reqtime:\$request_time"
    try log page /a --of app $day
    expect_in "a page without times" "$out" "       2      2  NULL"
    try log user u-3 --of app $day --csv
    expect_in "a person whose id is a text" "$out" ",/a,"
    try log user "u'4" --of app $day --csv
    expect_in "and an odd one" "$out" ",/a,"
    for words in "top --of jobs" "page /a --of jobs"; do
        try log $words $day
        expect_in "$words" "$code $err" "2 the lines of jobs have no uri, so they have no pages"
    done
    try log user 7 --of jobs $day
    expect_in "nobody is named" "$code $err" "2 the lines of jobs have no user_id, so nobody can be followed"
    try log top --of none
    expect_in "nothing at all" "$code $err" "2 there are no lines of none yet"
    try log top --of job
    expect_in "no such log" "$err" "did you mean --of jobs?"
}
try log columns
expect_in "a label of its own" "$out" "colour           VARCHAR      a label of yours"
expect_in "and one that did not fit" "$out" "status__s        VARCHAR      what a line said of status where"
try log columns app --all
expect_in "what would fill others" "$out" "nginx: \$request_time"
try log sql "select colour from jobs_log" --day 2026-11-21
expect_in "no such label anywhere" "$err" "no column colour; "
try log sql "select job from jobs_log" --day 2026-11-21
expect_in "a label that came once" "$err" "<query>:1:8: no column job yet; the label is in extra: extra->>'job'"
try log sql "select extra->>'job' as job from jobs_log" --day 2026-11-21
expect_in "and what it says" "$out" mail

# ---- a house answers, and others ask too

limits 30s              # four seconds are soon over where others work: a release was "not there", since nobody came to answer
sql_start
expect "its answer" "$(answer "select count(*) from access_log where dt = '2026-11-21'")" 24001
expect "only its owner may ask" "$(stat -c %a "$data/run/sql.sock")" 600
try log sql 'select 1'
expect_in "it is in the log" "$(<"$play/sql.log")" 'what:sql.done'

# What the store knows.
sqlite3 "$data/store.db" \
    "insert into release (service, number, kind, target, asked_by, via, state, state_at, site, created_at)
        values ('web', 7, 'release', 7, 'mei', 'cli', 'done', 1795262400000, 'x', 0),
            ('web', 8, 'rollback', 5, 'mei', 'cli', 'done', 1795262400000, 'x', 0);
    insert into log_page (dataset, pattern, first_seen) values ('access', '/works/{x}', 0);"
expect "a release" "$(answer "select service, number, state, state_at from releases where kind = 'release'")" \
    'web,7,done,2026-11-21 21:00:00+09'
expect "where a rollback went" "$(answer "select number, target from releases where kind = 'rollback'")" '8,5'
expect "a page that was learned" "$(answer "select distinct page('/works/' || i || 'th') from range(3) t(i)")" \
    '/works/{x}'

# A store that cannot be read is not one without releases.
mv "$data/store.db" "$play/store.db"
echo 'this is no database' >"$data/store.db"
expect_in "a store that cannot be read" "$(answer "select count(*) from releases")" "the releases cannot be read now"
expect "lines all the same" "$(answer "select count(*) from access_log where dt = '2026-11-21'")" 24001
rm -f "$data"/store.db*
mv "$play/store.db" "$data/store.db"

try log page '/workz/{x}' --day 2026-11-21
expect_in "a page that nobody knows" "$err" "the log has no page /workz/{x}"
expect_in "those like it" "$err" "pages like it: /works/{x}"
expect "and nothing else" "$out" ""

# The path of one work is of the page of all works, whatever the log calls it.
path=$(answer "select uri from access_log where dt = '2026-11-21' and page like '/works/{%' and uri <> page limit 1")
try log page "$path?from=mail" --day 2026-11-21
expect_in "a path" "$code $err" "0 $path?from=mail is of the page /works/{"
try log page --json --quiet "$path" --day 2026-11-21
expect "its answer is the page's" "$err$(sed -n 's/.*is of the page //p' <<<"$err")" ""
expect "as many requests" "$(jq -s 'map(select(.part == "all")) | .[0].requests' <<<"$out")" \
    "$(answer "select count(*) from access_log where dt = '2026-11-21' and page = (select page from access_log
        where dt = '2026-11-21' and uri = '$path' limit 1)")"
expect "a question on standard input" "$(echo 'select 42 as n' | rusuban log sql --csv --quiet - | xargs)" "n 42"

try log sql --csv 'describe access_log'
expect_in "its columns" "$out" "reqtime,INTEGER"
expect_not_in "columns have no time" "$err" "24 hours"
try log sql --csv 'select count(*) from access_log'
expect_in "rows have" "$err" "24 hours"

for i in {1..10}; do
    answer "select $i, count(*) from access_log where dt = '2026-11-21' and status = 500" >"$play/ten.$i" &
done
wait
for i in {1..10}; do expect "one of ten at once" "$(<"$play/ten.$i")" "$i,240"; done

long='select count(*) from range(100000000000) a, range(100000) b'
for i in {1..19}; do rusuban_here log sql "$long" >/dev/null 2>"$play/many.$i" & done
sleep 2
try log sql 'select 1'
expect "one too many" "$code" 1
expect_in "and why" "$err" "16 questions wait already"
mapfile -t askers < <(jobs -p)
kill "${askers[@]}"
wait || true
rig_wait 5 kids_are 1 || fail "after everybody left there are $(kids | wc -l) processes"
expect "and the next one" "$(answer 'select 7')" 7

# ---- she changes her mind; plugs are pulled

leases() { # how many are held
    local file n=0
    for file in "$lake"/spill/*/lease; do
        if [ -e "$file" ] && ! flock -s -n "$file" true; then n=$((n + 1)); fi
    done
    echo $n
}
leases_are() { [ "$(leases)" = "$1" ]; }
slow="select count(*) from range(100000000000) a, access_log b where b.dt = '2026-11-21'"
timeout -s INT 1.2 "$RUSUBAN" --site "$site_file" --data "$data" log sql "$slow" >/dev/null 2>&1 &
rig_wait 1 leases_are 1 || fail "a session holds $(leases) leases"
lease_says() { [ "$(cat "$lake"/spill/*/lease)" = "$1" ]; }     # 0, which keeps all files, until it knows its catalog
rig_wait 1 lease_says 3 || fail "its generation: $(cat "$lake"/spill/*/lease)"
sleep 1.2
rig_wait 1 leases_are 0 || fail "after Ctrl C $(leases) leases are held"
wait || true

rusuban log sql "$slow" >/dev/null 2>"$play/killed" &
rig_wait 2 leases_are 1 || fail "no lease"
for pid in $(kids); do kill -KILL "$pid"; done
wait || true
expect_in "a killed process" "$(<"$play/killed")" "was ended by signal Killed"
expect "and the next one" "$(answer 'select 8')" 8

rusuban log sql "$slow" >/dev/null 2>"$play/killed" &
rig_wait 2 leases_are 1 || fail "no lease"
children=$(kids)
end sql KILL
wait || true
expect_in "a killed parent" "$(<"$play/killed")" "ended in the middle"
gone() { for pid in $children; do ! kill -0 "$pid" 2>/dev/null || return 1; done; }
rig_wait 2 gone || fail "children outlive their parent"
sql_start
rig_wait 5 kids_are 1 || true
expect "what the dead left" "$(find "$lake/spill" -mindepth 1 -maxdepth 1 | wc -l)" 1
expect "and the next one" "$(answer 'select 9')" 9

# Without a house the asker's own process does the same.
end sql
timeout -s INT 1 "$RUSUBAN" --site "$site_file" --data "$data" log sql "$slow" >/dev/null 2>&1 || true
none() { ! pgrep -f -- "--data $data one" >/dev/null; }
rig_wait 2 none || fail "after Ctrl C somebody still works"
rig_wait 2 leases_are 0 || fail "after Ctrl C $(leases) leases are held"

# ---- what is no question

sql_start
for bytes in '' 'a' '\x05\x00\x00\x00\x01\x00\x00\x00{}' '\x08\x00\x00\x00\x04\x00\x00\x0012345678' \
    '\xff\xff\xff\x00\x01\x00\x00\x00' \
    '\x02\x00\x00\x00\x01\x00\x00\x00{}' '\x00\x00\x00\x00\x09\x00\x00\x00' '\x02\x00\x00\x00\x02\x00\x00\x00{}'; do
    # shellcheck disable=SC2059
    printf "$bytes" |
        perl -MIO::Socket::UNIX -e 'local $/; my $x = <STDIN>; my $s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or exit;
        print $s $x; shutdown $s, 1; read $s, my $y, 100' "$data/run/sql.sock" || true
done
expect "after all that" "$(answer 'select 10')" 10
alive sql || fail "rusuban-sql did not survive it"

# ---- the site file changes; mistakes change nothing

cp "$site_file" "$play/site.before"
limits 1s
try log sql "$long"
expect "its new deadline" "$code" 124
code=0
RUSUBAN_SLOW_MS=200 rusuban log sql "$long" >/dev/null 2>"$play/err" || code=$?
expect_in "a question that takes long" "$(<"$play/err")" "no answer yet; Ctrl-C ends the question"
expect_in "its new deadline" "$err" "took longer than 1.0 s"
echo 'nonsense: [' >>"$site_file"
"$RUSUBAN" --site "$play/site.before" --data "$data" log sql "$long" >/dev/null 2>"$play/err" || true
expect_in "a file with mistakes" "$(<"$play/err")" "took longer than 1.0 s"
cp "$play/site.before" "$site_file"
expect "as before" "$(answer 'select 11')" 11
curtain

#!/usr/bin/env bash
# What the log server writes, others read: 300,000 lines with every kind of trouble in them are counted, summed and
# digested column by column, from the text by a program that knows nothing of Rusuban, from the files by hyparquet, and
# by DuckDB through `rusuban log sql`; then once more after `rusuban-sql seal` has sorted them. All four agree.
# shellcheck source-path=SCRIPTDIR source=stage.bash disable=SC2154
source "$(dirname "$0")/stage.bash"
# shellcheck source-path=SCRIPTDIR source=sql.bash
source "$(dirname "$0")/sql.bash"
have_sql
modules=$(realpath "$tests/../build/npm/node_modules")
command -v node >/dev/null || skip "there is no node here"
log_site 'access: {from: {web: {on: [app1], path: /access.log}}}'

# Misfits, several upstreams, labels that are missing, empty, new, rare; NULLs; lines without time, without labels, with
# bytes that are no text.
"$RUSUBAN" log generate --lines 300000 --from 2026-11-21T20:00:00+09:00 --rate 25 | LC_ALL=C awk -F '\t' -v OFS='\t' '
    NR % 97 == 0 { sub(/status:[0-9]+/, "status:abc") }
    NR % 89 == 0 { sub(/\treqtime:[0-9.]+/, "") }
    NR % 83 == 0 { sub(/apptime:[^\t]+/, "apptime:0.010, 0.020 : 0.200") }
    NR % 79 == 0 { sub(/user_id:[^\t]+/, "user_id:99999999999999999999") }
    NR % 73 == 0 { sub(/query:[^\t]*/, "query:") }
    NR % 71 == 0 { sub(/ua:[^\t]*/, "ua:日本語 \\x09 \"quoted\", {json}") }
    NR % 67 == 0 { sub(/reqsize:[0-9]+/, "reqsize:3000000000") }
    NR > 100000 && NR % 2 { $0 = $0 "\tcolour:shade " NR % 5000 }
    NR % 20011 == 0 { $0 = $0 "\trare:once \"" NR "\"" }
    NR % 997 == 0 { sub(/ua:/, "ua:\377\376") }
    NR % 1009 == 0 { sub(/time:/, "tim:") }
    NR % 1013 == 0 { $0 = "nothing with a label" }
    { print }' >"$play/text"
TZ=Asia/Tokyo "$RUSUBAN" log make-lake "$lake/access" --rows 150000 <"$play/text" 2>/dev/null

mapfile -t files < <(find "$lake/access" -name '*.parquet' | sort)
node "$tests/log/parquet.mjs" text "$play/text" >"$play/sums.text"
node "$tests/log/parquet.mjs" parquet "$modules" "${files[@]}" >"$play/sums.hyparquet"

# One question a column would be 25 sessions: all of them in one.
duckdb_sums() {
    local name type sql='' columns
    columns=$(answer \
        "select column_name, column_type from (describe access_log) where column_name not in ('extra', 'dt', 'hour', 'page', 'client')")
    while IFS=, read -r name type; do
        local v="\"$name\"" sum=0
        case $type in
        TIMESTAMP*) v="epoch_us(\"$name\")" sum="sum(epoch_us(\"$name\"))" ;;
        INTEGER | BIGINT) sum="sum(\"$name\"::hugeint)" ;;
        esac
        sql+="${sql:+ union all }select '$name' c, count(\"$name\") n, coalesce($sum, 0) s, "
        sql+="coalesce(sum(('0x' || left(md5(($v)::varchar), 8))::bigint), 0) d from access_log"
    done <<<"$columns"
    sql+=" union all select 'rare', count(extra->>'rare'), 0, coalesce(sum(('0x' || left(md5(extra->>'rare'), 8))::bigint), 0) from access_log"
    echo "rows $(answer "select count(*) from access_log" --all)"
    answer "select c, n, s, d from ($sql) where n > 0" --all | tr , ' ' | LC_ALL=C sort
}
duckdb_sums >"$play/sums.duckdb"

compare() { # NAME
    diff "$play/sums.text" "$play/sums.$1" >"$play/diff" ||
        fail "$1 reads other than the text says: $(head -n 12 "$play/diff")"
}
compare hyparquet
compare duckdb
expect "columns" "$(($(wc -l <"$play/sums.text") >= 22))" 1
for name in status__s apptime__s user_id__s reqsize__s colour rare; do
    grep -q "^$name " "$play/sums.text" || fail "no $name in the text: the play has lost its point"
done
bad=$(LC_ALL=C awk 'NR % 1013 == 0 { n++; next } NR % 1009 == 0 || NR % 997 == 0 { n++ } END { print n }' "$play/text")
expect "bad lines" "$(answer "select count(*) from access_bad" --all)" "$bad"
expect "their reasons" \
    "$(answer "select string_agg(distinct reason, ' ' order by reason) from access_bad" --all)" 'no_label no_time utf8'

# ---- sealed: the same rows, sorted

seal_hour() { # dt=.../hour=..: prints what rusuban-sql said
    jq -c --arg out "$1/sealed-0001.parquet" --arg hour "$1" \
        '{files: [.files[].path | select(startswith($hour))], out: $out,
        columns: .columns, max_rows: 40000}' "$play/catalog.json" |
        "$(command -v rusuban-sql)" seal "$lake/access"
}
jq -s '{files: ([.[].files[]?] ), columns: (.[0].schema)}' "$lake/access/manifest" \
    "$lake"/access/months/*.json >"$play/catalog.json"
rm -f "$play/sealed"
for hour in $(jq -r '.files[].path' "$play/catalog.json" | cut -d/ -f1,2 | sort -u); do
    seal_hour "$hour" >>"$play/sealed" || fail "seal of $hour"
done
mapfile -t sealed < <(find "$lake/access" -name 'sealed-*.parquet' | sort)
expect "hours of more than 40,000 rows have several files" "$((${#sealed[@]} > $(wc -l <"$play/sealed")))" 1
node "$tests/log/parquet.mjs" parquet "$modules" "${sealed[@]}" >"$play/sums.sealed"
compare sealed
expect "rows it told of" "$(jq -s '[.[].files[].rows] | add' "$play/sealed")" \
    "$(sed -n 's/^rows //p' "$play/sums.text")"
expect "bytes it told of" "$(jq -s '[.[].files[].bytes] | add' "$play/sealed")" "$(cat "${sealed[@]}" | wc -c)"
expect "nothing else is left" "$(find "$lake/access" -name '.seal*' | wc -l)" 0
size=$(cat "${files[@]}" | wc -c) small=$(cat "${sealed[@]}" | wc -c)
echo "$(wc -c <"$play/text") bytes of text, $size written, $small sealed"
for wish in '{}' '[]' 'x' \
    '{"files":["../x.parquet"],"out":"a/b.parquet","columns":[{"name":"time","type":0,"id":1}],"max_rows":1}' \
    '{"files":["a.parquet"],"out":"/tmp/b.parquet","columns":[{"name":"time","type":0,"id":1}],"max_rows":1}'; do
    code=0
    "$(command -v rusuban-sql)" seal "$lake/access" <<<"$wish" >/dev/null 2>"$play/err" || code=$?
    expect "a wish that is none: $wish" "$code" 2
done
curtain

# log-contenders.bash: who takes part in bench/log: a row, and a function that does the work and prints how many lines
# it met. Sourced, not run.
#
# $text is the log, $work a directory that is emptied before each run. A function is one process tree: its processor
# time is what is compared.
# shellcheck shell=bash disable=SC2154

# name, program that it needs, what it does
contenders=(
    "wc|wc|floor: wc -l"
    "zstd|zstd|floor: zstd -1 of the text"
    "marks||ours: marks only (tabs and line breaks)"
    "cells||ours: scan, labels checked"
    "columns||ours: typed columns"
    "parquet||ours: Parquet, zstd 1"
    "fresh||ours: files of hours with catalog, zstd 1"
    "sealed|rusuban-sql|ours: those, then sealed: sorted, zstd 12"
    "gzip|gzip|gzip -6 of JSON lines, nothing parsed"
    "goaccess|goaccess|GoAccess, JSON report"
    "miller|mlr|miller, p95 by uri"
    "appender|duckdb|DuckDB's appender behind our scan, COPY to Parquet"
    "ltsv|duckdb|DuckDB, SQL over LTSV, order of labels trusted"
    "tabs|duckdb|DuckDB, CSV of the same without labels"
    "json|duckdb|DuckDB, JSON lines"
)

field() { # NAME NUMBER: of its row
    local row
    for row in "${contenders[@]}"; do
        if [ "${row%%|*}" = "$1" ]; then cut -d'|' -f"$2" <<<"$row"; fi
    done
}

missing_for() { # NAME: prints why it cannot take part
    local needs
    needs=$(field "$1" 2)
    case $needs in
    '') ;;
    duckdb) [ -x "$duckdb" ] || echo "there is no DuckDB here" ;;
    rusuban-sql) [ -x "$(dirname "$program")/rusuban-sql" ] || echo "rusuban-sql was not built here" ;;
    *) command -v "$needs" >/dev/null || echo "there is no $needs" ;;
    esac
}

# ---- floors

run_wc() { wc -l <"$text"; }
run_zstd() { zstd -q -1 -T1 -c "$text" >"$work/zst" && wc -l <"$text"; }

# ---- ours

stage_of() { # STAGE WORDS...
    "$stages" "$1" "$text" "${@:2}" | grep -o 'lines:[0-9]*' | cut -d: -f2
}

# It counts marks, of which a line has as many as it has labels.
run_marks() { echo $(($(stage_of marks) / labels)); }
run_cells() { stage_of cells; }
run_columns() { stage_of columns; }
run_parquet() { stage_of parquet 1 "$work/out.parquet"; }

run_fresh() {
    TZ=Asia/Tokyo "$program" log make-lake "$work/lake/access" --live <"$text" 2>&1 | cut -d' ' -f1
}

# As the log server asks for it: the files of an hour, then the next hour's.
run_sealed() {
    local hour sealed=0 rows
    run_fresh >/dev/null
    mkdir "$work/wishes"
    jq -c '.schema as $columns | .files | group_by(.hour)[] | {files: map(.path), max_rows: 4000000, columns: $columns,
        out: (.[0].path | sub("^live/"; "") | sub("[^/]*$"; "log-0001.parquet"))}' "$work/lake/access/manifest" |
        split -l 1 -d -a 4 - "$work/wishes/"
    for hour in "$work"/wishes/*; do
        mkdir -p "$work/lake/access/$(dirname "$(jq -r .out "$hour")")"
        rows=$("$(dirname "$program")/rusuban-sql" seal "$work/lake/access" <"$hour" | tee "$hour.made" |
            jq '[.files[].rows] | add')
        sealed=$((sealed + rows))
    done
    echo "$sealed"
}

# ---- the others

run_gzip() { gzip -6 -c "$json_text" >"$work/json.gz" && wc -l <"$text"; }

goaccess_format=$'time:%dT%t+%^\tserver_addr:%^\thost:%v\tmethod:%m\treqsize:%^\turi:%U\tquery:%q\tstatus:%s\tsize:%b\treferer:%R'
goaccess_format+=$'\tua:%u\tforwardedfor:%h\treqtime:%T\t%^'

run_goaccess() {
    goaccess "$text" --no-global-config --no-progress --log-format="$goaccess_format" --date-format=%Y-%m-%d \
        --time-format=%H:%M:%S -o "$work/report.json" >/dev/null 2>&1
    grep -o '"valid_requests": [0-9]*' "$work/report.json" | cut -d' ' -f2
}

run_miller() {
    mlr --idkvp --ifs tab --ips : --ojson stats1 -a p95,count -f reqtime -g uri "$text" >"$work/p95.json"
    grep -o '"reqtime_count": [0-9]*' "$work/p95.json" | awk '{ n += $2 } END { print n }'
}

parquet_options="(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)"

rows_of() { # PARQUET
    "$duckdb" print "SELECT count(*)::VARCHAR FROM '$1'"
}

run_appender() { "$duckdb" append "$text" "$work/out.parquet" | cut -d: -f2; }

# Each label, in the order of the lines, and what becomes of its value.
sql_columns="time:TIMESTAMPTZ server_addr:VARCHAR host:VARCHAR method:VARCHAR reqsize:INTEGER uri:VARCHAR query:VARCHAR
    status:INTEGER size:BIGINT referer:VARCHAR ua:VARCHAR forwardedfor:VARCHAR reqtime:MS apptime:MS user_id:BIGINT
    alternative_id:VARCHAR timecard_env:VARCHAR"

text_columns() { # prints them for read_csv
    local column all=''
    for column in $sql_columns; do all+=", '${column%%:*}': 'VARCHAR'"; done
    echo "{${all:2}}"
}

select_text() { # LABELS: yes where each value has its label before it
    local column name type value all=''
    for column in $sql_columns; do
        name=${column%%:*} type=${column##*:}
        value="\"$name\""
        if [ "$1" = yes ]; then value="substr($value, $((${#name} + 2)))"; fi
        if [ "$name" != time ]; then value="nullif($value, '-')"; fi
        case $type in
        VARCHAR) ;;
        MS) value="CAST(CAST($value AS DECIMAL(9, 3)) * 1000 AS INTEGER)" ;;
        *) value="CAST($value AS $type)" ;;
        esac
        all+=", $value AS \"$name\""
    done
    echo "SELECT ${all:2}"
}

copy_text() { # FILE LABELS
    "$duckdb" do "COPY ($(select_text "$2") FROM read_csv('$1', delim = '\t', quote = '', escape = '', header = false,
        auto_detect = false, columns = $(text_columns))) TO '$work/out.parquet' $parquet_options"
}

json_columns() { # prints them for read_json
    local column type all=''
    for column in $sql_columns; do
        type=${column##*:}
        if [ "$type" = MS ]; then type=DOUBLE; fi
        all+=", '${column%%:*}': '$type'"
    done
    echo "{${all:2}}"
}

run_ltsv() { copy_text "$text" yes && rows_of "$work/out.parquet"; }
run_tabs() { copy_text "$tab_text" no && rows_of "$work/out.parquet"; }
run_json() {
    "$duckdb" do \
        "COPY (SELECT * REPLACE (CAST(reqtime * 1000 AS INTEGER) AS reqtime, CAST(apptime * 1000 AS INTEGER) AS apptime)
        FROM read_json('$json_text', format = 'newline_delimited', columns = $(json_columns)))
        TO '$work/out.parquet' $parquet_options"
    rows_of "$work/out.parquet"
}

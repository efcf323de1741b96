#!/usr/bin/env bash
# People with bad intentions ask. Each tries to read what is not theirs, to change something, or to use up the machine,
# once with DuckDB's own settings and once without them (the kernel's fences alone): nothing outside is read, nothing in
# the lake changes, everything ends in time, and the neighbour's question is answered meanwhile.
# shellcheck source-path=SCRIPTDIR source=stage.bash disable=SC2154
source "$(dirname "$0")/stage.bash"
# shellcheck source-path=SCRIPTDIR source=sql.bash
source "$(dirname "$0")/sql.bash"
have_sql

log_site 'access: {from: {web: {on: [app1], path: /access.log}}}' \
    'sql: {children: 4, warm: 1, memory: 100M, deadline: 3s}'
lake_of 60000 2026-11-21T20:00:00+09:00 10
mkdir -p "$lake/wal" "$lake/other/dt=2026-11-21/hour=20" "$play/out" "$lake/spill/neighbour"
secret="TOP-SECRET-$RANDOM$RANDOM"
for place in "$play/secret.txt" "$play/secret.csv" "$lake/wal/0000000001.wal" "$lake/other/notes.csv" \
    "$lake/spill/neighbour/notes.csv" \
    "$data/secret.json"; do
    printf 'a,b\n%s,"{}"\n' "$secret" >"$place"
done
one=$(find "$lake/access" -name '*.parquet' | sort | head -n 1)
cp "$one" "$lake/other/dt=2026-11-21/hour=20/theirs.parquet"
cp "$one" "$play/outside.parquet"
ln -s "$play/secret.csv" "$lake/access/link.csv"
ln -s "$play" "$lake/access/linked"
ln -s "$play/outside.parquet" "$lake/access/dt=2026-11-21/linked.parquet"
rows_outside=$(answer "select count(*) from access_log where dt = '2026-11-21' and hour = 20")
[ "${rows_outside:-0}" -gt 0 ] || fail "the stage has no rows: $(cat "$play/answer.err")"

# One attempt a line, whole: it is expected to fail or to give nothing.
attempts=$(sed "s|@play|$play|g; s|@lake|$lake|g; s|@data|$data|g" <<'SQL'
select * from read_text('/etc/passwd')
select * from read_blob('/etc/shadow')
select * from read_csv('/etc/passwd', sep=':', header=false)
from '/etc/passwd'
select * from read_csv_auto('@play/secret.csv')
from '@play/secret.csv'
select * from read_json('@data/secret.json')
select * from read_json_auto('@data/secret.json', ignore_errors=true)
select * from read_ndjson_objects('@data/secret.json')
select * from read_text('@data/secret.json')
select content from read_text(['@play/secret.txt'])
select * from read_text('@lake/wal/*')
select * from read_blob('@lake/wal/0000000001.wal')
select * from read_csv('@lake/other/notes.csv')
select * from read_text('@lake/spill/*/notes.csv')
select * from read_text('@lake/spill/neighbour/notes.csv')
select count(*) c from read_parquet('@lake/other/*/*/*.parquet') having c > 0
select count(*) c from read_parquet('@play/outside.parquet') having c > 0
select count(*) c from read_parquet('@lake/access/dt=2026-11-21/linked.parquet') having c > 0
select * from read_text('@lake/access/link.csv')
select * from read_text('@lake/access/linked/secret.txt')
select * from read_text('@lake/access/../other/notes.csv')
select * from read_text('@lake/access/../../secret.json')
select * from read_text('/proc/self/environ')
select * from read_text('/proc/1/environ')
select * from read_text('/proc/self/maps')
select * from read_text('/proc/self/root/etc/passwd')
select * from read_text('/proc/self/fd/100')
select * from read_blob('/dev/mem')
select * from read_blob('/dev/sda')
select * from glob('/etc/*')
select * from glob('/root/*')
select * from glob('@data/*')
select * from glob('@lake/wal/*')
select * from glob('@play/**')
select * from glob('/proc/*/environ')
select * from sniff_csv('/etc/passwd')
select * from parquet_metadata('@play/outside.parquet')
select * from parquet_schema('@lake/other/dt=2026-11-21/hour=20/theirs.parquet')
select * from parquet_kv_metadata('@play/outside.parquet')
select * from read_parquet('https://example.invalid/x.parquet')
select * from read_csv('http://127.0.0.1:1/secret.csv')
select * from read_parquet('s3://bucket/x.parquet')
select * from read_text('hf://datasets/x/y')
select getenv('HOME')
select * from duckdb_secrets()
select * from query('copy (select 1) to ''@play/out/q.csv''')
copy (select 1) to '@play/out/a.csv'
copy (select 1) to '@play/out/a.parquet' (format parquet)
copy (select 1) to '@lake/access/evil.parquet' (format parquet)
copy (select 1) to '@lake/access/manifest' (format csv)
copy (select * from access_log limit 1) to '@lake/access/dt=2026-11-21/hour=20' (format parquet, overwrite_or_ignore true)
copy (select 1) to '/dev/shm/escaped.csv'
copy (select 1) to '/tmp/escaped.csv'
copy (select 1) to '/dev/stdout'
copy access_log from '@play/secret.csv'
create table t as select * from read_text('@play/secret.txt')
create or replace view access_log as select 1
attach '@play/out/evil.db'
attach '@data/store.db' (type sqlite)
attach '@lake/access/evil.db' as evil
export database '@play/out/export'
import database '@play/out/export'
install httpfs
install '@play/out/x.duckdb_extension'
load httpfs
load '@play/out/x.duckdb_extension'
load json
set enable_external_access = true
set lock_configuration = false
set memory_limit = '100GB'
set threads = 64
set temp_directory = '@play/out'
set allowed_directories = ['/']
set allowed_paths = ['/etc/passwd']
set extension_directory = '@play/out'
set autoload_known_extensions = true
set allow_unsigned_extensions = true
set home_directory = '@play/out'
set secret_directory = '@play/out'
set log_query_path = '@play/out/log'
set profiling_output = '@play/out/profile'
set global enable_logging = true
reset lock_configuration
pragma enable_profiling = 'json'
pragma database_list; select 1
pragma import_database('@play/out')
create secret s (type s3, key_id 'x', secret 'y')
create persistent secret s (type s3, key_id 'x', secret 'y')
call pragma_version(); copy (select 1) to '@play/out/b.csv'
checkpoint
vacuum
drop view access_log
insert into inside.release_rows values ('x', 1, 'x', 1)
prepare p as select 1; execute p
begin; select 1
explain analyze copy (select 1) to '@play/out/c.csv'
select * from json_execute_serialized_sql(json_serialize_sql('select content from read_text(''@play/secret.txt'')'))
select * from query_table('/etc/passwd')
with x as (select * from read_text('@play/secret.txt')) select * from x
select (select content from read_text('@play/secret.txt'))
select * from access_log where dt = '2026-11-21' and uri = (select content from read_text('/etc/passwd'))
SQL
)
count=$(grep -c . <<<"$attempts")
[ "$count" -ge 60 ] || fail "only $count attempts"

# What a lake is: every file of it but the sessions' own.
lake_sum() {
    (cd "$lake" && {
        find . -path ./spill -prune -o -type f -print0 | sort -z | xargs -0 sha256sum
        find . -path ./spill -prune -o -printf '%y %m %p %l\n' | sort
    } | sha256sum)
}

attempt() { # SQL
    local said
    said=$(timeout 20 "$RUSUBAN" --site "$site_file" --data "$data" log sql --json --quiet "$1" 2>&1) || true
    case $said in
    *"$secret"* | *root:x:* | *PATH=* | *PAR1*) fail "it was read ($mode): $1 gave ${said:0:200}" ;;
    *"$play"*) fail "a path was told ($mode): $1 gave ${said:0:200}" ;;
    esac
    # A count over a foreign file is a read too.
    if [[ $1 == *"having c > 0" && $said == *'"c":'* ]]; then fail "foreign rows were counted ($mode): $1"; fi
}

all_attempts() {
    local sql
    while read -r sql; do attempt "$sql"; done <<<"$attempts"
}

# ---- what uses up the machine

bombs() {
    cat <<'SQL'
select list(i) from range(1000000000) t(i)
select count(*) from range(100000000000) a, range(100000000) b
with recursive r(n) as (select 1 union all select n + 1 from r) select count(*) from r
select regexp_matches(repeat('a', 40000000), '(a*)*(a*)*(a*)*(a*)*b')
select repeat(repeat('x', 1000000), 1000)
select string_agg(repeat('x', 100000), '') from range(1000000)
select count(distinct hash(i) || i) from range(2000000000) t(i)
select i, repeat(md5(i::varchar), 100) s from range(300000000) t(i) order by s desc
select * from range(20000000000)
select a.uri from access_log a, access_log b, access_log c order by a.uri || b.uri || c.uri desc
select list_sort(list_transform(range(200000000), x -> hash(x)))
select apply(range(1000000), x -> apply(range(1000000), y -> x * y))
SQL
}

bomb() { # SQL: ends with an error, no later than the deadline and a little
    local began=$EPOCHREALTIME took said=$play/bomb.$BASHPID
    timeout -s KILL 30 "$RUSUBAN" --site "$site_file" --data "$data" log sql --csv --quiet --all --yes "$1" >/dev/null \
        2>"$said" || true
    took=$(awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { print int((b - a) * 10) }')
    echo "$took $(tr -d '\n' <"$said" | cut -c 1-120)" >>"$play/bombs"
    [ "$took" -lt 120 ] || echo "late: $1" >>"$play/late"
}

neighbour() { # while a bomb burns
    local began=$EPOCHREALTIME got
    got=$(answer "select count(*) from access_log where dt = '2026-11-21' and hour = 20")
    expect "the neighbour's answer ($mode)" "$got" "$rows_outside"
    awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { exit !(b - a < 8) }' || fail "the neighbour waited ($mode)"
}

all_bombs() {
    local sql
    : >"$play/bombs"
    while read -r sql; do
        bomb "$sql" &
        sleep 0.3
        neighbour
        wait $!
    done < <(bombs)
    expect "bombs that went off in time" "$(grep -c . "$play/bombs")" "$(bombs | grep -c .)"
    if [ -e "$play/late" ]; then fail "$(cat "$play/late")"; fi
}

play_it() { # MODE
    mode=$1
    local before after
    before=$(lake_sum)
    if [ "$mode" = open ]; then export RUSUBAN_SQL_OPEN=yes; fi
    sql_start
    all_attempts
    all_bombs
    after=$(lake_sum)
    expect "the lake ($mode)" "$after" "$before"
    expect "files outside ($mode)" \
        "$(find "$play/out" /tmp/escaped.csv /dev/shm/escaped.csv 2>/dev/null | tr '\n' ' ')" "$play/out "
    neighbour
    end sql
    unset RUSUBAN_SQL_OPEN
    expect "directories of sessions left ($mode)" "$(ls "$lake/spill")" neighbour
}

play_it closed
play_it open

# The kernel that all this ran on.
echo "Landlock: $(cat /sys/kernel/security/lsm 2>/dev/null || uname -r); $count attempts, $(bombs | grep -c .) bombs, twice"
curtain

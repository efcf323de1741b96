#!/usr/bin/env bash
# Old logs come in: LTSV, combined as a real nginx writes it, JSON lines, packed in every way; each line once, whatever
# is killed, renamed, packed otherwise or typed twice.
# shellcheck source-path=SCRIPTDIR source=stage.bash
source "$(dirname "$0")/stage.bash"

log_site 'access: {from: {web: {on: [app1], path: /access.log}}}'
old=$play/old
mkdir -p "$old"
"$RUSUBAN" log generate --lines 20000 --seed 3 --rate 20 --from 2026-01-05T00:00:00+09:00 >"$old/access.log"

# ---- nobody is there

try log import "$old/access.log"
expect "exit code without a server" "$code" 5
expect_in "without a server" "$err" "does not run"
expect_in "the way out" "$err" "rusuban serve"
server_start

# ---- one file, once

try log import "$old/access.log"
expect "exit code" "$code" 0
expect_in "the format is told" "$err" "access.log: ltsv"
expect_in "the sum" "$out" "1 file, "
expect_in "the sum" "$out" "20,000 rows, 0 bad"
expect_in "the question that shows them" "$out" \
    "Ask them: rusuban log sql --day 2026-01-05 'select * from access_log limit 10'"
until_rows 20000
try log import "$old/access.log"
expect "exit code of the second" "$code" 0
expect_in "it is told" "$err" "imported on "
expect_in "the way to insist" "$err" "--again insists"
expect_in "nothing came" "$out" "0 files"

# The same bytes in other clothes and under another name; and the beginning of them.
gzip -c "$old/access.log" >"$old/renamed.gz"
{ head -n 7000 "$old/access.log" | gzip; tail -n +7001 "$old/access.log" | gzip; } >"$old/members.gz"
zstd -q -c "$old/access.log" >"$old/renamed.zst"
head -n 5000 "$old/access.log" >"$old/beginning"
try log import "$old/renamed.gz" "$old/members.gz" "$old/renamed.zst" "$old/beginning"
expect_in "none of them comes again" "$out" "0 files"
expect "all of them are told" "$(grep -c 'already' <<<"$err")" 4
until_rows 20000
try log import --again "$old/renamed.zst"
expect_in "whoever insists gets them twice" "$out" "20,000 rows"
until_rows 40000

# ---- killed, on both sides

"$RUSUBAN" log generate --lines 60000 --seed 4 --rate 30 --from 2026-01-06T00:00:00+09:00 | gzip >"$old/killed.gz"
for n in 3 9 21; do
    code=0
    RUSUBAN_DIE=import:block#$n rusuban log import "$old/killed.gz" >"$play/out" 2>&1 || code=$?
    expect "killed at block $n" "$code" 137
done
end server
RUSUBAN_DIE=wal:after-write#2 server_start
try log import "$old/killed.gz"
expect "the server died meanwhile" "$code" 5
expect_in "it is told what to do" "$err" "goes on where it was"
rig_wait 20 not_alive server || fail "the server did not die"
server_start
try log import "$old/killed.gz"
expect "exit code after the kills" "$code" 0
until_rows 100000
try log import "$old/killed.gz"
expect_in "it is through" "$err$out" "already"

# ---- damaged, then whole

"$RUSUBAN" log generate --lines 30000 --seed 5 --rate 30 --from 2026-01-07T00:00:00+09:00 | gzip >"$old/whole.gz"
head -c $(($(stat -c %s "$old/whole.gz") / 2)) "$old/whole.gz" >"$old/cut.gz"
try log import "$old/cut.gz"
expect "exit code of a cut file" "$code" 2
expect_in "the place" "$err" "damaged after clear byte"
expect_in "the way out" "$err" "import a whole copy"
try log import "$old/whole.gz"
expect_in "it goes on behind the damage" "$err" "went on at byte"
until_rows 130000

# ---- other formats

printf '%s\n' '{"time":"2026-01-08T10:00:00+09:00","method":"GET","uri":"/a","status":200,"reqtime":0.12}' \
    '{"time":"2026-01-08T10:00:01+09:00","uri":"/b","user":{"id":7}}' '{broken' >"$old/app.json"
printf '{"time":"2026-01-08T10:00:02+09:00","uri":"/no-line-break"}' >>"$old/app.json"
try log import "$old/app.json"
expect_in "JSON is told" "$err" "app.json: json"
expect_in "JSON" "$out" "3 rows, 1 bad"
expect_in "how many, and where" "$err" "1 bad line; the first is line 3"
printf '\nuri:/no-time\nno label\n' >"$old/bad.log"
try log import --format ltsv "$old/bad.log"
expect_in "of each file" "$err" "bad.log: 2 bad lines; the first is line 2"
until_rows 130003

printf '%s\n' '{"time_local":"08/Jan/2026:10:00:03 +0900","request":"GET /c?d=1 HTTP/1.1","request_time":0.5}' |
    "$RUSUBAN" --site "$site_file" --data "$data" log import --host app1 - >"$play/out" 2>&1 || fail "$(<"$play/out")"
expect_in "JSON with nginx's names" "$(<"$play/out")" "1 row, 0 bad"
until_rows 130004

nginx_log() { # a real nginx, its combined log: plain requests, odd ones, one that is none
    local port
    port=$(play_ports)
    mkdir -p "$play/nginx/logs"
    {
        printf 'daemon off; master_process off; pid %s/nginx/pid; error_log stderr;\nevents {}\n' "$play"
        printf 'http { access_log %s/nginx/access.log combined; client_body_temp_path %s/nginx/b; ' "$play" "$play"
        printf 'proxy_temp_path %s/nginx/p; fastcgi_temp_path %s/nginx/f; uwsgi_temp_path %s/nginx/u; ' "$play" \
            "$play" "$play"
        printf 'scgi_temp_path %s/nginx/s; server { listen 127.0.0.1:%s; return 200 ok; } }\n' "$play" "$port"
    } >"$play/nginx/conf"
    start nginx nginx -e stderr -p "$play/nginx" -c "$play/nginx/conf"
    rig_wait 10 curl -s -o /dev/null "http://127.0.0.1:$port/first?a=1"
    curl -s -o /dev/null -A 'say "hi"' -e 'https://a.example/?x=1' "http://127.0.0.1:$port/works/2?page=3"
    printf 'rubbish\r\n\r\n' >"/dev/tcp/127.0.0.1/$port"
    sleep 0.3
    end nginx TERM
}
nginx_log
lines=$(wc -l <"$play/nginx/access.log")
try log import --host web9 "$play/nginx/access.log"
expect_in "combined is told" "$err" "access.log: combined"
expect_in "every line of nginx is a row" "$out" "$lines rows, 0 bad"
until_rows $((130004 + lines))

"$RUSUBAN" log generate --lines 1000 --seed 6 --from 2026-01-09T00:00:00+09:00 >"$play/more"
code=0
rusuban log import - <"$play/more" >"$play/out" 2>"$play/err" || code=$?
expect "exit code of standard input" "$code" 0
expect_in "standard input" "$(<"$play/out")" "1,000 rows"
until_rows $((131004 + lines))

# ---- as another host's

try log import --host app2 "$old/renamed.gz"
expect "another host's file" "$code" 2
expect_in "whose" "$err" "it was imported as host app1's already, on "
expect_in "the ways out" "$err" "say --host app1; --again brings the lines in once more, as those of app2"
until_rows $((131004 + lines))

# ---- what cannot be

printf 'hello\nworld\n' >"$old/rubbish"
try log import "$old/rubbish"
expect "exit code of rubbish" "$code" 2
expect_in "its first line" "$err" 'the first is "hello"'
try log import --dataset none "$old/access.log" --host app1
expect "exit code of no dataset" "$code" 2
expect_in "which there are" "$err" "there are: access"
try log import "$old/none"
expect "exit code of no file" "$code" 2
: >"$old/empty"
try log import "$old/empty"
expect_in "an empty file" "$err" "it is empty"
until_rows $((131004 + lines))

printf '\xfd7zXZ\0\0\4and so on' >"$old/access.log.xz"
try log import "$old/access.log.xz"
expect "exit code of another packer's file" "$code" 2
expect_in "which one" "$err" "is packed by xz, which is not unpacked here"
expect_in "and how" "$err" "xz -dc FILE | rusuban log import -"

mkfifo "$old/pipe"
try log import "$old/pipe"
expect "exit code of a pipe" "$code" 2
expect_in "what to do" "$err" "log import -"
try log import <(cat "$old/access.log")
expect "exit code of another one" "$code" 2

# ---- an agent's file is known too

cp "$old/access.log" "$play/shipped"
"$RUSUBAN" log generate --lines 3000 --seed 8 >"$play/hosts/app1/access.log"
agent_start app1
until_rows $((134004 + lines))
cp "$play/hosts/app1/access.log" "$old/copy-of-live"
try log import "$old/copy-of-live"
expect_in "the agent had it" "$err" "shipped by the agent"
try log import --host app2 "$old/copy-of-live"
expect "and another host's" "$code" 2
expect_in "whose" "$err" "an agent shipped it as host app1's already"
until_rows $((134004 + lines))

curtain

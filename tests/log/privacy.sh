#!/usr/bin/env bash
# What a dataset's privacy hides never leaves the host: not by the agent, not by an import, not in lines that cannot be
# read; and every line is counted all the same.
# shellcheck source-path=SCRIPTDIR source=stage.bash
source "$(dirname "$0")/stage.bash"

rules='{forwardedfor: mask, remote_addr: mask, query: {allow: [page]}, user_id: hash, cookie: drop}'
combined_rules='{forwardedfor: mask, query: {allow: [page]}, remote_user: hash}'
log_site "access: {from: {web: {on: [app1], path: /access.log}}, privacy: $rules},
    web: {format: combined, from: {web: {on: [app1], path: /combined.log}}, privacy: $combined_rules}"
server_start
start tail rusuban_here log tail access
start tail-web rusuban_here log tail web
rig_wait 5 alive tail

now=$(date +%Y-%m-%dT%H:%M:%S+09:00 -d '+9 hours')
lines() {
    printf 'time:%s\turi:/a?secret=s3\tquery:page=1&token=s3\treferer:https://x.example/?mail=s3&page=4\tforwardedfor:%s\tuser_id:%s\tcookie:s3\n' \
        "$now" '198.51.100.77, 2001:db8:1:2:3::77' 1701012
    printf 'time:%s\turi:/b\tforwardedfor:-\tuser_id:1701012\tthe rest of a torn s3 198.51.100.77\n' "$now"
    printf 'no label at all s3 198.51.100.77\n'
}
lines >"$play/hosts/app1/access.log"
printf '198.51.100.77 - - [%s] "GET /c?token=s3&page=2 HTTP/1.1" 200 5 "-" "ua"\n198.51.100.77 rubbish s3\n' \
    "$(date -u '+%d/%b/%Y:%H:%M:%S +0000')" >"$play/hosts/app1/combined.log"
agent_start app1
until_rows 3

shown() { # FILE PART
    grep -qF -- "$2" "$play/$1.log"
}

see() { # WHAT FILE PART
    rig_wait 10 shown "$2" "$3" || fail "$1: no \"$3\" in $(<"$play/$2.log")"
}

see "both addresses are masked" tail "forwardedfor:198.51.100.0, 2001:db8:1::"
see "an allowed parameter stays" tail "query:page=1&token=*"
see "a referer's query is a query" tail "referer:https://x.example/?mail=*&page=4"
see "a path's query is one" tail "uri:/a?secret=*"
see "a hash has a column of its own" tail "user_id__h:"
see "what has no label is withheld" tail "withheld:35"
see "a line without labels says only its length" tail "withheld 32 bytes that have no labels"
see "combined is converted and masked" tail-web "remote_addr:198.51.100.0"
see "its query" tail-web "query:token=*&page=2"
for file in tail tail-web; do
    expect_not_in "the secret of $file" "$(<"$play/$file.log")" s3
    expect_not_in "the address of $file" "$(<"$play/$file.log")" 198.51.100.77
    expect_not_in "the user of $file" "$(<"$play/$file.log")" 1701012
done
hashes=$(grep -o 'user_id__h:[0-9a-f]*' "$play/tail.log" | sort -u)
expect "one user, one hash" "$(wc -l <<<"$hashes")" 1
expect "sixteen digits" "$(grep -c '^user_id__h:[0-9a-f]\{16\}$' <<<"$hashes")" 1
expect "bad lines are counted" "$(status_number bad)" 2

# ---- an import obeys the same rules

lines >"$play/old.log"
printf 'time:%s\turi:/old\tforwardedfor:203.0.113.99\n' "$now" >>"$play/old.log"
sed -i 1d "$play/old.log"               # else it is the agent's file
: >"$play/tail.log"
try log import --host app2 "$play/old.log"
expect_in "two rows and a bad one" "$out" "2 rows, 1 bad"
see "the import is masked" tail "forwardedfor:203.0.113.0"
expect_not_in "its address" "$(<"$play/tail.log")" 203.0.113.99
expect_not_in "its secret" "$(<"$play/tail.log")" s3

# ---- what is not understood is refused

cp "$site_file" "$play/good.yaml"
log_site 'access: {from: {web: {on: [app1], path: /access.log}}, privacy: {forwardedfor: blur}}'
try site check
expect "an unknown rule" "$code" 3
log_site 'access: {from: {web: {on: [app1], path: /access.log}}, privacy: {forwarded_for: mask}}'
try site check
expect "a label that slipped" "$code" 3
expect_in "which" "$err" 'did you mean "forwardedfor"?'

curtain

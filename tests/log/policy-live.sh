#!/usr/bin/env bash
# A site file that changes while agents run: new rules hold from then on, new files are followed, files that are named
# no longer are left, and a site file with mistakes changes nothing. No line is lost on the way.
# shellcheck source-path=SCRIPTDIR source=stage.bash
source "$(dirname "$0")/stage.bash"

access='from: {web: {on: [app1], path: /access.log}}'
log_site "access: {$access}"
server_start
tail_start() {
    start tail rusuban_here log tail access
    rig_wait 5 alive tail
}
tail_start

visit() { # FILE ADDRESS URI
    printf 'time:%s\turi:%s\tforwardedfor:%s\tuser_id:1701012\n' "$(date +%Y-%m-%dT%H:%M:%S+09:00 -d '+9 hours')" \
        "$3" "$2" >>"$play/hosts/app1/$1.log"
}

told() { # PART: the tail showed it
    grep -qF -- "$1" "$play/tail.log"
}

line_of() { # URI
    grep -F "uri:$1	" "$play/tail.log"
}

visit access 198.51.100.77 /before
agent_start app1
until_rows 1
rig_wait 10 told uri:/before || fail "the first line was not shown"
expect_in "no rule yet" "$(line_of /before)" 'forwardedfor:198.51.100.77'

# ---- new rules and a new file

log_site "access: {$access, privacy: {forwardedfor: mask, user_id: hash}},
    second: {from: {web: {on: [app1], path: /second.log}}}"
visit second 203.0.113.9 /second
until_rows 2                            # the file of the new site is followed, so its rules are there too
rig_wait 5 not_alive tail || fail "a tail goes on although its server began again"
tail_start
sleep 0.5
for ((i = 1; i <= 50; i++)); do visit access 198.51.100.77 "/after$i"; done
until_rows 52
rig_wait 10 told uri:/after50 || fail "lines under the new rules were not shown"
after=$(grep -F 'uri:/after' "$play/tail.log")
expect "lines under the new rules" "$(grep -c 'forwardedfor:198.51.100.0' <<<"$after")" 50
expect_not_in "the address" "$after" 198.51.100.77
expect_not_in "the user" "$after" 1701012
expect "one user, one hash" "$(grep -o 'user_id__h:[0-9a-f]\{16\}' <<<"$after" | sort -u | wc -l)" 1

# ---- a mistake changes nothing

cp "$site_file" "$play/good.yaml"
log_site "access: {$access, privacy: {forwardedfor: blur}}"
try site check
expect "an unknown rule" "$code" 3
visit access 198.51.100.78 /mistake
until_rows 53
rig_wait 10 told uri:/mistake || fail "a mistake in the site file stopped the lines"
sleep 3                                 # the server looks every two seconds
visit access 198.51.100.78 /later
until_rows 54
rig_wait 10 told uri:/later || fail "a mistake in the site file stopped the lines"
expect_in "the last good rules" "$(line_of /later)" 'forwardedfor:198.51.100.0'

# ---- a file that is named no longer is left; one that comes back goes on where it was

log_site "access: {$access, privacy: {forwardedfor: mask, user_id: hash}}"
left() {
    ! rusuban log status 2>/dev/null | grep -q /second.log
}
rig_wait 10 left || fail "second.log is still followed: $(rusuban log status)"
visit second 203.0.113.9 /meanwhile
cp "$play/good.yaml" "$site_file.new" && mv "$site_file.new" "$site_file"
until_rows 55
try log audit
expect "every byte is accounted for" "$code" 0

curtain

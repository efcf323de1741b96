#!/usr/bin/env bash
# A secret is planted; then we look everywhere for it: arguments, environments, logs, answers, files. A notice that is
# signed with it arrives with the right signature.
# shellcheck source=tests/house/stage.bash
source "$(dirname "$0")/stage.bash"

secret=swordfish-$$-$RANDOM-4711
path=hook-$$-$RANDOM-0815           # a webhook's address is a secret, too
perl "$here/receiver.pl" "$stage/got" >"$stage/port" &
pids+=("$!")
until_true 5 test -s "$stage/port" || fail "the receiver did not start"
# The site file takes https alone; the receiver speaks plain, so the curl of this stage does too.
mkdir "$stage/bin"
cat >"$stage/bin/curl" <<END
#!/bin/sh
sed 's|^url = "https:|url = "http:|' | $(command -v curl) "\$@"
END
chmod +x "$stage/bin/curl"
export PATH=$stage/bin:$PATH
site <<END
notifiers:
  chat: {webhook: "https://127.0.0.1:$(cat "$stage/port")/$path", secret: chat_hook}
  broken: {command: ["$stage/none"]}
END
: >"$stage/said"
look() { # WORDS...: runs rusuban, keeps what it says
    rusuban "$@" >>"$stage/said" 2>&1 || true
}

# It is planted by a pipe and by a person's fingers; the terminal shows nothing of it.
printf '%s\n' "$secret" | rusuban secret set chat_hook --role watcher --json >>"$stage/said"
printf '%s' "$secret" | rusuban secret set web_hook >>"$stage/said" 2>&1
(sleep 0.5 && printf '%s\n' "$secret") |
    script -qec "'$RUSUBAN' --site '$stage/site.yaml' --data '$data' secret set typed" /dev/null >"$stage/screen" \
        2>&1 || true
expect_in "names" "$(rusuban secret list)" "typed"
expect_in "a prompt" "$(cat "$stage/screen")" "not shown"

start_house
for words in status "status --json" "secret list" "secret list --json" doctor "doctor --json" "notify list --json"; do
    # shellcheck disable=SC2086
    look $words
done

# A notice is on its way: who brings it must not show what it brings.
rusuban notify test chat >>"$stage/said" 2>&1 &
test_pid=$!
until_true 5 test -s "$stage/got.1" || fail "no notice arrived"
# One look at all of them: curl does not wait for us.
cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\0' '\n' >"$stage/processes" || true
expect_in "curl was looked at" "$(cat "$stage/processes")" "--config"
wait "$test_pid" || fail "notify test: $(tail -n 2 "$stage/said")"
signature=$(printf '%s' "$(cat "$stage/got.1")" | openssl dgst -sha256 -hmac "$secret" -r | cut -d' ' -f1)
expect_in "the signature" "$(cat "$stage/got.1.head")" "X-Rusuban-Signature-256: sha256=$signature"
expect_in "the body" "$(cat "$stage/got.1")" '"event":"test"'

# The receiver says 500: told, and tried again after two seconds.
try notify test chat
expect "a receiver in trouble" "$code" 5
expect_in "a receiver in trouble" "$said" "500"
echo "$said" >>"$stage/said"
until_true 8 test -s "$stage/got.3" || fail "the notice was not tried again"
expect "the same notice" "$(cat "$stage/got.3")" "$(cat "$stage/got.2")"
until_true 5 eval "! rusuban notify list | grep -q failed" || fail "notices: $(rusuban notify list)"
try notify test broken
expect "a notifier that is not there" "$code" 5
expect_in "a notifier that is not there" "$said" "No such file or directory"
try notify test cht
expect_in "a typo" "$said" "rusuban notify test chat"
look notify list
look notify list --json

kill "$house"
wait "$house" || true
found=$(grep -l -r -a -e "$secret" "$stage/said" "$stage/screen" "$stage/processes" "$log" "$data" || true)
expect "places where the secret shows" "$found" ""
# The copy of the site file has what the site file has, and fewer readers.
expect "mode of the copy of the site file" "$(stat -c %a "$data/site.good.yaml")" 600
found=$(grep -l -r -a --exclude=site.good.yaml -e "$path" "$stage/said" "$stage/screen" "$stage/processes" "$log" \
    "$data" || true)
expect "places where the webhook's address shows" "$found" ""

# A value that is gone is gone, and a name nobody set is told with the way out.
try secret drop typed
expect "drop" "$code" 0
try secret drop typed
expect "drop again" "$code" 2
try secret set other --role nobody
expect "an unknown role" "$code" 2
try secret set x </dev/null
expect "an empty value" "$code" 2
curtain

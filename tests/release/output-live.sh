#!/usr/bin/env bash
# A page is open while a build prints: line after line comes, with its number, and together with what was printed before
# it is the whole output, nothing twice.
source "$(dirname "$0")/../lib.sh"

hosts 1 sshd
site restart= health=
serve
# shellcheck disable=SC2016
write bin/build '#!/bin/sh' 'for i in $(seq 1 20); do echo "before $i"; done' \
    "until [ -e $play/go ]; do sleep 0.05; done" 'for i in $(seq 1 20); do echo "after $i"; sleep 0.02; done'
push "A build that talks"
until_step 1 build
patiently 20 sh -c "curl -s --unix-socket '$RIG/data/run/web.sock' \
    'http://localhost/api/v1/releases/web/1/output?step=build' | grep -q 'before 20'" || fail "it never began to print"

curl -sN --max-time 60 --unix-socket "$RIG/data/run/web.sock" http://localhost/api/v1/live >"$play/stream" &
curl_pid=$!
# shellcheck disable=SC2317     # lib.sh calls it in the end
at_the_end() { kill "$curl_pid" 2>/dev/null || true; }
patiently 10 grep -q '^event: hello' "$play/stream" || fail "no hello: $(cat "$play/stream")"
stream=$(sed -n 's/.*"stream":"\([0-9a-f]*\)".*/\1/p' "$play/stream")

want() { # STREAM TOPICS: the status
    curl -s -o "$play/wanted" -w '%{http_code}' --unix-socket "$RIG/data/run/web.sock" -X PUT \
        -H 'Content-Type: application/json' -d "{\"topics\":$2}" "http://localhost/api/v1/live/$1"
}
expect "a stream of nobody" "$(want 0123456789abcdef0123456789abcdef '["output:web/1"]')" 404
expect "no such topic" "$(want "$stream" '["outptu:web/1"]')" 400
expect "no such release" "$(want "$stream" '["output:web/1","output:web/7"]')" 400
expect "another way to the files" "$(want "$stream" '["output:../1"]')" 400
expect_in "which is told" "$(<"$play/wanted")" 'there is no release ../1'
expect "the output of the build" "$(want "$stream" '["output:web/1"]')" 200
touch "$play/go"
until_done 1
sleep 0.5

lines() { # of the step, as they came: NUMBER LINE
    # shellcheck disable=SC2016
    sed -n '/^event: output$/{n;s/^data: //p;}' "$play/stream" | php -n -r '
        while ($text = fgets(STDIN)) {
            $x = json_decode($text);
            if ($x->step === $argv[1]) foreach ($x->lines as $i => $line) echo $x->line + $i, " $line\n";
        }' -- "$1"
}
output=$(rusuban release show web 1 --output build)
first=$(lines build | sed -n '1s/ .*//p')
# The command itself is line 1, so the build printed 2 to 21 before.
expect "the first line that came" "$first" 22
expect "what came" "$(lines build)" "$(nl -ba -w1 -s' ' <<<"$output" | sed -n '22,$p')"
after=$(api '/releases/web/1/output?step=build&after=21' | php -n -r 'echo json_decode(stream_get_contents(STDIN))->text;')
expect "the rest, asked for by number" "$after" "$(sed -n '22,$p' <<<"$output")"
expect_in "how it went comes too" "$(<"$play/stream")" 'event: release.done'

# It wants nothing by name any more.
expect "no topic" "$(want "$stream" '[]')" 200
curtain

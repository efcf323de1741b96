#!/usr/bin/env bash
# Mei watches lines of the log come, over the stream of her page: those she asked for, numbered, 200 a second at most
# and the others counted. The log server is killed, too many tails are asked for, somebody loses the right, they leave.
# shellcheck source-path=SCRIPTDIR/../log source=../log/stage.bash disable=SC2154
source "$(dirname "$0")/../log/stage.bash"
command -v jq >/dev/null || { echo "there is no jq"; exit 77; }

log_site 'access: {from: {web: {on: [app1], path: /access.log}}}'
port=$(play_ports)
printf 'web: {listen: 127.0.0.1:%s, hooks: 127.0.0.1:%s}\n' "$port" "$((port + 1))" >>"$site_file"
socket=(--unix-socket "$data/run/web.sock")
here=http://127.0.0.1:$port

ask() { # METHOD PATH JSON [WORDS OF curl]: by the socket
    curl -sS --max-time 20 "${socket[@]}" -X "$1" -H 'Content-Type: application/json' -d "$3" "${@:4}" \
        "http://localhost/api/v1$2"
}
audit() { curl -sS "${socket[@]}" "http://localhost/api/v1/audit?limit=1"; }
web_listens() { [ -S "$data/run/web.sock" ]; }
sockets() { find "/proc/$(<"$play/web.pid")/fd" -lname 'socket:*' 2>/dev/null | wc -l; }

# A stream of server-sent events to $play/NAME.log; its id.
listen() { # NAME WORDS OF curl...
    start "$1" curl -sN --max-time 120 "${@:2}"
    rig_wait 10 grep -q '^event: hello' "$play/$1.log" || fail "$1 heard no hello"
    sed -n 's/.*"stream":"\([0-9a-f]*\)".*/\1/p' "$play/$1.log"
}
told() { # NAME: what came of tails, one object a line
    { grep -A1 '^event: tail$' "$play/$1.log" || true; } | sed -n 's/^data: //p'
}
has() { # NAME JQ-CONDITION: something came that is so
    [ "$(told "$1" | jq -c "select($2)" | head -n 1)" != "" ]
}
lines_of() { # NAME
    told "$1" | jq -r '.lines[]?'
}
put_line() { # URI STATUS
    printf 'time:%s\turi:%s\tstatus:%s\n' "$(TZ=Asia/Tokyo date +%Y-%m-%dT%H:%M:%S+09:00)" "$1" "$2" \
        >>"$play/hosts/app1/access.log"
}

start web rusuban_here serve web
rig_wait 20 web_listens || { cat "$play/web.log"; fail "the web role does not listen"; curtain; }

# ---- what cannot be asked

expect "another dataset" "$(ask POST /log/tail '{"dataset":"acess"}' | jq -c '.error | [.code, .hint, .place.name]')" \
    '["input","did you mean \"access\"?","dataset"]'
expect "a column" "$(ask POST /log/tail '{"where":"page = /x"}' | jq -c '.error | [.code, .message, .place.name]')" \
    '["input","page is a column of rows, and no label of lines","where"]'
expect "half a condition" "$(ask POST /log/tail '{"where":"status >"}' | jq -c '.error | [.code, .place.name]')" \
    '["input","where"]'
expect "both" "$(ask POST /log/tail '{"dataset":"acess","where":"status >"}' | jq -c '.error.details | length')" 2

# ---- she follows before there is a log server

stream=$(listen mei "${socket[@]}" http://localhost/api/v1/live)
before=$(sockets)
answer=$(ask POST /log/tail '{"where":"status >= 500"}' -w '%{http_code}')
expect "a tail" "${answer: -3}" 201
topic=$(jq -r .topic <<<"${answer%???}")
expect "the same again is the same" "$(ask POST /log/tail '{"where":" status >= 500"}' | jq -r .topic)" "$topic"
expect "who asked for what" "$(audit | jq -c '.items[0] | [.verb, .ok, .after]')" \
    '["log tail",true,"{\"where\":\" status >= 500\"}"]'
expect "the stream takes it" "$(ask PUT "/live/$stream" "{\"topics\":[\"$topic\"]}")" "{\"topics\":[\"$topic\"]}"
expect "a name that nobody gave" "$(ask PUT "/live/$stream" '{"topics":["tail:0123456789abcdef0123456789abcdef"]}' |
    jq -c '.error | [.code, .message]')" '["input","there is no tail of that name any more"]'
rig_wait 5 has mei '.state == "away"' || fail "nobody said that the log server does not run"
expect "why" "$(told mei | head -n 1 | jq -c '[.topic, .why, .line]')" "[\"$topic\",\"the log server does not run\",1]"

# ---- lines come, those of the condition

server_start
agent_start app1
rig_wait 10 has mei '.state == "following"' || fail "nobody said that the tail is there"
put_line /a 200
put_line /b 500
put_line /c 404
put_line /d 503
rig_wait 10 has mei '.lines[1]? // .lines[0]? | . and endswith("503")' || fail "the lines did not come: $(told mei)"
expect "which lines" "$(lines_of mei | cut -f1,3 | tr '\n\t' ', ')" 'server:app1 uri:/b,server:app1 uri:/d,'

# ---- more than anybody reads: counted, and the numbers add up

every=$(ask POST /log/tail '{}' | jq -r .topic)
ask PUT "/live/$stream" "{\"topics\":[\"$topic\",\"$every\"]}" >/dev/null
of_all() { told mei | jq -c "select(.topic == \"$every\")"; }
rig_wait 5 has mei ".topic == \"$every\"" || fail "the second tail did not begin"
writer_start app1 5000 10000
through() { [ "$(of_all | jq -s 'map(select(.lines)) | last | .line + (.lines | length)')" = 10001 ]; }
rig_wait 40 through || fail "not all lines were counted: $(of_all | tail -n 3 | cut -c1-200)"
sums=$(of_all | jq -s 'map(select(.lines)) | [(map(.skipped) | add), (map(.lines | length) | add)]')
expect "told and left out" "$(jq 'add' <<<"$sums")" 10000
shown=$(jq '.[1]' <<<"$sums")
((shown >= 200 && shown <= 2000)) || fail "$shown of 10,000 lines were told"
expect "no number is missing" "$(of_all | jq -s 'map(select(.lines)) | [.[0].line - .[0].skipped,
    ([range(1; length) as $i | .[$i].line - .[$i].skipped - .[$i-1].line - (.[$i-1].lines | length)]
    | map(select(. != 0)) | length)] | tostring')" '"[1,0]"'

# ---- the log server dies, and comes back

end server KILL
away() { [ "$(told mei | jq -r 'select(.state) | .state' | tail -n 1)" = away ]; }
rig_wait 10 away || fail "nobody said that the log server is gone"
server_start
back() { ! away; }
rig_wait 10 back || fail "the tail does not come back"
put_line /e 500
rig_wait 20 has mei '.lines[0]? // "" | contains("uri:/e")' || fail "no line came after that"

# ---- too many

for n in 1 2 3 4 5 6; do
    topics+=("\"$(ask POST /log/tail "{\"where\":\"status = $n\"}" | jq -r .topic)\"")
done
list=$(IFS=,; echo "\"$topic\",\"$every\",${topics[*]}")
ask PUT "/live/$stream" "{\"topics\":[$list]}" >/dev/null
expect "a ninth" "$(ask POST /log/tail '{"where":"status = 9"}' -o /dev/null -w '%{http_code}')" 429
ask PUT "/live/$stream" "{\"topics\":[\"$topic\"]}" >/dev/null
expect "when they are left" "$(ask POST /log/tail '{"where":"status = 9"}' -o /dev/null -w '%{http_code}')" 201

# ---- who may

viewer=$(rusuban token make see --role viewer --quiet)
by_token() { curl -sS --max-time 20 -H "Authorization: Bearer $viewer" -H 'Content-Type: application/json' "$@"; }
expect "a viewer asks" "$(by_token -d '{}' -o /dev/null -w '%{http_code}' "$here/api/v1/log/tail")" 403
other=$(listen viewer -H "Authorization: Bearer $viewer" "$here/api/v1/live")
expect "a viewer who has the name" "$(by_token -X PUT -d "{\"topics\":[\"$topic\"]}" "$here/api/v1/live/$other" |
    jq -r .error.code)" forbidden
expect "somebody else's stream" "$(by_token -X PUT -d '{"topics":[]}' -o /dev/null -w '%{http_code}' \
    "$here/api/v1/live/$stream")" 404

# Rin is an analyst with a session, and is one no longer while her page is open.
link=$(rusuban admin invite rin --role analyst 2>/dev/null)
page=(-H "Origin: $here" -H 'Sec-Fetch-Site: same-origin' -H 'Content-Type: application/json')
cookie=$(curl -sS -D - -o /dev/null "${page[@]}" -d '{"password":"words that only a test knows"}' \
    "$here/api/v1/invites/${link##*/}" | sed -n 's/^Set-Cookie: \([^;]*\).*/\1/p' | tr -d '\r')
page+=(-H "Cookie: $cookie")
rins=$(curl -sS "${page[@]}" -d '{"where":"status >= 500"}' "$here/api/v1/log/tail" | jq -r .topic)
[ "$rins" != "$topic" ] || fail "two people have one tail"
stream_of_rin=$(listen rin "${page[@]}" "$here/api/v1/live")
curl -sS -o /dev/null "${page[@]}" -X PUT -d "{\"topics\":[\"$rins\"]}" "$here/api/v1/live/$stream_of_rin"
rig_wait 5 has rin '.state == "following"' || fail "rin's tail did not begin"
put_line /f 500
rig_wait 10 has rin '.lines[0]? // "" | contains("uri:/f")' || fail "rin saw no line"
rusuban people set rin --role viewer --quiet
sleep 6
put_line /g 500
rig_wait 10 has mei '.lines[0]? // "" | contains("uri:/g")' || fail "mei saw no line"
if has rin '.lines[0]? // "" | contains("uri:/g")'; then fail "rin saw a line that she may not see"; fi

# ---- who leaves

end rin
end viewer
end mei
left() { [ "$(sockets)" -lt "$before" ]; }
rig_wait 5 left || fail "$(sockets) sockets are open behind those who left, before $before"
alive web || fail "the web role is gone: $(tail -n 2 "$play/web.log")"
curtain

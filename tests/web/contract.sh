#!/usr/bin/env bash
# docs/openapi.json and the types of the pages are what the program says of its API, and it says of every answer what it
# looks like. That answers are so test builds see for themselves, at each answer of every play (web/shape.h).
source "$(dirname "$0")/stage.bash"
command -v jq >/dev/null || { echo "there is no jq"; exit 77; }
top=$here/../..

"$RUSUBAN" api spec | jq . >"$stage/openapi.json"
"$RUSUBAN" api types >"$stage/answers.d.ts"
same() { # FILE MADE HOW
    diff "$top/$1" "$2" >"$stage/differ" || fail "$1 is of another program; $3 >$1: $(head -n 20 "$stage/differ")"
}
same docs/openapi.json "$stage/openapi.json" 'rusuban api spec | jq .'
same ui/src/answers.d.ts "$stage/answers.d.ts" 'rusuban api types'

# The stream of events alone has no schema; of lines it is that of a line.
expect 'rows that do not say what they answer' "$(jq -r '.paths | to_entries[] | .key as $path | .value | to_entries[] |
    select([.value.responses["2XX"].content[] | .schema // empty] == []) | "\(.key) \($path)"' \
    "$stage/openapi.json" | sort | xargs)" 'get /api/v1/live'
expect 'shapes that are named and not there' "$(jq -r '(.components.schemas | keys) as $known |
    [.. | objects | ."$ref"? // empty | select(test("/schemas/")) | sub(".*/"; "")] | unique - $known | join(" ")' \
    "$stage/openapi.json")" ''

# What hides in a name or a note, or turns the words around it, is refused by every row that takes a text, whatever else is
# wrong with the request. These alone are no words to others.
serve_web
taken='password old sql where params'
jq -r --arg taken "$taken" '.paths | to_entries[] | .key as $path | .value | to_entries[] |
    select(.key != "get" and .value["x-right"] != "hook") | .key as $method |
    .value.requestBody.content["application/json"].schema.properties // {} | to_entries[] |
    (if .value.type == "array" then .value.items.type + "s" else .value.type end) as $type |
    select($type | test("^strings?$")) | .key as $name | select($taken | split(" ") | index($name) | not) |
    "\($method) \($path) \($name) \($type)"' "$stage/openapi.json" >"$stage/texts"
(($(wc -l <"$stage/texts") > 25)) || fail "only $(wc -l <"$stage/texts") texts are taken"
while read -r method path name type; do
    for hidden in '\u202e' '\u001b' '\u009b'; do
        text="\"a${hidden}b\""
        if [[ $type == strings ]]; then text="[$text]"; fi
        said=$(curl -s --unix-socket "$data/run/web.sock" -X "${method^^}" -H 'Content-Type: application/json' \
            -H 'Idempotency-Key: hidden-0123456789' -d "{\"$name\":$text}" "http://localhost${path//[{\}]/}")
        jq -e --arg name "$name" '[.error.details[] | select(.place.name == $name) | .message] |
            any(test(": character 2 cannot be seen"))' <<<"$said" >/dev/null ||
            fail "$method $path takes $hidden in $name: $said"
    done
done <"$stage/texts"
curtain

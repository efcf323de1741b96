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
curtain

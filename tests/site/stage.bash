# stage.bash: what every play in tests/site needs: a directory, the program, expectations. Sourced, not run.
#
#     source "$(dirname "$0")/stage.bash"
#     try site check              # with --site $stage/site.yaml: $code, $out, $err
#     expect "what it is" GOT WANTED
#     curtain                     # exits: 0 when every expectation held
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
RUSUBAN=$(realpath "${RUSUBAN:-$here/../../build/rusuban}")
stage=$(mktemp -d "${TMPDIR:-/tmp}/rusuban-site-XXXXXX")
failed=0
unset RUSUBAN_SITE RUSUBAN_DATA RUSUBAN_AT
trap 'rm -rf "$stage"' EXIT
cd "$stage"

fail() {
    echo "FAIL $(basename "$0"): $*"
    failed=$((failed + 1))
}

expect() { # WHAT GOT WANTED
    [[ $2 == "$3" ]] || fail "$1: got \"$2\", wanted \"$3\""
}

expect_in() { # WHAT TEXT PART
    [[ $2 == *"$3"* ]] || fail "$1: no \"$3\" in \"$2\""
}

curtain() {
    ((failed == 0)) || exit 1
}

# Runs it on ./site.yaml, as a person would name it; its exit code in $code, its streams in $out and $err.
try() {
    code=0
    "$RUSUBAN" --site site.yaml "$@" >"$stage/.out" 2>"$stage/.err" || code=$?
    out=$(<"$stage/.out")
    err=$(<"$stage/.err")
}

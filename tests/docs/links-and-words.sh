#!/usr/bin/env bash
# No page leads nowhere: every link between our pages has its file and its heading, and every command and option that a
# page names is one that the program knows.
set -euo pipefail
cd "$(dirname "$0")/../.."
RUSUBAN=$(realpath "${RUSUBAN:-build/rusuban}")
failed=0
pages=(README.md CONTRIBUTING.md docs/*.md ./*/README.md)

fail() {
    echo "FAIL $*"
    failed=$((failed + 1))
}

anchors() { # FILE: its headings as the forges name them
    sed -n 's/^##* //p' "$1" | tr '[:upper:]' '[:lower:]' | tr -cd 'a-z0-9 _\n-' | tr ' ' -
}

for page in "${pages[@]}"; do
    while read -r link; do
        file=${link%%#*} heading=${link#"${link%%#*}"}
        if [ -n "$file" ]; then file=$(dirname "$page")/$file; else file=$page; fi
        [ -e "$file" ] || { fail "$page: there is no $link"; continue; }
        [ -z "$heading" ] || anchors "$file" | grep -qxF -- "${heading#\#}" ||
            fail "$page: $file has no heading $heading"
    done < <(grep -oE '\]\([^)]+\)' "$page" | sed 's/^](//; s/)$//' | grep -vE '^[a-z]+:' || true)
done

# "rusuban release hosts web --out app3" is the row "release hosts"; behind "release" alone stands a service.
known() { # WORD [WORD]: prints the help of the longest row that they begin with
    [ $# = 1 ] || ! "$RUSUBAN" help "$1" "$2" 2>/dev/null || return 0
    case $*,$1 in
    'release web',* | 'release SERVICE',* | *,serve) "$RUSUBAN" help "$1" ;;
    *) [ $# = 1 ] && "$RUSUBAN" help "$1" 2>/dev/null ;;
    esac
}

while IFS=: read -r page line; do
    read -ra words <<<"$line"
    plain=()
    for word in "${words[@]:1}"; do
        [[ $word =~ ^[a-zA-Z][a-zA-Z-]*$ ]] || break
        plain+=("$word")
    done
    [ ${#plain[@]} -gt 0 ] || continue
    help=$(known "${plain[@]:0:2}") || { fail "$page: \"$line\" is no command"; continue; }
    for word in "${words[@]}"; do
        if [[ $word =~ ^(--[a-z-]+) ]]; then
            [[ $help == *"  ${BASH_REMATCH[1]} "* ]] || fail "$page: \"$line\": there is no ${BASH_REMATCH[1]}"
        fi
    done
done < <(grep -oHE '(^|[^a-z/-])rusuban [a-z]+[^`|<;)]*' README.md docs/*.md |
    sed -E 's/:[^:]*rusuban ([a-z])/:rusuban \1/' |
    sed 's/:rusuban help /:rusuban /' | grep -vE ':rusuban (since|comes|rusuban)' | sort -u)

[ $failed = 0 ]

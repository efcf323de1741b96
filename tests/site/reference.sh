#!/usr/bin/env bash
# Somebody added a key: docs/site.md must say so, for it is printed from the same rows.
source "$(dirname "$0")/stage.bash"

try site reference
expect "it prints" "$code" 0
diff -u "$here/../../docs/site.md" .out >difference ||
    fail "docs/site.md is behind; run: build/rusuban site reference >docs/site.md
$(head -n 20 difference)"
curtain

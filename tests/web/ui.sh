#!/usr/bin/env bash
# What is true of the pages before any browser sees them: types fit, contrasts are readable, words are complete (and the
# build refuses those that are not), files are small.
source "$(dirname "$0")/stage.bash"
source "$(dirname "$0")/browser.bash"
cd "$here/../.." || exit 1
if [ ! -e build/ui/sizes.json ]; then
    echo "the pages are not built: make"
    exit 77
fi
browser_fetch
node tests/web/browser/ui.mjs || fail "see above"
build/npm-browser/node_modules/.bin/tsc -p ui/tsconfig.json || fail "types do not fit"
((failed == 0)) || exit 1

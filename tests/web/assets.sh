#!/usr/bin/env bash
# What the web role says about the pages to a client that is no browser: the shell for every page and for nothing else, with
# its policy; files that never change, in the coding that was asked for, byte for byte; nothing of it at the door for hooks.
source "$(dirname "$0")/stage.bash"
serve_web

ask() { : >"$stage/body" && curl -s -o "$stage/body" -D "$stage/head" "$@" && tr -d '\r' <"$stage/head" >"$stage/lines"; } # OPTIONS... URL
status() { sed -n '1s/^[^ ]* \([0-9]*\).*/\1/p' "$stage/lines"; }
line() { sed -n "s/^$1: //Ip" "$stage/lines"; } # NAME
size() { wc -c <"$stage/body"; }

ask "http://$api/releases"
if [[ $(line content-type) != text/html* ]]; then
    echo "the program was built without pages"
    exit 77
fi
expect 'a page' "$(status)" 200
expect 'whether it is kept' "$(line cache-control)" no-cache
policy=$(line content-security-policy)
[[ $policy == *"default-src 'none'"* && $policy == *"require-trusted-types-for 'script'"* ]] || fail "the policy is \"$policy\""
[[ $policy != *unsafe* ]] || fail "the policy is unsafe: $policy"
expect 'sniffing' "$(line x-content-type-options)" nosniff
expect 'where links tell from' "$(line referrer-policy)" no-referrer
words=$(line link)
[[ $words =~ ^'</assets/words.en-'[A-Z0-9]+'.js>; rel=modulepreload'$ ]] || fail "a stranger is named $words"
for tag in '<script[^>]*>[^<]' ' style=' ' on[a-z]*=' '<style'; do
    ! grep -qE "$tag" "$stage/body" || fail "the shell has $tag inside it"
done
! grep -oE '(src|href)="[^"]*"' "$stage/body" | grep -v '"/assets/' || fail "the shell names something from outside"
tag=$(line etag)
ask -H "If-None-Match: $tag" "http://$api/releases"
expect 'a page that is known' "$(status) $(size)" '304 0'

ask -H 'Cookie: __Host-rusuban=x' "http://$api/releases/web/7"
expect 'data that travels beside it' "$(line link)" "$words, "\
'</api/v1/me>; rel=preload; as=fetch; crossorigin, </api/v1/releases/web/7>; rel=preload; as=fetch; crossorigin'
ask -H 'Cookie: __Host-rusuban=x' "http://$api/releases/%22%3e,x/7"
[[ $(line link) != *'>,x'* ]] || fail "a path breaks out of the header: $(line link)"

ask -H 'Cookie: __Host-rusuban=x' "http://$api/log"
expect 'data of another name' "$(line link)" "$words, "\
'</api/v1/me>; rel=preload; as=fetch; crossorigin, </api/v1/log/tables>; rel=preload; as=fetch; crossorigin'

ask -H 'Accept-Language: ja,en;q=0.5' "http://$api/"
[[ $(line link) == '</assets/words.ja-'*'>; rel=modulepreload' ]] || fail "a Japanese reader is named $(line link)"
ask -H 'Accept-Language: ja' -H 'Cookie: a=b; rusuban-language=en' "http://$api/"
expect 'the language of the last visit' "$(line link)" "$words"
mapfile -t named < <(grep -oE '/assets/words[^>]+' <<<"$words")
ask "http://$api${named[0]}"
expect 'the words' "$(status)" 200

for path in / /sign-in /invite/abc /releases/web/1 /log /log/live /log/pages /log/page/1 /people /audit /me; do
    ask "http://$api$path"
    expect "$path" "$(status)" 200
done
ask -H 'Accept: text/html' "http://$api/no/such/page"
expect 'an address that is no page' "$(status) $(line content-type)" '404 text/html; charset=utf-8'
ask "http://$api/no/such/page"
expect 'the same for a client that wants no page' "$(status)" 401
ask -X POST -H 'Content-Type: application/json' -d '{}' "http://$api/releases"
expect 'a page is only read' "$(status)" 401
ask "http://$hooks/releases"
expect 'the door for hooks' "$(status)" 404

ask "http://$api/"
mapfile -t files < <(grep -oE '/assets/[^"]+' "$stage/body")
[ ${#files[@]} -ge 3 ] || fail "the shell names ${#files[@]} files"
for file in "${files[@]}"; do
    ask "http://$api$file"
    expect "$file" "$(status) $(line cache-control)" '200 public, max-age=31536000, immutable'
    expect "length of $file" "$(line content-length)" "$(size)"
    plain=$(sha256sum <"$stage/body") full=$(size)
    for coding in gzip br; do
        ask -H "Accept-Encoding: $coding" "http://$api$file"
        expect "coding of $file" "$(line content-encoding) $(line vary)" "$coding Accept-Encoding"
        (($(size) < full)) || fail "$file is not smaller as $coding"
    done
    ask --compressed -H 'Accept-Encoding: gzip' "http://$api$file"
    expect "$file through gzip" "$(sha256sum <"$stage/body")" "$plain"
    ask --head "http://$api$file"
    expect "HEAD of $file" "$(line content-length)" "$full"
done
ask "http://$api/assets/main-0000000000.js"
expect 'a file of another build' "$(status)" 401
curtain

#!/usr/bin/env bash
# Requests that two programs could read differently, or that are no requests at all, are never acted on: each gets a
# 4xx or 5xx or a closed connection, in one piece, dripped octet by octet, and cut in two; and whoever comes next is
# served as if nothing had been.
source "$(dirname "$0")/stage.bash"
serve_web
descriptors() { find "/proc/$web_pid/fd" -mindepth 1 | wc -l; }
before=$(descriptors)

# H: a good head up to its last line; every case asks for something that would be answered if it were well formed.
cases() {
    local H='HTTP/1.1\r\nHost: localhost\r\nConnection: close' \
        P='POST /api/v1/ping HTTP/1.1\r\nHost: localhost\r\nConnection: close'
    local J='Content-Type: application/json'
    cat <<EOT
two lengths that agree|$P\r\n$J\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}
two lengths that do not|$P\r\n$J\r\nContent-Length: 2\r\nContent-Length: 0\r\n\r\n{}
lengths joined by a comma|$P\r\n$J\r\nContent-Length: 2, 2\r\n\r\n{}
a negative length|$P\r\n$J\r\nContent-Length: -2\r\n\r\n{}
a signed length|$P\r\n$J\r\nContent-Length: +2\r\n\r\n{}
a hexadecimal length|$P\r\n$J\r\nContent-Length: 0x2\r\n\r\n{}
a length with a fraction|$P\r\n$J\r\nContent-Length: 2.0\r\n\r\n{}
a length with a blank inside|$P\r\n$J\r\nContent-Length: 0 2\r\n\r\n{}
an empty length|$P\r\n$J\r\nContent-Length: \r\n\r\n{}
a length in words|$P\r\n$J\r\nContent-Length: two\r\n\r\n{}
a length beyond 64 bits|$P\r\n$J\r\nContent-Length: 99999999999999999999999\r\n\r\n{}
a length that wraps to 2|$P\r\n$J\r\nContent-Length: 18446744073709551618\r\n\r\n{}
a length over the limit|$P\r\n$J\r\nContent-Length: 65537\r\n\r\n{}
length and chunks|$P\r\n$J\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n
chunks and length|$P\r\n$J\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n2\r\n{}\r\n0\r\n\r\n
chunks|$P\r\n$J\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n
chunks on a GET|GET /api/v1/ping $H\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n
chunks in capitals|$P\r\n$J\r\nTransfer-Encoding: CHUNKED\r\n\r\n2\r\n{}\r\n0\r\n\r\n
chunked twice|$P\r\n$J\r\nTransfer-Encoding: chunked, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n
chunked behind identity|$P\r\n$J\r\nTransfer-Encoding: identity, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n
chunked in quotes|$P\r\n$J\r\nTransfer-Encoding: "chunked"\r\n\r\n2\r\n{}\r\n0\r\n\r\n
an unknown coding|$P\r\n$J\r\nTransfer-Encoding: cow\r\n\r\n{}
chunked behind a tab|$P\r\n$J\r\nTransfer-Encoding:\tchunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n
a blank before the coding's colon|$P\r\n$J\r\nTransfer-Encoding : chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n
a signed chunk size|$P\r\n$J\r\nTransfer-Encoding: chunked\r\n\r\n+2\r\n{}\r\n0\r\n\r\n
a negative chunk size|$P\r\n$J\r\nTransfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n
a hexadecimal mark before a chunk size|$P\r\n$J\r\nTransfer-Encoding: chunked\r\n\r\n0x2\r\n{}\r\n0\r\n\r\n
a chunk size beyond 64 bits|$P\r\n$J\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000002\r\n{}\r\n0\r\n\r\n
a chunk longer than it says|$P\r\n$J\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n
a chunk size that never ends|$P\r\n$J\r\nTransfer-Encoding: chunked\r\n\r\n{0*100000}
a request inside a GET's body|GET /api/v1/ping $H\r\nContent-Length: 37\r\n\r\nGET /api/v1/ping HTTP/1.1\r\nHost: x\r\n\r\n
a length on a GET|GET /api/v1/ping $H\r\nContent-Length: 0\r\n\r\n
a bare line feed|GET /api/v1/ping $H\n\r\n
bare line feeds throughout|GET /api/v1/ping HTTP/1.1\nHost: localhost\n\n
a bare line feed in a value|GET /api/v1/ping $H\r\nA: b\nTransfer-Encoding: chunked\r\n\r\n
a bare carriage return|GET /api/v1/ping $H\r\nA: b\rc: d\r\n\r\n
a doubled carriage return|GET /api/v1/ping $H\r\r\n\r\n
NUL in a value|GET /api/v1/ping $H\r\nA: b\0c\r\n\r\n
NUL in a name|GET /api/v1/ping $H\r\nA\0: b\r\n\r\n
NUL in the target|GET /api/v1/ping\0 $H\r\n\r\n
an escape sequence in a value|GET /api/v1/ping $H\r\nA: \x1b[2J\r\n\r\n
a folded line|GET /api/v1/ping $H\r\nA: b\r\n c\r\n\r\n
a line folded by a tab|GET /api/v1/ping $H\r\nA: b\r\n\tc\r\n\r\n
a first header line that is folded|GET /api/v1/ping HTTP/1.1\r\n Host: localhost\r\n\r\n
no Host|GET /api/v1/ping HTTP/1.1\r\nConnection: close\r\n\r\n
two Hosts|GET /api/v1/ping $H\r\nHost: localhost\r\n\r\n
two Hosts that differ|GET /api/v1/ping $H\r\nHost: evil.example\r\n\r\n
an empty Host|GET /api/v1/ping HTTP/1.1\r\nHost:\r\n\r\n
a foreign Host|GET /api/v1/ping HTTP/1.1\r\nHost: evil.example\r\n\r\n
a Host that begins like ours|GET /api/v1/ping HTTP/1.1\r\nHost: localhost.evil.example\r\n\r\n
a Host with a user|GET /api/v1/ping HTTP/1.1\r\nHost: localhost@evil.example\r\n\r\n
a Host with a path|GET /api/v1/ping HTTP/1.1\r\nHost: localhost/evil\r\n\r\n
a Host with a port in words|GET /api/v1/ping HTTP/1.1\r\nHost: localhost:http\r\n\r\n
a Host with half a bracket|GET /api/v1/ping HTTP/1.1\r\nHost: [::1\r\n\r\n
two Hosts in one line|GET /api/v1/ping HTTP/1.1\r\nHost: localhost, localhost\r\n\r\n
a blank before the colon|GET /api/v1/ping $H\r\nA : b\r\n\r\n
a tab before the colon|GET /api/v1/ping $H\r\nA\t: b\r\n\r\n
a blank inside a name|GET /api/v1/ping $H\r\nA b: c\r\n\r\n
a line without a colon|GET /api/v1/ping $H\r\nnonsense\r\n\r\n
a line without a name|GET /api/v1/ping $H\r\n: b\r\n\r\n
a name beyond ASCII|GET /api/v1/ping $H\r\n\xe3\x81\x82: b\r\n\r\n
a name in brackets|GET /api/v1/ping $H\r\n(A): b\r\n\r\n
a head of 200 KB|GET /api/v1/ping $H\r\nA: {b*200000}\r\n\r\n
a head of 70 lines|GET /api/v1/ping $H\r\n{A: b\r\n*70}\r\n
a first line of 20 KB|GET /api/v1/ping?{a*20000} $H\r\n\r\n
a target of 5 KB|GET /api/v1/ping?{a*5000} $H\r\n\r\n
an absolute target|GET http://localhost/api/v1/ping $H\r\n\r\n
a foreign absolute target|GET http://evil.example/api/v1/ping $H\r\n\r\n
a target without a slash|GET api/v1/ping $H\r\n\r\n
a target with two slashes|GET //api/v1/ping $H\r\n\r\n
a target with a hole|GET /api//v1/ping $H\r\n\r\n
a target with dots|GET /api/v1/x/../ping $H\r\n\r\n
a target with one dot|GET /api/v1/./ping $H\r\n\r\n
a target with encoded dots|GET /api/v1/x/%2e%2e/ping $H\r\n\r\n
an encoded slash|GET /api/v1%2fping $H\r\n\r\n
an encoded NUL|GET /api/v1/ping%00 $H\r\n\r\n
half an escape|GET /api/v1/ping% $H\r\n\r\n
an escape that is none|GET /api/v1/ping%zz $H\r\n\r\n
an overlong encoding|GET /api/v1/ping%c0%af $H\r\n\r\n
a fragment|GET /api/v1/ping#top $H\r\n\r\n
a backslash|GET /api\\\\v1\\\\ping $H\r\n\r\n
a blank in the target|GET /api/v1/ping and more $H\r\n\r\n
a tab in the first line|GET\t/api/v1/ping $H\r\n\r\n
a blank before the method|\x20GET /api/v1/ping $H\r\n\r\n
an empty line before the method|\r\nGET /api/v1/ping $H\r\n\r\n
two blanks before the version|GET /api/v1/ping  $H\r\n\r\n
a blank behind the version|GET /api/v1/ping HTTP/1.1 \r\nHost: localhost\r\n\r\n
HTTP/1.0|GET /api/v1/ping HTTP/1.0\r\nHost: localhost\r\n\r\n
HTTP/2.0|GET /api/v1/ping HTTP/2.0\r\nHost: localhost\r\n\r\n
HTTP/0.9|GET /api/v1/ping\r\n\r\n
a version with a sign|GET /api/v1/ping HTTP/+1.1\r\nHost: localhost\r\n\r\n
a version with a zero|GET /api/v1/ping HTTP/1.01\r\nHost: localhost\r\n\r\n
a version in small letters|GET /api/v1/ping http/1.1\r\nHost: localhost\r\n\r\n
no version's number|GET /api/v1/ping HTTP/\r\nHost: localhost\r\n\r\n
an unknown method|BREW /api/v1/ping $H\r\n\r\n
a method in small letters|get /api/v1/ping $H\r\n\r\n
TRACE|TRACE /api/v1/ping $H\r\n\r\n
CONNECT|CONNECT localhost:80 $H\r\n\r\n
OPTIONS of everything|OPTIONS * $H\r\n\r\n
two cookies|GET /api/v1/ping $H\r\nCookie: a=b\r\nCookie: c=d\r\n\r\n
two authorizations|GET /api/v1/ping $H\r\nAuthorization: a\r\nAuthorization: b\r\n\r\n
two connections|GET /api/v1/ping $H\r\nConnection: keep-alive\r\n\r\n
two content types|$P\r\n$J\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}
a body that is not JSON|$P\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}
a form|$P\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\n\r\na=b
an unknown expectation|$P\r\n$J\r\nExpect: 200-ok\r\nContent-Length: 2\r\n\r\n{}
a greeting in TLS|\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03
SSH|SSH-2.0-OpenSSH_9.2\r\n
the preface of HTTP/2|PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n
noise|\x80\xff\x00\x01\x7f\xfe\r\n\r\n
EOT
}

good='GET /api/v1/ping HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'

# Behind every bad request a good one. An answer that shows that a bad one was understood: 2xx, 401 (the API without
# a session), 404 and 405 (a path was looked up).
throw() {
    local where=$1 how=$2 want=$3 name status n=0
    while IFS=$'\t' read -r name status; do
        if [[ $name == good ]]; then
            expect "a good request behind a bad one ($where, $how)" "$status" "$want"
            continue
        fi
        n=$((n + 1))
        [[ $status =~ ^(closed|[45][0-9][0-9])(,[45][0-9][0-9])*$ && ! $status =~ 40[145] ]] ||
            fail "$name ($where, $how): $status"
    done < <(cases | while IFS= read -r line; do printf '%s\ngood|%s\n' "$line" "$good"; done |
        perl "$here/poke.pl" "$where" "$how")
    ((n >= 60)) || fail "only $n cases were thrown at $where"
}

for how in whole halves drip; do
    throw "unix:$data/run" "$how" 200 >"$stage/unix.$how" &
    here_pid=$!
    throw "tcp:$api" "$how" 401
    wait "$here_pid" || true
    if [[ -s $stage/unix.$how ]]; then
        cat "$stage/unix.$how"
        failed=$((failed + 1))
    fi
done

# Pipelining: the first is answered, what stands behind it is thrown away with the connection.
two='GET /api/v1/ping HTTP/1.1\r\nHost: localhost\r\n\r\n'
expect 'a second request behind the first' "$(printf 'two|%s%s\n' "$two" "$two" |
    perl "$here/poke.pl" "unix:$data/run" whole)" $'two\t200'
expect 'octets behind the request' "$(printf 'more|%sG\n' "$two" |
    perl "$here/poke.pl" "unix:$data/run" whole)" $'more\t200'

# The hook listener stands behind the same gate, and knows no API.
while IFS=$'\t' read -r name status; do
    [[ $status =~ ^[45] ]] || fail "$name (hooks): $status"
done < <(cases | head -n 30 | grep -vE '^a (length over the limit|chunk size that never ends)' |
    sed 's|/api/v1/ping|/hook/x|' | perl "$here/poke.pl" "tcp:$hooks" whole)
expect 'the API on the hook listener' "$(printf 'api|%s\n' "$good" | perl "$here/poke.pl" "tcp:$hooks" whole)" \
    $'api\t404'

kill -0 "$web_pid" || fail 'the web role ended'
expect 'the socket at the end' "$(ping_socket)" 200
for _ in {1..40}; do
    (($(descriptors) <= before)) && break
    sleep 0.1
done
expect 'descriptors when all have gone' "$(descriptors)" "$before"
curtain

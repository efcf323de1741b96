# provider.bash: a real OpenID Connect provider on loopback, by TLS, with a certificate of an authority of its own.
# Sourced behind stage.bash.
#
#     export SSL_CERT_FILE=$stage/ca.pem      # so that the house believes it
#     serve_web && keep_plain
#     provider first                          # its signing key has this name; $issuer is its address
#     oidc "$usual, role: viewer"             # keys of web.oidc
#     no_provider
# shellcheck shell=bash

modules=$here/../../build/npm-provider
[ "$(node -p 'parseInt(process.versions.node)' 2>/dev/null || echo 0)" -ge 18 ] || {
    echo "the provider of this play needs Node.js 18"
    exit 77
}
mkdir -p "$modules"
(
    flock 9
    cmp -s "$here/provider/package-lock.json" "$modules/done" && exit 0
    cp "$here/provider/"{package.json,package-lock.json,.npmrc} "$modules"
    npm ci --prefix "$modules" --ignore-scripts --no-audit --no-fund >"$modules/log" 2>&1 || {
        tail -n 5 "$modules/log"
        exit 1
    }
    cp "$here/provider/package-lock.json" "$modules/done"
) 9>"$modules/lock" || { fail "npm could not fetch the provider"; curtain; }
modules=$(realpath "$modules/node_modules")

read -r port < <("$here/../../scripts/free-ports" 1)
issuer=https://127.0.0.1:$port
authority() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj '/CN=Kotori CA' \
        -keyout "$stage/ca.key" -out "$stage/ca.pem"
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=id -keyout "$stage/tls.key" \
        -out "$stage/tls.csr"
    openssl x509 -req -in "$stage/tls.csr" -CA "$stage/ca.pem" -CAkey "$stage/ca.key" -days 2 \
        -extfile <(echo subjectAltName=IP:127.0.0.1) -out "$stage/tls.pem"
}
authority 2>"$stage/openssl.log" || { cat "$stage/openssl.log"; fail "no certificate"; curtain; }
provider_pid=
provider() { # KEY: its signing key has this name
    : >"$stage/provider.log"
    openssl genrsa -out "$stage/$1.key" 2048 2>/dev/null
    node "$here/provider/serve.mjs" "$stage" "$modules" "$port" "$1" "http://$api/oidc/back" \
        >"$stage/provider.log" 2>&1 &
    provider_pid=$!
    pids+=("$provider_pid")
    for _ in {1..300}; do
        grep -q '^ready' "$stage/provider.log" && return
        sleep 0.1
    done
    cat "$stage/provider.log"
    fail "the provider did not start"
    curtain
}
no_provider() {
    kill "$provider_pid"
    wait "$provider_pid" 2>/dev/null || true
}

# ---- the house beside it
usual="issuer: \"$issuer\", client_id: rusuban, name: Kotori ID, scopes: [profile, email, groups]"
# shellcheck disable=SC2034     # for the plays
secret="plum blossom & 100%"
keep_plain() { cp "$stage/site.yaml" "$stage/plain.yaml"; }
oidc() { # KEYS of web.oidc
    sed "s|^web: {|web: {oidc: {$1}, |" "$stage/plain.yaml" >"$stage/new.yaml"
    mv "$stage/new.yaml" "$stage/site.yaml"
}

#!/usr/bin/env bash
# docs/first-release.md: an empty data directory, three hosts that nobody knows yet, a forge behind ssh.
source "$(dirname "$0")/stage.bash"

# The forge lives behind app3's sshd, and the page knows it by name.
eval "$(declare -f there | sed '1s/there/there_of_all/'; declare -f here | sed '1s/here/here_of_all/')"

there() {
    there_of_all | sed "s|trust forge\.example|trust $forge|"
}

here() {
    sed -E "s#ssh://[a-z0-9_-]+@$forge$RIG/forge/#git@forge.example:#; s#^${forge%:*} \(${forge%:*} port#forge.example (forge.example port#; s#^${forge%:*} is trusted#forge.example is trusted#" |
        here_of_all
}

act_an_empty_house() {
    rm -rf "$RIG/data" "$RUSUBAN_SITE"
}

# The page's own site file, on hosts that share one file system and ports with nobody.
act_our_hosts() {
    local name zone address
    while read -r name zone address; do
        sed -i "s|^  $name: .*|  $name: {zone: $zone, address: $address, ssh: {port: $(rig_port 22), user: $(id -un)}, root: $RIG/hosts/$name}|" "$RUSUBAN_SITE"
        : >"$RIG/hosts/$name/etc/ssh/authorized_keys"
    done <"$RIG/hosts/list"
    sed -i -e 's|10\.0\.\([12]\)\.|127.0.\1.|' -e 's|deploy_to: .*|deploy_to: /www/web|' \
        -e 's|unit: php8.2-fpm|pid: /run/php-fpm.pid|' \
        -e "s|git@forge.example:\(.*\)|ssh://$(id -un)@$forge$RIG/forge/\1|" \
        -e "s|{path: /up}|{path: /up, port: $(rig_port 10), every: 100ms}|" "$RUSUBAN_SITE"
    printf 'web: {listen: 127.0.0.1:%s, hooks: 127.0.0.1:%s}\n' "$(rig_port 1)" "$(rig_port 2)" >>"$RUSUBAN_SITE"
}

act_the_line_on_the_hosts() {
    local name
    while read -r name _; do
        rusuban host key --quiet >>"$RIG/hosts/$name/etc/ssh/authorized_keys"
    done <"$RIG/hosts/list"
}

act_the_key_at_the_forge() {
    rusuban host key --forge --quiet >>"$RIG/hosts/app3/etc/ssh/authorized_keys"
}

act_the_other_keys() {
    rusuban host trust app2 --yes
    rusuban host trust app3 --yes
}

act_serve_it() {
    rig_launch "$RIG" serve "$RIG/serve.log" "$play/bin/rusuban" serve
    rig_await "$RIG" serve "$RIG/serve.log" rusuban status
}

three_hosts
forge=127.0.2.11:$(rig_port 22)
push "Open the shop" # nobody listens yet
read_page docs/first-release.md
expect "every host runs it" "$(on_hosts)" "1 1 1"
curtain

#!/usr/bin/env bash
# The real node: a master of the app's own, of its cluster module, that forks new workers from current when it hears a
# signal and lets the old ones go when the new ones listen. No visitor loses a request.
source "$(dirname "$0")/../lib.sh"

command -v node >/dev/null || skip "node is not installed: apt install nodejs"

pid_file=run/node.pid
stop() {
    if [ -s "$RIG/hosts/app1/$pid_file" ]; then rig_tree "$(cat "$RIG/hosts/app1/$pid_file")" | rig_kill KILL; fi
    rm -f "$RIG/hosts/app1/$pid_file"
}
at_the_end() { stop; }

hosts 1 sshd
write server.js "const number = /release:(\\d+)/.exec(require('fs').readFileSync(__dirname + '/RELEASE'))[1]" \
    "require('http').createServer((_, answer) => answer.end('release ' + number + '\\n'))" \
    "    .listen($(rig_port 10), '$(address app1)')"
cat >"$RIG/hosts/app1/etc/master.js" <<JS
const cluster = require('cluster'), fs = require('fs')
const start = () => {
    cluster.setupPrimary({exec: fs.realpathSync('$(www app1)/current') + '/server.js'})
    return cluster.fork()
}
const renew = (workers) => {
    const [old, ...rest] = workers
    if (old) start().on('listening', () => { old.disconnect(); renew(rest) })
}
process.on('SIGUSR2', () => renew(Object.values(cluster.workers)))
start(), start()
fs.writeFileSync('$RIG/hosts/app1/$pid_file', process.pid + '\n')
JS
site restart= health=
push "First"
serve
try release web
expect "the first one, nobody to restart yet" "$code $(live app1)" "0 1"
rig_launch "$RIG/hosts/app1" node "$play/node.log" env -i PATH=/usr/local/bin:/usr/bin:/bin node \
    "$RIG/hosts/app1/etc/master.js"
answers() { [ "$(up app1)" = "release 1" ]; }
rig_wait 40 answers || fail "node does not answer: $(tail -n 5 "$play/node.log")"
before=$(cat "$RIG/hosts/app1/$pid_file")

site servers='{web: {hosts: [app1]}}' restart="{node: USR2, pid: /$pid_file}"
touch "$play/open"
(while [ -e "$play/open" ]; do
    curl -s --max-time 20 -w '%{http_code}\n' "http://$(address app1):$(rig_port 10)/up" >>"$play/visits" || true
done) &
visitor=$!
for next in 2 3; do
    try release web
    expect "it goes" "$code $(live app1) $(field $next why)" "0 $next "
    expect "only the new one answers" "$(for _ in 1 2 3 4 5 6; do up app1; done | sort -u)" "release $next"
done
rm "$play/open"
wait "$visitor" || true
(($(grep -c '^200$' "$play/visits") > 10)) || fail "too few visitors to say"
expect "answers that were none" "$(grep -cvE '^release [0-9]+$|^200$' "$play/visits" || true)" 0
expect "the master stays" "$(cat "$RIG/hosts/app1/$pid_file") $(pgrep -c -P "$before")" "$before 2"
curtain

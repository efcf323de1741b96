#!/usr/bin/env bash
# Two servers, each with a store of its own, release to the same hosts at the same time. Fences decide: a host never
# does anything for the one whose claim was overtaken, all hosts end on one release, and the loser says why and moves
# nothing.
#
#     ROUNDS=10 TRIES=1000 SEED=3 tests/release/two-servers.sh
# shellcheck source-path=SCRIPTDIR source=../lib.sh
source "$(dirname "$0")/../lib.sh"

rounds=${ROUNDS:-4} tries=${TRIES:-60} seed=${SEED:-$((EPOCHSECONDS % 32768))}
RANDOM=$seed
declare -A end=() why=() number=() told=()

# ---- host.sh alone: who is refused after whom, in many short duels

now_us() {
    printf '%s\n' "${EPOCHREALTIME/./}"
}

verb() { # WORDS...
    sh -s "$@" <"$tests/../release/host.sh" 2>/dev/null
}

# Claims the next fence it sees, switches, and writes down what it was allowed to do: "TRY NAME FENCE STEP BEGUN ENDED".
duellist() { # NAME
    local try fence now began
    for ((try = 1; try <= tries; try++)); do
        read -r fence _ <"$host/.rusuban/fence"
        fence=$((fence + 1))
        began=$(now_us)
        verb claim "$host" "$fence" "$1" 999999 >/dev/null || continue
        echo "$try $1 $fence claim $began $(now_us)"
        now=$(readlink "$host/current")
        now=${now#releases/}
        began=$(now_us)
        verb switch "$host" "$fence" "$1" "$now" $((3 - now)) - || continue
        echo "$try $1 $fence switch $began $(now_us)"
    done
}

# An effect of a lower fence that began after a higher claim had ended, or one fence with two owners.
overtaken() { # on stdin: "X NAME FENCE STEP BEGUN ENDED" of one host, claims and effects that were well
    awk '
        { name[NR] = $2; fence[NR] = $3; step[NR] = $4; begun[NR] = $5; ended[NR] = $6 }
        END {
            for (i = 1; i <= NR; i++) {
                if (step[i] != "claim") continue
                for (k = 1; k <= NR; k++) {
                    if (fence[k] == fence[i] && name[k] != name[i] && step[k] == "claim" && i < k)
                        print "fence " fence[i] " has two owners"
                    if (fence[k] < fence[i] && begun[k] > ended[i])
                        print step[k] " under fence " fence[k] " after the claim of " fence[i]
                }
            }
        }'
}

duel() {
    local a b
    host=$play/duel
    mkdir -p "$host"/releases/{1,2} "$host/.rusuban/receipts"
    ln -s releases/1 "$host/current"
    touch "$host"/.rusuban/receipts/{1,2}
    echo "0 nobody" >"$host/.rusuban/fence"
    duellist anna >"$play/anna" &
    a=$!
    duellist bert >"$play/bert" &
    b=$!
    wait "$a" "$b" || true
    cat "$play/anna" "$play/bert" >"$play/duel.log"
    printf 'duels: %d claims, %d refused, %d switches, %d refused\n' "$(grep -c ' claim ' "$play/duel.log")" \
        "$((tries * 2 - $(grep -c ' claim ' "$play/duel.log")))" "$(grep -c ' switch ' "$play/duel.log")" \
        "$(($(grep -c ' claim ' "$play/duel.log") - $(grep -c ' switch ' "$play/duel.log")))"
    expect "overtaken in a duel" "$(overtaken <"$play/duel.log")" ""
    [ "$(grep -c ' switch ' "$play/duel.log")" -gt 0 ] || fail "nobody switched in $tries tries"
    [ "$(grep -c ' claim ' "$play/duel.log")" -lt $((tries * 2)) ] || fail "nobody was refused in $tries tries: no duel"
}

# ---- the second server: the same hosts and keys, a store of its own

second_server() {
    mkdir -m 700 "$RIG/other"
    cp -a "$RIG/data/keys" "$RIG/data/known_hosts" "$RIG/other/"
    sed "s/^web: .*/web: {listen: 127.0.0.1:$(rig_port 3), hooks: 127.0.0.1:$(rig_port 4)}/" \
        "$RIG/site.yaml" >"$RIG/other.yaml"
    printf '#!/bin/sh\nexec %s --site %s --data %s "$@"\n' "$RUSUBAN" "$RIG/other.yaml" "$RIG/other" >"$RIG/bert"
    cp "$RIG/rusuban" "$RIG/anna"
    chmod 755 "$RIG/bert"
    rig_launch "$RIG" bert "$RIG/bert.log" "$RIG/bert" serve
    rig_await "$RIG" bert "$RIG/bert.log" bert_answers
}

bert_answers() {
    "$RIG/bert" status >/dev/null 2>&1
}

at_the_end() {
    [ -z "${RIG:-}" ] || rig_end "$RIG" bert
}

# ---- a round

of() { # SERVER NUMBER FIELD
    local text
    text=$("$RIG/$1" release show web "$2" --json 2>/dev/null) || return 0
    text=${text%%,\"steps\":*}
    if [[ $text =~ \"$3\":(\"([^\"]*)\"|([0-9a-z-]+)) ]]; then printf '%s\n' "${BASH_REMATCH[2]}${BASH_REMATCH[3]}"; fi
}

ended() { # SERVER NUMBER
    case $(of "$1" "$2" state) in done | failed | rolled_back | left | needs_human) ;; *) return 1 ;; esac
}

begin() { # SERVER REVISION
    "$RIG/$1" release web "$2" --detach >"$play/$1.number" 2>"$play/$1.err" || fail "$1: $(<"$play/$1.err")"
}

# Claims and effects that were well, of the release that just ended: "X SERVER FENCE STEP BEGUN ENDED HOST".
effects_of() { # SERVER LOG
    local fence
    fence=$(sed -n "s/.*what:release.begin.*release:${number[$1]}\t.*fence:\([0-9]*\).*/\1/p" "$2" | tail -n 1)
    # shellcheck disable=SC2016
    "$RIG/$1" release show web "${number[$1]}" --json |
        php -n -r 'foreach (json_decode(stream_get_contents(STDIN), true)["steps"] as $s) {
        $ms = fn($t) => (int) round((new DateTime($t))->format("U.v") * 1000);
        if ($s["host"] && $s["result"] === "ok" && $s["step"] !== "health")
            echo "x $argv[1] $argv[2] $s[step] ", $ms($s["begun_at"]), " ", $ms($s["done_at"]), " $s[host]\n"; }' -- "$1" "$fence"
}

# What a person does with the loser: looks, and takes over, or leaves a release that stopped half way as it is.
settle() { # SERVER
    if [ "${end[$1]:-}" = needs_human ]; then "$RIG/$1" release leave web >/dev/null 2>&1 || true; fi
    "$RIG/$1" release hosts web >/dev/null
    "$RIG/$1" release takeover web --reason "a duel" >/dev/null 2>"$play/$1.err" ||
        fail "$1 cannot take over: $(<"$play/$1.err")"
}

round() { # N
    local server first=anna second=bert way='' pause winner='' name
    local -A revision=()
    for server in anna bert; do
        write word "$server $1"
        push "$server $1"
        revision[$server]=$rev
    done
    if ((RANDOM % 2)); then first=bert second=anna; fi
    pause=$(printf '%d.%02d' $((RANDOM % 3)) $((RANDOM % 100)))
    begin "$first" "${revision[$first]}"
    sleep "$pause"
    # The second is told to take over while the first is at work: its fence is higher, and the first is stopped wherever
    # it is. Otherwise both come with the same fence.
    if ((RANDOM % 2)); then settle "$second"; way=', told to take over'; fi
    begin "$second" "${revision[$second]}"
    for server in anna bert; do
        number[$server]=$(<"$play/$server.number")
        rig_wait 60 ended "$server" "${number[$server]}" || fail "round $1: $server is stuck"
        end[$server]=$(of "$server" "${number[$server]}" state)
        why[$server]=$(of "$server" "${number[$server]}" why)
        [ "${end[$server]}" = "done" ] || lost "$1" "$server"
    done
    { effects_of anna "$RIG/serve.log"; effects_of bert "$RIG/bert.log"; } >"$play/effects"
    while read -r name _; do
        expect "round $1, $name" "$(grep " $name\$" "$play/effects" | overtaken)" ""
    done <"$RIG/hosts/list"
    winner=$(awk '$4 == "drop" { print $3, $2 }' "$play/effects" | sort -n | tail -n 1 | cut -d' ' -f2)
    [ -z "$winner" ] || all_run "$1" "$winner"
    printf 'round %d: %s %s, %s %s s later%s: %s\n' "$1" "$first" "${end[$first]}" "$second" "$pause" "$way" \
        "${end[$second]}"
    for server in anna bert; do
        if [ "${end[$server]}" != "done" ]; then printf '    %s says: %s\n' "$server" "${why[$server]}"; fi
    done
    for server in anna bert; do
        # Not always: who was overtaken and does not take over is refused again, plainly.
        if [ "${end[$server]}" != "done" ] && { [ "${end[$server]}" = needs_human ] || ((RANDOM % 3)); }; then
            settle "$server"
        fi
    done
}

# Whoever does not end well says why, and it is the other server.
lost() { # ROUND SERVER
    told[${end[$2]}]=$((${told[${end[$2]}]:-0} + 1))
    case ${why[$2]} in
    *"another server released"* | *"which we did not finish"* | *"somebody else switched it"*) ;;
    *) fail "round $1: $2 ended as ${end[$2]} and says only \"${why[$2]}\"" ;;
    esac
}

all_run() { # ROUND SERVER
    local name
    while read -r name _; do
        expect "round $1, what $name runs" "$(live "$name")" "${number[$2]}"
        expect "round $1, whose tree $name runs" "$(cat "$(www "$name")/current/word")" "$2 $1"
    done <"$RIG/hosts/list"
}

# Both count from 1, so a number may name a tree of the other server by now. Nobody goes back to that.
no_rollback_to_a_stranger() {
    local n
    settle bert
    begin bert "$rev"
    n=$(<"$play/bert.number")
    rig_wait 60 ended bert "$n" || fail "bert is stuck"
    begin bert "$rev"
    rig_wait 60 ended bert "$((n + 1))" || fail "bert is stuck"
    expect "two releases of bert" "$(of bert "$n" state) $(of bert $((n + 1)) state)" "done done"
    sed -i 's/tree:[0-9a-f]*/tree:0123456789abcdef/' "$(www app2)/.rusuban/receipts/$n"
    "$RIG/bert" release rollback web >"$play/said" 2>&1 || true
    expect_in "a roll back to another tree" "$(<"$play/said")" "is another tree than ours"
    expect "what app2 runs" "$(live app2)" "$((n + 1))"
}

# However often it comes, and though its count may have passed the other's: who was overtaken stays out until a person
# there says takeover. Then its numbers go on above all that hosts hold.
overtaken_stays_out() {
    local try n
    settle anna
    settle bert
    begin bert "$rev"
    rig_wait 60 ended bert "$(<"$play/bert.number")" || fail "bert is stuck"
    for try in 1 2 3; do
        begin anna "$rev"
        n=$(<"$play/anna.number")
        rig_wait 60 ended anna "$n" || fail "anna is stuck"
        expect "anna, try $try" "$(of anna "$n" state)" failed
        expect_in "why" "$(of anna "$n" why)" "another server released"
    done
    settle anna
    begin anna "$rev"
    n=$(<"$play/anna.number")
    rig_wait 60 ended anna "$n" || fail "anna is stuck"
    expect "anna after a takeover" "$(of anna "$n" state)" "done"
    ((n > $(<"$play/bert.number"))) || fail "anna gives a number again that bert gave: $n"
}

printf 'seed %d\n' "$seed"
duel
hosts 3 sshd
rm -f "$RIG/forge/kotori/web.git/hooks/post-receive"
site webhook= restart= health= keep=2 \
    servers='{canary: {hosts: [app1]}, web: {hosts: [app2, app3], limit: 1, wait: 0s}}' </dev/null
serve
second_server
for ((i = 1; i <= rounds; i++)); do round "$i"; done
overtaken_stays_out
no_rollback_to_a_stranger
printf 'rounds %d, lost: failed %d, needs_human %d; double switches 0 if nothing above says otherwise\n' "$rounds" \
    "${told[failed]:-0}" "${told[needs_human]:-0}"
[ ${#told[@]} -gt 0 ] || fail "nobody lost in $rounds rounds: they never met"
curtain

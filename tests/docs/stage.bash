# stage.bash: reads a page and does what it says, on real hosts. Sourced by the plays in tests/docs, not run.
#
#     source "$(dirname "$0")/stage.bash"
#     a_shop                          # three hosts, a forge, Rusuban, release 1 everywhere
#     act_the_push() { ...; }         # what people do elsewhere while the reader reads
#     read_page docs/roll-back.md
#     curtain
#
# In a page, a comment on the line before a fenced block says what the block is:
#
#     <!-- run -->        of `sh`: its lines are run as they stand and must succeed. Of `console`: each line after
#                         "$ " is run, and what the page shows below it must be what comes out. A command that fails
#                         is followed by "$ echo $?". "[y/N] y" in what is shown is typed at a terminal.
#     <!-- site -->       keys of the service, put into the site file in place of those that are there; or keys at
#                         its top
#     <!-- file PATH -->  the block is written to PATH
#     <!-- act NAME -->   (no block) the play's act_NAME is called
#
# The lines shown must come in this order, the first first and the last last; other lines may stand between them; "..."
# is anything, alone on a line any lines. Times, durations, revisions, keys, process numbers and sizes differ from run
# to run, so any will do where the page shows one. A page speaks of /var/lib/rusuban, /etc/rusuban/site.yaml, ports 7070
# and 7071, hosts in 10.0.x and the users rusuban and deploy; `there` and `here` below are that dictionary, both ways.
# shellcheck shell=bash

# shellcheck source-path=SCRIPTDIR source=../lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
page_home=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
page_status=0

# ---- the stage

three_hosts() { # as in the example site file: app1 and app2 in zone a, app3 in zone c
    rig_init "$play/rig" "$(play_ports)"
    rig_hosts app1 a 127.0.1.11 app2 a 127.0.1.12 app3 c 127.0.2.11
    rig_forge
    source_tree
    at_hand
}

# The program as a reader has it: on the PATH, told where things are.
at_hand() {
    mkdir -p "$play/bin"
    ln -sf "$RUSUBAN" "$play/bin/rusuban"
    PATH=$play/bin:$PATH
    export RUSUBAN_SITE=$RIG/site.yaml RUSUBAN_DATA=$RIG/data
    unset -f rusuban
}

a_shop() { # [KEY=YAML]...: keys of the service
    three_hosts
    site "servers={canary: {hosts: [app1]}, web: {hosts: [app2, app3]}}" "approve={when: unclear}" "$@" </dev/null
    serve
    push "Open the shop"
    until_state 1 asking
    rusuban release approve web --quiet
}

# ---- the dictionary

there() { # what a page says, as it is on this stage
    sed -e "s|/var/lib/rusuban|$RUSUBAN_DATA|g; s|/etc/rusuban/site.yaml|$RUSUBAN_SITE|g; s|/etc/nginx/|$play/nginx/|g; s|/usr/local/bin/|$play/bin/|g" \
        -e "s|127\.0\.0\.1:7071|127.0.0.1:$(rig_port 2)|g; s|127\.0\.0\.1:7070|127.0.0.1:$(rig_port 1)|g"
}

here() { # what came out, as a page says it
    local me
    me=$(id -un)
    sed -E -e 's/\x1b\[[0-9;]*[A-Za-z]/\r/g; s/\r+$//; s/^.*\r//' \
        -e "s|$RUSUBAN_DATA|/var/lib/rusuban|g; s|$RUSUBAN_SITE|/etc/rusuban/site.yaml|g; s|$RIG/hosts/[a-z0-9]+||g" \
        -e "s|127\.0\.0\.1:$(rig_port 2)|127.0.0.1:7071|g; s|127\.0\.0\.1:$(rig_port 1)|127.0.0.1:7070|g" \
        -e "s#(^|[ (])/www/web#\1/var/www/web#g; s/127\.0\.([12])\./10.0.\1./g; s/(:|port )$(rig_port 22)\b/\122/g; s/(:|port )$(rig_port 10)\b/\180/g" \
        -e "s/\b$me@/deploy@/g; s/\b$me\b/rusuban/g"
}

plain() { # what differs from run to run becomes the same word
    sed -E -e 's/20[0-9]{2}-[01][0-9]-[0-3][0-9](T[0-9:.]+Z| [0-9:]+ [A-Z]{2,5})/WHEN/g' \
        -e 's/([0-9]+(\.[0-9]+)? (ms|s|min|h|d)\b ?)+/TIME /g' \
        -e 's/SHA256:[A-Za-z0-9+/]{43}/FINGERPRINT/g; s/AAAA[A-Za-z0-9+/=]{40,}/KEY/g' \
        -e 's/\b([0-9a-f]{40,64}|[0-9a-f]{16}|[0-9a-f]{12}|[0-9a-f]{7,8})\b/REV/g' \
        -e 's/(pid|process) +[0-9]+/\1 N/g; s/[0-9]+ bytes/N bytes/g; s/("[a-z_]+_ms"|"pid"):[0-9]+/\1:N/g' \
        -e 's/[[:blank:]]+/ /g; s/ $//'
}

# ---- running what a page says

page_fail() { # SENTENCE: where in the page, what
    fail "$page_file:$page_line: $*"
    curtain
}

page_do() { # COMMAND WANTED: WANTED is what the page shows below it
    local command want
    command=$(there <<<"$1")
    want=$2
    printf '$ %s\n' "$command"
    if [[ $want == *'[y/N] '* ]]; then
        page_answer "$command"
    else
        set +euo pipefail
        (exit "$page_status")
        eval "$command" >"$play/said" 2>&1 </dev/null
        page_status=$?
        set -euo pipefail
    fi
    here <"$play/said" >"$play/said.here"
    sed 's/^/    /' "$play/said.here"
    page_compare "$want"
}

# A person at a terminal, who types what stands behind each question.
page_answer() { # COMMAND
    local pid
    rm -f "$play/keys"
    mkfifo "$play/keys"
    : >"$play/said"
    TERM=xterm script -qefc "$1" "$play/said" <"$play/keys" >/dev/null 2>&1 &
    pid=$!
    exec 8>"$play/keys"
    rig_wait 120 page_question "$pid"
    sleep 0.3               # what is typed before a question is thrown away, and it is a moment until that is done
    echo y >&8
    page_status=0
    wait "$pid" || page_status=$?
    exec 8>&-
    sed -i -e '/^Script started/d; /^Script done/d' "$play/said"
}

page_question() { # PID: it asks, or it ended without asking
    grep -q '\[y/N\]' "$play/said" || ! rig_born "$1" >/dev/null
}

# What a release says every five seconds while it is at something: only a busy machine shows it.
page_step='(begins|([a-z0-9-]+: )?(fetch|build|pack|claim|stage|migrate|switch|restart|health|drop|prune|back|back_restart|back_health)( done| failed, again soon| \([^)]*\))?)'
page_progress="^[A-Z][a-z]+( back)?( $page_step(, $page_step)*)? TIME\$"

page_pattern() { # LINE as a pattern of [[ == ]]
    sed -e 's/[][\\*?]/\\&/g; s/\.\.\./*/g' <<<"$1"
}

page_compare() { # WANTED
    local shown got line pattern at=0 loose=no last=0 i
    [ -n "$1" ] || return 0
    mapfile -t shown < <(plain <<<"$1")
    mapfile -t got < <(plain <"$play/said.here" | grep -vE -e '^$' -e "$page_progress")
    for line in "${shown[@]}"; do
        if [ -z "$line" ]; then continue; fi
        if [ "$line" = ... ]; then loose=yes; continue; fi
        pattern=$(page_pattern "$line")
        for ((i = at; i < ${#got[@]}; i++)); do
            # shellcheck disable=SC2053     # a pattern is meant
            [[ ${got[i]} == $pattern ]] && break
        done
        ((i < ${#got[@]})) || page_fail "the page shows \"$line\", which did not come out (any more) at that place"
        ((at > 0 || i == 0)) || [ $loose = yes ] || page_fail "what came out does not begin with \"$line\""
        at=$((i + 1)) last=$at loose=no
    done
    [ $loose = yes ] || ((last == ${#got[@]})) || page_fail "the page does not show what came out last: \"${got[-1]}\""
}

page_check_status() { # NEXT COMMAND or nothing
    # shellcheck disable=SC2016
    [ "$page_status" = 0 ] || [[ ${1:-} == *'$?'* ]] || page_fail "a command ended with $page_status"
}

page_sh() { # LINES
    page_do "$1" ''
    page_check_status
}

page_console() { # LINES
    local line command='' want=''
    while IFS= read -r line; do
        if [[ $line == '$ '* ]]; then
            [ -z "$command" ] || { page_do "$command" "$want"; page_check_status "$line"; }
            command=${line#'$ '} want=''
        elif [[ $command == *\\ && -z $want ]]; then
            command=${command%\\}$line
        else
            want+=$line$'\n'
        fi
    done <<<"$1"
    page_do "$command" "${want%$'\n'}"
    page_check_status
}

# Keys of the service, indented as in the site file, replace those that are there; keys at the top are added.
page_site() { # LINES
    local line
    if [[ $1 != ' '* ]]; then
        there <<<"$1" >>"$RUSUBAN_SITE"
        return
    fi
    while IFS= read -r line; do
        if [[ $line =~ ^\ \ \ \ ([a-z_]+): ]]; then sed -i "/^    ${BASH_REMATCH[1]}:/d" "$RUSUBAN_SITE"; fi
    done <<<"$1"
    there <<<"$1" >"$play/keys.yaml"
    sed "/^  web:/r $play/keys.yaml" "$RUSUBAN_SITE" >"$play/site.new"
    mv "$play/site.new" "$RUSUBAN_SITE"
}

page_block() { # MARK KIND LINES
    case "$1 $2" in
    'run sh') page_sh "$3" ;;
    'run console') page_console "$3" ;;
    'site yaml') page_site "$3" ;;
    'file '*) there <<<"$3" >"$(there <<<"${1#file }")" ;;
    *) page_fail "a block of \"$2\" cannot be \"$1\"" ;;
    esac
}

read_page() { # FILE, from the root of the tree
    local line mark='' kind='' text=''
    page_file=$1 page_line=0
    exec 7<"$page_home/$1"
    while IFS= read -r line <&7; do
        page_line=$((page_line + 1))
        if [ -n "$kind" ]; then
            if [ "$line" != '```' ]; then text+=$line$'\n'; continue; fi
            [ -z "$mark" ] || page_block "$mark" "$kind" "${text%$'\n'}"
            mark='' kind=''
        elif [[ $line =~ ^'<!-- act '([a-z0-9_]+)' -->'$ ]]; then
            "act_${BASH_REMATCH[1]}"
        elif [[ $line =~ ^'<!-- '(run|site|file .*)' -->'$ ]]; then
            mark=${BASH_REMATCH[1]}
        elif [[ $line =~ ^'```'([a-z]+)$ ]]; then
            kind=${BASH_REMATCH[1]} text=''
        elif [[ $line == '<!--'* || $line == '```'* ]]; then
            page_fail "this line means nothing to a play: $line"
        elif [ -n "$line" ]; then
            [ -z "$mark" ] || page_fail "\"$mark\" stands before no block"
        fi
    done
    exec 7<&-
    [ -z "$kind" ] || page_fail "a block has no end"
}

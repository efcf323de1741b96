# Sent to every host by `rusuban doctor`, on the standard input of sh -s; it looks and changes nothing. Behind it come
# the directories to look at, one a line. It answers with lines "WORD VALUE...".
# shellcheck shell=sh disable=SC2046     # df's line is cut into words on purpose
look() {
    echo "clock $(date +%s)"
    for program in rsync flock awk cp df ln mv readlink sync timeout; do
        command -v "$program" >/dev/null 2>&1 || echo "missing $program"
    done
    while IFS= read -r path; do
        there=$path
        while [ ! -d "$there" ]; do
            there=${there%/*}
            [ -n "$there" ] || there=/
        done
        [ -w "$there" ] && may=yes || may=no
        set -- $(df -Pk "$there" | tail -n 1)
        percent=${5%\%}
        free=$4
        set -- $(df -Pi "$there" 2>/dev/null | tail -n 1)
        echo "dir $free $percent ${5%\%} $may $there $path"
    done
    echo "end"
}

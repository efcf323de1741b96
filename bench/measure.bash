# measure.bash: what every benchmark needs: a clock, medians, and goal lines. Sourced, not run.
#
#     source "$(dirname "$0")/measure.bash"
#     keep_text release                       # from here on, all that is printed is kept in build/bench/release.txt
#     began=$(now_us); work; note half "$(since_ms "$began")"
#     goal release.half "$(median half)" ms "the rival" "$(median theirs)" ">=1"
#
# A figure is a file of numbers, one a round, below $figures.
# shellcheck shell=bash
set -euo pipefail
export LC_ALL=C.UTF-8     # bytes in order, and ansible insists on UTF-8

bench_tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
mkdir -p "$bench_tree/build/bench"
figures=$(mktemp -d "${TMPDIR:-/tmp}/rusuban-figures-XXXXXX")

now_us() { # since 1970
    printf '%s\n' "${EPOCHREALTIME/./}"
}

since_ms() { # MICROSECONDS
    printf '%s\n' $(((${EPOCHREALTIME/./} - $1) / 1000))
}

keep_text() { # NAME: whoever reads the pipe is waited for, so the file is whole when we end
    exec 3>&1
    exec > >(tee "$bench_tree/build/bench/$1.txt" >&3)
    text_keeper=$!
}

# Call it last: leaves nothing behind but the text.
end_measure() {
    rm -rf "$figures"
    if [ -n "${text_keeper:-}" ]; then
        exec >&3
        wait "$text_keeper" || true
    fi
}

note() { # FIGURE NUMBER
    printf '%s\n' "$2" >>"$figures/$1"
}

have() { # FIGURE
    [ -s "$figures/$1" ]
}

median() { # FIGURE: prints the number in the middle, of an even count the lower one
    sort -n "$figures/$1" | awk '{ n[NR] = $1 } END { print n[int((NR + 1) / 2)] }'
}

spread() { # FIGURE: prints "least-most"
    sort -n "$figures/$1" | sed -n '1p;$p' | paste -sd-
}

ratio() { # THEIRS OURS
    awk -v theirs="$1" -v ours="$2" 'BEGIN { printf "%.2f\n", theirs / ours }'
}

# The first of a round has the coldest caches, so everybody is first in turn.
turns() { # ROUND NAME...
    local shift=$(($1 % ($# - 1)))
    shift
    printf '%s\n' "${@:shift+1}" "${@:1:shift}"
}

# In memory where there is room: what is compared is work, and a disk of many users scatters threefold. PLACE says
# otherwise.
memory_home() { # prints a directory
    local free
    free=$(df -Pm /dev/shm 2>/dev/null | awk 'NR == 2 { print $4 }')
    if [ -n "${PLACE:-}" ]; then
        realpath "$PLACE"
    elif [ "${free:-0}" -gt 8000 ] && [ -w /dev/shm ]; then
        echo /dev/shm
    else
        echo "$bench_tree/build/bench"
    fi
}

# The last lines of every benchmark: one for each comparison. With a rival the goal is about theirs / ours, without
# about ours; "none" is for information.
goal() { # NAME OURS UNIT RIVAL THEIRS GOAL
    local ratio='' met=- value=$2 what=${6%%[<>]*}
    if [ -n "$4" ]; then
        ratio=$(ratio "$5" "$2")
        value=$ratio
    fi
    if [ "$6" != none ]; then
        met=$(awk -v value="$value" -v limit="${6##*[<>=]}" -v goal="$6" \
            'BEGIN { print (goal ~ />=/ ? value >= limit : value < limit) ? "yes" : "no" }')
        what=${what:-$([ -n "$4" ] && echo ratio || echo ours)}$6
    fi
    printf 'bench:%s\tours:%s\tunit:%s' "$1" "$2" "$3"
    if [ -n "$4" ]; then printf '\trival:%s\ttheirs:%s\tratio:%s' "$4" "$5" "$ratio"; fi
    printf '\tgoal:%s\tmet:%s\n' "$what" "$met"
}

#!/usr/bin/env bash
# `make install` puts the program, its pages and the unit for systemd below PREFIX, all of it below DESTDIR, and `make
# help` says what there is to make.
# shellcheck source=tests/house/stage.bash
source "$(dirname "$0")/stage.bash"

tree=$(cd "$here/../.." && pwd)
variant=$(basename "$(dirname "$RUSUBAN")")
[ "$RUSUBAN" = "$tree/build/$variant/rusuban" ] || variant="test"
if [ ! -x "$tree/build/$variant/rusuban" ]; then
    echo "build/$variant/rusuban is not built"
    exit 77
fi

lay() { # WORDS...: with no more rights for others than a careful user leaves
    (umask 022 && make -s -C "$tree" V="$variant" ENSURE=no "$@" install-files) >"$stage/make" 2>&1 ||
        fail "make $*: $(cat "$stage/make")"
}

lay DESTDIR="$stage/root" PREFIX=/opt/ru
root=$stage/root/opt/ru
expect "nothing beside it" "$(find "$stage/root" -mindepth 1 -maxdepth 2 | sort | paste -sd ' ')" \
    "$stage/root/opt $root"
expect "the program" "$("$root/bin/rusuban" --version)" "rusuban $(cat "$tree/VERSION")"
expect "who may run it" "$(stat -c %a "$root/bin/rusuban")" 755

# Every link of every page that was installed leads to a file that was installed, too.
for page in "$root"/share/doc/rusuban/*.md "$root"/share/doc/rusuban/docs/*.md; do
    while read -r link; do
        [ -e "$(dirname "$page")/$link" ] || fail "$page: there is no $link"
    done < <(grep -oE '\]\([^)#]+' "$page" | sed 's/^](//' | grep -vE '^[a-z]+:')
done
[ -s "$root/share/doc/rusuban/docs/first-release.md" ] || fail "the pages are not there"

unit=$root/lib/systemd/system/rusuban.service
expect "who may read the unit" "$(stat -c %a "$unit")" 644
expect "the unit starts what was installed" "$(sed -n 's/^ExecStart=//p' "$unit")" "/opt/ru/bin/rusuban serve"
expect "its page" "$(sed -n 's/^Documentation=file:\/\///p' "$unit")" "/opt/ru/share/doc/rusuban/README.md"
expect "no word of another place" "$(grep -c /usr/local "$unit" || true)" 0
for right in NoNewPrivileges=yes ProtectSystem=strict CapabilityBoundingSet= User=rusuban; do
    grep -qx "$right" "$unit" || fail "the unit does not say $right"
done
# For rootless podman the unit names what to take back: all that would keep newuidmap from its rights (systemd.exec(5)).
takes_rights='LockPersonality|MemoryDenyWriteExecute|PrivateDevices|ProtectClock|ProtectHostname|ProtectKernelLogs'
takes_rights+='|ProtectKernelModules|ProtectKernelTunables|RestrictAddressFamilies|RestrictNamespaces|RestrictRealtime'
takes_rights+='|RestrictSUIDSGID|SystemCallArchitectures|SystemCallFilter|SystemCallLog|NoNewPrivileges'
while read -r setting; do
    grep -qE "^#     $setting=(no)?\$" "$unit" || fail "a build in rootless podman would still have $setting"
done < <(sed -nE "s/^($takes_rights)=.*/\1/p" "$unit")
if command -v systemd-analyze >/dev/null; then
    sed "s|^ExecStart=/opt|ExecStart=$stage/root/opt|; /^User=/d; /^Group=/d" "$unit" >"$stage/rusuban.service"
    mistakes=$(systemd-analyze verify --man=no "$stage/rusuban.service" 2>&1 | grep -F rusuban.service: || true)
    expect "mistakes in the unit" "$mistakes" ""
    sed -n 's/^#     //p' "$unit" >>"$stage/rusuban.service"
    mistakes=$(systemd-analyze verify --man=no "$stage/rusuban.service" 2>&1 | grep -F rusuban.service: || true)
    expect "mistakes in what is taken back" "$mistakes" ""
fi

# The agent's unit has a user of its own for each start, and its token as a credential.
unit=$root/lib/systemd/system/rusuban-agent.service
expect "what the agent's unit starts" "$(sed -n 's/^ExecStart=\([^ ]* [^ ]* [^ ]*\).*/\1/p' "$unit")" \
    "/opt/ru/bin/rusuban log agent"
for right in DynamicUser=yes NoNewPrivileges=yes ProtectSystem=strict CapabilityBoundingSet= SupplementaryGroups=adm \
    LoadCredential=token:/etc/rusuban/agent.token; do
    grep -qx "$right" "$unit" || fail "the agent's unit does not say $right"
done
if command -v systemd-analyze >/dev/null; then
    sed "s|^ExecStart=/opt|ExecStart=$stage/root/opt|" "$unit" >"$stage/rusuban-agent.service"
    mistakes=$(systemd-analyze verify --man=no "$stage/rusuban-agent.service" 2>&1 | grep -F rusuban-agent.service: ||
        true)
    expect "mistakes in the agent's unit" "$mistakes" ""
fi

lay DESTDIR="$stage/usual"
expect "the usual place" "$("$stage/usual/usr/local/bin/rusuban" --version)" "rusuban $(cat "$tree/VERSION")"
expect "the unit of the usual place" \
    "$(sed -n 's/^ExecStart=//p' "$stage/usual/usr/local/lib/systemd/system/rusuban.service")" \
    "/usr/local/bin/rusuban serve"

said=$(make -s -C "$tree" help)
for word in "make demo " PORT= PREFIX= DESTDIR= "make test " "build/rusuban help"; do
    expect_in "make help" "$said" "$word"
done
said=$(make -s -C "$tree" tset 2>&1) && fail "make tset went well"
# shellcheck disable=SC2016     # backquotes for the reader
expect_in "a goal that is not there" "$said" 'there is no "tset" here; `make help` tells what there is'
expect "in one line" "$(wc -l <<<"$said")" 1
curtain

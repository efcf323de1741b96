#!/usr/bin/env bash
# A new house is furnished step by step, and doctor says each time what is still to do. Then things go wrong.
# shellcheck source=tests/house/stage.bash
source "$(dirname "$0")/stage.bash"

start_host app1
start_host app2
cat >"$stage/hosts" <<END
zones: {a: {net: 127.0.0.0/24}}
hosts:
  app1: {zone: a, address: 127.0.0.1, ssh: {port: ${port[app1]}, user: $(id -un)}, root: $stage/app1}
  app2: {zone: a, address: 127.0.0.1, ssh: {port: ${port[app2]}, user: $(id -un)}, root: $stage/app2}
services:
  web: {repository: $stage/repo, deploy_to: /www/web, servers: {web: {hosts: [app1, app2]}}}
END
site <"$stage/hosts"

git_here() { # WORDS: without anybody's own settings
    GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 git -c user.name=Mei -c user.email=mei@kotori.example "$@"
}

# Nothing is there yet.
try doctor
expect "doctor of an empty house" "$code" 3
expect_in "the site file" "$said" "1 service, 2 hosts, 1 zone"
expect_in "no data" "$said" "warn  $data: is not there yet"
expect_in "no repository" "$said" \
    "FAIL  web: cannot read $stage/repo: fatal: '$stage/repo' does not appear to be a git repository; is the address right"
expect_in "no key" "$said" "FAIL  hosts: we have no key to come to them with; rusuban host key"
[ ! -e "$data" ] || fail "the doctor began a house: $(ls -lR "$data")"

# A key; the hosts do not know it, and we do not know them.
key=$(rusuban host key 2>"$stage/talk")
expect_in "the line for authorized_keys" "$key" "restrict ssh-ed25519 AAAA"
expect "asked again" "$(rusuban host key --quiet)" "$key"
expect "mode of the key" "$(stat -c %a "$data/keys/deploy")" 600
try doctor
expect "doctor of a house without friends" "$code" 3
expect_in "an unknown host" "$said" \
    "FAIL  app1: cannot be reached: Host key verification failed; rusuban host trust app1"

# A person compares fingerprints. Nobody is there to compare: nothing is pinned.
try host trust app1 --no-input
expect "trust without a person" "$code" 2
expect_in "trust without a person" "$said" "--fingerprint"
fingerprint=$(ssh-keygen -lf "$stage/app1/host_key.pub" | cut -d' ' -f2)
expect_in "what a person sees" "$said" "$fingerprint"
try host trust app1 --fingerprint SHA256:0000000000000000000000000000000000000000000
expect "the wrong fingerprint" "$code" 3
try host trust app1 --fingerprint "$fingerprint"
expect "the right fingerprint" "$code" 0
expect "mode of known_hosts" "$(stat -c %a "$data/known_hosts")" 600
try host trust app1
expect_in "once more" "$said" "was trusted already"
try host trust app2 --yes --json
expect_in "as JSON" "$said" "\"new\":true"
expect "pinned lines" "$(wc -l <"$data/known_hosts")" 2
try host trust ap2
expect_in "a typo" "$said" "rusuban host trust app2"
try doctor
expect_in "a host without our key" "$said" "Permission denied"
expect_in "a host without our key" "$said" "put our key there: rusuban host key"

# The repository comes, first without the branch.
git_here init -q --bare --initial-branch=main "$stage/repo"
try doctor
expect_in "an empty repository" "$said" "FAIL  web: $stage/repo has no branch main; push it, or name another"
git_here init -q --initial-branch=main "$stage/clone"
git_here -C "$stage/clone" commit -q --allow-empty -m "Open the shop"
git_here -C "$stage/clone" push -q "$stage/repo" main

# Our key is there: all is well but for the house itself, which nobody minds.
for host in app1 app2; do printf '%s\n' "$key" >"$stage/$host/authorized_keys"; done
try doctor
expect "doctor of a house that is ready" "$code" 0
for host in app1 app2; do expect_in "a good host" "$said" "ok    $host: answers in"; done
expect_in "a good repository" "$said" \
    "ok    web: $stage/repo has main at $(git_here -C "$stage/clone" rev-parse --short=7 main)"
expect_in "a house without people" "$said" "warn  house: nobody minds it; rusuban serve"
start_house
try doctor
expect_in "a served house" "$said" "ok    house: rusuban serve is process $house"
expect_in "its store" "$said" "opens and is sound"
try doctor --json
expect_in "as JSON" "$said" '"failed":0}'

# The repository moves behind ssh, to a forge that nobody has introduced to us, nor us to it.
cp "$stage/site.yaml" "$stage/site.before"
start_host forge
forge=ssh://$(id -un)@127.0.0.1:${port[forge]}$stage/repo
sed -i "s|repository: [^,]*|repository: $forge|" "$stage/site.yaml"
try doctor
expect "doctor with a strange forge" "$code" 3
expect_in "a strange forge" "$said" \
    "FAIL  web: cannot read $forge: Host key verification failed; rusuban host trust 127.0.0.1:${port[forge]} --forge"
try host trust "127.0.0.1:${port[forge]}" --forge --yes
expect "the forge is trusted" "$code" 0
try doctor
expect_in "no key for it" "$said" "Permission denied (publickey"
expect_in "no key for it" "$said" "there is no key for the forge yet: rusuban host key --forge"
key_of_forge=$(rusuban host key --forge --quiet)
try doctor
expect_in "it does not know our key" "$said" \
    "does the forge know our key, with read access to this repository? rusuban host key --forge"
printf '%s\n' "$key_of_forge" >"$stage/forge/authorized_keys"
try doctor
expect "it does now" "$code" 0
expect_in "it does now" "$said" "ok    web: $forge has main at"
stop_host forge
try doctor
expect_in "it is away" "$said" \
    "ssh: connect to host 127.0.0.1 port ${port[forge]}: Connection refused; is the address right, is it up"

# A build in an image needs podman. Another program of the kind does not count, for builds do not use it.
mkdir "$stage/bin"
for program in /usr/local/bin/* /usr/bin/* /bin/*; do
    case ${program##*/} in podman | docker) ;; *) ln -sf "$program" "$stage/bin/" ;; esac
done
printf '#!/bin/sh\necho Docker version 20\n' >"$stage/bin/docker"
chmod 755 "$stage/bin/docker"
sed -i "s|repository: [^,]*|repository: $stage/repo, build: {image: kotori/build, run: [[bin/build]]}|" \
    "$stage/site.yaml"
PATH=$stage/bin try doctor
expect "doctor without podman" "$code" 3
expect_in "no podman" "$said" \
    "FAIL  containers: a service builds in an image, but podman cannot be run; apt install podman"
mv "$stage/site.before" "$stage/site.yaml"
sed -i '$d' "$data/known_hosts"

# Another machine answers at app1's address.
stop_host app1
rm "$stage/app1/host_key"*
start_host app1
sed -i "/app1:/s/port: [0-9]*/port: ${port[app1]}/" "$stage/site.yaml"
sed -i "1s/:[0-9]* /:${port[app1]} /" "$data/known_hosts"
try doctor
expect "doctor with a stranger" "$code" 3
expect_in "a stranger" "$said" "FAIL  app1: cannot be reached: Host key verification failed; "
expect_in "a stranger" "$said" "when you know why: rusuban host trust app1 --replace"
try host trust app1 --yes
expect "a stranger is not pinned by --yes" "$code" 1
expect_in "a stranger" "$said" "a new key, or another machine"
try host trust app1 --yes --replace
expect "replaced" "$code" 0
expect "pinned lines" "$(wc -l <"$data/known_hosts")" 2

# A host is silent, a directory may not be written, a key lies open, the site file has a mistake.
stop_host app2
chmod 644 "$data/keys/deploy"
try doctor
expect "doctor with trouble" "$code" 3
expect_in "a silent host" "$said" \
    "FAIL  app2: cannot be reached: ssh: connect to host 127.0.0.1 port ${port[app2]}: Connection refused"
expect_in "an open key" "$said" "FAIL  $data/keys/deploy: others may read it (mode 644)"
printf '  api: {repository: /x, deploy_to: /y, kepe: 3}\n' >>"$stage/site.yaml"
try doctor
expect_in "a mistake" "$said" 'kepe'
expect_in "a mistake" "$said" 'did you mean "keep"?'
curtain

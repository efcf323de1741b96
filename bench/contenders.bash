# contenders.bash: who brings a tree to the hosts, and how. Sourced by bench/release.
#
# A contender is a row of the table and two functions: NAME_full STEM (the hosts have nothing) and NAME_change STEM
# (they have the release before). Both return when the tree is complete on every host, flushed, and served. All use the
# same sshd's and key, and open their own connections with the cipher that ssh chooses; those called "ssh held open"
# find one standing on each host, made as ours makes them.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2317     # the table and the functions are used by name

hosts=(h1 h2 h3 h4)
held=       # directory of sockets, one a host, on which an ssh master already listens

# name, command it needs, what is served, "full" for those that know no change, words for people
contenders=(
    "ours|rsync|current|both|ours"
    "linkdest|rsync|current|both|rsync --link-dest, parallel"
    "linkdest_held|rsync|current|both|rsync --link-dest, parallel, ssh held open with our cipher"
    "inplace|rsync|tree|both|rsync in place, host after host"
    "inplace_parallel|rsync|tree|both|rsync in place, parallel"
    "inplace_held|rsync|tree|both|rsync in place, parallel, ssh held open with our cipher"
    "tar|tar|current|full|tar over ssh, parallel"
    "ansible|ansible-playbook|tree|both|ansible synchronize, forks 10"
    "capistrano|cap|current|both|capistrano, git"
)

field() { # NAME FIELD
    local row
    for row in "${contenders[@]}"; do
        if [ "${row%%|*}" = "$1" ]; then cut -d'|' -f"$2" <<<"$row"; fi
    done
}

# Why it cannot take part; nothing when it can.
missing_for() { # NAME
    local command
    command=$(field "$1" 2)
    if ! command -v "$command" >/dev/null; then
        echo "no $command here"
    elif [ "$1" = ansible ] && ! ansible-doc -t module ansible.posix.synchronize >/dev/null 2>&1; then
        echo "ansible has no module ansible.posix.synchronize here (Debian: package ansible)"
    fi
}

# ---- ssh

address_of() { # HOST
    awk -v name="$1" '$1 == name { print $3 }' "$RIG/hosts/list"
}

ssh_words() { # prints them on one line, for rsync -e too
    printf '%s ' ssh -F none -i "$RIG/data/keys/deploy" -o IdentitiesOnly=yes -o BatchMode=yes \
        -o StrictHostKeyChecking=yes -o "UserKnownHostsFile=$RIG/data/known_hosts" -o LogLevel=ERROR -p "$(rig_port 22)"
}

dir_on() { # HOST CONTENDER STEM
    printf '%s\n' "$RIG/hosts/$1/www/$2-$3"
}

each_host() { # FUNCTION ARGUMENT...: FUNCTION HOST ARGUMENT... on all hosts at the same time; fails when one fails
    local host pid pids=() failed=0
    for host in "${hosts[@]}"; do
        "$1" "$host" "${@:2}" &
        pids+=($!)
    done
    for pid in "${pids[@]}"; do
        wait "$pid" || failed=1
    done
    return $failed
}

on_host() { # HOST SSH COMMAND
    # shellcheck disable=SC2086     # words of options
    $2 "$(id -un)@$(address_of "$1")" "$3"
}

flush_all() { # the hosts share one disk, so this spares the rivals an ssh to each
    sync -f "$RIG"
}

# ---- ours

# A worker keeps its connections for a minute. Releases are rarer than that, so its ssh's end before each run.
ours_cold() {
    local pid born
    rig_tree "$(rig_pid "$RIG" serve)" | while read -r pid born; do
        if [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = ssh ]; then rig_kill TERM <<<"$pid $born"; fi
    done
}

ours_full() { # STEM
    "$RIG/rusuban" release "$1" --no-input >"$RIG/release.log" 2>&1 || {
        tail -n 5 "$RIG/release.log"
        return 1
    }
}

ours_change() {
    ours_full "$1"
}

# ---- rsync into a new directory beside the last one, then one rename: the same promise as ours

linkdest_host() { # HOST NAME STEM SSH NUMBER PREVIOUS
    local dir
    dir=$(dir_on "$1" "$2" "$3")
    rsync -a --delete ${6:+"--link-dest=../$6"} -e "$4" "$RIG/tree/$3/" \
        "$(id -un)@$(address_of "$1"):$dir/releases/$5/" &&
        on_host "$1" "$4" "cd '$dir' && sync -f . && ln -s releases/$5 .current && mv -T .current current"
}

linkdest_full() { each_host linkdest_host linkdest "$1" "$(ssh_words)" 1 ""; }
linkdest_change() { each_host linkdest_host linkdest "$1" "$(ssh_words)" 2 1; }
linkdest_held_full() { each_host linkdest_host linkdest_held "$1" "$(ssh_words) -S $held/%h" 1 ""; }
linkdest_held_change() { each_host linkdest_host linkdest_held "$1" "$(ssh_words) -S $held/%h" 2 1; }

# ---- rsync over the tree that is served: no second directory, so visitors meet mixed versions

inplace_host() { # HOST NAME STEM SSH
    rsync -a --delete -e "$4" "$RIG/tree/$3/" "$(id -un)@$(address_of "$1"):$(dir_on "$1" "$2" "$3")/tree/"
}

inplace_full() { # STEM
    local host
    for host in "${hosts[@]}"; do
        inplace_host "$host" inplace "$1" "$(ssh_words)" || return 1
    done
    flush_all
}

inplace_change() { inplace_full "$1"; }
inplace_parallel_full() { each_host inplace_host inplace_parallel "$1" "$(ssh_words)" && flush_all; }
inplace_parallel_change() { inplace_parallel_full "$1"; }
inplace_held_full() { each_host inplace_host inplace_held "$1" "$(ssh_words) -S $held/%h" && flush_all; }
inplace_held_change() { inplace_held_full "$1"; }

# ---- tar

tar_host() { # HOST STEM
    local dir
    dir=$(dir_on "$1" tar "$2")
    tar -C "$RIG/tree/$2" -cf - . |
        on_host "$1" "$(ssh_words)" "cd '$dir' && mkdir releases/1 && tar -xf - -C releases/1 &&
        sync -f . && ln -s releases/1 .current && mv -T .current current"
}

tar_full() { each_host tar_host "$1"; }

# ---- ansible

ansible_setup() {
    local host
    mkdir -p "$RIG/ansible/home"
    {
        echo '[all]'
        for host in "${hosts[@]}"; do
            printf '%s ansible_host=%s dir=%s\n' "$host" "$(address_of "$host")" "$RIG/hosts/$host/www/ansible"
        done
        printf '[all:vars]\nansible_port=%s\nansible_user=%s\n' "$(rig_port 22)" "$(id -un)"
        printf 'ansible_ssh_private_key_file=%s\nansible_python_interpreter=/usr/bin/python3\n' "$RIG/data/keys/deploy"
    } >"$RIG/ansible/hosts"
    cat >"$RIG/ansible/ansible.cfg" <<END
[defaults]
forks = 10
inventory = $RIG/ansible/hosts
home = $RIG/ansible/home
local_tmp = $RIG/ansible/home/tmp
[ssh_connection]
pipelining = True
control_path_dir = $held
control_path = %(directory)s/ansible-%%h
ssh_args = -F none -o ControlMaster=auto -o ControlPersist=60s -o IdentitiesOnly=yes -o UserKnownHostsFile=$RIG/data/known_hosts -o LogLevel=ERROR
END
    cat >"$RIG/ansible/play.yaml" <<'END'
- hosts: all
  gather_facts: false
  tasks:
    - ansible.posix.synchronize:
        src: "{{ tree }}/"
        dest: "{{ dir }}-{{ stem }}/tree/"
        archive: true
        delete: true
        compress: false
        use_ssh_args: true
        set_remote_user: true
END
}

ansible_full() { # STEM
    (cd "$RIG/ansible" &&
        env -u ANSIBLE_CONFIG HOME="$RIG/ansible/home" ansible-playbook play.yaml -e "tree=$RIG/tree/$1 stem=$1") \
        >"$RIG/ansible/log" 2>&1 </dev/null || {
        tail -n 8 "$RIG/ansible/log"
        return 1
    }
    flush_all
}

ansible_change() { ansible_full "$1"; }

# ---- capistrano: each host fetches from git and lays its own tree down; HOME is each host's own directory (sshd's
# SetEnv)

capistrano_setup() {
    local stem host
    for stem in "$@"; do
        mkdir -p "$RIG/capistrano/$stem/config/deploy"
        cat >"$RIG/capistrano/$stem/Capfile" <<'END'
require "capistrano/setup"
require "capistrano/deploy"
require "capistrano/scm/git"
install_plugin Capistrano::SCM::Git
END
        cat >"$RIG/capistrano/$stem/config/deploy.rb" <<END
set :application, "$stem"
set :repo_url, "$RIG/forge/$stem.git"
set :branch, "main"
set :deploy_to, "~/www/capistrano-$stem"
set :tmp_dir, "~/tmp"
set :keep_releases, 3
set :format, :simpletext
set :ssh_options, {port: $(rig_port 22), keys: ["$RIG/data/keys/deploy"], keys_only: true, config: false,
                   user_known_hosts_file: "$RIG/data/known_hosts", forward_agent: false, auth_methods: ["publickey"]}
END
        for host in "${hosts[@]}"; do
            printf 'server "%s", user: "%s", roles: [:app]\n' "$(address_of "$host")" "$(id -un)"
        done >"$RIG/capistrano/$stem/config/deploy/production.rb"
    done
}

capistrano_full() { # STEM
    (cd "$RIG/capistrano/$1" && cap production deploy) >"$RIG/capistrano/$1/output" 2>&1 </dev/null || {
        tail -n 8 "$RIG/capistrano/$1/output"
        return 1
    }
    flush_all
}

capistrano_change() { capistrano_full "$1"; }

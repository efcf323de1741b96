#!/usr/bin/env bash
# The disk of app2 is full: before the copy, in its middle, and of inodes. Each time everyone reads which directory of
# which host, nothing is switched, and the next release works once there is room.
source "$(dirname "$0")/../lib.sh"

# A small disk is a mount; in a mount namespace of our own it ends with us, whatever happens.
if [ "${DISK_FULL:-}" != inside ]; then
    unshare -m --propagation private true 2>/dev/null || skip "only root may mount a small disk"
    rm -rf "$play"
    exec env DISK_FULL=inside unshare -m --propagation private bash "$0"
fi

hosts 2 sshd
disk=$(www app2)
at_the_end() { umount -l "$disk"; }
mount -t tmpfs -o size=14m,nr_inodes=300,mode=755 tmpfs "$disk"
site restart= health=
serve
push "First"
until_done 1

head -c 6M /dev/zero >"$disk/filler"
push "No room"
until_state 2 failed
expect_in "before the copy" "$(field 2 why)" "app2: stage: no space left in $disk: "
expect_in "how much it needs" "$(field 2 why)" " MB needed"
expect "nothing was switched" "$(on_hosts)" "1 1"

rm "$disk/filler"
head -c 15M /dev/urandom >"$(rig_clone)/film"
push "Larger than it looks"
until_state 3 failed
expect_in "in the middle of the copy: which file" "$(field 3 why)" "app2: stage: rsync exited with 11: write failed on "
expect_in "and why" "$(field 3 why)" "$disk/.stage-3-3/film\": No space left on device"
expect "nothing was switched" "$(on_hosts)" "1 1"

rm "$(rig_clone)/film"
mkdir "$disk/many"
touch "$disk/many/"{1..230}
push "No inodes"
until_state 4 failed
expect_in "of inodes" "$(field 4 why)" "app2: stage: no inodes left in $disk: "

rm -r "$disk/many"
try release web
expect "with room the next one works" "$code $(on_hosts)" "0 5 5"
expect "and what the others left is gone" \
    "$(kept app2), $(find "$disk" -name '.stage*' -o -name '.drop*' | wc -l)" "1 5, 0"
curtain

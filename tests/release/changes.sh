#!/usr/bin/env bash
# What is in a release: its commits and files are written down when it is fetched; its lines are asked of the
# repository, which only the releaser reads, and told to who asked alone. What others wrote stays text, and has a limit.
source "$(dirname "$0")/../lib.sh"
command -v jq >/dev/null || skip "there is no jq"

act() { # PATH BODY
    curl -s --max-time 5 --unix-socket "$RIG/data/run/web.sock" -H 'Content-Type: application/json' \
        -H "Idempotency-Key: $RANDOM$RANDOM$RANDOM$RANDOM-changes" --data "$2" "http://localhost/api/v1$1"
}
commit() { # SUBJECT: without a push
    git -C "$(rig_clone)" add -A
    git -C "$(rig_clone)" -c user.name="Kato & Ono" -c user.email=kato@example.com commit -q -m "$1"
}

hosts 1 sshd
site restart= health= build=
printf 'one\ntwo\nthree\n' >"$(rig_clone)/a file"
echo gone >"$(rig_clone)/old"
push "Open the shop"
# A git that takes its time over what the file `slow` names.
mkdir "$play/bin"
cat >"$play/bin/git" <<END
#!/bin/sh
slow=\$(cat "$play/slow" 2>/dev/null)
case " \$* " in *" \${slow:-nothing} "*) sleep 3 ;; esac
exec $(command -v git) "\$@"
END
chmod 755 "$play/bin/git"
PATH=$play/bin:$PATH serve
rusuban release web --quiet
until_done 1
expect "the first release has nothing before it" "$(api /releases/web/1/commits | jq -c '[.known, .base, .commits]')" \
    '[false,0,[]]'
expect_in "and nothing to be compared with" "$(act /releases/web/1/diff '{}')" "nothing to compare"

printf 'one\n2\nthree\nfour\n' >"$(rig_clone)/a file"
rm "$(rig_clone)/old"
commit "<script>alert(1)</script> and $(printf 'x%.0s' {1..400})"
head -c 3000 /dev/urandom >"$(rig_clone)/picture"
printf '検索\n' >"$(rig_clone)/検索.txt"
push "Faster work search"
until_done 2
lists=$(api /releases/web/2/commits)
expect "commits" "$(jq -c '[.known, .base, .commits_total, (.commits | length)]' <<<"$lists")" '[true,1,2,2]'
expect "the newest first" "$(jq -r '.commits[0].subject' <<<"$lists")" "Faster work search"
expect "a revision" "$(jq -r '.commits[0].rev' <<<"$lists")" "$rev"
expect "what a stranger wrote" \
    "$(jq -r '.commits[1] | "\(.author) \(.subject | .[0:25]) \(.subject | length)"' <<<"$lists")" "Kato & Ono <script>alert(1)</script> 300"
expect "files" "$(jq -c '[.files[] | [.path, .how, .added, .removed, .binary]]' <<<"$lists")" \
    '[["a file","changed",2,1,false],["old","removed",0,1,false],["picture","added",null,null,true],'\
'["検索.txt","added",1,0,false]]'
expect "all of them" "$(jq -c '[.files_total, .added, .removed]' <<<"$lists")" '[4,3,2]'

try release show web 2
expect_in "commits in the terminal" "$out" "${rev:0:7} Faster work search"
expect_in "files in the terminal" "$out" "4 files differ from 1, +3 -2 lines"
try release show web 2 --diff
expect "exit code" "$code" 0
expect_in "a line in the terminal" "$out" "+four"
expect_in "a Japanese name in the terminal" "$out" "added 検索.txt  +1 -0"
diff=$(rusuban release show web 2 --diff --json)
expect "lines" "$(jq -r '.files[0].text' <<<"$diff")" "$(printf '@@ -1,3 +1,4 @@\n one\n-two\n+2\n three\n+four')"
expect "all of it" "$(jq -c '[.all, .against, .rev, .files[2].text]' <<<"$diff")" "[true,1,\"$rev\",null]"
expect "back from here" "$(rusuban release show web 1 --against 2 --json | jq -r '.files[1].how')" added
try release show web 2 --against 7
expect "a release that is not there" "$code" 2
try release show web 2 --against now
expect "no number" "$code" 2

# Too much: many files, a long line, more than a megabyte.
mkdir -p "$(rig_clone)/many"
for i in {1000..1600}; do echo "$i" >"$(rig_clone)/many/$i"; done
head -c 1500000 /dev/zero | tr '\0' x >"$(rig_clone)/a long line"
seq 300000 >"$(rig_clone)/big"
echo '* -diff' >"$(rig_clone)/.gitattributes"
push "Too much"
until_done 3
lists=$(api /releases/web/3/commits)
expect "many files" "$(jq -c '[(.files | length), .files_total, .added]' <<<"$lists")" '[500,604,300603]'
diff=$(rusuban release show web 3 --diff --json)
expect "too much of it" "$(jq -c '[.all, (.files | length), .files_total]' <<<"$diff")" '[false,500,604]'
[ ${#diff} -lt 4000000 ] || fail "the answer has ${#diff} bytes"

# What was built last says nothing about others.
expect "lines that attributes of another release would hide" \
    "$(rusuban release show web 2 --diff --json | jq -r '.files[0].text | rtrimstr("\n")' | tail -n 1)" "+four"

# A roll back is compared as what it brings back.
rusuban release rollback web --to 2 --reason "too much" --quiet
until_done 4
expect "a roll back has no commits of its own" "$(api /releases/web/4/commits | jq -c '[.known, .commits]')" \
    '[false,[]]'
expect "what it takes away" \
    "$(rusuban release show web 4 --diff --json | jq -r '.files[] | select(.path == "big").how')" removed

# The lines are for who asked, and while he may ask: not for another token of the same person, nor for an account that
# was made anew under the name.
by() { # TOKEN PATH [BODY]
    curl -s --max-time 5 -H "Authorization: Bearer $1" -H 'Content-Type: application/json' ${3:+--data "$3"} \
        "http://127.0.0.1:$(rig_port 1)/api/v1$2"
}
hears() { # TOKEN: what it is told of $id
    by "$1" "/requests/$id" | jq -c '.done // .error.code'
}
answered() { [ "$(hears "$dev")" = true ]; }
dev=$(rusuban token make dev --role developer --quiet)
view=$(rusuban token make view --role viewer --quiet)
twin=$(rusuban token make twin --role developer --quiet)
id=$(by "$dev" /releases/web/2/diff '{}' | jq .request)
patiently 20 answered || fail "no answer"
expect "a viewer's token" "$(hears "$view")" '"not_found"'
expect "another token of the same person" "$(hears "$twin")" '"not_found"'
expect "the person" "$(api "/requests/$id" | jq -r .error.code)" not_found
sqlite3 "$RIG/data/store.db" "update token set created = created + 1 where name = 'dev'"
expect "a token that got the number of one that is gone" "$(hears "$dev")" '"not_found"'
sqlite3 "$RIG/data/store.db" "update token set created = created - 1 where name = 'dev'"
expect "its own answer" "$(hears "$dev")" true
sqlite3 "$RIG/data/store.db" "update token set role = 'viewer' where name = 'dev'"
expect "its own answer, when it may not ask any more" "$(hears "$dev")" '"not_found"'

# Two comparisons at a time, however many are asked for; the same one twice is one.
echo --patch >"$play/slow"
ids=()
for words in "1 2" "1 3" "2 1" "2 3" "3 1" "2 1"; do
    ids+=("$(act "/releases/web/${words% *}/diff" "{\"against\":${words#* }}" | jq .request)")
done
expect "the same question" "${ids[5]}" "${ids[2]}"
open=$(sqlite3 "$RIG/data/store.db" "select count(*), count(taken_at) from request where answered_at is null")
expect "asked and begun" "$open" "5|2"
rm "$play/slow"
all_answered() {
    [ "$(sqlite3 "$RIG/data/store.db" "select count(*) from request where answered_at is null")" = 0 ]
}
patiently 30 all_answered || fail "comparisons that waited were not made"
expect "mistakes" "$(sqlite3 "$RIG/data/store.db" "select count(*) from request where error <> ''")" 0

# A release waits ten seconds for figures that nobody decides by, and goes on without them.
sed -i 's/sleep 3/sleep 300/' "$play/bin/git"
rusuban lock lift web --quiet
echo --numstat >"$play/slow"
push "Slowly counted"
until_done 5 60
expect "not known" "$(api /releases/web/5/commits | jq .known)" false
rm "$play/slow"

# Forty thousand files: each that is shown has its counts.
mkdir "$(rig_clone)/forty"
forty=$(rig_clone)/forty
long=$(printf 'x%.0s' {1..60})
for i in {1..40000}; do echo 1 >"$forty/$i-$long"; done
push "Forty thousand"
until_done 6
expect "counts of very many" \
    "$(api /releases/web/6/commits | jq -c '[.files_total, .added, ([.files[] | select(.added == 1)] | length)]')" \
    '[40000,40000,500]'

# ---- by which name it was asked for

git -C "$(rig_clone)" push --quiet origin HEAD:refs/heads/summer-sale
rusuban release web summer-sale --quiet
until_done 7
expect "a branch by its name" "$(field 7 branch)" summer-sale
rusuban release web "$(git -C "$(rig_clone)" rev-parse HEAD)" --quiet
until_done 8
expect "a hash is of the branch of the service" "$(field 8 branch)" main
curtain

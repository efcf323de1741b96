#include "base/fault.h"
#include "base/file.h"
#include "base/test.h"
#include "release/manifest.h"
#include "release/pack.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

// One test's stage: TEST_DIR/tree is the build, TEST_DIR/pack what comes of it.
struct play {
    struct arena arena;
    struct pack_job job;
    struct pack_result result;
    struct err e;
};

static void play_drop(struct play *p)
{
    arena_drop(&p->arena);
}
#define OWN_PLAY OWN(play_drop) struct play

static const char *in(struct play *p, const char *path)
{
    return str_zf(&p->arena, "%s/%s", test_dir(), path);
}

static void put(struct play *p, const char *path, const char *text)
{
    const char *whole = in(p, str_zf(&p->arena, "tree/%s", path));
    CHECK(dir_make(str_zdup(&p->arena, str_head(str_z(whole), (size_t)(strrchr(whole, '/') - whole))), 0755, &p->e));
    CHECK(file_write(whole, str_z(text), 0644, &p->e));
}

static void put_link(struct play *p, const char *path, const char *target)
{
    CHECK(symlink(target, in(p, str_zf(&p->arena, "tree/%s", path))) == 0);
}

static struct play begin(void)
{
    struct play p = {.arena = arena_make(64 << 20)};
    p.job = (struct pack_job){.tree = str_z(in(&p, "tree")), .dir = str_z(in(&p, "pack")), .number = 1,
                              .service = S("web"), .rev = S("9f3c2ab"), .keep = 3};
    put(&p, "index.php", "<?php");
    put(&p, "src/a.php", "a");
    put(&p, "src/b.php", "b");
    return p;
}

static bool pack(struct play *p, int64_t number)
{
    p->job.number = number;
    p->result = (struct pack_result){0};
    return pack_run(&p->arena, &p->job, &p->result, &p->e);
}

static void must_pack(struct play *p, int64_t number)
{
    if (!pack(p, number))
        test_failed(__FILE__, __LINE__, "pack %d: %s", (int)number, p->e.text);
}

static struct stat stat_of(struct play *p, const char *path)
{
    struct stat st = {0};
    if (lstat(in(p, path), &st) < 0)
        test_failed(__FILE__, __LINE__, "%s is not there", path);
    return st;
}

static bool there(struct play *p, const char *path)
{
    return path_exists(in(p, path));
}

static struct str text_of(struct play *p, const char *path)
{
    struct str text = S("");
    if (!file_read(&p->arena, in(p, path), 1 << 20, &text, &p->e))
        test_failed(__FILE__, __LINE__, "%s", p->e.text);
    return text;
}

static struct str target_of(struct play *p, const char *path)
{
    char target[4096];
    ssize_t n = readlink(in(p, path), target, sizeof target);
    return n < 0 ? S("no link") : str_dup(&p->arena, (struct str){target, (size_t)n});
}

// ---- what a pack is ----

TEST(a_pack_holds_the_tree_and_says_what_it_is)
{
    OWN_PLAY p = begin();
    must_pack(&p, 1483);
    CHECK_STR(text_of(&p, "pack/out/1483/src/a.php"), S("a"));
    CHECK_STR(text_of(&p, "pack/out/1483/RELEASE"), S("service:web\trelease:1483\trev:9f3c2ab\n"));
    CHECK_INT(p.result.files, 4);
    CHECK_INT(p.result.changed, 3);
    CHECK_STR(p.result.warnings, S(""));
}

TEST(the_manifest_describes_every_entry)
{
    OWN_PLAY p = begin();
    OWN_MANIFEST struct manifest m = {0};
    put_link(&p, "src/link", "../index.php");
    must_pack(&p, 1);
    CHECK(manifest_open(in(&p, "pack/manifests/1"), &m, &p.e));
    CHECK_INT(m.n, 6);
    char tree[64];
    hex_encode(m.tree, 32, tree);
    CHECK(memcmp(tree, p.result.tree, sizeof tree) == 0);
    for (uint32_t i = 0; i < m.n; i++) {
        struct entry x = manifest_at(&m, i);
        struct stat st = stat_of(&p, str_zf(&p.arena, "pack/out/1/%s", x.path.p));
        CHECK_INT(st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec, x.mtime_ns);
        CHECK_INT(st.st_mode & 07777, x.mode);
        CHECK_INT(m.stamp * 1000000000, x.mtime_ns);
    }
}

TEST(modes_lose_what_others_could_write_and_owners_can_always_read)
{
    static const struct { mode_t before, after;
    } rows[] = {{0644, 0644}, {0664, 0644}, {0777, 0755},  {0400, 0600},
                {0500, 0700}, {0640, 0640}, {04755, 0755}, {0700, 0700}};
    OWN_PLAY p = begin();
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        put(&p, str_zf(&p.arena, "m/%zu", i), "x");
        CHECK(chmod(in(&p, str_zf(&p.arena, "tree/m/%zu", i)), rows[i].before) == 0);
    }
    CHECK(chmod(in(&p, "tree/m"), 0775) == 0);
    must_pack(&p, 1);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        CHECK_INT(stat_of(&p, str_zf(&p.arena, "pack/out/1/m/%zu", i)).st_mode & 07777, rows[i].after);
    CHECK_INT(stat_of(&p, "pack/out/1/m").st_mode & 07777, 0755);
}

// ---- what is left out ----

TEST(an_excluded_path_takes_all_below_it_and_only_at_its_place)
{
    OWN_PLAY p = begin();
    put(&p, ".git/HEAD", "ref");
    put(&p, "vendor/x/.git/HEAD", "ref");
    put(&p, ".github/x", "x");
    put(&p, "var/cache/x", "x");
    put(&p, "var/keep", "x");
    vec_push(&p.arena, &p.job.exclude, S(".git"));
    vec_push(&p.arena, &p.job.scratch, S("var/cache"));
    must_pack(&p, 1);
    CHECK(!there(&p, "pack/out/1/.git"));
    CHECK(there(&p, "pack/out/1/vendor/x/.git/HEAD"));
    CHECK(there(&p, "pack/out/1/.github/x"));
    CHECK(!there(&p, "pack/out/1/var/cache"));
    CHECK(there(&p, "pack/out/1/var/keep"));
}

TEST(shared_paths_become_links_that_know_their_depth)
{
    OWN_PLAY p = begin();
    put(&p, "storage/.gitkeep", "");
    put(&p, "config/app.php", "x");
    vec_push(&p.arena, &p.job.shared_dirs, S("storage"));
    vec_push(&p.arena, &p.job.shared_dirs, S("var/log"));
    vec_push(&p.arena, &p.job.shared_files, S("config/a/.env"));
    must_pack(&p, 1);
    CHECK_STR(target_of(&p, "pack/out/1/storage"), S("../../shared/storage"));
    CHECK_STR(target_of(&p, "pack/out/1/var/log"), S("../../../shared/var/log"));
    CHECK_STR(target_of(&p, "pack/out/1/config/a/.env"), S("../../../../shared/config/a/.env"));
    CHECK_STR(p.result.warnings, S(""));
}

TEST(content_that_a_link_or_our_own_file_replaces_is_told)
{
    OWN_PLAY p = begin();
    put(&p, "storage/upload.jpg", "jpg");
    put(&p, "RELEASE", "mine");
    vec_push(&p.arena, &p.job.shared_dirs, S("storage"));
    must_pack(&p, 1);
    CHECK(str_find(p.result.warnings, S("what the tree has there is left out, since it is shared: storage\n")) >= 0);
    CHECK(str_find(p.result.warnings, S("the tree's own file is replaced: RELEASE\n")) >= 0);
    CHECK_STR(target_of(&p, "pack/out/1/storage"), S("../../shared/storage"));
}

TEST(a_shared_path_below_a_file_is_refused)
{
    OWN_PLAY p = begin();
    vec_push(&p.arena, &p.job.shared_dirs, S("index.php/log"));
    CHECK(!pack(&p, 1));
    CHECK_INT(p.e.kind, ERR_INPUT);
}

// ---- what may not travel ----

TEST(links_may_point_anywhere_inside_and_nowhere_else)
{
    static const struct { const char *path, *target; bool travels; } rows[] = {
        {"src/up", "../index.php", true},           {"up", "src/../index.php", true},
        {"src/dangling", "nowhere/at/all", true},   {"src/root", "..", true},
        {"here", ".", true},                        {"src/twice", "..//./src/a.php", true},
        {"out", "..", false},                       {"src/far", "../../x", false},
        {"abs", "/etc/passwd", false},              {"src/back", "../../tree/index.php", false},
        {"src/wander", "a/../../../src", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        OWN_PLAY p = begin();
        put_link(&p, rows[i].path, rows[i].target);
        bool travels = pack(&p, 1);
        if (travels != rows[i].travels)
            test_failed(__FILE__, __LINE__, "%s -> %s: %s", rows[i].path, rows[i].target,
                        travels ? "packed" : p.e.text);
        if (!travels) {
            CHECK_INT(p.e.kind, ERR_INPUT);
            CHECK(strstr(p.e.text, rows[i].path) && strstr(p.e.text, rows[i].target));
        }
        CHECK(tree_remove(test_dir(), &p.e) && dir_make(test_dir(), 0700, &p.e));
    }
}

static void refused(struct play *p, const char *why)
{
    CHECK(!pack(p, 1));
    CHECK_INT(p->e.kind, ERR_INPUT);
    if (!strstr(p->e.text, why))
        test_failed(__FILE__, __LINE__, "\"%s\" does not say \"%s\"", p->e.text, why);
    CHECK(!there(p, "pack/out/1"));
    CHECK(!there(p, "pack/out/.new-1"));
}

TEST(a_fifo_is_refused_by_name)
{
    OWN_PLAY p = begin();
    CHECK(mkfifo(in(&p, "tree/src/pipe"), 0600) == 0);
    refused(&p, "src/pipe is a fifo");
    vec_push(&p.arena, &p.job.exclude, S("src/pipe"));
    must_pack(&p, 1);
}

TEST(a_socket_is_refused_by_name)
{
    OWN_PLAY p = begin();
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    OWN_FD fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(at.sun_path, sizeof at.sun_path, "%s/tree/s", test_dir());
    CHECK(bind(fd, (struct sockaddr *)&at, sizeof at) == 0);
    refused(&p, "s is a socket");
}

TEST(a_line_break_in_a_name_is_refused_on_one_line)
{
    OWN_PLAY p = begin();
    put(&p, "src/two\nlines", "x");
    refused(&p, "src/two?lines has a line break");
    CHECK(!strchr(p.e.text, '\n'));
}

TEST(names_of_any_other_bytes_travel)
{
    OWN_PLAY p = begin();
    put(&p, "caf\xC3\xA9 'x' \"y\" $z", "1");
    put(&p, "\xFF\xFE", "2");
    must_pack(&p, 1);
    CHECK_STR(text_of(&p, "pack/out/1/caf\xC3\xA9 'x' \"y\" $z"), S("1"));
    CHECK_STR(text_of(&p, "pack/out/1/\xFF\xFE"), S("2"));
}

// ---- a path and its time name one content ----

TEST(what_is_equal_keeps_its_file_and_what_changed_gets_a_later_time)
{
    OWN_PLAY p = begin();
    put_link(&p, "src/link", "a.php");
    must_pack(&p, 1);
    put(&p, "src/a.php", "A");
    put(&p, "index.php", "<?php");      // written again, equal
    must_pack(&p, 2);
    CHECK_INT(p.result.changed, 1);
    struct stat old = stat_of(&p, "pack/out/1/src/b.php"), new = stat_of(&p, "pack/out/2/src/b.php");
    CHECK_INT(old.st_ino, new.st_ino);
    CHECK_INT(stat_of(&p, "pack/out/1/index.php").st_ino, stat_of(&p, "pack/out/2/index.php").st_ino);
    CHECK_INT(stat_of(&p, "pack/out/1/src/link").st_ino, stat_of(&p, "pack/out/2/src/link").st_ino);
    struct stat before = stat_of(&p, "pack/out/1/src/a.php"), after = stat_of(&p, "pack/out/2/src/a.php");
    CHECK(after.st_mtim.tv_sec > before.st_mtim.tv_sec);
    CHECK_INT(after.st_mtim.tv_nsec, 0);
    CHECK_STR(text_of(&p, "pack/out/1/src/a.php"), S("a"));
}

TEST(a_content_that_comes_back_gets_a_time_of_its_own)
{
    OWN_PLAY p = begin();
    must_pack(&p, 1);
    put(&p, "src/a.php", "A");
    must_pack(&p, 2);
    put(&p, "src/a.php", "a");
    must_pack(&p, 3);
    CHECK(stat_of(&p, "pack/out/3/src/a.php").st_mtime > stat_of(&p, "pack/out/2/src/a.php").st_mtime);
}

TEST(a_mode_that_changed_is_a_change)
{
    OWN_PLAY p = begin();
    must_pack(&p, 1);
    CHECK(chmod(in(&p, "tree/src/a.php"), 0755) == 0);
    must_pack(&p, 2);
    CHECK_INT(p.result.changed, 1);
    CHECK_INT(stat_of(&p, "pack/out/1/src/a.php").st_mode & 0777, 0644);
    CHECK_INT(stat_of(&p, "pack/out/2/src/a.php").st_mode & 0777, 0755);
    CHECK(stat_of(&p, "pack/out/2/src/a.php").st_mtime > stat_of(&p, "pack/out/1/src/a.php").st_mtime);
}

TEST(a_directory_gets_a_new_time_only_when_a_name_came_or_went)
{
    OWN_PLAY p = begin();
    put(&p, "lib/x", "x");
    must_pack(&p, 1);
    put(&p, "src/a.php", "A");
    put(&p, "lib/y", "y");
    must_pack(&p, 2);
    CHECK_INT(stat_of(&p, "pack/out/2/src").st_mtime, stat_of(&p, "pack/out/1/src").st_mtime);
    CHECK(stat_of(&p, "pack/out/2/lib").st_mtime > stat_of(&p, "pack/out/1/lib").st_mtime);
    CHECK(unlink(in(&p, "tree/lib/x")) == 0);
    must_pack(&p, 3);
    CHECK(stat_of(&p, "pack/out/3/lib").st_mtime > stat_of(&p, "pack/out/2/lib").st_mtime);
}

TEST(kinds_may_change_places)
{
    OWN_PLAY p = begin();
    put(&p, "x/y", "deep");
    put(&p, "z", "file");
    must_pack(&p, 1);
    must_pack(&p, 2);
    must_pack(&p, 3);
    CHECK(tree_remove(in(&p, "tree/x"), &p.e) && unlink(in(&p, "tree/z")) == 0);
    put(&p, "x", "file now");
    put(&p, "z/z", "directory now");
    for (int64_t n = 4; n < 8; n++) {       // the fourth works over the first
        must_pack(&p, n);
        CHECK_STR(text_of(&p, str_zf(&p.arena, "pack/out/%d/x", (int)n)), S("file now"));
        CHECK_STR(text_of(&p, str_zf(&p.arena, "pack/out/%d/z/z", (int)n)), S("directory now"));
    }
}

// ---- keeping ----

TEST(the_newest_are_kept_and_the_oldest_becomes_the_next)
{
    OWN_PLAY p = begin();
    for (int64_t n = 1; n <= 3; n++)
        must_pack(&p, n);
    ino_t root = stat_of(&p, "pack/out/1").st_ino, b = stat_of(&p, "pack/out/1/src/b.php").st_ino;
    put(&p, "src/a.php", "A");
    put(&p, "new", "N");
    CHECK(unlink(in(&p, "tree/index.php")) == 0);
    must_pack(&p, 4);
    CHECK_INT(stat_of(&p, "pack/out/4").st_ino, root);
    CHECK_INT(stat_of(&p, "pack/out/4/src/b.php").st_ino, b);
    CHECK_INT(p.result.changed, 3);
    CHECK(!there(&p, "pack/out/1") && !there(&p, "pack/manifests/1"));
    CHECK(there(&p, "pack/out/2") && there(&p, "pack/out/3"));
    CHECK(!there(&p, "pack/out/4/index.php"));
    CHECK_STR(text_of(&p, "pack/out/4/new"), S("N"));
    CHECK_STR(text_of(&p, "pack/out/3/src/a.php"), S("a"));
}

TEST(a_tree_somebody_wrote_into_is_not_worked_over)
{
    static const char *const harm[] = {"extra", "src/a.php", "gone"};
    for (size_t i = 0; i < ARRAY_LEN(harm); i++) {
        OWN_PLAY p = begin();
        put(&p, "gone", "not yet");
        for (int64_t n = 1; n <= 3; n++)
            must_pack(&p, n);
        const char *victim = in(&p, str_zf(&p.arena, "pack/out/1/%s", harm[i]));
        unlink(victim);
        if (strcmp(harm[i], "gone") != 0)
            CHECK(file_write(victim, S("z"), 0644, &p.e));
        must_pack(&p, 4);
        CHECK(!there(&p, "pack/out/4/extra"));
        CHECK_STR(text_of(&p, "pack/out/4/src/a.php"), S("a"));
        CHECK_STR(text_of(&p, "pack/out/4/gone"), S("not yet"));
        CHECK(tree_remove(test_dir(), &p.e) && dir_make(test_dir(), 0700, &p.e));
    }
}

TEST(the_same_number_again_is_nothing_when_equal_and_a_new_tree_when_not)
{
    OWN_PLAY p = begin();
    must_pack(&p, 1);
    put(&p, "src/a.php", "A");
    must_pack(&p, 2);
    struct pack_result first = p.result;
    ino_t root = stat_of(&p, "pack/out/2").st_ino;
    must_pack(&p, 2);
    CHECK(memcmp(first.tree, p.result.tree, 64) == 0 && first.changed == p.result.changed);
    CHECK_INT(stat_of(&p, "pack/out/2").st_ino, root);
    time_t before = stat_of(&p, "pack/out/2/src/a.php").st_mtime;
    put(&p, "src/a.php", "AA");
    must_pack(&p, 2);
    CHECK_STR(text_of(&p, "pack/out/2/src/a.php"), S("AA"));
    CHECK(stat_of(&p, "pack/out/2/src/a.php").st_mtime > before);
    CHECK(!there(&p, "pack/out/.old-2"));
}

TEST(without_the_last_tree_its_manifest_still_keeps_the_times)
{
    OWN_PLAY p = begin();
    must_pack(&p, 1);
    time_t before = stat_of(&p, "pack/out/1/src/a.php").st_mtime;
    CHECK(tree_remove(in(&p, "pack/out"), &p.e));
    must_pack(&p, 2);
    CHECK_INT(stat_of(&p, "pack/out/2/src/a.php").st_mtime, before);
    CHECK_STR(text_of(&p, "pack/out/2/src/a.php"), S("a"));
}

TEST(a_damaged_manifest_is_a_release_that_never_was)
{
    OWN_PLAY p = begin();
    must_pack(&p, 1);
    CHECK(file_write(in(&p, "pack/manifests/1"), S("RSBMAN1\nlies"), 0644, &p.e));
    must_pack(&p, 2);
    CHECK(!there(&p, "pack/out/1") && !there(&p, "pack/manifests/1") && there(&p, "pack/out/2/RELEASE"));
}

TEST(a_damaged_stat_cache_is_ignored)
{
    OWN_PLAY p = begin();
    must_pack(&p, 1);
    struct pack_result first = p.result;
    CHECK(file_write(in(&p, "pack/stat"), S("RSBSTA2\nnot what it was at all, but long enough"), 0600, &p.e));
    must_pack(&p, 1);
    CHECK(memcmp(first.tree, p.result.tree, 64) == 0);
}

TEST(two_packs_at_once_do_not_meet)
{
    OWN_PLAY p = begin();
    OWN_FD held = -1;
    must_pack(&p, 1);
    CHECK(file_lock(in(&p, "pack/lock"), &held, &p.e));
    CHECK(!pack(&p, 2));
    CHECK_INT(p.e.kind, ERR_STATE);
}

TEST(a_pack_waits_for_a_killed_one_that_is_still_ending)
{
    OWN_PLAY p = begin();
    must_pack(&p, 1);
    int ready[2];
    char c;
    CHECK(pipe(ready) == 0);
    pid_t old = fork();
    if (old == 0) {
        int held;
        bool locked = file_lock(in(&p, "pack/lock"), &held, &p.e);
        if (write(ready[1], "x", 1) != 1 || !locked)
            _exit(1);
        usleep(200000);
        _exit(0);
    }
    CHECK(read(ready[0], &c, 1) == 1);
    p.job.patience_ms = 10000;
    must_pack(&p, 2);
    int status;
    CHECK(waitpid(old, &status, 0) == old && status == 0);
    close(ready[0]);
    close(ready[1]);
}

TEST(no_tree_is_an_error_that_names_it)
{
    OWN_PLAY p = begin();
    p.job.tree = str_z(in(&p, "elsewhere"));
    CHECK(!pack(&p, 1));
    CHECK_INT(p.e.kind, ERR_IO);
    CHECK(strstr(p.e.text, "elsewhere"));
}

// ---- what fails ----

// out/N only with a sound manifest that describes it, and nothing else with a number.
static void check_rule(struct play *p, int64_t number)
{
    OWN_MANIFEST struct manifest m = {0};
    if (!there(p, str_zf(&p->arena, "pack/out/%d", (int)number)))
        return;
    if (!manifest_open(in(p, str_zf(&p->arena, "pack/manifests/%d", (int)number)), &m, &p->e)) {
        test_failed(__FILE__, __LINE__, "out/%d without a manifest: %s", (int)number, p->e.text);
        return;
    }
    for (uint32_t i = 0; i < m.n; i++) {
        struct entry x = manifest_at(&m, i);
        struct stat st = stat_of(p, str_zf(&p->arena, "pack/out/%d/%s", (int)number, x.path.p));
        CHECK_INT(st.st_mtime, x.mtime_ns / 1000000000);
        CHECK(x.kind != 'f' || (uint64_t)st.st_size == x.size);
    }
}

static void check_rules(struct play *p)
{
    for (int64_t n = 1; n < 6; n++)
        check_rule(p, n);
}

// The state each fault test begins with: three packed releases, so that the fourth works over the first.
static struct play ready(void)
{
    struct play p = begin();
    put(&p, "x/y", "deep");
    for (int64_t n = 1; n <= 3; n++)
        must_pack(&p, n);
    put(&p, "src/a.php", "A");
    put_link(&p, "link", "src/a.php");
    put(&p, "d/e", "new");
    CHECK(tree_remove(in(&p, "tree/x"), &p.e));
    return p;
}

static void check_done(struct play *p, int64_t n)
{
    check_rules(p);
    CHECK_STR(text_of(p, str_zf(&p->arena, "pack/out/%d/src/a.php", (int)n)), S("A"));
    CHECK(there(p, str_zf(&p->arena, "pack/out/%d/d/e", (int)n)) &&
          !there(p, str_zf(&p->arena, "pack/out/%d/x", (int)n)));
    CHECK(there(p, "pack/out/3") && !there(p, "pack/out/.new-4") && !there(p, "pack/out/.old-3"));
}

static void fail_each(int64_t number)
{
    for (unsigned nth = 1;; nth++) {
        OWN_PLAY p = ready();
        fault_set(FAULT_FILE, nth);
        bool ok = pack(&p, number);
        bool hit = fault_count(FAULT_FILE) >= nth;
        fault_set(FAULT_FILE, 0);
        CHECK(ok || p.e.text[0]);
        check_rules(&p);
        if (number == 4)
            CHECK(there(&p, "pack/out/3"));
        must_pack(&p, number);
        check_done(&p, number);
        CHECK(tree_remove(test_dir(), &p.e) && dir_make(test_dir(), 0700, &p.e));
        if (!hit) {
            CHECK(nth > 20);
            return;
        }
    }
}

TEST(whatever_call_fails_the_rule_holds_and_the_next_pack_mends_it)
{
    fail_each(4);
}

TEST(the_same_when_a_number_is_packed_anew)
{
    fail_each(3);
}

TEST(killed_at_any_point_the_rule_holds_and_the_next_pack_mends_it)
{
    static const char *const points[] = {"pack.lay", "pack.manifest", "pack.rename", "pack.named"};
    for (size_t i = 0; i < 2 * ARRAY_LEN(points); i++) {
        OWN_PLAY p = ready();
        int64_t number = i < ARRAY_LEN(points) ? 4 : 3;
        int status = 0;
        pid_t pid = fork();
        if (pid == 0) {
            setenv("RUSUBAN_DIE", points[i % ARRAY_LEN(points)], 1);
            _exit(pack(&p, number) ? 0 : 1);
        }
        CHECK(waitpid(pid, &status, 0) == pid);
        CHECK(WIFSIGNALED(status));
        check_rules(&p);
        must_pack(&p, number);
        check_done(&p, number);
        CHECK(tree_remove(test_dir(), &p.e) && dir_make(test_dir(), 0700, &p.e));
    }
}

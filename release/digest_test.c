#include "base/clock.h"
#include "base/file.h"
#include "base/test.h"
#include "release/digest.h"
#include "release/lay.h"
#include "release/statcache.h"
#include "release/walk.h"
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

// A tree of two files, walked; what happens to it afterwards is the test's doing.
struct play {
    struct arena arena;
    struct founds founds;
    struct buf warnings;
    struct err e;
    int tree, stage;
    const char *cache;
};

static const char *in(struct play *p, const char *path)
{
    return str_zf(&p->arena, "%s/%s", test_dir(), path);
}

static void write_file(struct play *p, const char *path, const char *text)
{
    CHECK(file_write(in(p, path), str_z(text), 0644, &p->e));
}

static struct play begin(void)
{
    struct play p = {.arena = arena_make(16 << 20), .warnings = buf_make(4096)};
    CHECK(dir_make(in(&p, "tree"), 0755, &p.e) && dir_make(in(&p, "stage"), 0755, &p.e));
    write_file(&p, "tree/a", "one");
    write_file(&p, "tree/b", "two");
    p.tree = open(in(&p, "tree"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    p.stage = open(in(&p, "stage"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    p.cache = in(&p, "stat");
    CHECK(walk_plain(&p.arena, p.tree, &p.founds, &p.e));
    CHECK_INT(p.founds.n, 2);
    return p;
}

static void play_drop(struct play *p)
{
    close(p->tree);
    close(p->stage);
    buf_drop(&p->warnings);
    arena_drop(&p->arena);
}
#define OWN_PLAY OWN(play_drop) struct play

static bool fill(struct play *p)
{
    return digest_fill(&p->arena, p->tree, &p->founds, p->cache, &p->warnings, &p->e);
}

static bool lay(struct play *p)
{
    struct lay l = {.tree = p->tree, .stage = p->stage, .last = -1, .stage_path = "stage", .wanted = &p->founds};
    return lay_run(&l, &p->e);
}

static void check_conflict(struct play *p, const char *says)
{
    CHECK_INT(p->e.kind, ERR_CONFLICT);
    CHECK_STR(str_z(p->e.text), str_z(says));
}

// ---- a tree that does not hold still ----

TEST(a_file_written_after_the_walk_is_named)
{
    OWN_PLAY p = begin();
    OWN_FD fd = open(in(&p, "tree/b"), O_WRONLY | O_APPEND | O_CLOEXEC);
    usleep(10000);      // a tick of the file system's clock
    CHECK(write(fd, "!", 1) == 1);
    CHECK(!fill(&p));
    check_conflict(&p, "b changed while the tree was packed");
}

TEST(a_file_gone_or_replaced_after_the_walk_is_named)
{
    OWN_PLAY p = begin();
    CHECK(unlink(in(&p, "tree/a")) == 0);
    CHECK(!fill(&p));
    check_conflict(&p, "a went away while the tree was packed");
    CHECK(symlink("b", in(&p, "tree/a")) == 0);
    CHECK(!fill(&p));
    check_conflict(&p, "a went away while the tree was packed");
    CHECK(unlink(in(&p, "tree/a")) == 0);
    write_file(&p, "tree/a", "one");        // the same content, but another file
    CHECK(!fill(&p));
    check_conflict(&p, "a changed while the tree was packed");
}

TEST(a_file_changed_after_its_hash_is_not_copied)
{
    OWN_PLAY p = begin();
    CHECK(fill(&p));
    usleep(10000);
    write_file(&p, "tree/b", "TWO");
    CHECK(!lay(&p));
    check_conflict(&p, "b changed while the tree was packed");
}

TEST(a_tree_that_holds_still_is_laid_down)
{
    OWN_PLAY p = begin();
    struct str text = S("");
    CHECK(fill(&p) && lay(&p));
    CHECK(file_read(&p.arena, in(&p, "stage/b"), 10, &text, &p.e));
    CHECK_STR(text, S("two"));
}

// ---- what is remembered ----

// As if the files had been read an hour from now: by then they are old.
static void remember(struct play *p)
{
    CHECK(fill(p));
    CHECK(statcache_save(p->cache, &p->founds, (now_ms() + 3600000) * 1000000, &p->e));
}

static size_t remembered(struct play *p)
{
    struct statcache c;
    unsigned char hash[32];
    size_t n = 0;
    statcache_load(&p->arena, p->cache, &c);
    for (size_t i = 0; i < p->founds.n; i++)
        if (statcache_find(&c, p->founds.at[i].entry.path, &p->founds.at[i].id, hash)) {
            n++;
            CHECK(memcmp(hash, p->founds.at[i].entry.sha256, 32) == 0);
        }
    CHECK_INT(c.hits, n);
    return n;
}

TEST(an_old_file_is_remembered_and_a_young_one_is_not)
{
    OWN_PLAY p = begin();
    CHECK(fill(&p));
    CHECK_INT(remembered(&p), 0);       // written a moment ago
    remember(&p);
    CHECK_INT(remembered(&p), 2);
}

TEST(any_other_identity_is_another_file)
{
    OWN_PLAY p = begin();
    remember(&p);
    for (int i = 0; i < 4; i++) {
        struct identity before = p.founds.at[0].id, *id = &p.founds.at[0].id;
        id->ino += i == 0;
        id->size += i == 1;
        id->mtime_ns += i == 2;
        id->ctime_ns += i == 3;
        CHECK_INT(remembered(&p), 1);
        *id = before;
    }
    CHECK_INT(remembered(&p), 2);
}

TEST(what_is_remembered_is_not_read_again)
{
    OWN_PLAY p = begin();
    remember(&p);
    for (size_t i = 0; i < p.founds.n; i++)
        memset(p.founds.at[i].entry.sha256, 0, 32);
    CHECK(unlink(in(&p, "tree/a")) == 0 && unlink(in(&p, "tree/b")) == 0);     // reading would fail
    CHECK(fill(&p));
    CHECK(p.founds.at[1].entry.sha256[0] != 0 || p.founds.at[1].entry.sha256[1] != 0);
}

TEST(names_that_came_and_went_do_not_confuse_it)
{
    OWN_PLAY p = begin();
    remember(&p);
    struct founds only = {.at = p.founds.at + 1, .n = 1, .cap = 1}, all = p.founds;
    p.founds = only;
    CHECK_INT(remembered(&p), 1);
    struct found between[3] = {all.at[0], {.entry = {.path = S("aa"), .kind = 'f'}}, all.at[1]};
    p.founds = (struct founds){between, 3, 3};
    CHECK_INT(remembered(&p), 2);
}

TEST(a_cache_with_any_bit_flipped_remembers_nothing)
{
    OWN_PLAY p = begin();
    struct str whole;
    remember(&p);
    CHECK(file_read(&p.arena, p.cache, 4096, &whole, &p.e));
    char *bytes = str_zdup(&p.arena, whole);
    for (size_t i = 0; i < whole.n; i += 5) {
        bytes[i] ^= 1;
        CHECK(file_write(p.cache, (struct str){bytes, whole.n}, 0600, &p.e));
        CHECK_INT(remembered(&p), 0);
        bytes[i] ^= 1;
    }
    CHECK(file_write(p.cache, str_head(whole, whole.n - 1), 0600, &p.e));
    CHECK_INT(remembered(&p), 0);
}

TEST(a_cache_that_cannot_be_written_is_a_warning)
{
    OWN_PLAY p = begin();
    p.cache = in(&p, "no/such/directory/stat");
    CHECK(fill(&p));
    CHECK(str_find(buf_str(&p.warnings), S("the next pack will read every file again: create ")) == 0);
}

#include "base/file.h"
#include "base/test.h"
#include "release/manifest.h"
#include <sodium.h>
#include <string.h>
#include <unistd.h>

static struct entry file(const char *path, uint64_t size, unsigned char hash)
{
    struct entry e = {.path = str_z(path), .kind = 'f', .mode = 0644, .size = size, .mtime_ns = 7000000000};
    memset(e.sha256, hash, sizeof e.sha256);
    return e;
}

static struct entry dir(const char *path)
{
    return (struct entry){.path = str_z(path), .kind = 'd', .mode = 0755};
}

static struct entry link_to(const char *path, const char *target)
{
    struct str t = str_z(target);
    struct entry e = {.path = str_z(path), .link = t, .kind = 'l', .mode = 0777, .size = t.n};
    crypto_hash_sha256(e.sha256, (const unsigned char *)t.p, t.n);
    return e;
}

static const char *at(struct arena *a)
{
    return str_zf(a, "%s/m", test_dir());
}

// Four entries, out of order on purpose.
static void write_four(struct arena *a, unsigned char tree[32])
{
    struct entry four[] = {file("b/x", 5, 1), link_to("c", "b/x"), dir("b"), file("b-x", 3, 2)};
    struct err e;
    CHECK(manifest_write(at(a), four, 4, 1234, tree, &e));
}

TEST(what_was_written_comes_back_sorted_by_bytes)
{
    OWN_ARENA struct arena a = arena_make(1 << 16);
    OWN_MANIFEST struct manifest m = {0};
    unsigned char tree[32];
    struct err e;
    write_four(&a, tree);
    CHECK(manifest_open(at(&a), &m, &e));
    CHECK_INT(m.n, 4);
    CHECK_INT(m.bytes, 8);
    CHECK_INT(m.stamp, 1234);
    CHECK(memcmp(m.tree, tree, 32) == 0);
    CHECK_STR(manifest_at(&m, 0).path, S("b"));
    CHECK_STR(manifest_at(&m, 1).path, S("b-x"));       // '-' sorts before '/'
    CHECK_STR(manifest_at(&m, 2).path, S("b/x"));
    CHECK_STR(manifest_at(&m, 3).link, S("b/x"));
    CHECK_INT(manifest_at(&m, 2).mtime_ns, 7000000000);
    CHECK_INT(manifest_at(&m, 3).link.p[3], 0);
}

TEST(a_path_is_found_and_an_absent_one_is_not)
{
    OWN_ARENA struct arena a = arena_make(1 << 16);
    OWN_MANIFEST struct manifest m = {0};
    unsigned char tree[32];
    struct entry x;
    struct err e;
    write_four(&a, tree);
    CHECK(manifest_open(at(&a), &m, &e));
    CHECK(manifest_find(&m, S("b/x"), &x) && x.kind == 'f' && x.size == 5 && x.sha256[31] == 1);
    CHECK(manifest_find(&m, S("b"), &x) && x.kind == 'd');
    CHECK(!manifest_find(&m, S("b/"), &x));
    CHECK(!manifest_find(&m, S(""), &x));
    CHECK(!manifest_find(&m, S("z"), &x));
}

TEST(the_tree_hash_forgets_times_and_nothing_else)
{
    OWN_ARENA struct arena a = arena_make(1 << 16);
    unsigned char first[32], tree[32];
    struct err e;
    struct entry one[] = {file("a", 5, 1)};
    CHECK(manifest_write(at(&a), one, 1, 1, first, &e));
    one[0].mtime_ns = 9;
    CHECK(manifest_write(at(&a), one, 1, 2, tree, &e));
    CHECK(memcmp(first, tree, 32) == 0);
    struct entry other[] = {file("b", 5, 1), file("a", 6, 1), file("a", 5, 2), file("a", 5, 1)};
    other[3].mode = 0755;
    for (size_t i = 0; i < ARRAY_LEN(other); i++) {
        CHECK(manifest_write(at(&a), &other[i], 1, 1, tree, &e));
        CHECK(memcmp(first, tree, 32) != 0);
    }
}

TEST(an_empty_release_is_one)
{
    OWN_ARENA struct arena a = arena_make(1 << 16);
    OWN_MANIFEST struct manifest m = {0};
    unsigned char tree[32];
    struct entry x;
    struct err e;
    CHECK(manifest_write(at(&a), NULL, 0, 1, tree, &e));
    CHECK(manifest_open(at(&a), &m, &e));
    CHECK_INT(m.n, 0);
    CHECK(!manifest_find(&m, S("a"), &x));
}

TEST(no_manifest_is_not_found_and_other_files_are_input)
{
    OWN_ARENA struct arena a = arena_make(1 << 16);
    struct manifest m;
    struct err e;
    CHECK(!manifest_open(at(&a), &m, &e));
    CHECK_INT(e.kind, ERR_NOT_FOUND);
    CHECK(file_write(at(&a), S(""), 0644, &e));
    CHECK(!manifest_open(at(&a), &m, &e));
    CHECK_INT(e.kind, ERR_INPUT);
    CHECK(!manifest_open(test_dir(), &m, &e));
    CHECK_INT(e.kind, ERR_INPUT);
}

// All that the hash does not cover is checked by itself; the rest cannot change unseen either.
TEST(every_flipped_bit_is_seen_except_in_times)
{
    OWN_ARENA struct arena a = arena_make(1 << 16);
    unsigned char tree[32];
    struct str whole;
    struct manifest m;
    struct err e;
    write_four(&a, tree);
    CHECK(file_read(&a, at(&a), 4096, &whole, &e));
    char *bytes = str_zdup(&a, whole);
    for (size_t i = 0; i < whole.n * 8; i++) {
        size_t byte = i / 8, field = byte < 64 ? byte : (byte - 64) % 64;
        bool time = byte < 64 ? field >= 56 : byte < 64 * 5 && field >= 24 && field < 32;
        bytes[byte] ^= (char)(1 << i % 8);
        bool accepted = manifest_read((struct str){bytes, whole.n}, &m, &e);
        if (accepted != time)
            test_failed(__FILE__, __LINE__, "bit %zu of byte %zu: accepted %d", i % 8, byte, accepted);
        bytes[byte] ^= (char)(1 << i % 8);
    }
}

TEST(a_manifest_cut_short_or_with_a_tail_is_refused)
{
    OWN_ARENA struct arena a = arena_make(1 << 16);
    unsigned char tree[32];
    struct str whole;
    struct manifest m;
    struct err e;
    write_four(&a, tree);
    CHECK(file_read(&a, at(&a), 4096, &whole, &e));
    for (size_t n = 0; n < whole.n; n++)
        CHECK(!manifest_read(str_head(whole, n), &m, &e));
    whole.n++;      // the NUL that file_read puts behind
    CHECK(!manifest_read(whole, &m, &e));
}

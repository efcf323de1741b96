#include "release/changes.h"
#include "base/jansson.h"
#include "base/test.h"
#include <string.h>

#define TEXT(lit) ((struct str){lit, sizeof(lit) - 1})

static json_t *parsed(struct buf *b)
{
    json_t *j = json_loadb(b->p, b->n, 0, NULL);
    CHECK(j);
    return j;
}

static const char *text_of(const json_t *list, size_t i, const char *key)
{
    const char *z = json_string_value(json_object_get(json_array_get(list, i), key));
    return z ? z : "(none)";
}

static int64_t int_of(const json_t *list, size_t i, const char *key)
{
    const json_t *x = json_object_get(json_array_get(list, i), key);
    return json_is_integer(x) ? json_integer_value(x) : -1;
}

TEST(commits_come_newest_first_with_their_time)
{
    OWN_BUF struct buf b = buf_make(1 << 20);
    changes_commits(TEXT("9f3c2ab\0" "1795413600\0" "Sato\x1f" "Mei\0" "Faster work search\n"
                         "51d0e7c\0" "99999999999999\0\0\n0b9a6d2\0" "17954"), &b);
    json_t *j = parsed(&b);
    CHECK_INT(json_array_size(j), 2);
    CHECK_STR(str_z(text_of(j, 0, "at")), S("2026-11-23T06:00:00.000Z"));
    CHECK_STR(str_z(text_of(j, 0, "author")), S("Sato\x1f" "Mei"));
    CHECK_STR(str_z(text_of(j, 0, "subject")), S("Faster work search"));
    CHECK_STR(str_z(text_of(j, 1, "at")), S("(none)"));
    json_decref(j);
}

TEST(a_hundred_commits_are_kept)
{
    OWN_BUF struct buf in = buf_make(1 << 20), b = buf_make(1 << 20);
    for (int i = 0; i < 300; i++) {
        buf_addf(&in, "%040d", i);
        buf_add(&in, TEXT("\0" "1\0a\0"));
        buf_addf(&in, "%0*d\n", 2000, i);
    }
    changes_commits(buf_str(&in), &b);
    json_t *j = parsed(&b);
    CHECK_INT(json_array_size(j), COMMITS_SHOWN);
    CHECK_INT(strlen(text_of(j, 0, "subject")), 300);
    json_decref(j);
}

#define RAW     ":100644 100644 aaaaaaa bbbbbbb "
static const struct str listed = TEXT(
    RAW "M\0a b\0" ":000000 100644 0000000 bbbbbbb A\0new\0" RAW "M\0pic.png\0"
    ":100644 120000 aaaaaaa ccccccc T\0x\ty\0");
static const struct str counts = TEXT(
    "1\t2\ta b\0" "3\t0\tnew\0" "-\t-\tpic.png\0" "1\t4\tx\ty\0");
static const struct str patch = TEXT(
    "diff --git a/a b b/a b\nold mode 100644\nnew mode 100755\nindex aaaaaaa..bbbbbbb\n--- a/a b\n+++ b/a b\n"
    "@@ -1,2 +1 @@\n"
    "-diff --git a/new b/new\n--- a/x\n+y\n"
    "diff --git a/new b/new\nnew file mode 100644\nindex 0000000..bbbbbbb\n--- /dev/null\n+++ b/new\n"
    "@@ -0,0 +1,3 @@\n+\xE6\0\n"
    "diff --git a/pic.png b/pic.png\nindex aaaaaaa..bbbbbbb 100644\n"
    "Binary files a/pic.png and b/pic.png differ\n"
    "diff --git \"a/x\\ty\" \"b/x\\ty\"\ndeleted file mode 100644\n--- \"a/x\\ty\"\n+++ /dev/null\n"
    "@@ -1 +0,0 @@\n-file\n"
    "diff --git \"a/x\\ty\" \"b/x\\ty\"\nnew file mode 120000\n--- /dev/null\n+++ \"b/x\\ty\"\n"
    "@@ -0,0 +1 @@\n+link\n");

TEST(each_file_has_its_counts_and_its_lines)
{
    OWN_BUF struct buf b = buf_make(1 << 20);
    struct changes_patch p = {.text = patch};
    changes_files(listed, counts, &p, &b);
    json_t *j = parsed(&b);
    CHECK_INT(json_array_size(j), 4);
    CHECK(p.all);
    CHECK_STR(str_z(text_of(j, 0, "text")),
              S("old mode 100644\nnew mode 100755\n@@ -1,2 +1 @@\n-diff --git a/new b/new\n--- a/x\n+y\n"));
    CHECK_STR(str_z(text_of(j, 1, "how")), S("added"));
    CHECK_STR(str_z(text_of(j, 1, "text")), S("@@ -0,0 +1,3 @@\n+\xEF\xBF\xBD\xEF\xBF\xBD\n"));
    CHECK(json_is_true(json_object_get(json_array_get(j, 2), "binary")));
    CHECK_STR(str_z(text_of(j, 2, "text")), S("(none)"));
    CHECK_INT(int_of(j, 2, "added"), -1);
    CHECK_STR(str_z(text_of(j, 3, "path")), S("x\ty"));
    CHECK_STR(str_z(text_of(j, 3, "text")), S("@@ -1 +0,0 @@\n-file\n@@ -0,0 +1 @@\n+link\n"));
    CHECK_INT(int_of(j, 3, "removed"), 4);
    json_decref(j);
}

TEST(without_a_patch_no_file_has_lines)
{
    OWN_BUF struct buf b = buf_make(1 << 20);
    changes_files(listed, counts, NULL, &b);
    json_t *j = parsed(&b);
    CHECK_INT(int_of(j, 1, "added"), 3);
    CHECK(!json_object_get(json_array_get(j, 1), "text"));
    json_decref(j);
}

TEST(a_patch_that_was_cut_off_says_so_and_shows_whole_lines)
{
    OWN_BUF struct buf b = buf_make(1 << 20);
    struct changes_patch p = {.text = str_head(patch, (size_t)str_find(patch, S("@@ -0,0 +1,3"))), .cut = true};
    changes_files(listed, counts, &p, &b);
    json_t *j = parsed(&b);
    CHECK(!p.all);
    CHECK_STR(str_z(text_of(j, 1, "text")), S(""));
    CHECK_STR(str_z(text_of(j, 3, "text")), S("(none)"));
    json_decref(j);
}

TEST(long_lines_and_many_octets_have_a_limit)
{
    OWN_BUF struct buf in = buf_make(2 << 20), b = buf_make(8 << 20);
    buf_addz(&in, "diff --git a/a b b/a b\n@@ -1 +1 @@\n+");
    for (int i = 0; i < 700; i++)
        buf_addz(&in, "\xE6\xA4\x9C");
    buf_addz(&in, "\ndiff --git a/new b/new\n@@ -1 +1 @@\n");
    for (int i = 0; i < 1000; i++) {
        buf_addn(&in, '\x01', 1000);
        buf_addc(&in, '\n');
    }
    struct changes_patch p = {.text = buf_str(&in)};
    changes_files(listed, counts, &p, &b);
    json_t *j = parsed(&b);
    CHECK(!p.all);
    CHECK(b.n < PATCH_JSON + 10000);
    CHECK(str_ends(str_z(text_of(j, 0, "text")), S("\xE6\xA4\x9C\xE2\x80\xA6\n")));
    CHECK_STR(str_z(text_of(j, 1, "text")), S("(none)"));
    json_decref(j);
}

TEST(five_hundred_files_are_kept)
{
    OWN_BUF struct buf in = buf_make(1 << 20), b = buf_make(1 << 20);
    for (int i = 0; i < 700; i++) {
        buf_addf(&in, ":100644 000000 aaaaaaa 0000000 D");
        buf_addc(&in, 0);
        buf_addf(&in, "f%d", i);
        buf_addc(&in, 0);
    }
    changes_files(buf_str(&in), S(""), NULL, &b);
    json_t *j = parsed(&b);
    CHECK_INT(json_array_size(j), FILES_SHOWN);
    CHECK_STR(str_z(text_of(j, 499, "how")), S("removed"));
    CHECK_INT(int_of(j, 499, "removed"), -1);
    json_decref(j);
}

TEST(the_sum_is_what_git_says)
{
    static const struct { const char *text; bool ok; struct changes_sum sum; } rows[] = {
        {" 3 files changed, 10 insertions(+), 2 deletions(-)\n", true, {3, 10, 2}},
        {" 1 file changed, 1 deletion(-)\n", true, {1, 0, 1}},
        {"", true, {0, 0, 0}},
        {"fatal: bad object", false, {0, 0, 0}},
        {" 3 birds", false, {0, 0, 0}},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct changes_sum s;
        CHECK(changes_sum(str_z(rows[i].text), &s) == rows[i].ok);
        CHECK(!rows[i].ok || memcmp(&s, &rows[i].sum, sizeof s) == 0);
    }
}

TEST(long_paths_end_a_list_instead_of_breaking_it)
{
    OWN_BUF struct buf in = buf_make(2 << 20), b = buf_make(4 << 20);
    for (int i = 0; i < 500; i++) {
        buf_addz(&in, ":100644 000000 aaaaaaa 0000000 D");
        buf_addc(&in, 0);
        buf_addn(&in, '\x01', 2600);
        buf_addc(&in, 0);
    }
    struct changes_patch p = {0};
    changes_files(buf_str(&in), S(""), &p, &b);
    json_t *j = parsed(&b);
    CHECK(!b.failed && b.n < PATCH_JSON + 10000);
    CHECK(!p.all);
    CHECK(json_array_size(j) > 100 && json_array_size(j) < 500);
    json_decref(j);
}

TEST(counts_sum_up)
{
    struct changes_sum s;
    CHECK(changes_counted(counts, &s));
    CHECK(s.files == 4 && s.added == 5 && s.removed == 6);
    CHECK(changes_counted(S(""), &s) && s.files == 0);
    CHECK(!changes_counted(str_head(counts, counts.n - 1), &s));
    CHECK(!changes_counted(TEXT("fatal: bad object\0"), &s));
}

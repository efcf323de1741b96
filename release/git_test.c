#include "base/file.h"
#include "base/test.h"
#include "release/git.h"

TEST(a_revision_is_a_name_and_never_an_option)
{
    static const struct { const char *rev; bool ok;
    } rows[] = {
        {"main", true},
        {"v1.2.3", true},
        {"feature/x@{1}", true},
        {"9f3c2ab", true},
        {"HEAD~3", true},
        {"", false},
        {"--upload-pack=touch x", false},
        {"-x", false},
        {"a b", false},
        {"a\tb", false},
        {"a\nb", false},
        {"a\x7f", false},
    };
    char longest[202];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (git_revision_ok(str_z(rows[i].rev)) != rows[i].ok)
            test_failed(__FILE__, __LINE__, "%s", rows[i].rev);
    for (size_t i = 0; i < sizeof longest; i++)
        longest[i] = 'a';
    CHECK(git_revision_ok((struct str){longest, 200}));
    CHECK(!git_revision_ok((struct str){longest, 201}));
}

TEST(locks_of_a_dead_git_are_removed_and_nothing_else)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct err e;
    static const char *const gone[] = {"HEAD.lock", "packed-refs.lock", "refs/heads/main.lock",
                                       "refs/heads/deep/x.lock"};
    static const char *const stays[] = {"HEAD", "refs/heads/main", "objects/pack.lock"};
    CHECK(dir_make(str_zf(&a, "%s/refs/heads/deep", test_dir()), 0700, &e) &&
          dir_make(str_zf(&a, "%s/objects", test_dir()), 0700, &e));
    for (size_t i = 0; i < ARRAY_LEN(gone); i++)
        CHECK(file_write(str_zf(&a, "%s/%s", test_dir(), gone[i]), S("x"), 0600, &e));
    for (size_t i = 0; i < ARRAY_LEN(stays); i++)
        CHECK(file_write(str_zf(&a, "%s/%s", test_dir(), stays[i]), S("x"), 0600, &e));
    git_unlock(test_dir());
    for (size_t i = 0; i < ARRAY_LEN(gone); i++)
        CHECK(!path_exists(str_zf(&a, "%s/%s", test_dir(), gone[i])));
    for (size_t i = 0; i < ARRAY_LEN(stays); i++)
        CHECK(path_exists(str_zf(&a, "%s/%s", test_dir(), stays[i])));
}

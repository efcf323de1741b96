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

TEST(the_line_that_says_why_git_failed_is_found)
{
    static const char denied[] = "Warning: Permanently added x\ngit@forge.example: Permission denied (publickey).\n"
                                 "fatal: Could not read from remote repository.\n\n"
                                 "Please make sure you have the correct access rights\nand the repository exists.\n";
    static const char ours[] =
        "does the forge know our key, with read access to this repository? rusuban host key --forge";
    static const struct { const char *repository, *said, *why, *hint;
    } rows[] = {
        {"git@forge.example:kotori/web.git", denied, "git@forge.example: Permission denied (publickey).", ours},
        {"git@forge.example:kotori/web.git",
         "Warning: Identity file ../keys/forge not accessible: No such file or directory.\n"
         "git@forge.example: Permission denied (publickey).\nfatal: Could not read from remote repository.\n",
         "git@forge.example: Permission denied (publickey).",
         "there is no key for the forge yet: rusuban host key --forge"},
        {"git@forge.example:kotori/web.git",
         "ERROR: Repository not found.\nfatal: Could not read from remote repository.\n\nPlease make sure\n",
         "ERROR: Repository not found.", ours},
        {"ssh://git@forge.example:2222/kotori/web.git",
         "No ED25519 host key is known for [forge.example]:2222 and you have requested strict checking.\n"
         "Host key verification failed.\nfatal: Could not read from remote repository.\n",
         "Host key verification failed.", "rusuban host trust forge.example:2222 --forge"},
        {"ssh://forge.example/kotori/web.git",
         "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\nHost key verification failed.\n",
         "Host key verification failed.", "when you know why: rusuban host trust forge.example --forge --replace"},
        {"git@forge.example:web.git",
         "ssh: Could not resolve hostname forge.example: Name or service not known\nfatal: Could not read\n",
         "ssh: Could not resolve hostname forge.example: Name or service not known", ""},
        {"https://forge.example/web.git",
         "fatal: could not read Username for 'https://forge.example': terminal prompts disabled\n",
         "fatal: could not read Username for 'https://forge.example': terminal prompts disabled",
         "a private repository needs an ssh address and our key at the forge: rusuban host key --forge"},
        {"/srv/web.git",
         "fatal: '/srv/web.git' does not appear to be a git repository\n"
         "fatal: Could not read from remote repository.\n\n"
         "Please make sure you have the correct access rights\nand the repository exists.\n",
         "fatal: '/srv/web.git' does not appear to be a git repository", ""},
        {"/srv/web.git", "something else\nand its end\n", "and its end", ""},
        {"/srv/web.git", "", "", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        OWN_ARENA struct arena a = arena_make(1 << 20);
        struct service svc = {.repository = str_z(rows[i].repository)};
        struct str hint;
        CHECK_STR(git_reason(&a, &svc, str_z(rows[i].said), &hint), str_z(rows[i].why));
        CHECK_STR(hint, str_z(rows[i].hint));
    }
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

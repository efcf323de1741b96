#include "base/fault.h"
#include "base/file.h"
#include "base/test.h"
#include "store/secret.h"
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct db *opened(void)
{
    struct db *db = NULL;
    struct err e;
    CHECK(store_open(test_dir(), &db, &e));
    return db;
}

TEST(a_secret_comes_back_to_its_role_only)
{
    OWN_ARENA struct arena a = arena_make(1 << 16);
    OWN_DB struct db *db = opened();
    struct err e;
    struct str v;
    CHECK(secret_set(db, test_dir(), "releaser", S("web_hook"), S("swordfish"), &e));
    CHECK(secret_get(&a, db, test_dir(), "releaser", S("web_hook"), &v, &e));
    CHECK_STR(v, S("swordfish"));
    secret_forget(&v);
    CHECK_INT(v.n, 0);
    CHECK(!secret_get(&a, db, test_dir(), "watcher", S("web_hook"), &v, &e));
    CHECK_INT(e.kind, ERR_NOT_FOUND);
    CHECK(strcmp(e.hint, "rusuban secret set web_hook --role watcher") == 0);
}

TEST(setting_again_replaces_and_dropping_forgets)
{
    OWN_ARENA struct arena a = arena_make(1 << 16);
    OWN_DB struct db *db = opened();
    struct err e;
    struct str v;
    struct secret_names names = {0};
    CHECK(secret_set(db, test_dir(), "releaser", S("a"), S("one"), &e));
    CHECK(secret_set(db, test_dir(), "releaser", S("a"), S("two"), &e));
    CHECK(secret_get(&a, db, test_dir(), "releaser", S("a"), &v, &e));
    CHECK_STR(v, S("two"));
    CHECK(secret_list(&a, db, &names, &e));
    CHECK(names.n == 1 && str_eq(names.at[0].name, S("a")) && str_eq(names.at[0].role, S("releaser")));
    CHECK(secret_drop(db, "releaser", S("a"), &e));
    CHECK(!secret_drop(db, "releaser", S("a"), &e));
    CHECK_INT(e.kind, ERR_NOT_FOUND);
}

TEST(a_box_moved_to_another_name_does_not_open)
{
    OWN_ARENA struct arena a = arena_make(1 << 16);
    OWN_DB struct db *db = opened();
    struct err e;
    struct str v;
    CHECK(secret_set(db, test_dir(), "releaser", S("weak"), S("known to an attacker"), &e));
    CHECK(sql_do(db, &e, "update secret set name = 'strong'", NO_VALS));
    CHECK(!secret_get(&a, db, test_dir(), "releaser", S("strong"), &v, &e));
    CHECK_INT(e.kind, ERR_STATE);
}

TEST(the_store_holds_no_plain_value)
{
    OWN_ARENA struct arena a = arena_make(8 << 20);
    struct db *db = opened();
    struct err e;
    struct str file;
    CHECK(secret_set(db, test_dir(), "releaser", S("a"), S("swordfish-4711"), &e));
    store_close(db);
    CHECK(file_read(&a, str_zf(&a, "%s/store.db", test_dir()), 4 << 20, &file, &e));
    CHECK_INT(str_find(file, S("swordfish-4711")), -1);
}

TEST(a_key_that_others_may_read_is_refused)
{
    OWN_ARENA struct arena a = arena_make(1 << 16);
    OWN_DB struct db *db = opened();
    struct err e;
    struct str v;
    CHECK(secret_set(db, test_dir(), "releaser", S("a"), S("x"), &e));
    const char *key = str_zf(&a, "%s/keys/releaser.key", test_dir());
    struct stat st;
    CHECK(stat(key, &st) == 0 && (st.st_mode & 0777) == 0600);
    CHECK(chmod(key, 0640) == 0);
    CHECK(!secret_get(&a, db, test_dir(), "releaser", S("a"), &v, &e));
    CHECK(strstr(e.text, "can be read by others") && strstr(e.hint, "chmod 600"));
}

TEST(several_processes_make_one_key)
{
    enum { MAKERS = 8 };
    OWN_ARENA struct arena a = arena_make(1 << 16);
    struct err e;
    store_close(opened());
    for (int i = 0; i < MAKERS; i++)
        if (fork() == 0) {
            struct db *db = opened();
            bool ok = secret_set(db, test_dir(), "releaser", str_f(&a, "s%d", i), S("v"), &e);
            if (!ok)
                fprintf(stderr, "maker %d: %s\n", i, e.text);
            _exit(ok ? 0 : 1);
        }
    for (int i = 0; i < MAKERS; i++) {
        int status = -1;
        CHECK(wait(&status) > 0 && status == 0);
    }
    OWN_DB struct db *db = opened();
    for (int i = 0; i < MAKERS; i++) {
        struct str v;
        CHECK(secret_get(&a, db, test_dir(), "releaser", str_f(&a, "s%d", i), &v, &e));
    }
}

TEST(names_and_values_have_limits)
{
    static const struct { struct str name; size_t value; bool ok; } rows[] = {
        {S("a"), 1, true}, {S("A.b-c_9"), 65536, true}, {S("a"), 65537, false}, {S("a"), 0, false},
        {S(""), 1, false}, {S("a b"), 1, false}, {S("../x"), 1, false},
        {S("0123456789012345678901234567890123456789012345678901234567890123"), 1, true},
        {S("01234567890123456789012345678901234567890123456789012345678901234"), 1, false},
    };
    OWN_DB struct db *db = opened();
    OWN_BUF struct buf value = buf_make(70000);
    struct err e;
    buf_addn(&value, 'v', 65537);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        bool ok = secret_set(db, test_dir(), "releaser", rows[i].name, str_head(buf_str(&value), rows[i].value), &e);
        if (ok != rows[i].ok)
            test_failed(__FILE__, __LINE__, "row %zu: %s", i, ok ? "taken" : e.text);
    }
}

#ifdef RUSUBAN_FAULTS
TEST(whichever_file_call_fails_the_next_try_works)
{
    OWN_ARENA struct arena a = arena_make(1 << 16);
    OWN_DB struct db *db = opened();
    struct err e;
    struct str v;
    bool ok = false;
    for (unsigned nth = 1; nth < 20 && !ok; nth++) {
        fault_set(FAULT_FILE, nth);
        ok = secret_set(db, test_dir(), "releaser", S("a"), S("x"), &e);
    }
    fault_set(FAULT_FILE, 0);
    CHECK(ok);
    CHECK(secret_get(&a, db, test_dir(), "releaser", S("a"), &v, &e));
}
#endif

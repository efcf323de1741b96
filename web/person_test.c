// person_test.c: names, passwords and invitations.
#include "base/clock.h"
#include "base/test.h"
#include "web/person.h"
#include <sodium.h>

TEST(what_is_a_name_and_what_is_a_password)
{
    static const struct { const char *name; bool ok; } names[] = {
        {"kato", true}, {"kato.m-2_x", true}, {"a", true}, {"", false}, {"Kato", false}, {"2kato", false},
        {"root", false},
        {"ka to", false}, {"ka/to", false}, {"kato\xc3\xa9", false}, {"abcdefghijklmnopqrstuvwxyzabcdef", true},
        {"abcdefghijklmnopqrstuvwxyzabcdefg", false}};
    static const struct { const char *password; bool ok; } passwords[] = {
        {"shichi-go-san 753", true}, {"123456789", false}, {"", false}, {"aaaaaaaaaaaaaaaa", false},
        {"kato123456", false}, {"kato and fourteen others", true}};
    struct err e = {0};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (person_name_ok(str_z(names[i].name), &e) != names[i].ok)
            test_failed(__FILE__, __LINE__, "%s", names[i].name);
    for (size_t i = 0; i < ARRAY_LEN(passwords); i++)
        if (password_ok(S("kato"), str_z(passwords[i].password), &e) != passwords[i].ok)
            test_failed(__FILE__, __LINE__, "%s", passwords[i].password);
}

static bool there(struct arena *a, struct db *db, const char *text)
{
    struct invite i;
    struct err e = {0};
    bool ok = invite_find(a, db, str_z(text), &i, &e);
    CHECK(ok || e.kind == ERR_NOT_FOUND);
    return ok;
}

TEST(an_invitation_works_once_until_its_time_is_over_and_a_newer_one_voids_it)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    OWN_DB struct db *db = NULL;
    struct err e = {0};
    char first[INVITE_TEXT + 1], second[INVITE_TEXT + 1], open[INVITE_TEXT + 1];
    struct invite i = {.name = S("kato"), .role = DEVELOPER, .author = S("root"), .expires = now_ms() + 60000};
    CHECK(sodium_init() >= 0 && store_open(test_dir(), &db, &e));
    CHECK(invite_make(db, &i, first, &e) && there(&a, db, first));
    CHECK(invite_make(db, &i, second, &e));
    CHECK(!there(&a, db, first) && there(&a, db, second));
    i.name = S("");         // for whoever comes; such ones do not void each other
    CHECK(invite_make(db, &i, open, &e) && there(&a, db, second) && there(&a, db, open));
    CHECK(invite_drop(db, str_z(second), &e) && !there(&a, db, second));
    CHECK(sql_do(db, &e, "update invite set expires = ?", VALS(V(now_ms() - 1))));
    CHECK(!there(&a, db, open) && !there(&a, db, ""));
}

// bearer_test.c: what a token looks like, and that it never may more than its owner.
#include "base/clock.h"
#include "base/test.h"
#include "web/bearer.h"
#include "web/rights.h"
#include <sodium.h>
#include <string.h>

TEST(a_token_is_known_and_one_that_was_typed_wrong_is_not)
{
    char text[BEARER_TEXT + 1], other[BEARER_TEXT + 1];
    struct bearer_hash made, read;
    CHECK(sodium_init() >= 0);
    bearer_make(text, &made);
    bearer_make(other, &read);
    CHECK(strcmp(text, other) != 0);
    CHECK_INT(strlen(text), BEARER_TEXT);
    CHECK(bearer_parse(str_z(text), &read));
    CHECK(memcmp(&made, &read, sizeof made) == 0);
    for (size_t i = 0; i < BEARER_TEXT; i++) {
        char wrong[BEARER_TEXT + 1];
        memcpy(wrong, text, sizeof wrong);
        wrong[i] = wrong[i] == 'x' ? 'y' : 'x';
        if (bearer_parse(str_z(wrong), &read))
            test_failed(__FILE__, __LINE__, "character %zu may be wrong", i);
    }
    CHECK(!bearer_parse(str_head(str_z(text), BEARER_TEXT - 1), &read));
    CHECK(!bearer_parse(S(""), &read));
}

TEST(only_a_bearer_header_holds_a_token)
{
    CHECK_STR(bearer_of_header(S("Bearer rsb_x")), S("rsb_x"));
    CHECK_STR(bearer_of_header(S("bearer  rsb_x ")), S("rsb_x"));
    CHECK_STR(bearer_of_header(S("Basic cm9vdA==")), S(""));
    CHECK_STR(bearer_of_header(S("Bearer")), S(""));
}

// A token of `role` for `services`, of an account with those rights ("" = made on the server): who it stands for.
static struct who stands_for(struct arena *a, struct db *db, const char *role, const char *services, const char *owner,
                             const char *of_owner, int64_t expires)
{
    struct bearer_hash hash;
    struct err e = {0};
    struct who who = {0};
    char text[BEARER_TEXT + 1];
    CHECK(sql_do(db, &e, "delete from token", NO_VALS) && sql_do(db, &e, "delete from account", NO_VALS));
    if (*owner)
        CHECK(sql_do(db, &e, "insert into account (id, name, role, services, created) values (7, 'kato', ?, ?, 0)",
                     VALS(V(owner), V(of_owner))));
    bearer_make(text, &hash);
    CHECK(sql_do(db, &e, "insert into token (hash, name, account, owner, role, services, created, expires)"
                 " values (?, 'ci', ?, 'kato', ?, ?, 0, ?)",
                 VALS(V_BLOB(((struct str){(const char *)hash.at, sizeof hash.at})), *owner ? V(7) : V_NULL, V(role),
                      V(services), V(expires))));
    struct ask q = {.arena = a, .db = db, .from = S("192.0.2.7")};
    if (!bearer_who(&q, str_z(text), &who, &e))
        who = (struct who){0};
    return who;
}

TEST(a_token_may_what_both_it_and_its_owner_may)
{
    static const struct { const char *role, *services, *owner, *of_owner; enum standing is; const char *on; } rows[] = {
        {"developer", "", "admin", "", DEVELOPER, ""},
        {"developer", "web", "developer", "", DEVELOPER, "web"},
        {"developer", "", "developer", "web", DEVELOPER, "web"},
        {"developer", "web api", "developer", "api shop", DEVELOPER, "api"},
        {"developer", "web", "developer", "api", VIEWER, ""},       // nothing in common: it may look
        {"admin", "", "viewer", "", VIEWER, ""},                    // its owner was demoted
        {"analyst", "", "", "", ANALYST, ""},                       // made on the server
    };
    OWN_ARENA struct arena a = arena_make(1 << 20);
    OWN_DB struct db *db = NULL;
    struct err e = {0};
    int64_t later = now_ms() + 60000;
    CHECK(sodium_init() >= 0 && store_open(test_dir(), &db, &e));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct who w = stands_for(&a, db, rows[i].role, rows[i].services, rows[i].owner, rows[i].of_owner, later);
        CHECK_INT(w.role, rows[i].is);
        CHECK_STR(services_text(&a, &w.services), str_z(rows[i].on));
        CHECK_STR(w.name, S("kato"));
        CHECK(!w.stepped_up && !w.owner);
    }
    CHECK_INT(stands_for(&a, db, "admin", "", "admin", "", now_ms() - 1).role, STRANGER);
}

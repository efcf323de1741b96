// session_test.c: which cookie is ours, and when a session ends.
#include "base/clock.h"
#include "base/test.h"
#include "web/session.h"
#include <sodium.h>

#define V43 "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP0"

TEST(our_cookie_is_found_among_others_and_only_when_it_can_be_one)
{
    CHECK_STR(session_cookie(S("__Host-rusuban=" V43)), S(V43));
    CHECK_STR(session_cookie(S("a=b; __Host-rusuban=" V43 "; c=d")), S(V43));
    CHECK_STR(session_cookie(S("x__Host-rusuban=" V43)), S(""));
    CHECK_STR(session_cookie(S("__Host-rusuban=" V43 "0")), S(""));
    CHECK_STR(session_cookie(S("__Host-rusuban=short")), S(""));
    CHECK_STR(session_cookie(S("__Host-rusuban")), S(""));
    CHECK_STR(session_cookie(S("")), S(""));
}

static struct db *opened(void)
{
    struct db *db = NULL;
    struct err e = {0};
    CHECK(sodium_init() >= 0 && store_open(test_dir(), &db, &e));
    CHECK(sql_do(db, &e, "insert into account (id, name, role, created) values (7, 'kato', 'developer', 0)", NO_VALS));
    return db;
}

static struct str begin(struct arena *a, struct db *db)
{
    struct err e = {0};
    struct ask q = {.arena = a, .db = db};
    CHECK(session_begin(&q, 7, &e));
    struct str cookie = session_cookie(q.cookie);
    CHECK_INT(cookie.n, SESSION_TEXT);
    return cookie;
}

static bool lives(struct arena *a, struct db *db, struct str cookie, struct who *who)
{
    struct err e = {0};
    struct ask q = {.arena = a, .db = db};
    bool ok = session_who(&q, cookie, who, &e);
    CHECK(ok || (e.kind == ERR_SIGNED_OUT && q.cookie.n));      // the browser is told to forget it
    return ok;
}

TEST(a_session_ends_after_twelve_idle_hours_or_seven_days_and_with_its_account)
{
    static const struct { const char *then; bool lives; } rows[] = {
        {"update session set seen = seen - 11 * 3600000", true},
        {"update session set seen = seen - 13 * 3600000", false},
        {"update session set created = created - 167 * 3600000", true},
        {"update session set created = created - 169 * 3600000", false},
        {"update session set seen = seen + 3600000", true},         // the clock was set back
        {"delete from account", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        OWN_ARENA struct arena a = arena_make(1 << 20);
        OWN_DB struct db *db = NULL;
        struct err e = {0};
        struct who who;
        CHECK(sodium_init() >= 0 && store_open(test_dir(), &db, &e));
        CHECK(sql_do(db, &e, "insert or ignore into account (id, name, role, created)"
                     " values (7, 'kato', 'developer', 0)", NO_VALS));
        CHECK(sql_do(db, &e, "delete from session", NO_VALS));
        struct str cookie = begin(&a, db);
        CHECK(lives(&a, db, cookie, &who) && who.stepped_up && who.role == DEVELOPER);
        CHECK(sql_do(db, &e, rows[i].then, NO_VALS));
        if (lives(&a, db, cookie, &who) != rows[i].lives)
            test_failed(__FILE__, __LINE__, "%s", rows[i].then);
    }
}

TEST(the_password_counts_as_typed_for_ten_minutes)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    OWN_DB struct db *db = opened();
    struct err e = {0};
    struct who who;
    struct str cookie = begin(&a, db);
    CHECK(sql_do(db, &e, "update session set stepped_up = stepped_up - 9 * 60000", NO_VALS));
    CHECK(lives(&a, db, cookie, &who) && who.stepped_up);
    CHECK(sql_do(db, &e, "update session set stepped_up = stepped_up - 2 * 60000", NO_VALS));
    CHECK(lives(&a, db, cookie, &who) && !who.stepped_up);
    CHECK(sql_do(db, &e, "update session set stepped_up = ?", VALS(V(now_ms() + 60000))));  // a clock that went back
    CHECK(lives(&a, db, cookie, &who) && !who.stepped_up);
}

TEST(the_store_does_not_hold_what_the_cookie_holds)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    OWN_DB struct db *db = opened();
    struct err e = {0};
    struct str cookie = begin(&a, db), hash;
    CHECK(sql_str(&a, db, &e, &hash, "select hash from session", NO_VALS));
    CHECK_INT(hash.n, 32);
    CHECK(str_find(hash, cookie) < 0);
}

TEST(the_fifty_first_session_ends_the_one_that_was_used_least)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    OWN_DB struct db *db = opened();
    struct err e = {0};
    struct who who;
    struct str first = begin(&a, db);
    CHECK(sql_do(db, &e, "update session set seen = seen - 1000", NO_VALS));
    for (int i = 0; i < SESSIONS_MAX; i++)
        begin(&a, db);
    int64_t n;
    CHECK(sql_int(db, &e, &n, "select count(*) from session", NO_VALS));
    CHECK_INT(n, SESSIONS_MAX);
    CHECK(!lives(&a, db, first, &who));
}

// throttle_test.c: how long somebody waits who types wrong passwords, also after a restart.
#include "base/clock.h"
#include "base/test.h"
#include "web/throttle.h"

TEST(five_tries_are_free_and_each_one_behind_them_waits_twice_as_long)
{
    static const struct { int64_t tries, since_ms; int wait_s; } rows[] = {
        {0, 0, 0}, {4, 0, 0}, {5, 0, 1}, {6, 0, 2}, {8, 0, 8}, {13, 0, 256}, {14, 0, 300}, {1000000, 0, 300},
        {8, 5000, 3}, {8, 8000, 0}, {14, 299000, 1}, {14, -5000, 300},
        {20, 6 * 600000, 0}};      // the last: the clock was set back
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        CHECK_INT(throttle_wait_s(rows[i].tries, 1000000 - rows[i].since_ms, 1000000), rows[i].wait_s);
}

static bool try_it(struct arena *a, const char *name, const char *from, int *wait_s)
{
    OWN_DB struct db *db = NULL;        // opened anew each time, as after a restart
    struct err e = {0};
    CHECK(store_open(test_dir(), &db, &e));
    struct ask q = {.arena = a, .db = db};
    struct strs keys = {0};
    vec_push(a, &keys, str_z(name));
    vec_push(a, &keys, str_z(from));
    bool ok = throttle_charge(&q, &keys, &e);
    CHECK(ok || (e.kind == ERR_LIMIT && q.http == 429));
    *wait_s = q.retry_after_s;
    return ok;
}

TEST(a_restart_forgets_nothing_and_the_address_counts_whatever_name_is_tried)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    static const char *const names[] = {"name:a", "name:b", "name:c", "name:d", "name:e"};
    int wait_s;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        CHECK(try_it(&a, names[i], "addr:192.0.2.7", &wait_s));
    CHECK(!try_it(&a, "name:f", "addr:192.0.2.7", &wait_s));
    CHECK_INT(wait_s, 1);
    CHECK(try_it(&a, "name:f", "addr:192.0.2.8", &wait_s));
}

TEST(a_right_password_clears_the_name_and_gives_the_address_one_back)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    OWN_DB struct db *db = NULL;
    struct err e = {0};
    int wait_s;
    int64_t n;
    for (int i = 0; i < 5; i++)
        CHECK(try_it(&a, "name:kato", "addr:192.0.2.7", &wait_s));
    CHECK(store_open(test_dir(), &db, &e));
    struct ask q = {.arena = &a, .db = db};
    CHECK(throttle_clear(&q, S("name:kato"), &e) && throttle_give_back(&q, S("addr:192.0.2.7"), &e));
    CHECK(try_it(&a, "name:kato", "addr:192.0.2.7", &wait_s));
    CHECK(!try_it(&a, "name:kato", "addr:192.0.2.7", &wait_s));
    CHECK(sql_int(db, &e, &n, "select tries from throttle where key = 'name:kato'", NO_VALS));
    CHECK_INT(n, 1);
}

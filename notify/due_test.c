#include "notify/due.h"
#include "base/clock.h"
#include "base/test.h"
#include "store/notice.h"

static struct db *with_notices(struct arena *a, int n)
{
    struct db *db = NULL;
    struct strs to = {0};
    struct err e;
    vec_push(a, &to, S("chat"));
    CHECK(store_open(test_dir(), &db, &e));
    for (int i = 0; i < n; i++)
        CHECK(notice_add(db, S("web"), i, "release.done", S("{}"), &to, &e));
    return db;
}

TEST(those_on_their_way_are_passed_over)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    OWN_DB struct db *db = with_notices(&a, 5);
    struct notice n;
    struct err e;
    const int64_t skip[] = {1, 2, 3, 4};
    CHECK(due_next(&a, db, skip, 4, &n, &e));
    CHECK_INT(n.id, 5);
    CHECK_STR(n.notifier, S("chat"));
    CHECK(due_next(&a, db, NULL, 0, &n, &e));
    CHECK_INT(n.id, 1);
}

TEST(a_sent_notice_is_never_due_again)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    OWN_DB struct db *db = with_notices(&a, 1);
    struct notice n;
    struct err e;
    int64_t at = -1;
    CHECK(due_next(&a, db, NULL, 0, &n, &e));
    CHECK(due_sent(db, &n, &e));
    CHECK(due_next(&a, db, NULL, 0, &n, &e));
    CHECK_INT(n.id, 0);
    CHECK(due_when(db, &at, &e) && at == 0);
}

TEST(a_failed_one_waits_longer_each_time_and_a_day_at_most)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    OWN_DB struct db *db = with_notices(&a, 1);
    struct notice n;
    struct err e;
    int64_t at = 0, before = 0;
    CHECK(due_next(&a, db, NULL, 0, &n, &e));
    for (; n.tries < 14; n.tries++) {
        CHECK(due_failed(db, &n, "exited with 7", &e) && due_when(db, &at, &e));
        CHECK(at >= before && at > now_ms() + 1500 && at <= now_ms() + 30 * 60 * 1000);
        before = at;
    }
    n.at -= 24LL * 3600 * 1000;
    CHECK(due_failed(db, &n, "exited with 7", &e) && due_when(db, &at, &e));
    CHECK_INT(at, 0);
    int64_t kept = 0;
    CHECK(sql_int(db, &e, &kept, "select count(*) from notice where error = 'exited with 7' and sent_at is null",
                  NO_VALS));
    CHECK_INT(kept, 1);
}

TEST(what_is_done_with_is_forgotten_after_90_days)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    OWN_DB struct db *db = with_notices(&a, 3);
    struct err e;
    int64_t n = 0;
    CHECK(sql_do(db, &e, "update notice set at = at - 91 * 86400000 where id < 3", NO_VALS));
    CHECK(sql_do(db, &e, "update notice set next_at = null where id = 1", NO_VALS));
    CHECK(due_forget(db, &e) && sql_int(db, &e, &n, "select sum(id) from notice", NO_VALS));
    CHECK_INT(n, 5);
}

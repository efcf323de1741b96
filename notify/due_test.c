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
    const struct notice one = {.id = 1}, two = {.id = 2}, three = {.id = 3}, four = {.id = 4};
    const struct notice *const away[] = {&one, &two, &three, &four};
    CHECK(due_next(&a, db, away, 4, &n, &e));
    CHECK_INT(n.id, 5);
    CHECK_STR(n.notifier, S("chat"));
    CHECK(due_next(&a, db, NULL, 0, &n, &e));
    CHECK_INT(n.id, 1);
}

TEST(a_notifier_that_hangs_keeps_no_other_waiting)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    OWN_DB struct db *db = NULL;
    struct notice n[4];
    struct err e;
    const struct notice *away[] = {&n[0], &n[1], &n[2], &n[3]};
    struct strs chat = {0}, mail = {0};
    vec_push(&a, &chat, S("chat"));
    vec_push(&a, &mail, S("it's \"mail\""));
    CHECK(store_open(test_dir(), &db, &e));
    for (int i = 0; i < 20; i++)
        CHECK(notice_add(db, S("access"), 0, "log.worse", S("{}"), &chat, &e));
    CHECK(notice_add(db, S("web"), 1, "asking", S("{}"), &mail, &e));
    CHECK(due_next(&a, db, away, 0, &n[0], &e) && due_next(&a, db, away, 1, &n[1], &e));
    CHECK_STR(n[1].notifier, S("chat"));
    CHECK(n[0].id != n[1].id);
    CHECK(due_next(&a, db, away, 2, &n[2], &e));
    CHECK_STR(n[2].notifier, mail.at[0]);
    CHECK(due_next(&a, db, away, 3, &n[3], &e));
    CHECK_INT(n[3].id, 0);
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

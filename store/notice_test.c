#include "base/test.h"
#include "store/notice.h"

TEST(a_notice_is_one_row_per_notifier_and_undone_with_its_cause)
{
    OWN_ARENA struct arena a = arena_make(1 << 16);
    OWN_DB struct db *db = NULL;
    struct strs to = {0};
    struct err e;
    int64_t n = -1;
    CHECK(store_open(test_dir(), &db, &e));
    vec_push(&a, &to, S("chat"));
    vec_push(&a, &to, S("mail"));
    CHECK(sql_begin(db, &e));
    CHECK(notice_add(db, S("web"), 7, "release.done", S("{}"), &to, &e));
    CHECK(!sql_undo(db));
    CHECK(sql_int(db, &e, &n, "select count(*) from notice", NO_VALS));
    CHECK_INT(n, 0);
    CHECK(notice_add(db, S("web"), 7, "release.done", S("{}"), &to, &e));
    CHECK(sql_int(db, &e, &n, "select count(*) from notice where next_at is not null and sent_at is null", NO_VALS));
    CHECK_INT(n, 2);
    OWN_BUF struct buf large = buf_make(1 << 16);
    buf_addn(&large, ' ', NOTICE_BODY_MAX + 1);
    CHECK(!notice_add(db, S("web"), 7, "release.done", buf_str(&large), &to, &e));
    CHECK_INT(e.kind, ERR_LIMIT);
}

#include "release/stage_for_tests.h"

TEST(only_what_was_live_is_good_to_go_back_to)
{
    OWN_ARENA struct arena a = arena_make(8 << 20);
    struct site *site;
    OWN_DB struct db *db = stage_open(&a, &site);
    struct err e = {0};
    struct records good = {0};
    int64_t live = -1;
    CHECK(record_live(db, S("web"), &live, &e) && live == 0);
    stage_release(&a, db, "done", false, 0);            // 1
    stage_release(&a, db, "failed", false, 0);          // 2
    stage_release(&a, db, "done", false, 0);            // 3
    stage_release(&a, db, "rolled_back", false, 0);     // 4
    stage_release(&a, db, "done", false, 0);            // 5
    CHECK(record_live(db, S("web"), &live, &e) && live == 5);
    CHECK(record_good(&a, db, S("web"), 10, &good, &e));
    CHECK_INT(good.n, 3);
    CHECK(good.at[0].number == 5 && good.at[1].number == 3 && good.at[2].number == 1);
}

TEST(after_a_rollback_the_bad_release_is_no_target)
{
    OWN_ARENA struct arena a = arena_make(8 << 20);
    struct site *site;
    OWN_DB struct db *db = stage_open(&a, &site);
    struct err e = {0};
    struct records good = {0};
    int64_t live = -1;
    stage_release(&a, db, "done", false, 0);            // 1
    stage_release(&a, db, "done", false, 0);            // 2, bad
    stage_release(&a, db, "done", true, 1);             // 3 = back to 1
    CHECK(record_live(db, S("web"), &live, &e) && live == 1);
    CHECK(record_good(&a, db, S("web"), 10, &good, &e));
    CHECK(good.n == 1 && good.at[0].number == 1);

    CHECK(sql_do(db, &e, "update release set base = 2 where number = 3", NO_VALS));
    stage_release(&a, db, "done", false, 0);            // 4, which replaced 1
    good = (struct records){0};
    CHECK(record_good(&a, db, S("web"), 10, &good, &e));
    CHECK(good.n == 2 && good.at[0].number == 4 && good.at[1].number == 1);

    stage_release(&a, db, "done", true, 2);             // 5 = a person went to 2 all the same
    stage_release(&a, db, "done", false, 0);            // 6
    good = (struct records){0};
    CHECK(record_good(&a, db, S("web"), 10, &good, &e));
    CHECK(good.n == 4 && good.at[1].number == 4 && good.at[2].number == 2 && good.at[3].number == 1);
}

TEST(the_running_release_comes_before_the_queued_one)
{
    OWN_ARENA struct arena a = arena_make(8 << 20);
    struct site *site;
    OWN_DB struct db *db = stage_open(&a, &site);
    struct err e = {0};
    struct record r;
    CHECK(!record_open(&a, db, S("web"), &r, &e) && e.kind == ERR_NOT_FOUND);
    stage_release(&a, db, "queued", false, 0);
    stage_release(&a, db, "canary", false, 0);
    CHECK(record_open(&a, db, S("web"), &r, &e) && r.number == 2);
    CHECK(!record_find(&a, db, S("web"), 9, &r, &e) && e.kind == ERR_NOT_FOUND &&
          str_find(str_z(e.text), S("no release 9")) >= 0);
}

TEST(a_release_knows_what_went_back_from_it)
{
    static const int64_t undone_by[] = {0, 0, 5, 0, 0, 0, 8, 0};
    OWN_ARENA struct arena a = arena_make(8 << 20);
    struct site *site;
    OWN_DB struct db *db = stage_open(&a, &site);
    struct err e = {0};
    stage_release(&a, db, "done", false, 0);            // 1
    stage_release(&a, db, "failed", false, 0);          // 2
    stage_release(&a, db, "done", false, 0);            // 3, bad
    stage_release(&a, db, "failed", true, 1);           // 4, which did not come to its end
    stage_release(&a, db, "done", true, 1);             // 5 = back to 1
    stage_release(&a, db, "done", true, 3);             // 6 = forward again
    stage_release(&a, db, "done", false, 0);            // 7
    stage_release(&a, db, "done", true, 3);             // 8 = back to 3
    for (size_t i = 0; i < ARRAY_LEN(undone_by); i++) {
        struct record r;
        CHECK(record_find(&a, db, S("web"), (int64_t)i + 1, &r, &e));
        CHECK_INT(r.undone_by, undone_by[i]);
    }
}

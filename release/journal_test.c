#include "base/fault.h"
#include "release/journal.h"
#include "release/stage_for_tests.h"

static int64_t open_rows(struct db *db)
{
    struct err e = {0};
    int64_t n = -1;
    CHECK(sql_int(db, &e, &n, "select count(*) from release_step where result is null", NO_VALS));
    return n;
}

TEST(an_intent_is_there_before_its_result_and_attempts_count_up)
{
    OWN_ARENA struct arena a = arena_make(8 << 20);
    struct site *site;
    OWN_DB struct db *db = stage_open(&a, &site);
    struct err e = {0};
    bool ok = true;
    int64_t cut = -1;
    stage_release(&a, db, "canary", false, 0);
    struct intent i = {.release = 1, .fence = 7, .state = CANARY, .step = STEP_SWITCH, .host = S("c1")};
    struct intent *batch[] = {&i};
    CHECK(journal_intend(db, batch, 1, &e) && i.attempt == 1 && open_rows(db) == 1);
    CHECK(journal_ok(db, 1, S("c1"), STEP_SWITCH, &ok, &e) && !ok);
    CHECK(journal_cut_short(db, 1, S("c1"), STEP_SWITCH, &cut, &e) && cut == 1);
    CHECK(journal_intend(db, batch, 1, &e) && i.attempt == 2);
    CHECK(journal_result(db, &i, "ok", S("runs 1"), &e));
    CHECK(journal_ok(db, 1, S("c1"), STEP_SWITCH, &ok, &e) && ok);
    CHECK(journal_ok(db, 1, S("a1"), STEP_SWITCH, &ok, &e) && !ok);
}

TEST(a_batch_is_written_whole_or_not_at_all)
{
    OWN_ARENA struct arena a = arena_make(8 << 20);
    struct site *site;
    OWN_DB struct db *db = stage_open(&a, &site);
    struct err e = {0};
    stage_release(&a, db, "staging", false, 0);
    bool whole = false;
    for (unsigned nth = 1; nth < 30 && !whole; nth++) {
        struct intent one = {.release = 1, .state = STAGING, .step = STEP_STAGE, .host = S("a1")};
        struct intent two = {.release = 1, .state = STAGING, .step = STEP_STAGE, .host = S("a2")};
        struct intent *batch[] = {&one, &two};
        fault_set(FAULT_SQL, nth);
        whole = journal_intend(db, batch, 2, &e);
        fault_set(FAULT_SQL, 0);
        CHECK_INT(open_rows(db), whole ? 2 : 0);
    }
    CHECK(whole);
}

// chain_test.c: whatever is done to the audit log, the walk over it says so.
#include "base/fault.h"
#include "base/test.h"
#include "store/chain.h"
#include <stdlib.h>

enum { LINES = 12, EDITS = 1000 };

static void fill(struct db *db)
{
    struct err e = {0};
    CHECK(sql_begin(db, &e));
    for (int i = 0; i < LINES; i++) {
        char subject[32];
        snprintf(subject, sizeof subject, "/releases/web/%d", i);
        CHECK(chain_add(db, &(struct deed){.who = S("kato"), .via = S("session"), .from = S("192.0.2.7"),
                                           .verb = S("release approve"), .subject = str_z(subject),
                                           .after = S("{\"note\":\"\xff\"}"), .ok = i % 3 > 0}, &e));
    }
    CHECK(sql_commit(db, &e));
}

static bool well(struct db *db, const char *head, struct err *e)
{
    struct chain_head end;
    return chain_verify(db, str_z(head), &end, e);
}

TEST(an_empty_log_and_an_honest_one_are_well)
{
    OWN_DB struct db *db = NULL;
    struct err e = {0};
    struct chain_head head;
    CHECK(store_open(test_dir(), &db, &e));
    CHECK(well(db, "", &e));
    CHECK(chain_head(db, &head, &e) && head.seq == 0);
    fill(db);
    CHECK(well(db, "", &e));
    CHECK(chain_head(db, &head, &e));
    CHECK_INT(head.seq, LINES);
    fill(db);
    CHECK(well(db, head.hash, &e));
}

TEST(an_end_that_was_cut_off_shows_to_whoever_noted_the_head)
{
    OWN_DB struct db *db = NULL;
    struct err e = {0};
    struct chain_head head;
    CHECK(store_open(test_dir(), &db, &e));
    fill(db);
    CHECK(chain_head(db, &head, &e));
    CHECK(sql_do(db, &e, "delete from audit where seq > 9", NO_VALS));
    CHECK(well(db, "", &e));
    CHECK(!well(db, head.hash, &e));
    CHECK_INT(e.kind, ERR_CHECK);
}

TEST(a_deed_whose_line_cannot_be_written_does_not_happen)
{
    OWN_DB struct db *db = NULL;
    struct err e = {0};
    struct chain_head head;
    CHECK(store_open(test_dir(), &db, &e));
    for (unsigned nth = 1; nth <= 2; nth++) {
        CHECK(sql_begin(db, &e));
        fault_set(FAULT_SQL, nth);
        CHECK(!chain_add(db, &(struct deed){.who = S("kato")}, &e));
        fault_set(FAULT_SQL, 0);
        sql_undo(db);
    }
    CHECK(chain_head(db, &head, &e) && head.seq == 0);
}

// One random change, undone afterwards. Cutting off the end is the one thing that needs a head, which is given.
static const char *edit(struct db *db, unsigned *seed, struct err *e)
{
    static const char *const texts[] = {"who", "via", "origin", "verb", "subject", "before", "after"};
    static const char *const numbers[] = {"at", "ok", "seq"};
    static const char *const blobs[] = {"prev", "hash"};
    static char sql[200];
    int seq = 1 + rand_r(seed) % LINES, other = 1 + (seq + rand_r(seed) % (LINES - 1)) % LINES;
    switch (rand_r(seed) % 6) {
    case 0:
        snprintf(sql, sizeof sql, "update audit set %s = %s || 'x' where seq = %d", texts[rand_r(seed) % 7],
                 texts[rand_r(seed) % 7], seq);
        break;
    case 1:
        snprintf(sql, sizeof sql, "update audit set %s = %d + %d where seq = %d", numbers[rand_r(seed) % 3],
                 1000, rand_r(seed) % 1000, seq);
        break;
    case 2:
        snprintf(sql, sizeof sql, "update audit set %s = randomblob(32) where seq = %d", blobs[rand_r(seed) % 2], seq);
        break;
    case 3:
        snprintf(sql, sizeof sql, "delete from audit where seq = %d", seq);
        break;
    case 4:     // two lines change places, with everything but their numbers
        snprintf(sql, sizeof sql, "update audit set seq = case seq when %d then -1 else seq end", seq);
        CHECK(sql_do(db, e, sql, NO_VALS));
        snprintf(sql, sizeof sql, "update audit set seq = %d where seq = %d", seq, other);
        CHECK(sql_do(db, e, sql, NO_VALS));
        snprintf(sql, sizeof sql, "update audit set seq = %d where seq = -1", other);
        break;
    default:    // a line that nobody wrote
        snprintf(sql, sizeof sql, "insert into audit select max(seq) + 1, at, 'x', via, origin, verb, subject, before,"
                 " after, ok, hash, randomblob(32) from audit");
    }
    CHECK(sql_do(db, e, sql, NO_VALS));
    return sql;
}

TEST(a_thousand_random_edits_are_all_found)
{
    OWN_DB struct db *db = NULL;
    struct err e = {0};
    struct chain_head head;
    unsigned seed = 4711;
    CHECK(store_open(test_dir(), &db, &e));
    fill(db);
    CHECK(chain_head(db, &head, &e));
    for (int i = 0; i < EDITS; i++) {
        CHECK(sql_begin(db, &e));
        const char *what = edit(db, &seed, &e);
        if (well(db, head.hash, &e) || e.kind != ERR_CHECK)
            test_failed(__FILE__, __LINE__, "not found: %s", what);
        sql_undo(db);
    }
    CHECK(well(db, head.hash, &e));
}

TEST(a_field_cannot_pass_for_a_part_of_its_neighbour)
{
    OWN_DB struct db *db = NULL;
    struct err e = {0};
    CHECK(store_open(test_dir(), &db, &e));
    CHECK(sql_begin(db, &e));
    CHECK(chain_add(db, &(struct deed){.who = S("ab"), .via = S("c")}, &e) && sql_commit(db, &e));
    CHECK(sql_do(db, &e, "update audit set who = 'a', via = 'bc'", NO_VALS));
    CHECK(!well(db, "", &e));
}

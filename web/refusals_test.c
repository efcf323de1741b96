// refusals_test.c: whoever is refused over and over is told by a few lines and a number, also when it never stops and
// when the role dies.
#include "base/fault.h"
#include "base/test.h"
#include "store/chain.h"
#include "web/request.h"
#include <stdio.h>
#include <stdlib.h>

// What is due, as one number.
static int64_t due(struct refusals *r, int64_t tick_ms)
{
    size_t at = 0;
    int64_t sum = 0;
    for (const struct refused *x; (x = refusals_due(r, &at, tick_ms)) != NULL;)
        sum += x->more;
    refusals_told(r, tick_ms);
    return sum;
}

TEST(a_few_lines_a_minute_of_each_then_a_number)
{
    struct refusals r = {0};
    size_t at = 0;
    int lines = 0;
    for (int i = 0; i < 100; i++)
        lines += refusals_take(&r, S("hana"), S(""), 1000 + i);
    CHECK_INT(lines, REFUSALS_A_MINUTE);
    CHECK(refusals_take(&r, S("mei"), S(""), 1200));                // another person has lines of her own
    CHECK(refusals_take(&r, S("hana"), S("192.0.2.0/24"), 1200));   // and so does who pretends to be her
    CHECK(!refusals_due(&r, &at, 60999));
    at = 0;
    const struct refused *x = refusals_due(&r, &at, 61000);
    CHECK(x);
    CHECK_STR(str_z(x->name), S("hana"));
    CHECK_INT(x->more, 100 - REFUSALS_A_MINUTE);
    CHECK(!refusals_due(&r, &at, 61000));
    refusals_told(&r, 61000);
    CHECK_INT(due(&r, 61000), 0);
    CHECK(refusals_take(&r, S("hana"), S(""), 61001));
}

// Ten a second for ten minutes, looked at once a second: each minute has its lines and its number.
TEST(who_never_stops_is_counted_all_the_same)
{
    struct refusals r = {0};
    int64_t lines = 0, told = 0, numbers = 0;
    for (int64_t t = 1; t <= 600000; t += 100) {
        lines += refusals_take(&r, S("hana"), S(""), t);
        if (t % 1000 != 1)
            continue;
        int64_t now = due(&r, t);
        told += now;
        numbers += now > 0;
    }
    CHECK(numbers >= 9);
    CHECK(lines <= 11 * REFUSALS_A_MINUTE);
    CHECK_INT(lines + told + due(&r, INT64_MAX), 6000);
}

TEST(at_the_end_every_number_is_told)
{
    struct refusals r = {0};
    for (int i = 0; i < REFUSALS_A_MINUTE + 2; i++)
        (void)refusals_take(&r, S("hana"), S(""), 5);
    CHECK_INT(due(&r, INT64_MAX), 2);
}

TEST(more_people_than_there_is_room_for_lose_their_names_and_not_their_number)
{
    static const unsigned rooms[] = {0, REFUSALS_NETWORKS};
    for (size_t k = 0; k < ARRAY_LEN(rooms); k++) {
        struct refusals r = {.slots = rooms[k]};
        int64_t lines = 0, told = 0, named = 0, slots = rooms[k] ? rooms[k] : REFUSALS_PEOPLE;
        enum { CROWD = REFUSALS_PEOPLE + 20, TIMES = 8 };
        for (int t = 0; t < TIMES; t++)
            for (int i = 0; i < CROWD; i++) {
                char name[100];
                snprintf(name, sizeof name, "p%d-%0*d", i, 80, i);     // longer than a slot holds, too
                lines += refusals_take(&r, str_z(name), S(""), 10);
            }
        CHECK_INT(lines, slots * REFUSALS_A_MINUTE);
        size_t at = 0;
        for (const struct refused *x; (x = refusals_due(&r, &at, INT64_MAX)) != NULL; told += x->more)
            named += !str_eq(str_z(x->name), S("(others)"));
        CHECK_INT(lines + told, CROWD * TIMES);
        CHECK_INT(named, slots - 1);
    }
}

// ---- what a death would lose

static int64_t number(struct db *db, const char *sql)
{
    struct err e;
    int64_t n = -1;
    CHECK(sql_int(db, &e, &n, sql, NO_VALS));
    return n;
}

static const char kept_sql[] = "select coalesce(sum(more), 0) from refused";
static const char told_sql[] = "select coalesce(sum(after ->> 'more'), 0) from audit where verb = 'refused'";

TEST(a_number_outlives_the_role)
{
    struct err e;
    OWN_DB struct db *db = NULL;
    CHECK(store_open(test_dir(), &db, &e));
    struct web before = {.db = db}, after = {.db = db};
    for (int i = 0; i < 30; i++) {
        (void)refusals_take(&before.refusals, S("hana"), S(""), 1000);
        (void)refusals_take(&before.strangers, S("hana"), S("192.0.2.0/24"), 1000);
    }
    refusals_sweep(&before, 2000);
    CHECK_INT(number(db, kept_sql), 50);
    CHECK_INT(number(db, told_sql), 0);
    refusals_sweep(&before, 3000);                          // nothing changed
    CHECK_INT(number(db, kept_sql), 50);
    refusals_recall(db);                                    // it was killed, and here is the next one
    CHECK_INT(number(db, kept_sql), 0);
    CHECK_INT(number(db, told_sql), 50);
    CHECK_INT(number(db, "select count(*) from audit where who = 'hana' and origin = '192.0.2.0/24'"), 1);
    refusals_recall(db);
    refusals_sweep(&after, INT64_MAX);
    CHECK_INT(number(db, told_sql), 50);
}

TEST(what_is_due_is_a_line_and_no_row_any_more)
{
    struct err e;
    OWN_DB struct db *db = NULL;
    CHECK(store_open(test_dir(), &db, &e));
    struct web w = {.db = db};
    struct chain_head head;
    for (int i = 0; i < 10; i++)
        (void)refusals_take(&w.refusals, S("hana"), S(""), 1000);
    refusals_sweep(&w, 2000);
    for (int i = 0; i < 8; i++)
        (void)refusals_take(&w.refusals, S("mei"), S(""), 30000);
    refusals_sweep(&w, 61000);
    CHECK_INT(number(db, told_sql), 5);
    CHECK_INT(number(db, kept_sql), 3);
    refusals_sweep(&w, INT64_MAX);
    CHECK_INT(number(db, told_sql), 8);
    CHECK_INT(number(db, kept_sql), 0);
    CHECK(chain_verify(db, S(""), &head, &e) && head.seq == 2);
}

#ifdef RUSUBAN_FAULTS
TEST(whatever_fails_in_the_store_the_sum_is_right_a_second_later)
{
    for (int n = 1; n <= 12; n++) {
        struct err e;
        OWN_ARENA struct arena a = arena_make(4096);
        OWN_DB struct db *db = NULL;
        CHECK(store_open(str_zf(&a, "%s/%d", test_dir(), n), &db, &e));
        struct web w = {.db = db};
        for (int i = 0; i < 10; i++)
            (void)refusals_take(&w.refusals, S("hana"), S(""), 1000);
        fault_set(FAULT_SQL, (unsigned)n);
        refusals_sweep(&w, 61000);
        fault_set(FAULT_SQL, 0);
        refusals_sweep(&w, 62000);
        CHECK_INT(number(db, told_sql), 5);
        CHECK_INT(number(db, kept_sql), 0);
    }
}
#endif

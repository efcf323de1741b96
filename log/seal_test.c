// seal_test.c: which hours are sealed, under which names, and that no row is lost on the way.
#include "base/clock.h"
#include "base/test.h"
#include "log/seal.h"
#include <stdlib.h>
#include <string.h>

static struct catalog two_hours(struct arena *a)
{
    struct catalog c = {.schema = schema_make()};
    vec_push(a, &c.files,
             ((struct lake_file){.path = S("live/a.parquet"), .state = FILE_COMMITTED, .hour = 100, .rows = 5}));
    vec_push(a, &c.files,
             ((struct lake_file){.path = S("live/b.parquet"), .state = FILE_COMMITTED, .hour = 100, .rows = 6}));
    vec_push(a, &c.files, ((struct lake_file){.path = S("live/c.parquet"), .state = FILE_COMMITTED,
                                              .hour = (int32_t)(now_ms() / 3600000) + 24, .rows = 7}));
    return c;
}

TEST(an_hour_that_is_over_is_sealed_and_rows_are_counted)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct catalog c = two_hours(&a);
    struct sealing s = {0};
    struct sealed_files made;
    struct str input;
    struct err e;
    int32_t hour;
    CHECK(sealing_next(&s, 0, &c, false, &hour, &input));
    CHECK_INT(hour, 100);
    CHECK(str_find(input, S("\"files\":[\"live/a.parquet\",\"live/b.parquet\"]")) >= 0);
    CHECK(str_find(input, S("\"out\":\"dt=1970-01-05/hour=04/log-0001.parquet\"")) >= 0);
    free((char *)(uintptr_t)input.p);
    CHECK(!sealing_next(&s, 0, &c, false, &hour, &input));          // one at a time
    CHECK(!sealing_read(&a, &s, &c, S("nonsense"), &made, &e) && e.kind == ERR_PEER);
    CHECK(!sealing_read(&a, &s, &c, S("{\"files\":[{\"path\":\"../x\",\"rows\":11,\"bytes\":9,\"columns\":[]}]}"),
                        &made, &e));
    CHECK(!sealing_read(&a, &s, &c, S("{\"files\":[{\"path\":\"dt=1970-01-05/hour=04/log-0001.parquet\",\"rows\":10,"
                                      "\"bytes\":9,\"columns\":[]}]}"), &made, &e) && e.kind == ERR_CHECK);
    CHECK(sealing_read(&a, &s, &c, S("{\"files\":[{\"path\":\"dt=1970-01-05/hour=04/log-0001.parquet\",\"rows\":11,"
                                     "\"bytes\":9,\"columns\":[1,2,3],\"crc\":4294967295}]}"), &made, &e));
    CHECK(made.n == 1 && made.at[0].crc == UINT32_MAX && made.at[0].column_bytes.n == 3
          && made.at[0].state == FILE_SEALED);
    sealing_over(&s, true);
    sealing_drop(&s);
}

TEST(late_rows_get_a_file_beside_the_sealed_one)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct catalog c = two_hours(&a);
    struct sealing s = {0};
    struct str input;
    int32_t hour;
    vec_push(&a, &c.files,
             ((struct lake_file){.path = S("dt=1970-01-05/hour=04/log-0001.parquet"), .state = FILE_SEALED,
                                               .hour = 100, .rows = 9}));
    vec_push(&a, &c.files,
             ((struct lake_file){.path = S("dt=1970-01-05/hour=04/log-late-001.parquet"), .state = FILE_SEALED,
                                               .hour = 100, .rows = 9}));
    sealing_note(&s, 0, &(struct catalog){.files = {c.files.at, 2, 2}}, 2);
    CHECK(!sealing_next(&s, 0, &c, false, &hour, &input));          // few, and they have just come
    CHECK(sealing_next(&s, 0, &c, true, &hour, &input));            // unless somebody asks for it
    CHECK(str_find(input, S("\"out\":\"dt=1970-01-05/hour=04/log-late-002.parquet\"")) >= 0);
    free((char *)(uintptr_t)input.p);
    sealing_over(&s, false);
    CHECK(!sealing_next(&s, 0, &c, true, &hour, &input));           // a failure is not tried again at once
    sealing_drop(&s);
}

// That is begun when somebody asks for it; 0: none.
static int32_t next_hour(struct sealing *s, const struct catalog *c)
{
    struct str input;
    int32_t hour;
    if (!sealing_next(s, 0, c, true, &hour, &input))
        return 0;
    free((char *)(uintptr_t)input.p);
    return hour;
}

TEST(an_hour_that_cannot_be_sealed_holds_up_no_other)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct catalog c = two_hours(&a);
    struct sealing s = {0};
    c.files.at[2].hour = 101;
    for (int32_t wanted = 100; wanted <= 101; wanted++) {
        CHECK_INT(next_hour(&s, &c), wanted);
        sealing_over(&s, false);
        CHECK_INT(next_hour(&s, &c), 0);       // not at once
        s.retry_at = 0;                                             // a pause later
    }
    CHECK_INT(next_hour(&s, &c), 0);           // both have failed
    s.notes[0].retry_at = 0;                                        // a minute later
    CHECK_INT(next_hour(&s, &c), 100);
    sealing_over(&s, true);
    CHECK_INT(sealing_debts(&s), 1);
    CHECK(s.notes_n == 1 && s.notes[0].hour == 101 && s.notes[0].failures == 1);
    sealing_drop(&s);
}

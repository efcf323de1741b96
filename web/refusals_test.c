// refusals_test.c: whoever is refused over and over is told by a few lines and a number.
#include "base/test.h"
#include "web/refusals.h"
#include <stdio.h>
#include <stdlib.h>

TEST(a_few_lines_a_minute_of_each_then_a_number)
{
    struct refusals r = {0};
    struct refusals_count c;
    int lines = 0;
    for (int i = 0; i < 100; i++)
        lines += refusals_take(&r, S("hana"), 1000 + i);
    CHECK_INT(lines, REFUSALS_A_MINUTE);
    CHECK(refusals_take(&r, S("mei"), 1200));               // another person has lines of her own
    CHECK(!refusals_due(&r, 60999, &c));
    CHECK(refusals_due(&r, 61000, &c));
    CHECK_STR(c.who, S("hana"));
    CHECK_INT(c.more, 100 - REFUSALS_A_MINUTE);
    CHECK(!refusals_due(&r, 61000, &c));
    CHECK(refusals_take(&r, S("hana"), 61001));
}

TEST(at_the_end_every_number_is_told)
{
    struct refusals r = {0};
    struct refusals_count c;
    for (int i = 0; i < REFUSALS_A_MINUTE + 2; i++)
        (void)refusals_take(&r, S("hana"), 5);
    CHECK(refusals_due(&r, INT64_MAX, &c));
    CHECK_INT(c.more, 2);
}

TEST(more_people_than_there_is_room_for_lose_their_names_and_not_their_number)
{
    struct refusals r = {0};
    struct refusals_count c;
    int64_t told = 0, named = 0;
    enum { PEOPLE = REFUSALS_PEOPLE + 20, TIMES = 8 };
    for (int t = 0; t < TIMES; t++)
        for (int i = 0; i < PEOPLE; i++) {
            char name[100];
            snprintf(name, sizeof name, "p%d-%0*d", i, 80, i);     // longer than a slot holds, too
            told += refusals_take(&r, str_z(name), 10);
        }
    while (refusals_due(&r, INT64_MAX, &c)) {
        told += c.more;
        named += !str_eq(c.who, S("(others)"));
    }
    CHECK_INT(told, PEOPLE * TIMES);
    CHECK_INT(named, REFUSALS_PEOPLE - 1);
}

// limit_test.c: visits are counted by the minute and by address.
#include "base/test.h"
#include "web/limit.h"

static struct address nth(unsigned n)
{
    return (struct address){{0, (uint8_t)(n >> 8), (uint8_t)n, [15] = (uint8_t)n}};      // a /64 each
}

TEST(an_address_may_come_so_often_a_minute_and_no_more)
{
    static struct limit l = {.per_minute = 3};
    int wait_s;
    for (int i = 0; i < 3; i++)
        CHECK(limit_visit(&l, nth(1), 1000 + i, &wait_s));
    CHECK(!limit_visit(&l, nth(1), 31000, &wait_s));
    CHECK_INT(wait_s, 30);
    CHECK(limit_visit(&l, nth(2), 31000, &wait_s));
    CHECK(limit_visit(&l, nth(1), 61000, &wait_s));
}

TEST(a_full_table_forgets_whose_minute_began_first)
{
    static struct limit l = {.per_minute = 1};
    int wait_s;
    for (unsigned i = 0; i <= LIMIT_ADDRESSES; i++)
        CHECK(limit_visit(&l, nth(i), 1000 + i, &wait_s));
    CHECK(limit_visit(&l, nth(0), 2000, &wait_s));
    CHECK(!limit_visit(&l, nth(LIMIT_ADDRESSES), 2000, &wait_s));
}

TEST(all_addresses_of_a_network_are_one_visitor)
{
    static struct limit l = {.per_minute = 1};
    int wait_s;
    CHECK(limit_visit(&l, (struct address){{0x20, 1, [15] = 1}}, 1000, &wait_s));
    CHECK(!limit_visit(&l, (struct address){{0x20, 1, [15] = 2}}, 1000, &wait_s));
}

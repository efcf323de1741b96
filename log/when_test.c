#include "base/test.h"
#include "log/when.h"
#include <string.h>

static bool reads(const char *text, int64_t *us)
{
    char slack[96] = {0};
    struct when_cache c = {0};
    strcpy(slack, text);
    return when_read(slack, strlen(text), &c, us);
}

TEST(times_of_every_writer)
{
    static const struct { const char *text; int64_t us; } rows[] = {
        {"2018-02-15T11:38:53+09:00", 1518662333000000}, {"2018-02-15T02:38:53Z", 1518662333000000},
        {"2018-02-15T02:38:53", 1518662333000000},       {"2018-02-15 02:38:53", 1518662333000000},
        {"2018-02-15T11:38:53.125+0900", 1518662333125000}, {"2018-02-15T11:38:53.1234567+09:00", 1518662333123456},
        {"2018-02-14T21:08:53-05:30", 1518662333000000}, {"1518662333", 1518662333000000},
        {"1518662333.007", 1518662333007000},            {"1970-01-01T00:00:00Z", 0},
        {"15/Feb/2018:11:38:53 +0900", 1518662333000000}, {"[14/Feb/2018:21:08:53 -0530]", 1518662333000000},
        {"2000-02-29T23:59:60Z", 951868800000000},       {"2100-03-01T00:00:00Z", 4107542400000000},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int64_t us = -1;
        CHECK(reads(rows[i].text, &us));
        CHECK_INT(us, rows[i].us);
    }
}

TEST(what_is_no_time)
{
    static const char *const rows[] = {
        "", "-", "yesterday", "2018-02-15", "2018-02-30T00:00:00Z", "2100-02-29T00:00:00Z", "2018-13-01T00:00:00Z",
        "2018-00-10T00:00:00Z", "2018-02-15T24:00:00Z", "2018-02-15T11:60:00Z", "2018-02-15T11:38:53+9", "12345678",
        "2018-02-15T11:38:53.Z", "2018-02-15T11:38:53+25:00", "1518662333x", "1518662333.", "151866233300",
        "2018-2-15T11:38:53Z", "15/Fev/2018:11:38:53 +0900", "31/Feb/2018:11:38:53 +0900", "15/Feb/2018:11:38:53 09000",
        "[15/Feb/2018:11:38:53 +0900", "15/Feb/2018 11:38:53 +0900", "15/Feb/2018:25:38:53 +0900",
        "2018-02-15T11:38:53Z ", "1969-12-31T23:59:59Z",
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int64_t us = 77;
        bool is = reads(rows[i], &us);
        if (is)
            test_failed(__FILE__, __LINE__, "\"%s\" is no time", rows[i]);
    }
}

TEST(the_same_second_is_remembered_and_another_is_not_mistaken_for_it)
{
    struct when_cache c = {0};
    char text[96] = "2018-02-15T11:38:53+09:00";
    int64_t us = 0;
    CHECK(when_read(text, 25, &c, &us));
    us = 0;
    CHECK(when_read(text, 25, &c, &us));
    CHECK_INT(us, 1518662333000000);
    text[18] = '4';
    CHECK(when_read(text, 25, &c, &us));
    CHECK_INT(us, 1518662334000000);
    text[18] = 'x';
    CHECK(!when_read(text, 25, &c, &us));
    CHECK_INT(us, 1518662334000000);
}

// hour_test.c: hours by the clocks of the zone, summer time and half hours included.
#include "base/test.h"
#include "log/hour.h"
#include <stdlib.h>
#include <time.h>

TEST(hours_are_those_of_the_zone)
{
    static const struct { const char *zone; int64_t s; int64_t want_s; } rows[] = {
        {"Asia/Tokyo", 1518662333, 1518662333 + 9 * 3600}, {"UTC", -1, -1},
        {"Asia/Kolkata", 1518662333, 1518662333 + 19800},
        {"Europe/Berlin", 1521939599, 1521939599 + 3600}, {"Europe/Berlin", 1521939600, 1521939600 + 7200},
    };
    const char *before = getenv("TZ");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct hour_cache c = {0};
        setenv("TZ", rows[i].zone, 1);
        tzset();
        int64_t hours = rows[i].want_s / 3600 - (rows[i].want_s % 3600 < 0);
        CHECK_INT(hour_of(&c, rows[i].s * 1000000), hours);
        CHECK_INT(hour_of(&c, rows[i].s * 1000000 + 999999), hours);
    }
    if (before)
        setenv("TZ", before, 1);
    else
        unsetenv("TZ");
    tzset();
}

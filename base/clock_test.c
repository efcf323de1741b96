#include "base/clock.h"
#include "base/test.h"
#include <stdlib.h>
#include <unistd.h>

TEST(times_are_utc_with_milliseconds)
{
    static const struct { int64_t ms; const char *text; } rows[] = {
        {0, "1970-01-01T00:00:00.000Z"},
        {951782399999, "2000-02-28T23:59:59.999Z"},
        {951782400000, "2000-02-29T00:00:00.000Z"},
        {1795342360123, "2026-11-22T10:12:40.123Z"},
    };
    char out[TIME_TEXT_MAX];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        CHECK_STR(str_z(time_text(rows[i].ms, out)), str_z(rows[i].text));
}

TEST(durations_read_as_people_say_them)
{
    static const struct { int64_t ms; const char *text; } rows[] = {
        {-5, "0 ms"}, {0, "0 ms"}, {999, "999 ms"}, {1000, "1.0 s"}, {1940, "1.9 s"}, {59949, "59.9 s"},
        {59950, "1 min"}, {60000, "1 min"}, {190000, "3 min 10 s"}, {3599499, "59 min 59 s"}, {3599500, "1 h"},
        {7500000, "2 h 5 min"}, {172799499, "47 h 59 min"}, {172800000, "2 days"}, {400LL * 86400000, "400 days"}};
    char out[TIME_TEXT_MAX];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        CHECK_STR(str_z(took_text(rows[i].ms, out)), str_z(rows[i].text));
}

TEST(durations_are_written_with_their_unit)
{
    static const struct { const char *text; bool is; int64_t ms; } rows[] = {
        {"500ms", true, 500}, {"5s", true, 5000}, {"15m", true, 900000}, {"4h", true, 14400000},
        {"400d", true, 400LL * 86400000}, {"0s", true, 0}, {"1000000000d", true, 86400000000000000},
        {"5", false, 0}, {"", false, 0}, {"s", false, 0}, {"5 s", false, 0}, {"-5s", false, 0}, {"1.5h", false, 0},
        {"5S", false, 0}, {"5sec", false, 0}, {"1000000001d", false, 0}, {"99999999999999999999s", false, 0}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int64_t ms = 0;
        if (duration_parse(str_z(rows[i].text), &ms) != rows[i].is)
            test_failed(__FILE__, __LINE__, "\"%s\"", rows[i].text);
        CHECK_INT(ms, rows[i].ms);
    }
}

TEST(ticks_only_go_forward)
{
    int64_t before = tick_ms();
    usleep(3000);
    CHECK(tick_ms() > before && tick_ms() - before < 5000);
    CHECK(now_ms() > 1600000000000);
}

TEST(people_read_times_in_their_zone)
{
    static const struct { const char *tz, *zone; bool seconds; const char *text; } rows[] = {
        {NULL, "Asia/Tokyo", true, "2026-11-22 19:12:40 JST"},
        {NULL, "Europe/Berlin", false, "2026-11-22 11:12 CET"},
        {"Europe/Berlin", "Asia/Tokyo", true, "2026-11-22 11:12:40 CET"},
        {"UTC", NULL, false, "2026-11-22 10:12 UTC"},
    };
    const char *old = getenv("TZ");
    char out[TIME_TEXT_MAX];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (rows[i].tz)
            setenv("TZ", rows[i].tz, 1);
        else
            unsetenv("TZ");
        CHECK_STR(str_z(time_local(1795342360123, rows[i].zone, rows[i].seconds, out)), str_z(rows[i].text));
        CHECK(!getenv("TZ") == !rows[i].tz);        // lent, and given back
    }
    if (old)
        setenv("TZ", old, 1);
    else
        unsetenv("TZ");
    CHECK_INT(time_parse(time_text(1795342360123, out)), 1795342360123);
    CHECK_INT(time_parse("yesterday"), 0);
}

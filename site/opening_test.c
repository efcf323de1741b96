// opening_test.c: when windows are open, and when the next one opens, also where clocks change.
#include "base/test.h"
#include "site/site.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

// "2026-11-25 10:00" as UTC.
static int64_t utc_ms(const char *text)
{
    struct tm tm = {0};
    CHECK(strptime(text, "%Y-%m-%d %H:%M:%S", &tm) || strptime(text, "%Y-%m-%d %H:%M", &tm));
    return (int64_t)timegm(&tm) * 1000;
}

struct row {
    const char *zone, *allow[3], *freeze[3];
    const char *at;         // UTC
    const char *opens;      // UTC; NULL: open at `at`; "": never
};

static const struct row rows[] = {
    // 2026-11-25 is a Wednesday; Tokyo is 9 hours ahead and never changes its clocks.
    {"Asia/Tokyo", {0}, {0}, "2026-11-25 03:00", NULL},
    {"Asia/Tokyo", {"Mon-Thu 10:00-18:00"}, {0}, "2026-11-25 01:00", NULL},
    {"Asia/Tokyo", {"Mon-Thu 10:00-18:00"}, {0}, "2026-11-25 00:59:59", "2026-11-25 01:00"},
    {"Asia/Tokyo", {"Mon-Thu 10:00-18:00"}, {0}, "2026-11-25 08:59:59", NULL},
    {"Asia/Tokyo", {"Mon-Thu 10:00-18:00"}, {0}, "2026-11-25 09:00", "2026-11-26 01:00"},
    {"Asia/Tokyo", {"Mon-Thu 10:00-18:00"}, {0}, "2026-11-26 09:00", "2026-11-30 01:00"},
    {"Asia/Tokyo", {"Mon-Thu 10:00-12:00,13:00-18:00"}, {0}, "2026-11-25 03:30", "2026-11-25 04:00"},
    {"Asia/Tokyo", {"Mon-Thu 10:00-18:00", "Sat"}, {0}, "2026-11-27 03:00", "2026-11-27 15:00"},
    {"Asia/Tokyo", {"Sat"}, {0}, "2026-11-28 14:59", NULL},
    {"Asia/Tokyo", {"Sat"}, {0}, "2026-11-28 15:00", "2026-12-04 15:00"},
    // Over midnight: the night belongs to the day on which it starts.
    {"UTC", {"Wed 22:00-02:00"}, {0}, "2026-11-25 23:00", NULL},
    {"UTC", {"Wed 22:00-02:00"}, {0}, "2026-11-26 01:59", NULL},
    {"UTC", {"Wed 22:00-02:00"}, {0}, "2026-11-26 02:00", "2026-12-02 22:00"},
    {"UTC", {"Wed 22:00-02:00"}, {0}, "2026-11-25 01:00", "2026-11-25 22:00"},
    {"UTC", {"22:00-00:00"}, {0}, "2026-11-25 23:59", NULL},
    {"UTC", {"22:00-00:00"}, {0}, "2026-11-26 00:00", "2026-11-26 22:00"},
    // Freezes: both days count, by the site's calendar.
    {"Asia/Tokyo", {0}, {"2026-12-28/2027-01-04"}, "2026-12-27 14:59", NULL},
    {"Asia/Tokyo", {0}, {"2026-12-28/2027-01-04"}, "2026-12-27 15:00", "2027-01-04 15:00"},
    {"Asia/Tokyo", {0}, {"2026-12-28/2027-01-04"}, "2027-01-04 14:59", "2027-01-04 15:00"},
    {"Asia/Tokyo", {"Mon-Thu 10:00-18:00"}, {"2026-12-28/2027-01-04"}, "2026-12-28 03:00", "2027-01-05 01:00"},
    {"UTC", {0}, {"2026-12-01", "2026-12-02/2026-12-03"}, "2026-12-01 10:00", "2026-12-04 00:00"},
    {"UTC", {"Mon-Fri"}, {"2026-01-01/2030-01-01"}, "2026-11-25 10:00", ""},
    // 2026-03-29: Berlin's clocks jump from 02:00 to 03:00 (01:00 UTC). The window opens when they show its hours.
    {"Europe/Berlin", {"02:30-04:00"}, {0}, "2026-03-29 00:59", "2026-03-29 01:00"},
    {"Europe/Berlin", {"02:00-03:00"}, {0}, "2026-03-29 00:30", "2026-03-30 00:00"},
    {"Europe/Berlin", {"Sun 10:00-11:00"}, {0}, "2026-03-28 12:00", "2026-03-29 08:00"},
    // 2026-10-25: from 03:00 back to 02:00 (01:00 UTC): that hour comes twice, and both count.
    {"Europe/Berlin", {"02:00-03:00"}, {0}, "2026-10-25 00:30", NULL},
    {"Europe/Berlin", {"02:00-03:00"}, {0}, "2026-10-25 01:30", NULL},
    {"Europe/Berlin", {"02:00-03:00"}, {0}, "2026-10-25 02:00", "2026-10-26 01:00"},
    {"Europe/Berlin", {"02:30-02:40"}, {0}, "2026-10-25 00:45", "2026-10-25 01:30"},
    {"Europe/Berlin", {"Mon 10:00-11:00"}, {0}, "2026-10-24 22:00", "2026-10-26 09:00"},
    // Half an hour in Lord Howe, and midnight itself in Santiago: 2026-09-06 begins at 01:00 there (04:00 UTC).
    {"Australia/Lord_Howe", {"02:15-02:45"}, {0}, "2026-10-03 15:00", "2026-10-03 15:30"},
    {"America/Santiago", {"Sun"}, {0}, "2026-09-06 03:00", "2026-09-06 04:00"},
    {"America/Santiago", {0}, {"2026-09-05"}, "2026-09-06 03:00", "2026-09-06 04:00"},
};

static struct strs list_of(struct arena *a, const char *const *z)
{
    struct strs s = {0};
    for (; *z; z++)
        vec_push(a, &s, str_z(*z));
    return s;
}

TEST(windows_open_when_the_wall_clock_says_so)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        OWN_ARENA struct arena a = arena_make(1 << 20);
        struct site s = {.timezone = str_z(rows[i].zone)};
        struct service svc = {.name = S("web"), .windows = {list_of(&a, rows[i].allow), list_of(&a, rows[i].freeze)}};
        int64_t until, want = rows[i].opens && rows[i].opens[0] ? utc_ms(rows[i].opens) : 0;
        struct str why;
        bool open = window_open(&a, &s, &svc, utc_ms(rows[i].at) + 999, &until, &why);
        if (open != !rows[i].opens || until != want)
            test_failed(__FILE__, __LINE__, "row %zu: open %d, until %lld, want %lld: " STR_F, i, open,
                        (long long)until / 1000, (long long)want / 1000, STR_A(why));
        CHECK(open == (why.n == 0));
    }
}

TEST(a_closed_window_says_why_and_until_when)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    const char *allow[] = {"Mon-Thu 10:00-18:00", NULL}, *freeze[] = {"2026-12-28/2027-01-04", NULL};
    struct site s = {.timezone = S("Asia/Tokyo")};
    struct service svc = {.name = S("web"), .windows = {list_of(&a, allow), list_of(&a, freeze)}};
    int64_t until;
    struct str why;
    CHECK(!window_open(&a, &s, &svc, utc_ms("2026-11-26 10:00"), &until, &why));
    CHECK_STR(why, S("web may not be released now: this is outside its windows;"
                     " it opens Mon 2026-11-30 10:00 (Asia/Tokyo)"));
    CHECK(!window_open(&a, &s, &svc, utc_ms("2026-12-28 03:00"), &until, &why));
    CHECK_STR(why, S("web may not be released now: it is frozen from 2026-12-28 to 2027-01-04;"
                     " it opens Tue 2027-01-05 10:00 (Asia/Tokyo)"));
}

TEST(the_time_zone_of_the_process_comes_back)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct site s = {.timezone = S("Asia/Tokyo")};
    struct service svc = {.name = S("web")};
    int64_t until;
    struct str why;
    setenv("TZ", "America/Santiago", 1);
    CHECK(window_open(&a, &s, &svc, 0, &until, &why));
    CHECK(strcmp(getenv("TZ"), "America/Santiago") == 0);
    unsetenv("TZ");
    CHECK(window_open(&a, &s, &svc, 0, &until, &why));
    CHECK(getenv("TZ") == NULL);
}

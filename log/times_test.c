// times_test.c: which time a question is about, as typed.
#include "log/times.h"
#include "base/clock.h"
#include "base/test.h"
#include <string.h>

static struct times times(const char *since, const char *day, const char *from, const char *to)
{
    return (struct times){str_z(since), str_z(day), str_z(from), str_z(to)};
}

TEST(times_are_understood_or_refused_with_a_way_out)
{
    static const struct { const char *since, *day, *from, *to, *wrong; } row[] = {
        {NULL, NULL, NULL, NULL, NULL}, {"2h", NULL, NULL, NULL, NULL}, {"400d", NULL, NULL, NULL, NULL},
        {NULL, "today", NULL, NULL, NULL}, {NULL, "2024-02-29", NULL, NULL, NULL},
        {NULL, NULL, "2026-11-20", "2026-11-21", NULL}, {NULL, NULL, "2026-11-20 14:30", NULL, NULL},
        {NULL, NULL, "2026-11-20T14:30:05.25+09:00", NULL, NULL}, {NULL, NULL, NULL, "2026-11-20T14:30Z", NULL},
        {NULL, NULL, "2026-11-20 14:30+09", NULL, NULL},
        {NULL, NULL, "2026-11-20 14:30+09:00", "2026-11-20 14:30", NULL},      // who knows, without the zone
        {"2", NULL, NULL, NULL, "--since: expected a duration"}, {"401d", NULL, NULL, NULL, "at most 400d"},
        {"0h", NULL, NULL, NULL, "expected a duration"}, {"2h", "today", NULL, NULL, "--since says it all"},
        {NULL, "today", NULL, "2026-11-20", "--day says it all"}, {NULL, "2026-02-30", NULL, NULL, "is no day"},
        {NULL, "2026-11-20 10:00", NULL, NULL, "is no day"},
        {NULL, NULL, "yesterday", NULL, "--from: \"yesterday\" is no time"},
        {NULL, NULL, "2026-11-20 24:00", NULL, "is no time"}, {NULL, NULL, "2026-11-20 14", NULL, "is no time"},
        {NULL, NULL, "2026-11-20' OR 1=1 --", NULL, "is no time"},
        {NULL, NULL, "2026-11-20 14:30+25", NULL, "is no time"},
        {NULL, NULL, "2026-11-20 14:30 ", NULL, "is no time"},
        {NULL, NULL, NULL, "14:30", "--to: \"14:30\" is no time"},
        {NULL, NULL, "2026-11-20", "2026-11-20", "--to 2026-11-20 is not after --from 2026-11-20"},
        {NULL, NULL, "2026-11-20 14:30+09:00", "2026-11-20 05:30Z", "is not after"}};
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct times t = times(row[i].since, row[i].day, row[i].from, row[i].to);
        struct err e = {0};
        if (times_check(&t, "--", NULL, &e) != !row[i].wrong || (row[i].wrong && !strstr(e.text, row[i].wrong)))
            CHECK_STR(str_z(e.text), str_z(row[i].wrong ? row[i].wrong : "no mistake"));
    }
}

TEST(times_become_milliseconds_of_the_sites_zone)
{
    static const struct { const char *since, *day, *from, *to, *low, *high; } row[] = {
        {"90m", NULL, NULL, NULL, "2026-11-20T15:00:00.000Z", NULL},
        {NULL, "today", NULL, NULL, "2026-11-20T15:00:00.000Z", "2026-11-21T15:00:00.000Z"},   // it is 01:30 there
        {NULL, "yesterday", NULL, NULL, "2026-11-19T15:00:00.000Z", "2026-11-20T15:00:00.000Z"},
        {NULL, "2026-11-01", NULL, NULL, "2026-10-31T15:00:00.000Z", "2026-11-01T15:00:00.000Z"},
        {NULL, NULL, "2026-11-20 14:30", "2026-11-20T14:30:05.5Z", "2026-11-20T05:30:00.000Z",
         "2026-11-20T14:30:05.500Z"},
        {NULL, NULL, "2026-11-20 14:30-0230", NULL, "2026-11-20T17:00:00.000Z", NULL}};
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct times t = times(row[i].since, row[i].day, row[i].from, row[i].to);
        int64_t low, high;
        char text[TIME_TEXT_MAX];
        times_span(&t, "Asia/Tokyo", time_parse("2026-11-20T16:30:00.000Z"), &low, &high);
        CHECK_STR(str_z(time_text(low, text)), str_z(row[i].low));
        if (row[i].high)
            CHECK_STR(str_z(time_text(high, text)), str_z(row[i].high));
        else
            CHECK(high == INT64_MAX);
    }
}

TEST(times_are_a_condition_that_anybody_could_have_typed)
{
    OWN_ARENA struct arena a = arena_make(64 << 10);
    static const struct { const char *since, *day, *from, *to, *sql, *words; } row[] = {
        {"2h", NULL, NULL, NULL, "time >= now() - INTERVAL '2 hours'", "in the last 2h"},
        {"90s", NULL, NULL, NULL, "time >= now() - INTERVAL '90000 milliseconds'", "in the last 90s"},
        {NULL, "today", NULL, NULL, "dt = current_date", "today"},
        {NULL, "yesterday", NULL, NULL, "dt = current_date - 1", "yesterday"},
        {NULL, "2026-11-20", NULL, NULL, "dt = DATE '2026-11-20'", "on 2026-11-20"},
        {NULL, NULL, "2026-11-20", NULL, "time >= TIMESTAMPTZ '2026-11-20'", "since 2026-11-20"},
        {NULL, NULL, NULL, "2026-11-20", "time < TIMESTAMPTZ '2026-11-20'", "before 2026-11-20"},
        {NULL, NULL, "2026-11-20T05:30+15:30", NULL, "time >= TIMESTAMPTZ '2026-11-19T14:00:00.000Z'",
         "since 2026-11-20T05:30+15:30"},
        {NULL, NULL, "2026-11-19", "2026-11-20", "time >= TIMESTAMPTZ '2026-11-19' AND time < TIMESTAMPTZ '2026-11-20'",
         "from 2026-11-19 to 2026-11-20"}};
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct times t = times(row[i].since, row[i].day, row[i].from, row[i].to);
        CHECK_STR(times_sql(&a, &t), str_z(row[i].sql));
        CHECK_STR(str_z(times_words(&a, &t)), str_z(row[i].words));
    }
}

TEST(days_are_told_as_runs_and_the_oldest_of_many_left_out)
{
    int64_t few[] = {20000, 19997, 20000, 19998, 19995, 19999}, one[] = {0}, many[40];
    OWN_BUF struct buf b = buf_make(4096);
    times_days(&b, few, ARRAY_LEN(few));
    CHECK_STR(buf_str(&b), S("2024-09-29, 2024-10-01 to 2024-10-04"));
    buf_clear(&b);
    times_days(&b, one, 1);
    CHECK_STR(buf_str(&b), S("1970-01-01"));
    buf_clear(&b);
    for (int i = 0; i < 40; i++)
        many[i] = 20000 - 2 * i;
    times_days(&b, many, 40);
    CHECK_STR(buf_str(&b), S("..., 2024-09-24, 2024-09-26, 2024-09-28, 2024-09-30, 2024-10-02, 2024-10-04"));
}

// when.h: times as web servers write them, to microseconds since 1970 (UTC).
//
// "2018-02-15T11:38:53+09:00" (nginx's $time_iso8601), also with a fraction, a blank for the T, Z; seconds since 1970
// with a fraction ($msec); "15/Feb/2018:11:38:53 +0900" ($time_local), also in brackets. Lines of one second follow
// each other, so the last text is remembered with its answer.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct when_cache {
    char text[32];
    size_t n;
    int64_t us;
};

// p[0 .. n) and 32 bytes behind it are readable. A time without a zone is UTC. false: no time; *us is unchanged.
bool when_read(const char *p, size_t n, struct when_cache *c, int64_t *us);
// Days since 1970 of a date of the Gregorian calendar (Howard Hinnant, days_from_civil). false: no such day.
bool when_day(int year, int month, int day, int64_t *days);

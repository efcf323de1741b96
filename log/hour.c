// hour.c: see hour.h.
#include "log/hour.h"
#include <time.h>

#define QUARTER_US  (INT64_C(900) * 1000000)
#define HOUR_US     (INT64_C(3600) * 1000000)

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

int32_t hour_of(struct hour_cache *c, int64_t us)
{
    int64_t quarter = floor_div(us, QUARTER_US) + 1;        // a zeroed cache is no quarter of ours: 1970's first has 1
    if (quarter != c->quarter) {
        time_t at = (time_t)floor_div(us, 1000000);
        struct tm tm;
        localtime_r(&at, &tm);
        c->quarter = quarter;
        c->offset_us = (int64_t)tm.tm_gmtoff * 1000000;
    }
    return (int32_t)floor_div(us + c->offset_us, HOUR_US);
}

// clock.c: wall time for people, ticks for deadlines, and durations both ways.
#include "base/clock.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { ZONE_MAX = 256 };

static int64_t read_ms(clockid_t which)
{
    struct timespec t;
    clock_gettime(which, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

#ifdef RUSUBAN_FAULTS
// Test builds: RUSUBAN_CLOCK names a file of 8 bytes, milliseconds by which the wall clock is wrong. Whoever changes
// them makes it jump.
static int64_t wrong_ms(void)
{
    static const int64_t right = 0, *wrong;
    const char *path = getenv("RUSUBAN_CLOCK");
    if (wrong)
        return *(const volatile int64_t *)wrong;
    wrong = &right;
    OWN_FD fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    void *p = fd >= 0 ? mmap(NULL, sizeof right, PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;
    if (p != MAP_FAILED)
        wrong = p;
    return *wrong;
}
#else
static int64_t wrong_ms(void)
{
    return 0;
}
#endif

int64_t now_ms(void)
{
    return read_ms(CLOCK_REALTIME) + wrong_ms();
}

int64_t tick_ms(void)
{
    return read_ms(CLOCK_MONOTONIC);
}

const char *time_text(int64_t at_ms, char out[TIME_TEXT_MAX])
{
    time_t sec = (time_t)(at_ms / 1000);
    struct tm tm;
    gmtime_r(&sec, &tm);
    size_t n = strftime(out, TIME_TEXT_MAX, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(out + n, TIME_TEXT_MAX - n, ".%03dZ", (int)(at_ms % 1000));
    return out;
}

// The C library knows one time zone at a time, the process's. We are one thread, so it may be lent. old: what was
// there, for give_back.
static void lend(const char *zone, char old[ZONE_MAX])
{
    const char *tz = getenv("TZ");
    snprintf(old, ZONE_MAX, "%s", tz ? tz : "");
    if (zone && *zone)
        setenv("TZ", zone, 1);
    tzset();
}

static void give_back(const char *old)
{
    if (*old)
        setenv("TZ", old, 1);
    else
        unsetenv("TZ");
    tzset();
}

const char *time_local(int64_t at_ms, const char *zone, bool seconds, char out[TIME_TEXT_MAX])
{
    time_t sec = (time_t)(at_ms / 1000);
    struct tm tm;
    char old[ZONE_MAX];
    lend(getenv("TZ") ? NULL : zone, old);
    localtime_r(&sec, &tm);
    if (!strftime(out, TIME_TEXT_MAX, seconds ? "%Y-%m-%d %H:%M:%S %Z" : "%Y-%m-%d %H:%M %Z", &tm))
        time_text(at_ms, out);
    give_back(old);
    return out;
}

int64_t wall_of_time(int64_t at_ms, const char *zone)
{
    time_t sec = (time_t)(at_ms / 1000);
    struct tm tm;
    char old[ZONE_MAX];
    lend(zone, old);
    localtime_r(&sec, &tm);
    give_back(old);
    return (int64_t)timegm(&tm) * 1000 + at_ms % 1000;
}

int64_t time_of_wall(int64_t wall_ms, const char *zone)
{
    time_t sec = (time_t)(wall_ms / 1000);
    struct tm tm;
    char old[ZONE_MAX];
    gmtime_r(&sec, &tm);
    tm.tm_isdst = -1;
    lend(zone, old);
    sec = mktime(&tm);
    give_back(old);
    return (int64_t)sec * 1000 + wall_ms % 1000;
}

int64_t time_parse(const char *rfc3339)
{
    struct tm tm = {0};
    int ms = 0;
    const char *rest = strptime(rfc3339, "%Y-%m-%dT%H:%M:%S", &tm);
    if (!rest)
        return 0;
    if (sscanf(rest, ".%3dZ", &ms) != 1)
        ms = 0;
    return (int64_t)timegm(&tm) * 1000 + ms;
}

const char *took_text(int64_t ms, char out[TIME_TEXT_MAX])
{
    long long s = (ms + 500) / 1000, min = s / 60, h = min / 60;
    if (ms < 1000)
        snprintf(out, TIME_TEXT_MAX, "%lld ms", (long long)(ms < 0 ? 0 : ms));
    else if (ms < 59950)
        snprintf(out, TIME_TEXT_MAX, "%.1f s", (double)ms / 1000);
    else if (h < 1)
        snprintf(out, TIME_TEXT_MAX, s % 60 ? "%lld min %lld s" : "%lld min", min, s % 60);
    else if (h < 48)
        snprintf(out, TIME_TEXT_MAX, min % 60 ? "%lld h %lld min" : "%lld h", h, min % 60);
    else
        snprintf(out, TIME_TEXT_MAX, "%lld days", h / 24);
    return out;
}

bool duration_parse(struct str s, int64_t *ms)
{
    static const struct { const char *unit; int64_t ms; } units[] = {
        {"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};
    size_t digits = 0;
    uint64_t n;
    while (digits < s.n && s.p[digits] >= '0' && s.p[digits] <= '9')
        digits++;
    if (!str_u64(str_head(s, digits), &n) || n > 1000000000)
        return false;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (str_eq(str_from(s, digits), str_z(units[i].unit))) {
            *ms = (int64_t)n * units[i].ms;
            return true;
        }
    return false;
}

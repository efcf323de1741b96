// when.c: see when.h.
#include "log/when.h"
#include <string.h>

bool when_day(int year, int month, int day, int64_t *days)
{
    static const int length[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (month < 1 || month > 12 || day < 1 || day > length[month - 1] || (month == 2 && day == 29 && !leap))
        return false;
    int64_t y = year - (month <= 2), era = y / 400, of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    *days = era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
    return true;
}

static int digits(const char *p, int n)
{
    int v = 0;
    for (int i = 0; i < n; i++) {
        if (p[i] < '0' || p[i] > '9')
            return -1;
        v = v * 10 + (p[i] - '0');
    }
    return v;
}

// A fraction ".123456789" to microseconds; *used counts its bytes. -1: a point without digits.
static int64_t fraction(const char *p, const char *end, size_t *used)
{
    int64_t us = 0, unit = 100000;
    const char *q = p + 1;
    for (; q < end && *q >= '0' && *q <= '9'; q++, unit /= 10)
        us += (*q - '0') * unit;
    *used = (size_t)(q - p);
    return q == p + 1 ? -1 : us;
}

// "Z", "+09:00", "+0900", "" to seconds east of UTC.
static bool zone(const char *p, size_t n, int64_t *seconds)
{
    *seconds = 0;
    if (n == 0 || (n == 1 && *p == 'Z'))
        return true;
    bool colon = n == 6 && p[3] == ':';
    if ((*p != '+' && *p != '-') || (n != 5 && !colon))
        return false;
    int h = digits(p + 1, 2), m = digits(p + (colon ? 4 : 3), 2);
    if (h < 0 || h > 23 || m < 0 || m > 59)
        return false;
    *seconds = (*p == '-' ? -1 : 1) * (h * 3600 + m * 60);
    return true;
}

static bool iso(const char *p, size_t n, int64_t *us)
{
    if (n < 19 || p[4] != '-' || p[7] != '-' || (p[10] != 'T' && p[10] != ' ') || p[13] != ':' || p[16] != ':')
        return false;
    int year = digits(p, 4), hour = digits(p + 11, 2), minute = digits(p + 14, 2), second = digits(p + 17, 2);
    int64_t days, east, part = 0;
    size_t used = 0;
    if (year < 1970 || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60 ||
        !when_day(year, digits(p + 5, 2), digits(p + 8, 2), &days))
        return false;
    if (n > 19 && p[19] == '.' && (part = fraction(p + 19, p + n, &used)) < 0)
        return false;
    if (!zone(p + 19 + used, n - 19 - used, &east))
        return false;
    *us = (((days * 24 + hour) * 60 + minute) * 60 + second - east) * 1000000 + part;
    return true;
}

static bool epoch(const char *p, size_t n, int64_t *us)
{
    int64_t s = 0, part = 0;
    size_t i = 0, used = 0;
    for (; i < n && i < 11 && p[i] >= '0' && p[i] <= '9'; i++)
        s = s * 10 + (p[i] - '0');
    if (i < 9 || (i < n && p[i] != '.'))
        return false;
    if (i < n && ((part = fraction(p + i, p + n, &used)) < 0 || i + used != n))
        return false;
    *us = s * 1000000 + part;
    return true;
}

static int month(const char *p)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    for (int i = 0; i < 12; i++)
        if (memcmp(names + 3 * i, p, 3) == 0)
            return i + 1;
    return 0;
}

// nginx's $time_local, and Apache's %t, which has brackets.
static bool common(const char *p, size_t n, int64_t *us)
{
    int64_t days, east;
    if (n == 28 && p[0] == '[' && p[27] == ']')
        p++, n -= 2;
    if (n != 26 || p[2] != '/' || p[6] != '/' || p[11] != ':' || p[14] != ':' || p[17] != ':' || p[20] != ' ')
        return false;
    int year = digits(p + 7, 4), hour = digits(p + 12, 2), minute = digits(p + 15, 2), second = digits(p + 18, 2);
    if (year < 1970 || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60 ||
        !when_day(year, month(p + 3), digits(p, 2), &days) || !zone(p + 21, 5, &east))
        return false;
    *us = (((days * 24 + hour) * 60 + minute) * 60 + second - east) * 1000000;
    return true;
}

bool when_read(const char *p, size_t n, struct when_cache *c, int64_t *us)
{
    if (n == c->n && n && memcmp(p, c->text, n) == 0) {
        *us = c->us;
        return true;
    }
    if (!iso(p, n, us) && !epoch(p, n, us) && !common(p, n, us))
        return false;
    if (n <= sizeof c->text) {
        memcpy(c->text, p, n);
        c->n = n;
        c->us = *us;
    }
    return true;
}

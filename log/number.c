// number.c: see number.h. Up to 8 digits are read with three multiplications (Wojciech Mula, "Parsing series of
// integers with SIMD", and Daniel Lemire's notes on it); the rest, which is rare, digit by digit.
#include "log/number.h"
#include "log/bytes.h"
#include <string.h>

// The n (1 to 8) digits that end before `end`, right-aligned with zeros before them.
static inline bool eight(const char *end, size_t n, uint32_t *out)
{
    uint64_t v = load64(end - 8) ^ 0x3030303030303030;
    v = n == 8 ? v : v >> (8 * (8 - n)) << (8 * (8 - n));
    // A byte over 9 has a bit in the high half, or gets one by adding 6.
    bool digits = !(((v + 0x0606060606060606) | v) & 0xf0f0f0f0f0f0f0f0);
    v = v * 10 + (v >> 8);
    v = (((v & 0x000000ff000000ff) * 0x000f424000000064)
         + (((v >> 16) & 0x000000ff000000ff) * 0x0000271000000001)) >> 32;
    *out = (uint32_t)v;
    return digits;
}

static bool whole(const char *p, size_t n, int64_t max, int64_t *out)
{
    uint32_t few;
    if (n >= 1 && n <= 8) {
        if (eight(p + n, n, &few)) {
            *out = few;
            return true;
        }
    }
    bool minus = n > 1 && *p == '-';
    int64_t v = 0;
    if (n == (size_t)minus || n > 20)
        return false;
    for (size_t i = minus; i < n; i++) {
        int d = p[i] - '0';
        if (d < 0 || d > 9 || v > (max - d) / 10)
            return false;
        v = v * 10 + d;
    }
    *out = minus ? -v : v;
    return true;
}

// "12.345" seconds; a fourth digit and what follows is dropped.
static bool seconds(const char *p, size_t n, int64_t *ms)
{
    uint32_t s = 0, part = 0;
    if (n >= 5 && n <= 11 && p[n - 4] == '.') {         // what nginx writes
        if (!eight(p + n - 4, n - 4, &s) || !eight(p + n, 3, &part))
            return false;
        *ms = (int64_t)s * 1000 + part;
        return *ms <= INT32_MAX;
    }
    const char *point = memchr(p, '.', n);
    size_t whole_n = point ? (size_t)(point - p) : n, part_n = point ? n - whole_n - 1 : 0;
    if (whole_n < 1 || whole_n > 7 || (point && part_n == 0) || !eight(p + whole_n, whole_n, &s))
        return false;
    for (size_t i = 0; i < part_n; i++)
        if (point[1 + i] < '0' || point[1 + i] > '9')
            return false;
    for (size_t i = 0; i < 3; i++)
        part = part * 10 + (i < part_n ? (uint32_t)(point[1 + i] - '0') : 0);
    *ms = (int64_t)s * 1000 + part;
    return *ms <= INT32_MAX;
}

// "0.010, 0.020 : 0.200": one time for each server that was asked; "-" for one that did not answer.
static bool several(const char *p, size_t n, int64_t *ms)
{
    int64_t sum = 0;
    size_t found = 0;
    for (size_t i = 0; i < n;) {
        size_t from = i;
        while (i < n && p[i] != ',' && p[i] != ':' && p[i] != ' ')
            i++;
        int64_t one;
        bool none = i - from == 1 && p[from] == '-';
        if (i > from && !none) {
            if (!seconds(p + from, i - from, &one))
                return false;
            sum += one;
            found++;
        }
        while (i < n && (p[i] == ',' || p[i] == ':' || p[i] == ' '))
            i++;
    }
    *ms = sum;
    return found > 0 && sum <= INT32_MAX;
}

static bool read_ms(const char *p, size_t n, int64_t *v, bool *beside)
{
    if (seconds(p, n, v))
        return true;
    *beside = true;
    return several(p, n, v);
}

// ---- batches ----
//
// Which row says "-" is chance, so what most rows are is read without a branch, whether it is there or not; what is
// left over is looked at again.

static inline bool common_whole(const char *p, size_t n, int64_t *v)
{
    uint32_t few;
    size_t m = n - 1 < 8 ? n : 1;
    bool is = eight(p + m, m, &few) & (m == n);
    *v = is ? few : 0;
    return is;
}

static inline bool common_seconds(const char *p, size_t n, int64_t *v)
{
    uint32_t s, part;
    size_t m = n - 5 < 7 ? n : 5;
    bool before = eight(p + m - 4, m - 4, &s), behind = eight(p + m, 3, &part);
    int64_t ms = (int64_t)s * 1000 + part;
    bool is = before & behind & (p[m - 4] == '.') & (m == n) & (ms <= INT32_MAX);
    *v = is ? ms : 0;
    return is;
}

static inline __attribute__((always_inline)) bool common(bool ms, const char *text, const struct cell *cells, size_t n,
                                                         int64_t *v, bool *is, bool *left)
{
    static const char none[32] = "               -";
    bool any = false;
    for (size_t i = 0; i < n; i++) {
        bool there = cells[i].n != CELL_NONE;
        const char *p = there ? text + cells[i].at : none + 15;
        size_t length = there ? cells[i].n : 1;
        is[i] = ms ? common_seconds(p, length, &v[i]) : common_whole(p, length, &v[i]);
        left[i] = !is[i] & !((length == 1) & (*p == '-'));
        any |= left[i];
    }
    return any;
}

static bool rare(enum column_type type, const char *p, size_t n, int64_t *v, bool *misfit)
{
    *v = 0;
    *misfit = false;
    if (type == COLUMN_MS)
        return read_ms(p, n, v, misfit);
    bool is = whole(p, n, type == COLUMN_INT32 ? INT32_MAX : INT64_MAX, v);
    *misfit = !is;
    return is;
}

bool number_read(enum column_type type, const char *text, const struct cell *cells, size_t n, int64_t *v, bool *is,
                 bool *misfit)
{
    bool left = type == COLUMN_MS ? common(true, text, cells, n, v, is, misfit)
                                  : common(false, text, cells, n, v, is, misfit);
    bool any = false;
    for (size_t i = 0; left && i < n; i++) {
        if (misfit[i])
            is[i] = rare(type, text + cells[i].at, cells[i].n, &v[i], &misfit[i]);
        any |= misfit[i];
    }
    return any;
}

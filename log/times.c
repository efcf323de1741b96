// times.c: see times.h. Texts are checked here and understood by whoever knows the zone: the engine, or times_span.
#include "log/times.h"
#include "base/clock.h"
#include "base/command.h"
#include "log/when.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { DAY_MS = 86400000, SINCE_DAYS = 400, RUNS = 6 };

// ---- a moment: 2026-11-20, '2026-11-20 14:30', 2026-11-20T14:30:05.5+09:00 ----

struct moment { int64_t wall_ms; bool zoned; int64_t east_ms; };

// So many digits; -1: there are others.
static int number(struct str *s, size_t digits)
{
    int v = 0;
    for (size_t i = 0; i < digits; i++) {
        if (i >= s->n || s->p[i] < '0' || s->p[i] > '9')
            return -1;
        v = v * 10 + (s->p[i] - '0');
    }
    *s = str_from(*s, digits);
    return v;
}

static bool take(struct str *s, char c)
{
    bool there = s->n && s->p[0] == c;
    *s = str_from(*s, there);
    return there;
}

static bool read_date(struct str *s, int64_t *days)
{
    int year = number(s, 4), month = take(s, '-') ? number(s, 2) : -1, day = take(s, '-') ? number(s, 2) : -1;
    return year >= 1970 && month > 0 && day > 0 && when_day(year, month, day, days);
}

static bool read_clock(struct str *s, int64_t *ms)
{
    int hour = number(s, 2), minute = take(s, ':') ? number(s, 2) : -1, second = 0, scale = 100;
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59)
        return false;
    if (take(s, ':') && ((second = number(s, 2)) < 0 || second > 59))
        return false;
    *ms = ((hour * 60 + minute) * INT64_C(60) + second) * 1000;
    if (take(s, '.'))
        for (; s->n && s->p[0] >= '0' && s->p[0] <= '9'; *s = str_from(*s, 1), scale /= 10)
            *ms += (s->p[0] - '0') * scale;
    return true;
}

static bool read_zone(struct str *s, struct moment *m)
{
    bool west = s->n && s->p[0] == '-';
    m->zoned = s->n > 0;
    if (!s->n || take(s, 'Z') || take(s, 'z'))
        return s->n == 0;
    if (!take(s, '+') && !take(s, '-'))
        return false;
    int hours = number(s, 2), minutes = 0;
    if (s->n)
        minutes = take(s, ':') || s->n == 2 ? number(s, 2) : -1;
    m->east_ms = (hours * 60 + minutes) * (west ? INT64_C(-60000) : INT64_C(60000));
    return hours >= 0 && hours < 16 && minutes >= 0 && minutes < 60 && s->n == 0;
}

static bool read_moment(struct str s, struct moment *m)
{
    int64_t days, ms = 0;
    *m = (struct moment){0};
    if (!read_date(&s, &days))
        return false;
    bool ok = !s.n || ((take(&s, ' ') || take(&s, 'T')) && read_clock(&s, &ms) && read_zone(&s, m));
    m->wall_ms = days * DAY_MS + ms;
    return ok;
}

static int64_t moment_ms(const struct moment *m, const char *zone)
{
    return m->zoned ? m->wall_ms - m->east_ms : time_of_wall(m->wall_ms, zone);
}

// ---- is it one? ----

static bool is_date(struct str s)
{
    int64_t days;
    return read_date(&s, &days) && !s.n;
}

static bool is_day(struct str s)
{
    return is_date(s) || str_eq(s, S("today")) || str_eq(s, S("yesterday"));
}

static bool since_ok(struct str text, const char *dashes, struct err *e)
{
    int64_t ms;
    struct moment m;
    if (duration_parse(text, &ms) && ms > 0 && ms <= SINCE_DAYS * (int64_t)DAY_MS)
        return true;
    err_set(e, ERR_INPUT, "%ssince: expected a duration such as 2h or 7d, at most 400d, got \"" STR_F "\"", dashes,
            STR_A(str_head(text, 100)));
    return read_moment(text, &m) || is_day(text)
        ? err_hint(e, "a day is %sday, a moment %sfrom", dashes, dashes) : false;
}

static bool day_ok(struct str text, const char *dashes, struct err *e)
{
    return is_day(text) || err_set(e, ERR_INPUT, "%sday: \"" STR_F "\" is no day; write 2026-11-20, today or yesterday",
                                   dashes, STR_A(str_head(text, 100)));
}

static bool moment_ok(const char *name, struct str text, const char *dashes, struct err *e)
{
    struct moment m;
    int64_t ms;
    if (read_moment(text, &m))
        return true;
    err_set(e, ERR_INPUT, "%s%s: \"" STR_F "\" is no time; write 2026-11-20 or '2026-11-20 14:30'", dashes, name,
            STR_A(str_head(text, 100)));
    return duration_parse(text, &ms) ? err_hint(e, "so long ago is %ssince", dashes) : false;
}

static bool in_order(const struct times *t, const char *dashes, struct err *e)
{
    struct moment from, to;
    if (!t->from.n || !t->to.n || !read_moment(t->from, &from) || !read_moment(t->to, &to) || from.zoned != to.zoned
        || from.wall_ms - from.east_ms < to.wall_ms - to.east_ms)
        return true;
    err_set(e, ERR_INPUT, "%sto " STR_F " is not after %sfrom " STR_F, dashes, STR_A(t->to), dashes, STR_A(t->from));
    return err_hint(e, "%sto names the first moment that is no longer asked for", dashes);
}

bool times_check(const struct times *t, const char *dashes, const char **which, struct err *e)
{
    const char *none, **name = which ? which : &none;
    if (*name = "since", t->since.n && (t->day.n || t->from.n || t->to.n))
        return err_set(e, ERR_INPUT, "%ssince says it all; leave out %sday, %sfrom and %sto", dashes, dashes, dashes,
                       dashes);
    if (t->since.n && !since_ok(t->since, dashes, e))
        return false;
    if (*name = "day", t->day.n && (t->from.n || t->to.n))
        return err_set(e, ERR_INPUT, "%sday says it all; leave out %sfrom and %sto", dashes, dashes, dashes);
    if (t->day.n && !day_ok(t->day, dashes, e))
        return false;
    if (*name = "from", t->from.n && !moment_ok("from", t->from, dashes, e))
        return false;
    *name = "to";
    return (!t->to.n || moment_ok("to", t->to, dashes, e)) && in_order(t, dashes, e);
}

bool times_zoned(struct str text, int64_t *ms)
{
    struct moment m;
    if (!read_moment(text, &m) || !m.zoned)
        return false;
    *ms = m.wall_ms - m.east_ms;
    return true;
}

bool times_of_call(const struct call *c, struct times *out, struct err *e)
{
    *out = (struct times){str_z(call_option(c, "since")), str_z(call_option(c, "day")), str_z(call_option(c, "from")),
                          str_z(call_option(c, "to"))};
    return times_check(out, "--", NULL, e);
}

bool times_any(const struct times *t)
{
    return t->since.n || t->day.n || t->from.n || t->to.n;
}

// ---- what it says ----

void times_tell_usual(const struct call *c, const struct times *t, const char *usual)
{
    if (!times_any(t) && !c->quiet && isatty(STDERR_FILENO))
        fprintf(stderr, "Of %s; --since, --day, --from and --to name another time.\n", usual);
}

const char *times_words(struct arena *a, const struct times *t)
{
    if (t->since.n)
        return str_zf(a, "in the last " STR_F, STR_A(t->since));
    if (t->day.n)
        return str_zf(a, is_date(t->day) ? "on " STR_F : STR_F, STR_A(t->day));
    if (t->from.n && t->to.n)
        return str_zf(a, "from " STR_F " to " STR_F, STR_A(t->from), STR_A(t->to));
    return t->from.n ? str_zf(a, "since " STR_F, STR_A(t->from)) : str_zf(a, "before " STR_F, STR_A(t->to));
}

// The engine wants seconds before a zone, and knows none beyond 15 hours.
static struct str moment_sql(struct arena *a, struct str text)
{
    char utc[TIME_TEXT_MAX];
    int64_t ms;
    return times_zoned(text, &ms) ? str_dup(a, str_z(time_text(ms, utc))) : text;
}

struct str times_sql(struct arena *a, const struct times *t)
{
    static const char from[] = "time >= TIMESTAMPTZ '" STR_F "'", to[] = "time < TIMESTAMPTZ '" STR_F "'";
    int64_t ms = 0;
    if (t->since.n && duration_parse(t->since, &ms))
        return ms % 3600000 == 0 ? str_f(a, "time >= now() - INTERVAL '%lld hours'", (long long)ms / 3600000)
                                 : str_f(a, "time >= now() - INTERVAL '%lld milliseconds'", (long long)ms);
    if (t->day.n)
        return is_date(t->day) ? str_f(a, "dt = DATE '" STR_F "'", STR_A(t->day))
             : str_eq(t->day, S("today")) ? S("dt = current_date") : S("dt = current_date - 1");
    struct str low = t->from.n ? str_f(a, from, STR_A(moment_sql(a, t->from))) : S("");
    struct str high = t->to.n ? str_f(a, to, STR_A(moment_sql(a, t->to))) : S("");
    return low.n && high.n ? str_f(a, STR_F " AND " STR_F, STR_A(low), STR_A(high)) : low.n ? low : high;
}

struct str times_from(struct arena *a, const struct times *t)
{
    return t->since.n ? str_f(a, "-" STR_F, STR_A(t->since)) : t->from;
}

static int64_t midnight_ms(int64_t day, const char *zone)
{
    return time_of_wall(day * DAY_MS, zone);
}

void times_span(const struct times *t, const char *zone, int64_t now_ms, int64_t *from_ms, int64_t *to_ms)
{
    struct str day = t->day;
    struct moment m;
    int64_t ms, days = 0;
    *from_ms = 0;
    *to_ms = INT64_MAX;
    if (t->since.n && duration_parse(t->since, &ms))
        *from_ms = now_ms - ms;
    if (t->day.n) {
        if (!read_date(&day, &days))
            days = wall_of_time(now_ms, zone) / DAY_MS - str_eq(t->day, S("yesterday"));
        *from_ms = midnight_ms(days, zone);
        *to_ms = midnight_ms(days + 1, zone);
    }
    if (t->from.n && read_moment(t->from, &m))
        *from_ms = moment_ms(&m, zone);
    if (t->to.n && read_moment(t->to, &m))
        *to_ms = moment_ms(&m, zone);
}

// ---- days ----

static int by_day(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static void put_day(struct buf *b, int64_t day)
{
    char text[TIME_TEXT_MAX];
    buf_addf(b, "%.10s", time_text(day * DAY_MS, text));
}

void times_days(struct buf *b, int64_t *days, size_t n)
{
    size_t first[RUNS], last[RUNS], runs = 0;
    qsort(days, n, sizeof *days, by_day);
    for (size_t end = n; end > 0 && runs < RUNS; end = first[runs++]) {         // runs of days, the newest first
        first[runs] = last[runs] = end - 1;
        while (first[runs] > 0 && days[first[runs]] - days[first[runs] - 1] <= 1)
            first[runs]--;
    }
    for (size_t i = runs; i-- > 0;) {
        buf_addz(b, i + 1 < runs ? ", " : first[i] > 0 ? "..., " : "");
        put_day(b, days[first[i]]);
        if (days[first[i]] < days[last[i]]) {
            buf_addz(b, " to ");
            put_day(b, days[last[i]]);
        }
    }
}

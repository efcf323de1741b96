// window.c: reads "Mon-Thu,Sat 10:00-12:00,13:00-18:00" and "2026-12-28/2027-01-04", and says whether a moment of
// the wall clock lies within.
#include "site/window.h"
#include "site/reading.h"
#include "site/rules.h"

static const char *const day_names[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};     // in tm_wday's order

static int day_of(struct str s)
{
    for (size_t i = 0; i < ARRAY_LEN(day_names); i++)
        if (str_eq(s, str_z(day_names[i])))
            return (int)i;
    return -1;
}

static bool window_err(struct err *e, struct str s, const char *why)
{
    err_set(e, ERR_INPUT, "%s is not a window: %s", shown(s).z, why);
    return err_hint(e, "for example \"Mon-Thu 10:00-18:00\"");
}

// Thu or Mon-Thu; Fri-Mon goes over the weekend.
static bool add_days(struct str word, struct window *w)
{
    struct str rest = word;
    int from = day_of(str_cut(&rest, '-')), to = str_has(word, '-') ? day_of(rest) : from;
    if (from < 0 || to < 0)
        return false;
    for (int d = from;; d = (d + 1) % 7) {
        w->days |= 1u << d;
        if (d == to)
            return true;
    }
}

static bool two_digits(struct str s, int most, int *out)
{
    uint64_t v;
    if (s.n != 2 || !str_u64(s, &v) || v > (uint64_t)most)
        return false;
    *out = (int)v;
    return true;
}

static bool minute_of(struct str s, int *out)
{
    int h, m;
    if (!two_digits(str_cut(&s, ':'), 24, &h) || !two_digits(s, 59, &m) || h * 60 + m > DAY_MINUTES)
        return false;
    *out = h * 60 + m;
    return true;
}

static const char *add_span(struct str word, struct window *w)
{
    int from, to;
    if (!minute_of(str_cut(&word, '-'), &from) || !minute_of(word, &to) || from == DAY_MINUTES)
        return "hours look like 10:00-18:00";
    if (from == to)
        return "it ends when it starts; for the whole day leave the hours out";
    if (w->n == WINDOW_SPANS)
        return "more than 8 spans of hours";
    w->spans[w->n].from = from;
    w->spans[w->n++].to = to;
    return NULL;
}

static bool is_gap(char c)
{
    return c == ' ' || c == ',';
}

static struct str next_word(struct str *rest)
{
    size_t n = 0;
    while (rest->n && is_gap(rest->p[0]))
        *rest = str_from(*rest, 1);
    while (n < rest->n && !is_gap(rest->p[n]))
        n++;
    struct str word = str_head(*rest, n);
    *rest = str_from(*rest, n);
    return word;
}

bool window_parse(struct str s, struct window *out, struct err *e)
{
    struct str rest = s, word;
    *out = (struct window){0};
    while ((word = next_word(&rest)).n) {
        bool hours = word.p[0] >= '0' && word.p[0] <= '9';
        if (!hours && out->n)
            return window_err(e, s, "days come before the hours");
        if (!hours && !add_days(word, out))
            return window_err(e, s, "days are Mon Tue Wed Thu Fri Sat Sun, or a range such as Mon-Thu");
        const char *why = hours ? add_span(word, out) : NULL;
        if (why)
            return window_err(e, s, why);
    }
    if (!out->days && !out->n)
        return window_err(e, s, "it is empty");
    if (!out->days)
        out->days = 0x7F;
    if (!out->n) {
        out->spans[0].to = DAY_MINUTES;
        out->n = 1;
    }
    return true;
}

static bool freeze_err(struct err *e, struct str s, const char *why)
{
    err_set(e, ERR_INPUT, "%s is not a freeze: %s", shown(s).z, why);
    return err_hint(e, "first and last day, for example \"2026-12-28/2027-01-04\"");
}

static int days_in(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

static bool date_of(struct str s, int *out)
{
    uint64_t year;
    int month, day;
    struct str y = str_cut(&s, '-'), m = str_cut(&s, '-');
    if (y.n != 4 || !str_u64(y, &year) || year < 1970 || !two_digits(m, 12, &month) || month < 1)
        return false;
    if (!two_digits(s, days_in((int)year, month), &day) || day < 1)
        return false;
    *out = (int)year * 10000 + month * 100 + day;
    return true;
}

bool freeze_parse(struct str s, struct freeze *out, struct err *e)
{
    struct str last = s, first = str_cut(&last, '/');
    if (first.n == s.n)
        last = first;
    if (!date_of(first, &out->from) || !date_of(last, &out->to))
        return freeze_err(e, s, "a date looks like 2026-12-28 and must be in the calendar");
    if (out->from > out->to)
        return freeze_err(e, s, "it ends before it starts");
    return true;
}

bool rule_window(struct str s, struct err *e)
{
    struct window w;
    return window_parse(s, &w, e);
}

bool rule_freeze(struct str s, struct err *e)
{
    struct freeze f;
    return freeze_parse(s, &f, e);
}

bool window_covers(const struct window *w, const struct tm *local)
{
    int now = local->tm_hour * 60 + local->tm_min;
    bool today = w->days & 1u << local->tm_wday, yesterday = w->days & 1u << (local->tm_wday + 6) % 7;
    for (size_t i = 0; i < w->n; i++) {
        int from = w->spans[i].from, to = w->spans[i].to;
        bool in = from < to ? today && now >= from && now < to : (today && now >= from) || (yesterday && now < to);
        if (in)
            return true;
    }
    return false;
}

bool freeze_covers(const struct freeze *f, const struct tm *local)
{
    int date = (local->tm_year + 1900) * 10000 + (local->tm_mon + 1) * 100 + local->tm_mday;
    return date >= f->from && date <= f->to;
}

// home.c: logs on the home page: pages that are worse than their own past, and four figures of the last 24 hours.
//
// The day is read from its hours, 24 rows a dataset, and the present from the last five whole minutes: a home page that
// read 1,440 rows of minutes would keep everybody else waiting (a row of 1,500 pages takes about a millisecond).
#include "base/clock.h"
#include "log/log.h"
#include "log/minute.h"
#include <math.h>

enum { ALARMS_SHOWN = 10, NOW_MINUTES = 5, HOUR_MS = 3600 * 1000, DAY_MS = 24 * HOUR_MS };

struct sum { uint64_t n, c5, bytes; struct hist took; };
struct sums { int32_t from, minutes; size_t n; struct sum *at; };

static void add_minute(void *arg, const struct page_minute *m)
{
    struct sums *s = arg;
    int32_t i = (m->minute - s->from) / s->minutes;
    if (m->minute < s->from || (size_t)i >= s->n)
        return;
    struct sum *to = &s->at[i];
    to->n += m->n;
    to->c5 += m->c5;
    to->bytes += m->bytes;
    hist_merge(&to->took, &m->reqtime);
}

static bool read_sums(struct ask *q, enum span span, int32_t to, struct sums *s, struct err *e)
{
    const struct site *site = q->site;
    for (size_t i = 0; i < site->log.datasets.n; i++)
        if (!minute_read(q->db, site->log.datasets.at[i].name, span, s->from, to, add_minute, NULL, s, e))
            return false;
    return true;
}

enum { REQUESTS, P95, ERRORS, BYTES, FIGURES };

static double value_of(int figure, const struct sum *s, double seconds)
{
    if (!s->n || seconds <= 0)
        return NAN;
    switch (figure) {
    case REQUESTS:
        return (double)s->n / seconds;
    case P95:
        return s->took.n ? (double)hist_quantile(&s->took, 0.95) : (double)NAN;
    case ERRORS:
        return 100.0 * (double)s->c5 / (double)s->n;
    default:
        return (double)s->bytes / seconds;
    }
}

static void add_host(void *arg, const struct page_minute *m)
{
    uint64_t *n = arg;
    n[m->minute % 60] += m->n;
}

static bool peak_of_hour(struct ask *q, struct home *h, int32_t hour, struct err *e)
{
    uint64_t n[60] = {0};
    int32_t top = 0;
    for (size_t i = 0; i < q->site->log.datasets.n; i++)
        if (!minute_read(q->db, q->site->log.datasets.at[i].name, SPAN_MINUTE, hour, hour + 60, NULL, add_host, n, e))
            return false;
    for (int32_t i = 0; i < 60; i++)
        top = n[i] > n[top] ? i : top;
    if ((double)n[top] / 60 > h->peak_per_s) {
        h->peak_at = (int64_t)(hour + top) * 60000;
        h->peak_per_s = (double)n[top] / 60;
    }
    return true;
}

// Of the busiest hour, whose rows of hosts are few and small, and of the two that the present lies in: the hour that runs
// has few lines yet and may be busier all the same, and no figure of now is to stand above the peak.
static bool add_peak(struct ask *q, struct home *h, const struct sums *day, struct err *e)
{
    size_t best = 0, last = day->n - 1;
    for (size_t i = 0; i < day->n; i++)
        best = day->at[i].n > day->at[best].n ? i : best;
    for (size_t i = 0; i < day->n; i++)
        if ((i == best || i + 1 >= last) && !peak_of_hour(q, h, day->from + (int32_t)i * 60, e))
            return false;
    return true;
}

// A log of two minutes is not one that was silent for three: rates are of the time in which there was one, and the page says
// since when. Minutes are kept 48 hours; of what is older the day is enough.
static bool add_ends(struct ask *q, struct home *h, struct str dataset, struct err *e)
{
    OWN_ROWS struct rows *r = sql_ask(q->db, e, "select coalesce((select min(minute) from log_day where dataset = ?1 and"
                                      " minute < ?2), (select min(minute) from log_minute where dataset = ?1), 0),"
                                      " max(coalesce((select max(minute) from log_minute where dataset = ?1), 0),"
                                      " coalesce((select max(minute) from log_hour where dataset = ?1), 0))",
                                      VALS(V(dataset), V(h->now_ms / 60000 - MINUTES_KEPT)));
    if (!r || !rows_next(r, e))
        return false;
    int64_t first = row_int(r, 0) * 60000, last = row_int(r, 1) * 60000;
    if (first && (!h->lines_first || first < h->lines_first))
        h->lines_first = first;
    if (last > h->lines_last)
        h->lines_last = last < h->now_ms ? last : h->now_ms;
    return true;
}

// Of [from, to), how much there was a log for.
static double seconds_of(const struct home *h, int64_t from, int64_t to)
{
    int64_t since = h->lines_first > from ? h->lines_first : from, until = to < h->now_ms ? to : h->now_ms;
    return (double)(until - since) / 1000;
}

// The last whole minutes. The first minute of a new log is no whole one, so it counts only as long as it is alone.
static struct sums present(struct home *h, int32_t minute)
{
    int32_t from = minute - NOW_MINUTES, first = (int32_t)(h->lines_first / 60000);
    if (first >= from)
        from = first + 1 < minute ? first + 1 : first;
    return (struct sums){.from = from, .minutes = NOW_MINUTES, .n = 1, .at = NEW(h->arena, struct sum)};
}

static bool add_figures(struct ask *q, struct home *h, struct err *e)
{
    static const struct { const char *name, *unit; } names[FIGURES] = {
        [REQUESTS] = {"requests", "per_s"}, [P95] = {"p95", "ms"}, [ERRORS] = {"errors", "percent"},
        [BYTES] = {"sent", "bytes_per_s"}};
    int32_t minute = (int32_t)(h->now_ms / 60000), hour = minute - minute % 60;
    struct sums day = {.from = hour - 60 * (FIGURE_POINTS - 1), .minutes = 60, .n = FIGURE_POINTS,
                       .at = NEW_N(h->arena, struct sum, FIGURE_POINTS)};
    for (size_t i = 0; i < q->site->log.datasets.n; i++)
        if (!add_ends(q, h, q->site->log.datasets.at[i].name, e))
            return false;
    struct sums now = present(h, minute);
    if (!read_sums(q, SPAN_HOUR, hour + 60, &day, e) || !read_sums(q, SPAN_MINUTE, minute, &now, e))
        return false;
    double now_s = (double)(minute - now.from) * 60;
    int64_t day_ms = (int64_t)day.from * 60000;
    for (int f = 0; f < FIGURES; f++) {
        struct trend x = {.name = names[f].name, .unit = names[f].unit, .now = value_of(f, now.at, now_s)};
        for (int i = 0; i < FIGURE_POINTS; i++)
            x.series[i] = value_of(f, &day.at[i], seconds_of(h, day_ms + i * HOUR_MS, day_ms + (i + 1) * HOUR_MS));
        vec_push(h->arena, &h->figures, x);
    }
    return add_peak(q, h, &day, e);
}

static struct str sentence_of(struct home *h, struct str page, struct str rule, int64_t now_p95)
{
    struct arena *a = h->arena;
    return str_eq(rule, S("errors")) ? str_f(a, STR_F " answers with more errors than in its past", STR_A(page))
           : str_eq(rule, S("slow and new")) ? str_f(a, STR_F " is new and slow: p95 %lld ms", STR_A(page),
                                                     (long long)now_p95)
           : str_f(a, STR_F " is slower than its past: p95 %lld ms", STR_A(page), (long long)now_p95);
}

static void add_alarm(struct home *h, const struct rows *r)
{
    struct arena *a = h->arena;
    struct str dataset = row_str(a, r, 1), page = row_str(a, r, 2), rule = row_str(a, r, 3);
    int64_t closed = row_int(r, 5), past = row_int(r, 7), id = row_int(r, 8);
    struct item x = {
        .how = closed ? HOW_OK : HOW_WARN, .kind = closed ? "alarm.closed" : "alarm.raised",
        .at = closed ? closed : row_int(r, 4), .path = id ? str_f(a, "/log/page/%lld", (long long)id) : S("/log/pages"),
        .cli = str_f(a, "rusuban log page " STR_F, STR_A(page)),
        .args = home_args(h, KVS(KV("id", row_int(r, 0)), KV("dataset", dataset), KV("page", page), KV("rule", rule),
                                 KV("now_p95_ms", row_int(r, 6)), KV("past_p95_ms", past < 0 ? V_NULL : V(past))))};
    x.text = closed ? str_f(a, STR_F " is as it was again", STR_A(page)) : sentence_of(h, page, rule, row_int(r, 6));
    home_happens(h, x);
    if (!closed)
        home_need(h, x);
}

static bool add_alarms(struct ask *q, struct home *h, struct err *e)
{
    OWN_ROWS struct rows *r = sql_ask(q->db, e,
        "select id, dataset, page, rule, raised_at, coalesce(closed_at, 0), now_p95, past_p95, coalesce((select p.id"
        " from log_page p where p.dataset = log_alarm.dataset and p.pattern = log_alarm.page), 0) from log_alarm"
        " where closed_at is null or closed_at > ? order by closed_at is not null, requests desc, id desc limit ?",
        VALS(V(h->now_ms - DAY_MS), V(ALARMS_SHOWN)));
    while (r && rows_next(r, e))
        add_alarm(h, r);
    return r && !rows_failed(r);
}

bool log_home(struct ask *q, struct home *h, struct err *e)
{
    return add_alarms(q, h, e) && (!q->site || !q->site->log.datasets.n || add_figures(q, h, e));
}

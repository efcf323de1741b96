// page_sums.c: see page_sums.h.
#include "log/page_sums.h"
#include "base/clock.h"
#include "base/json.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const int64_t MINUTE_MS = 60000, HOUR_MS = 3600 * 1000, DAY_MS = 24LL * 3600 * 1000;

// By id, with holes, while they are read.
static struct page_minute *row_of(struct page_sums *rows, const struct page_minute *m)
{
    size_t id = (size_t)m->page;
    if (id >= rows->n) {
        size_t cap = 2 * id + 64;
        rows->at = realloc(rows->at, cap * sizeof(struct page_minute *));
        assert(rows->at);
        memset(rows->at + rows->n, 0, (cap - rows->n) * sizeof(struct page_minute *));
        rows->n = cap;
    }
    if (rows->at[id])
        return rows->at[id];
    struct page_minute *x = rows->at[id] = calloc(1, sizeof *x);
    char *name = malloc(m->name.n + 1);
    assert(x && name);
    memcpy(name, m->name.p, m->name.n);
    x->name = (struct str){name, m->name.n};
    x->page = m->page;
    return x;
}

static void add_page(void *arg, const struct page_minute *m)
{
    struct page_minute *to = row_of(arg, m);
    to->n += m->n;
    to->c4 += m->c4;
    to->c5 += m->c5;
    to->bytes += m->bytes;
    hist_merge(&to->reqtime, &m->reqtime);
}

static void close_holes(struct page_sums *rows)
{
    size_t n = 0;
    for (size_t i = 0; i < rows->n; i++)
        if (rows->at[i])
            rows->at[n++] = rows->at[i];
    rows->n = n;
}

static int by_p95(const void *a, const void *b)
{
    const struct page_minute *x = *(struct page_minute *const *)a, *y = *(struct page_minute *const *)b;
    int64_t p = hist_quantile(&x->reqtime, 0.95), q = hist_quantile(&y->reqtime, 0.95);
    return p == q ? (x->n < y->n) - (x->n > y->n) : (p < q) - (p > q);
}

// ---- from when to when ----

// The coarsest that says it exactly, of those that reach back so far. What is only so long ago need not be exact.
static enum span span_of(const struct page_sums *s, bool exact, int64_t now)
{
    bool short_one = s->to_ms - s->from_ms <= 3 * HOUR_MS;
    bool whole_hours = s->from_ms % HOUR_MS == 0 && s->to_ms % HOUR_MS == 0;
    if (now - s->from_ms <= 2 * DAY_MS && (short_one || (exact && !whole_hours)))
        return SPAN_MINUTE;
    return now - s->from_ms <= 35 * DAY_MS ? SPAN_HOUR : SPAN_DAY;
}

// Only what is kept, and nothing beyond now but the lines of a clock that runs ahead.
static void clip(struct page_sums *s, int64_t now)
{
    int64_t oldest = now - 400 * DAY_MS, newest = (now / HOUR_MS + 2) * HOUR_MS;
    s->from_ms = s->from_ms < oldest ? oldest : s->from_ms > newest ? newest : s->from_ms;
    s->to_ms = s->to_ms > newest ? newest : s->to_ms;
}

static const char *rounded(struct arena *a, const struct page_sums *s, enum span span, const char *zone)
{
    char from[TIME_TEXT_MAX], to[TIME_TEXT_MAX];
    return str_zf(a, "figures of that time are kept by the %s: these are from %s to %s",
                  span == SPAN_DAY ? "day (UTC)" : span == SPAN_HOUR ? "hour" : "minute",
                  time_local(s->from_ms, zone, false, from), time_local(s->to_ms, zone, false, to));
}

// To whole minutes, hours or days. true: that is another time than what was asked for.
static bool widen(struct page_sums *s, enum span span, int64_t now)
{
    int64_t step = span_minutes(span) * MINUTE_MS, from = s->from_ms - s->from_ms % step, to = s->to_ms + step - 1;
    to -= to % step;
    bool other = from < s->from_ms || (to > s->to_ms && s->to_ms <= now);
    s->from_ms = from;
    s->to_ms = to;
    return other;
}

// ---- nothing there ----

struct days { int64_t *at; size_t n, cap; };

static bool add_days(struct arena *a, struct days *to, struct db *db, const char *sql, struct str dataset,
                     const char *zone, struct err *e)
{
    OWN_ROWS struct rows *r = sql_ask(db, e, sql, VALS(V(dataset)));
    while (r && rows_next(r, e))
        vec_push(a, to, wall_of_time(row_int(r, 0) * MINUTE_MS, zone) / DAY_MS);
    return r && !rows_failed(r);
}

static bool other_days(struct arena *a, struct page_sums *s, struct db *db, struct str dataset, const char *zone,
                       struct err *e)
{
    struct days days = {0};
    OWN_BUF struct buf b = buf_make(4096);
    if (!add_days(a, &days, db, "select minute from log_hour where dataset = ?", dataset, zone, e)
        || !add_days(a, &days, db, "select minute from log_day where dataset = ?1 and minute + 1440 <="
                        " coalesce((select min(minute) from log_hour where dataset = ?1), 1 << 30)", dataset, zone, e))
        return false;
    if (!days.n)
        return true;
    buf_addz(&b, "there are figures of ");
    times_days(&b, days.at, days.n);
    s->note = str_zdup(a, buf_str(&b));
    return true;
}

bool page_sums_read(struct arena *a, struct page_sums *s, struct db *db, struct str dataset, const struct times *t,
                    const char *zone, struct err *e)
{
    static const struct times last_day = {.since = {"1d", 2}};
    int64_t now = now_ms();
    *s = (struct page_sums){0};
    times_span(times_any(t) ? t : &last_day, zone, now, &s->from_ms, &s->to_ms);
    bool exact = t->day.n || t->from.n || t->to.n;
    clip(s, now);
    enum span span = span_of(s, exact, now);
    if (widen(s, span, now) && exact)
        s->note = rounded(a, s, span, zone);
    int32_t from = (int32_t)(s->from_ms / MINUTE_MS), to = (int32_t)(s->to_ms / MINUTE_MS);
    bool ok = minute_read(db, dataset, span, from, to, add_page, NULL, s, e);
    close_holes(s);
    if (s->n)
        qsort(s->at, s->n, sizeof(struct page_minute *), by_p95);
    return ok && (s->n || other_days(a, s, db, dataset, zone, e));
}

void page_sums_drop(struct page_sums *s)
{
    for (size_t i = 0; i < s->n; i++) {
        free((char *)(uintptr_t)s->at[i]->name.p);
        free(s->at[i]);
    }
    free(s->at);
    *s = (struct page_sums){0};
}

struct page_sum page_sum_of(const struct page_minute *m)
{
    return (struct page_sum){.id = m->page, .page = m->name, .requests = m->n, .e4xx = m->c4, .e5xx = m->c5,
                             .bytes = m->bytes, .p50_ms = hist_quantile(&m->reqtime, 0.5),
                             .p95_ms = hist_quantile(&m->reqtime, 0.95)};
}

static struct val time_val(int64_t ms)
{
    return ms < 0 ? V_NULL : V(ms);
}

void page_sum_json(struct buf *b, const struct page_sum *s)
{
    json_object(b, KV("id", s->id), KV("page", s->page), KV("requests", s->requests),
                KV("p50_ms", time_val(s->p50_ms)), KV("p95_ms", time_val(s->p95_ms)), KV("e4xx", s->e4xx),
                KV("e5xx", s->e5xx), KV("bytes", s->bytes));
}

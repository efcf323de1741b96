// page_sums.c: see page_sums.h.
#include "log/page_sums.h"
#include "base/clock.h"
#include "base/json.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const int64_t HOUR_MS = 3600 * 1000, DAY_MS = 24LL * 3600 * 1000, SINCE_MAX = 400LL * 24 * 3600 * 1000;

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

bool page_sums_since(struct str text, const char *what, int64_t *ms, struct err *e)
{
    *ms = DAY_MS;
    return !text.n || (duration_parse(text, ms) && *ms > 0 && *ms <= SINCE_MAX)
        || err_set(e, ERR_INPUT, "%s: expected a duration such as 2h or 7d, at most 400d, got \"" STR_F "\"", what,
                   STR_A(str_head(text, 100)));
}

bool page_sums_read(struct page_sums *s, struct db *db, struct str dataset, int64_t since_ms, struct err *e)
{
    int32_t now = (int32_t)(now_ms() / 60000), from = now - (int32_t)(since_ms / 60000);
    enum span span = since_ms <= 3 * HOUR_MS ? SPAN_MINUTE : since_ms <= 35 * DAY_MS ? SPAN_HOUR : SPAN_DAY;
    *s = (struct page_sums){0};
    bool ok = minute_read(db, dataset, span, from, now + 61, add_page, NULL, s, e);
    close_holes(s);
    if (s->n)
        qsort(s->at, s->n, sizeof(struct page_minute *), by_p95);
    return ok;
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

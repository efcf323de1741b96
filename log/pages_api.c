// pages_api.c: GET /log/pages and /log/page/{id}: how each page is, and one of them beside its own past.
#include "base/clock.h"
#include "log/alarm_list.h"
#include "log/api.h"
#include "log/markers.h"
#include "log/page_sums.h"
#include <assert.h>
#include <stdlib.h>

enum { ITEMS_MAX = 1000, PAST_DAYS_BACK = 28, DAY_HOURS = 24, BACK_DAYS_MAX = 7 };
static const int64_t HOUR_MS = 3600 * 1000, WEEK_MS = 7LL * 24 * 3600 * 1000;

static void on_alarm(void *arg, const struct alarm *x)
{
    alarm_json(arg, x);
}

static bool put_worse(struct ask *q, struct str dataset, struct str page, struct err *e)
{
    struct alarm_wish w = {.closed_too = true, .since = now_ms() - WEEK_MS, .dataset = dataset, .page = page};
    json_key(q->out, "worse");
    json_open(q->out, '[');
    bool ok = alarm_list(q->arena, q->db, &w, on_alarm, q->out, e);
    json_close(q->out, ']');
    return ok;
}

// ---- all pages ----

static struct str dataset_name(const void *site, size_t i)
{
    return ((const struct site *)site)->log.datasets.at[i].name;
}

// The one that is named, else access, else the site's first.
static bool dataset_of(struct ask *q, struct str named, struct str *out, struct err *e)
{
    const struct site *s = q->site;
    if (!ask_site(q, e))
        return false;
    *out = named.n ? named : site_dataset(s, S("access")) || !s->log.datasets.n ? S("access") : s->log.datasets.at[0].name;
    if (!named.n || site_dataset(s, named))
        return true;
    struct str near = str_nearest(named, s->log.datasets.n, dataset_name, s);
    return ask_wrong(q, e, "dataset", near.n ? str_zf(q->arena, "did you mean \"" STR_F "\"?", STR_A(near)) : "",
                     "the site has no dataset \"" STR_F "\"", STR_A(str_head(named, 64)));
}

static bool times_are_right(struct ask *q, const struct times *t, struct err *e)
{
    struct err why = {0};
    const char *which = "";
    return times_check(t, "", &which, &why)
        || ask_wrong(q, e, which, str_zdup(q->arena, str_z(why.hint)), "%s", why.text);
}

bool api_log_pages(struct ask *q, struct err *e)
{
    const struct pages_in *in = q->in;
    OWN(page_sums_drop) struct page_sums all = {0};
    struct times t = {in->since, in->day, in->from, in->to};
    struct str dataset;
    char from[TIME_TEXT_MAX], to[TIME_TEXT_MAX];
    if (!dataset_of(q, in->dataset, &dataset, e) || !times_are_right(q, &t, e)
        || !page_sums_read(q->arena, &all, q->db, dataset, &t, str_zdup(q->arena, q->site->timezone), e))
        return false;
    json_open(q->out, '{');
    json_kvs(q->out, KVS(KV("dataset", dataset), KV("since_ms", now_ms() - all.from_ms),
                         KV("from", time_text(all.from_ms, from)), KV("to", time_text(all.to_ms, to)),
                         KV("note", all.note ? V(all.note) : V_NULL), KV("pages", all.n)));
    json_key(q->out, "items");
    json_open(q->out, '[');
    for (size_t i = 0; i < all.n && i < ITEMS_MAX; i++) {
        struct page_sum sum = page_sum_of(all.at[i]);
        page_sum_json(q->out, &sum);
    }
    json_close(q->out, ']');
    if (!put_worse(q, dataset, S(""), e))
        return false;
    json_kv(q->out, "next", V_NULL);
    json_close(q->out, '}');
    return true;
}

// ---- one page ----

struct hour { uint64_t n, c4, c5; struct hist reqtime; };
struct hours { int32_t first; size_t n; struct hour *at; };      // first: since 1970

static void hours_drop(struct hours *h)
{
    free(h->at);
}

static void add_hour(void *arg, const struct page_minute *m)
{
    struct hours *h = arg;
    int32_t i = m->minute / 60 - h->first;
    if (i < 0 || (size_t)i >= h->n)
        return;
    struct hour *x = &h->at[i];
    x->n += m->n;
    x->c4 += m->c4;
    x->c5 += m->c5;
    hist_merge(&x->reqtime, &m->reqtime);
}

// The same hour of the days before. Days on which nobody asked for the page count as days once it was there.
static void put_past(struct buf *out, const struct hours *h, size_t at)
{
    struct hour sum = {0};
    int64_t days = 0;
    for (size_t i = 1; i <= PAST_DAYS_BACK && i * DAY_HOURS <= at; i++) {
        const struct hour *x = &h->at[at - i * DAY_HOURS];
        sum.n += x->n;
        sum.c5 += x->c5;
        hist_merge(&sum.reqtime, &x->reqtime);
        if (x->n)
            days = (int64_t)i;
    }
    if (!days) {
        json_val(out, V_NULL);
        return;
    }
    json_object(out, KV("days", days), KV("requests", (double)sum.n / (double)days),
                KV("p95_ms", hist_quantile(&sum.reqtime, 0.95)), KV("e5xx", (double)sum.c5 / (double)days));
}

static void put_hours(struct buf *out, const struct hours *h, size_t shown)
{
    json_key(out, "hours");
    json_open(out, '[');
    for (size_t i = h->n - shown; i < h->n; i++) {
        const struct hour *x = &h->at[i];
        char at[TIME_TEXT_MAX];
        int64_t p95 = hist_quantile(&x->reqtime, 0.95);
        json_open(out, '{');
        json_kvs(out, KVS(KV("at", time_text((h->first + (int64_t)i) * HOUR_MS, at)), KV("requests", x->n),
                          KV("p95_ms", p95 < 0 ? V_NULL : V(p95)), KV("e4xx", x->c4), KV("e5xx", x->c5)));
        json_key(out, "past");
        put_past(out, h, i);
        json_close(out, '}');
    }
    json_close(out, ']');
}

struct page { int64_t id; struct str dataset, name; };

// A page that was folded into another one is that one.
static bool page_of(struct ask *q, struct page *p, struct err *e)
{
    int64_t asked;
    if (!ask_number(q, "id", &asked, e))
        return false;
    OWN_ROWS struct rows *r = sql_ask(q->db, e,
        "with recursive now (id, step) as (select ?, 0 union all select p.merged_into, step + 1 from now"
        " join log_page p on p.id = now.id where p.merged_into is not null and step < 100)"
        " select p.id, p.dataset, p.pattern from now join log_page p on p.id = now.id order by step desc limit 1",
        VALS(V(asked)));
    if (!r)
        return false;
    if (!rows_next(r, e))
        return rows_failed(r) ? false : err_set(e, ERR_NOT_FOUND, "there is no page %lld", (long long)asked);
    *p = (struct page){row_int(r, 0), row_str(q->arena, r, 1), row_str(q->arena, r, 2)};
    return true;
}

static bool back_of(struct ask *q, size_t *shown, struct err *e)
{
    const struct page_in *in = q->in;
    int64_t ms = 2 * DAY_HOURS * HOUR_MS;
    if (in->back.n && (!duration_parse(in->back, &ms) || ms < HOUR_MS || ms > BACK_DAYS_MAX * DAY_HOURS * HOUR_MS))
        return ask_wrong(q, e, "back", "", "back: expected 1h to 7d, got \"" STR_F "\"", STR_A(in->back));
    *shown = (size_t)(ms / HOUR_MS);
    return true;
}

static bool read_hours(struct ask *q, const struct page *p, size_t shown, struct hours *h, struct err *e)
{
    int32_t end = (int32_t)(now_ms() / HOUR_MS) + 1;
    h->n = shown + PAST_DAYS_BACK * DAY_HOURS;
    h->first = end - (int32_t)h->n;
    h->at = calloc(h->n, sizeof *h->at);
    assert(h->at);
    return minute_read_page(q->db, p->dataset, SPAN_HOUR, h->first * 60, end * 60, p->id, add_hour, h, e);
}

bool api_log_page(struct ask *q, struct err *e)
{
    OWN(hours_drop) struct hours h = {0};
    struct page p = {0};
    size_t shown = 0;
    if (!page_of(q, &p, e) || !back_of(q, &shown, e) || !read_hours(q, &p, shown, &h, e))
        return false;
    json_open(q->out, '{');
    json_kvs(q->out, KVS(KV("id", p.id), KV("page", p.name), KV("dataset", p.dataset)));
    put_hours(q->out, &h, shown);
    json_key(q->out, "releases");
    json_open(q->out, '[');
    int64_t end = (h.first + (int64_t)h.n) * HOUR_MS;
    if (!markers_put(q->arena, q->db, end - (int64_t)shown * HOUR_MS, end, q->out, e))
        return false;
    json_close(q->out, ']');
    if (!put_worse(q, p.dataset, p.name, e))
        return false;
    json_close(q->out, '}');
    return true;
}

// cmd_watch.c: `rusuban log watch`: the pages that are worse than their own past, and `rusuban log pages`: how each
// page is.
#include "base/clock.h"
#include "base/jansson.h"
#include "base/json.h"
#include "log/alarm.h"
#include "log/cli.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FOLLOW_S = 2, LIST_MAX = 1000 };
static const int64_t SINCE_MAX = 400LL * 24 * 3600 * 1000;     // days are kept so long

struct alarm {
    int64_t id, began, raised, last, closed, now, past, requests, errors;
    double past_errors;
    struct str dataset, page, rule, hosts, release;
};

static struct alarm read_alarm(struct arena *a, const struct rows *r)
{
    return (struct alarm){.id = row_int(r, 0), .dataset = row_str(a, r, 1), .page = row_str(a, r, 2),
                          .rule = row_str(a, r, 3), .began = row_int(r, 4), .raised = row_int(r, 5),
                          .last = row_int(r, 6), .closed = row_int(r, 7), .now = row_int(r, 8), .past = row_int(r, 9),
                          .requests = row_int(r, 10), .errors = row_int(r, 11), .past_errors = row_real(r, 12),
                          .hosts = row_str(a, r, 13), .release = row_str(a, r, 14)};
}

static void put_json(const struct alarm *x)
{
    OWN_BUF struct buf b = buf_make(64 << 10);
    char began[TIME_TEXT_MAX], raised[TIME_TEXT_MAX], last[TIME_TEXT_MAX], closed[TIME_TEXT_MAX];
    json_object(&b, KV("id", x->id), KV("dataset", x->dataset), KV("page", x->page), KV("rule", x->rule),
                KV("began_at", time_text(x->began, began)), KV("raised_at", time_text(x->raised, raised)),
                KV("last_at", time_text(x->last, last)),
                KV("closed_at", x->closed ? V(time_text(x->closed, closed)) : V_NULL), KV("p95_ms", x->now),
                KV("past_p95_ms", x->past), KV("requests", x->requests), KV("errors", x->errors),
                KV("past_errors_percent", x->past_errors), KV("hosts", V_JSON(x->hosts)),
                KV("release", x->release.n ? V_JSON(x->release) : V_NULL));
    printf("%s\n", buf_z(&b));
}

static struct str hosts_text(struct arena *a, struct str json)
{
    OWN_BUF struct buf b = buf_make(8 << 10);
    json_t *list = json_loadb(json.p, json.n, 0, NULL), *host;
    size_t i;
    json_array_foreach(list, i, host)
        buf_addf(&b, "%s%s", i ? " " : "", json_string_value(host) ? json_string_value(host) : "");
    json_decref(list);
    return str_dup(a, buf_str(&b));
}

static void put_release(struct call *c, const struct alarm *x, const char *zone)
{
    json_t *j = json_loadb(x->release.p, x->release.n, 0, NULL);
    const char *at = json_string_value(json_object_get(j, "at"));
    const char *service = json_string_value(json_object_get(j, "service"));
    const char *host = json_string_value(json_object_get(j, "host"));
    char when[TIME_TEXT_MAX], took[TIME_TEXT_MAX];
    if (at && service && host) {
        int64_t ms = time_parse(at);
        fputs("    ", stdout);
        if (ms <= x->began)
            printf("%s after ", took_text(x->began - ms, took));
        else
            printf("about when ");
        put_foreign(stdout, str_f(c->arena, "%s %lld went to %s (%s)", service,
                                  (long long)json_integer_value(json_object_get(j, "number")), host,
                                  time_local(ms, zone, false, when)));
        putchar('\n');
    }
    json_decref(j);
}

static void put_text(struct call *c, const struct alarm *x, const char *zone)
{
    char when[TIME_TEXT_MAX];
    put_foreign(stdout, x->page);
    printf("  %.*s since %s", STR_A(x->rule), time_local(x->began, zone, false, when));
    if (x->closed)
        printf(" until %s", time_local(x->last, zone, false, when));
    if (str_eq(x->rule, S("errors")))
        printf("  %lld of %lld requests failed, %.2f %% in its past", (long long)x->errors, (long long)x->requests,
               x->past_errors);
    else if (x->past >= 0)
        printf("  p95 %.2f s, this hour's past %.2f s", (double)x->now / 1000, (double)x->past / 1000);
    else
        printf("  p95 %.2f s", (double)x->now / 1000);
    printf("  %lld requests on ", (long long)x->requests);
    put_foreign(stdout, hosts_text(c->arena, x->hosts));
    putchar('\n');
    if (x->release.n)
        put_release(c, x, zone);
}

// Alarms above this id, or all; *open: how many are not closed.
static bool list(struct call *c, struct db *db, const char *zone, bool all, int64_t above, int64_t *highest,
                 size_t *open, struct err *e)
{
    OWN_ROWS struct rows *r = sql_ask(db, e,
        "select id, dataset, page, rule, began_at, raised_at, last_at, coalesce(closed_at, 0),"
        " now_p95, past_p95, requests, errors, past_errors, hosts, release from log_alarm"
        " where (closed_at is null or ?) and id > ? order by id limit ?",
        VALS(V(all), V(above), V((int)LIST_MAX)));
    if (!r)
        return false;
    while (rows_next(r, e)) {
        struct alarm x = read_alarm(c->arena, r);
        if (c->json)
            put_json(&x);
        else
            put_text(c, &x, zone);
        *open += x.closed == 0;
        *highest = x.id > *highest ? x.id : *highest;
    }
    fflush(stdout);
    return !rows_failed(r);
}

bool cmd_log_watch(struct call *c, struct err *e)
{
    OWN_DB struct db *db = NULL;
    struct site *site = NULL;
    int64_t highest = 0;
    size_t open = 0;
    bool all = call_flag(c, "all"), follow = call_flag(c, "follow");
    if (!site_load(c->arena, c->site, &site, e) || !store_open(c->data, &db, e))
        return false;
    const char *zone = str_zdup(c->arena, site->timezone);
    if (!list(c, db, zone, all, 0, &highest, &open, e))
        return false;
    while (follow) {
        OWN_ARENA struct arena a = arena_make(8 << 20);
        struct call mine = *c;
        mine.arena = &a;
        sleep(FOLLOW_S);
        if (!list(&mine, db, zone, true, highest, &highest, &open, e))
            return false;
    }
    if (open)
        return err_set(e, ERR_CHECK, "%zu page%s worse than %s own past", open, open == 1 ? " is" : "s are",
                       open == 1 ? "its" : "their");
    if (!c->json && !c->quiet)
        fputs("no page is worse than its own past\n", stderr);
    return true;
}

// ---- pages ----

struct page_rows { struct page_minute **at; size_t n; };       // by id, with holes; then sorted, without

static struct page_minute *row_of(struct page_rows *rows, const struct page_minute *m)
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

static void close_holes(struct page_rows *rows)
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

static void put_page(const struct call *c, const struct page_minute *m)
{
    int64_t p50 = hist_quantile(&m->reqtime, 0.5), p95 = hist_quantile(&m->reqtime, 0.95);
    if (!c->json) {
        printf("%9llu  %6lld  %6lld  %6.2f  %6.2f  ", (unsigned long long)m->n, (long long)p50, (long long)p95,
               100.0 * (double)m->c4 / (double)m->n, 100.0 * (double)m->c5 / (double)m->n);
        put_foreign(stdout, m->name);
        putchar('\n');
        return;
    }
    OWN_BUF struct buf b = buf_make(8 << 10);
    json_object(&b, KV("page", m->name), KV("requests", m->n), KV("p50_ms", p50), KV("p95_ms", p95), KV("e4xx", m->c4),
                KV("e5xx", m->c5), KV("bytes", m->bytes));
    printf("%s\n", buf_z(&b));
}

static bool since_option(const struct call *c, int64_t *ms, struct err *e)
{
    const char *text = call_option(c, "since");
    *ms = 24 * 3600 * 1000;
    return !text || (duration_parse(str_z(text), ms) && *ms > 0 && *ms <= SINCE_MAX)
        || err_set(e, ERR_INPUT, "--since: expected a duration such as 2h or 7d, at most 400d, got \"%s\"", text);
}

bool cmd_log_pages(struct call *c, struct err *e)
{
    OWN_DB struct db *db = NULL;
    struct site *site = NULL;
    struct page_rows rows = {0};
    int64_t since;
    struct str name = call_arg(c, 0).n ? call_arg(c, 0) : S("access");
    if (!since_option(c, &since, e) || !site_load(c->arena, c->site, &site, e) || !store_open(c->data, &db, e))
        return false;
    if (!site_dataset(site, name))
        return err_set(e, ERR_INPUT, "there is no dataset \"" STR_F "\"", STR_A(name));
    int32_t now = (int32_t)(now_ms() / 60000), from = now - (int32_t)(since / 60000);
    enum span span = since <= 3 * 3600 * 1000 ? SPAN_MINUTE : since <= 35LL * 24 * 3600 * 1000 ? SPAN_HOUR : SPAN_DAY;
    bool ok = minute_read(db, name, span, from, now + 61, add_page, NULL, &rows, e);
    close_holes(&rows);
    if (rows.n)
        qsort(rows.at, rows.n, sizeof(struct page_minute *), by_p95);
    if (ok && !c->json && rows.n)
        printf(" requests  p50 ms  p95 ms   4xx %%   5xx %%  page\n");
    for (size_t i = 0; i < rows.n; i++) {
        if (ok)
            put_page(c, rows.at[i]);
        free((char *)(uintptr_t)rows.at[i]->name.p);
        free(rows.at[i]);
    }
    free(rows.at);
    return ok;
}

// minute_store.c: figures that were counted go to their rows: see minute.h.
#include "base/clock.h"
#include "log/book.h"
#include "log/minute_inner.h"
#include "log/steady.h"
#include "log/traffic.h"
#include <assert.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

// One figure of one part, on its way to its place.
struct ref {
    int32_t minute;
    bool hourly, of_host;
    uint32_t id;                // of the page
    struct str host;
    const struct figures_part *part;
    const struct figure *figure;
    const uint32_t *line;       // its lines, by number
    size_t lines;
};

// The lines of each figure stand together: `of` gives the figure of a line.
struct sorted { uint32_t *line, *start; };

static struct sorted sort_lines(const struct figures_part *p, bool hosts)
{
    struct sorted s = {malloc((p->lines + 1) * sizeof *s.line), calloc(p->n + 2, sizeof *s.start)};
    assert(s.line && s.start);
    for (size_t i = 0; i < p->lines; i++)
        s.start[(hosts ? p->line[i].host : p->line[i].page) + 2]++;
    for (size_t k = 2; k < p->n + 2; k++)
        s.start[k] += s.start[k - 1];
    for (size_t i = 0; i < p->lines; i++)
        s.line[s.start[(hosts ? p->line[i].host : p->line[i].page) + 1]++] = (uint32_t)i;
    return s;
}

struct heap { struct ref *at; size_t n, cap; struct sorted *sorted; size_t sorted_n; };

static void heap_drop(struct heap *h)
{
    for (size_t i = 0; i < h->sorted_n; i++) {
        free(h->sorted[i].line);
        free(h->sorted[i].start);
    }
    free(h->sorted);
    free(h->at);
}

static void heap_add(struct heap *h, const struct figures_part *p, const uint32_t *ids)
{
    h->sorted = realloc(h->sorted, (h->sorted_n + 2) * sizeof *h->sorted);
    h->at = realloc(h->at, (h->n + p->n + 1) * sizeof *h->at);
    assert(h->sorted && h->at);
    struct sorted pages = h->sorted[h->sorted_n++] = sort_lines(p, false);
    struct sorted hosts = h->sorted[h->sorted_n++] = sort_lines(p, true);
    for (size_t i = 0; i < p->n; i++) {
        const struct figure *g = &p->at[i];
        const struct sorted *s = g->of_host ? &hosts : &pages;
        h->at[h->n++] = (struct ref){g->minute, g->hourly, g->of_host, g->of_host ? 0 : ids[g->name],
                                     g->of_host ? p->hosts.at[g->name] : S(""), p, g, s->line + s->start[i],
                                     s->start[i + 1] - s->start[i]};
    }
}

static int by_place(const void *a, const void *b)
{
    const struct ref *x = a, *y = b;
    int d = (x->minute > y->minute) - (x->minute < y->minute);
    d = d ? d : x->hourly - y->hourly;
    d = d ? d : x->of_host - y->of_host;
    d = d ? d : (x->id > y->id) - (x->id < y->id);
    return d ? d : str_cmp(x->host, y->host);
}

static void add_ref(struct page_minute *m, const struct ref *r)
{
    const struct figure *g = r->figure;
    struct page_minute one = {.n = g->n, .c4 = g->c4, .c5 = g->c5, .bytes = g->bytes, .clients = g->clients};
    memcpy(one.client, g->client, sizeof one.client);
    minute_add(m, &one);
    for (size_t i = 0; i < r->lines; i++) {
        const struct figured_line *l = &r->part->line[r->line[i]];
        if (l->reqtime != NO_STEP)
            hist_add(&m->reqtime, hist_low(l->reqtime));
        if (l->apptime != NO_STEP)
            hist_add(&m->apptime, hist_low(l->apptime));
    }
}

// The refs of one minute, from `from` on; returns where the next begins.
static size_t put_minute(const struct heap *h, size_t from, struct both *out)
{
    static _Thread_local struct page_minute sum;
    size_t i = from;
    while (i < h->n && h->at[i].minute == h->at[from].minute && h->at[i].hourly == h->at[from].hourly) {
        const struct ref *first = &h->at[i];
        memset(&sum, 0, sizeof sum);
        for (; i < h->n && by_place(&h->at[i], first) == 0; i++)
            add_ref(&sum, &h->at[i]);
        uint32_t id = htobe32(first->id);
        struct str key = first->of_host ? first->host : (struct str){(const char *)&id, sizeof id};
        minute_put(first->of_host ? &out->hosts : &out->pages, key, &sum);
    }
    return i;
}

static int32_t floor_to(int32_t minute, int32_t size)
{
    return minute - ((minute % size) + size) % size;
}

// Minutes come in order: an hour, a day is written when the next begins.
struct sums { struct db *db; struct str dataset; struct both hour, day; int32_t in_hour, in_day; bool any; };

static bool close_sums(struct sums *s, bool day_too, struct err *e)
{
    if (!s->any)
        return true;
    if (!minute_row_add(s->db, s->dataset, SPAN_HOUR, s->in_hour, &s->hour, e) || !both_add(&s->day, &s->hour, e))
        return false;
    both_clear(&s->hour);
    if (!day_too)
        return true;
    if (!minute_row_add(s->db, s->dataset, SPAN_DAY, s->in_day, &s->day, e))
        return false;
    both_clear(&s->day);
    return true;
}

static bool add_minute(struct sums *s, int32_t minute, bool hourly, const struct both *of, struct err *e)
{
    int32_t hour = floor_to(minute, 60), day = floor_to(minute, 24 * 60);
    if (s->any && hour != s->in_hour && !close_sums(s, day != s->in_day, e))
        return false;
    s->in_hour = hour;
    s->in_day = day;
    s->any = true;
    return (hourly || minute_row_add(s->db, s->dataset, SPAN_MINUTE, minute, of, e)) && both_add(&s->hour, of, e);
}

static bool put_all(struct db *db, struct str dataset, const struct heap *h, struct err *e)
{
    struct sums s = {.db = db, .dataset = dataset, .hour = both_make(), .day = both_make()};
    OWN_BOTH struct both minute = both_make();
    bool ok = true;
    for (size_t i = 0; ok && i < h->n;) {
        const struct ref *first = &h->at[i];
        both_clear(&minute);
        i = put_minute(h, i, &minute);
        ok = buf_ok(&minute.pages, e) && buf_ok(&minute.hosts, e)
            && add_minute(&s, first->minute, first->hourly, &minute, e);
    }
    ok = ok && close_sums(&s, true, e);
    both_drop(&s.hour);
    both_drop(&s.day);
    return ok;
}

static bool ids_of(struct db *db, struct str dataset, struct book *k, const struct figures_part *p, uint32_t *ids,
                   struct err *e)
{
    for (size_t i = 0; i < p->pages.n; i++) {
        int64_t id;
        if (!book_id(db, dataset, k, p->pages.at[i], &id, e))
            return false;
        ids[i] = (uint32_t)id;
    }
    return true;
}

static bool merge_parts(struct db *db, struct str dataset, struct figures_part *const *parts, size_t n, struct err *e)
{
    OWN(heap_drop) struct heap h = {0};
    OWN_BOOK struct book k = {0};
    if (!book_read(db, dataset, &k, e))
        return false;
    for (size_t i = 0; i < n; i++)
        for (const struct figures_part *p = parts[i]; p; p = p->next) {
            uint32_t *ids = malloc((p->pages.n + 1) * sizeof *ids);
            assert(ids);
            bool ok = ids_of(db, dataset, &k, p, ids, e);
            if (ok)
                heap_add(&h, p, ids);
            free(ids);
            if (!ok)
                return false;
        }
    if (h.n == 0)
        return true;
    qsort(h.at, h.n, sizeof *h.at, by_place);
    return put_all(db, dataset, &h, e) && book_write(db, dataset, &k, e);
}

static bool forget_old(struct db *db, struct str dataset, struct err *e)
{
    return !clock_steady()
        || (minute_row_forget(db, dataset, (int32_t)(now_ms() / 60000), e) && traffic_forget(db, now_ms(), e));
}

bool figures_store(struct db *db, struct str dataset, uint64_t lsn, struct figures_part *const *parts, size_t n,
                   struct err *e)
{
    if (!sql_begin(db, e) || !merge_parts(db, dataset, parts, n, e) || !traffic_store(db, parts, n, e)
        || !sql_do(db, e,
                   "insert into log_mark (dataset, lsn, stored_at) values (?, ?, ?)"
                   " on conflict do update set lsn = max(lsn, excluded.lsn), stored_at = excluded.stored_at",
                   VALS(V(dataset), V(lsn), V(now_ms())))
        || !forget_old(db, dataset, e) || !sql_commit(db, e)) {
        err_in(e, "figures of " STR_F, STR_A(dataset));
        return sql_undo(db);
    }
    return true;
}

bool figures_mark(struct db *db, struct str dataset, uint64_t *lsn, struct err *e)
{
    int64_t v = 0;
    if (!sql_int(db, e, &v, "select coalesce(max(lsn), 0) from log_mark where dataset = ?", VALS(V(dataset))))
        return false;
    *lsn = (uint64_t)v;
    return true;
}

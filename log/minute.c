// minute.c: see minute.h.
#include "log/minute.h"
#include "base/clock.h"
#include "base/say.h"
#include "log/book.h"
#include "log/bytes.h"
#include "log/steady.h"
#include "log/traffic.h"
#include <assert.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

enum { ROW_BYTES = 256 << 20, NAMES_BYTES = 32 << 20, VERSION_OF_ROWS = 1, LEVEL = 3 };

static const struct span_row { const char *read, *write, *forget; int32_t minutes, kept; } spans[SPANS] = {
    {"select minute, pages, hosts from log_minute where dataset = ? and minute >= ? and minute < ? order by minute",
     "insert or replace into log_minute (dataset, minute, pages, hosts) values (?, ?, ?, ?)",
     "delete from log_minute where dataset = ? and minute < ?", 1, MINUTES_KEPT},
    {"select minute, pages, hosts from log_hour where dataset = ? and minute >= ? and minute < ? order by minute",
     "insert or replace into log_hour (dataset, minute, pages, hosts) values (?, ?, ?, ?)",
     "delete from log_hour where dataset = ? and minute < ?", 60, 35 * 24 * 60},
    {"select minute, pages, hosts from log_day where dataset = ? and minute >= ? and minute < ? order by minute",
     "insert or replace into log_day (dataset, minute, pages, hosts) values (?, ?, ?, ?)",
     "delete from log_day where dataset = ? and minute < ?", 24 * 60, 400 * 24 * 60},
};

int32_t span_minutes(enum span s)
{
    return spans[s].minutes;
}

// ---- one page ----

static bool cut_varint(struct str *in, uint64_t *v)
{
    *v = 0;
    for (int shift = 0; in->n && shift < 63; shift += 7) {
        unsigned char c = (unsigned char)in->p[0];
        *in = str_from(*in, 1);
        *v |= (uint64_t)(c & 0x7f) << shift;
        if (c < 0x80)
            return true;
    }
    return false;
}

static bool cut_text(struct str *in, struct str *out)
{
    uint64_t n;
    if (!cut_varint(in, &n) || n > in->n)
        return false;
    *out = str_head(*in, n);
    *in = str_from(*in, n);
    return true;
}

static void put_lengthed(struct buf *b, struct str s)
{
    put_varint(b, s.n);
    buf_add(b, s);
}

static void put_body(struct buf *b, const struct page_minute *m)
{
    put_varint(b, m->n);
    put_varint(b, m->c4);
    put_varint(b, m->c5);
    put_varint(b, m->bytes);
    put_varint(b, m->clients);
    for (uint32_t i = 0; i < m->clients; i++)
        put_u32(b, m->client[i]);
    hist_put(b, &m->reqtime);
    hist_put(b, &m->apptime);
}

void minute_put(struct buf *b, struct str key, const struct page_minute *m)
{
    OWN_BUF struct buf body = buf_make(1 << 20);
    put_body(&body, m);
    put_lengthed(b, key);
    put_lengthed(b, buf_str(&body));
}

static bool read_body(struct str in, struct page_minute *m)
{
    uint64_t clients;
    if (!cut_varint(&in, &m->n) || !cut_varint(&in, &m->c4) || !cut_varint(&in, &m->c5) || !cut_varint(&in, &m->bytes)
        || !cut_varint(&in, &clients) || clients > CLIENTS_MAX || in.n < clients * sizeof(uint32_t))
        return false;
    m->clients = (uint32_t)clients;
    for (uint32_t i = 0; i < m->clients; i++) {
        uint32_t v;
        memcpy(&v, in.p + i * sizeof v, sizeof v);
        m->client[i] = le32toh(v);
    }
    in = str_from(in, clients * sizeof(uint32_t));
    return hist_read(&in, &m->reqtime) && hist_read(&in, &m->apptime) && in.n == 0;
}

bool minute_cut(struct str *in, struct str *key, struct page_minute *m)
{
    struct str body;
    return cut_text(in, key) && cut_text(in, &body) && read_body(body, m);
}

static void add_up(struct page_minute *to, const struct page_minute *from)
{
    to->n += from->n;
    to->c4 += from->c4;
    to->c5 += from->c5;
    to->bytes += from->bytes;
    for (uint32_t i = 0; i < from->clients; i++) {
        bool known = false;
        for (uint32_t k = 0; k < to->clients; k++)
            known = known || to->client[k] == from->client[i];
        if (!known && to->clients < CLIENTS_MAX)
            to->client[to->clients++] = from->client[i];
    }
    hist_merge(&to->reqtime, &from->reqtime);
    hist_merge(&to->apptime, &from->apptime);
}

// ---- rows ----

struct entry { struct str key, body, whole; };

static bool cut_entry(struct str *in, struct entry *x)
{
    struct str before = *in;
    if (!cut_text(in, &x->key) || !cut_text(in, &x->body))
        return false;
    x->whole = str_head(before, before.n - in->n);
    return true;
}

static bool put_both(struct buf *out, const struct entry *x, const struct entry *y)
{
    static _Thread_local struct page_minute one, other;
    if (!read_body(x->body, &one) || !read_body(y->body, &other))
        return false;
    add_up(&one, &other);
    minute_put(out, x->key, &one);
    return true;
}

bool minute_merge(struct str a, struct str b, struct buf *out)
{
    struct entry x, y;
    bool has_x = a.n > 0, has_y = b.n > 0;
    if ((has_x && !cut_entry(&a, &x)) || (has_y && !cut_entry(&b, &y)))
        return false;
    while (has_x || has_y) {
        int d = !has_x ? 1 : !has_y ? -1 : str_cmp(x.key, y.key);
        if (d == 0 && !put_both(out, &x, &y))
            return false;
        if (d)
            buf_add(out, d < 0 ? x.whole : y.whole);
        if (d <= 0 && (has_x = a.n > 0) && !cut_entry(&a, &x))
            return false;
        if (d >= 0 && (has_y = b.n > 0) && !cut_entry(&b, &y))
            return false;
    }
    return !out->failed;
}

static void pack(struct buf *out, struct str clear)
{
    size_t bound = ZSTD_compressBound(clear.n + 1);
    OWN_MEM char *with_version = malloc(clear.n + 1), *packed = malloc(bound);
    assert(with_version && packed);
    with_version[0] = VERSION_OF_ROWS;
    memcpy(with_version + 1, clear.p, clear.n);
    size_t n = ZSTD_compress(packed, bound, with_version, clear.n + 1, LEVEL);
    assert(!ZSTD_isError(n));
    buf_add(out, (struct str){packed, n});
}

static bool unpack(struct buf *out, struct str packed, struct err *e)
{
    unsigned long long n = ZSTD_getFrameContentSize(packed.p, packed.n);
    if (n == ZSTD_CONTENTSIZE_UNKNOWN || n == ZSTD_CONTENTSIZE_ERROR || n < 1 || n > ROW_BYTES)
        return err_set(e, ERR_CHECK, "figures in the store are damaged");
    OWN_MEM char *clear = malloc(n);
    assert(clear);
    if (ZSTD_decompress(clear, n, packed.p, packed.n) != n || clear[0] != VERSION_OF_ROWS)
        return err_set(e, ERR_CHECK, "figures in the store are damaged, or of another version");
    buf_add(out, (struct str){clear + 1, (size_t)n - 1});
    return buf_ok(out, e);
}

struct both { struct buf pages, hosts; };       // a row, clear

static struct both both_make(void)
{
    return (struct both){buf_make(ROW_BYTES), buf_make(ROW_BYTES)};
}

static void both_drop(struct both *b)
{
    buf_drop(&b->pages);
    buf_drop(&b->hosts);
}
#define OWN_BOTH OWN(both_drop)

static void both_clear(struct both *b)
{
    buf_clear(&b->pages);
    buf_clear(&b->hosts);
}

static bool both_add(struct both *to, const struct both *more, struct err *e)
{
    OWN_BOTH struct both sum = both_make();
    if (!minute_merge(buf_str(&to->pages), buf_str(&more->pages), &sum.pages)
        || !minute_merge(buf_str(&to->hosts), buf_str(&more->hosts), &sum.hosts))
        return err_set(e, ERR_CHECK, "figures in the store are damaged");
    struct both old = *to;
    *to = sum;
    sum = old;
    return true;
}

static bool row_load(struct db *db, struct str dataset, enum span s, int32_t minute, struct both *out, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(2 * ROW_BYTES);
    OWN_ROWS struct rows *r = sql_ask(db, e, spans[s].read, VALS(V(dataset), V(minute), V(minute + 1)));
    if (!r)
        return false;
    if (rows_next(r, e))
        return unpack(&out->pages, row_str(&a, r, 1), e) && unpack(&out->hosts, row_str(&a, r, 2), e);
    return !rows_failed(r);
}

static void say_damaged(struct str dataset, enum span s, int32_t minute)
{
    char at[TIME_TEXT_MAX];
    say("log.figures.damaged", KV("dataset", dataset), KV("from", time_text((int64_t)minute * 60000, at)),
        KV("minutes", span_minutes(s)));
}

// What is in the row and `more` of it. A damaged row is replaced, and said: its past is gone either way, and the log
// server must not wait for ever to add to it.
static bool row_add(struct db *db, struct str dataset, enum span s, int32_t minute, const struct both *more,
                    struct err *e)
{
    OWN_BOTH struct both sum = both_make();
    OWN_BUF struct buf pages = buf_make(ROW_BYTES), hosts = buf_make(ROW_BYTES);
    struct err why;
    if (!row_load(db, dataset, s, minute, &sum, &why) || !both_add(&sum, more, &why)) {
        if (why.kind != ERR_CHECK) {
            *e = why;
            return false;
        }
        say_damaged(dataset, s, minute);
        both_clear(&sum);
        if (!both_add(&sum, more, e))
            return false;
    }
    pack(&pages, buf_str(&sum.pages));
    pack(&hosts, buf_str(&sum.hosts));
    return sql_do(db, e, spans[s].write,
                  VALS(V(dataset), V(minute), V_BLOB(buf_str(&pages)), V_BLOB(buf_str(&hosts))));
}

bool figures_pages(struct arena *a, struct db *db, struct str dataset, struct strs *out, struct err *e)
{
    OWN_ROWS struct rows *r = sql_ask(db, e,
        "select pattern from log_page where dataset = ? and merged_into is null order by id limit ?",
        VALS(V(dataset), V((int)PAGES_MAX)));
    if (!r)
        return false;
    while (rows_next(r, e))
        vec_push(a, out, row_str(a, r, 0));
    return !rows_failed(r);
}

// ---- storing ----

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
    add_up(m, &one);
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
    if (!row_add(s->db, s->dataset, SPAN_HOUR, s->in_hour, &s->hour, e) || !both_add(&s->day, &s->hour, e))
        return false;
    both_clear(&s->hour);
    if (!day_too)
        return true;
    if (!row_add(s->db, s->dataset, SPAN_DAY, s->in_day, &s->day, e))
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
    return (hourly || row_add(s->db, s->dataset, SPAN_MINUTE, minute, of, e)) && both_add(&s->hour, of, e);
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
    int32_t now = (int32_t)(now_ms() / 60000);
    if (!clock_steady())
        return true;
    for (int s = 0; s < SPANS; s++)
        if (!sql_do(db, e, spans[s].forget, VALS(V(dataset), V(now - spans[s].kept))))
            return false;
    return traffic_forget(db, now_ms(), e);
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

// ---- reading ----

struct names { struct arena a; VEC(struct str) pattern; VEC(int64_t) merged; };

static bool names_read(struct db *db, struct str dataset, struct names *n, struct err *e)
{
    n->a = arena_make(NAMES_BYTES);
    OWN_ROWS struct rows *r = sql_ask(db, e,
        "select id, pattern, coalesce(merged_into, 0) from log_page where dataset = ?", VALS(V(dataset)));
    if (!r)
        return false;
    while (rows_next(r, e)) {
        while (n->pattern.n <= (size_t)row_int(r, 0)) {
            vec_push(&n->a, &n->pattern, S("(other)"));
            vec_push(&n->a, &n->merged, 0);
        }
        n->pattern.at[row_int(r, 0)] = row_str(&n->a, r, 1);
        n->merged.at[row_int(r, 0)] = row_int(r, 2);
    }
    return !rows_failed(r);
}

static int64_t now_of(const struct names *n, int64_t id)
{
    for (int steps = 0; id > 0 && (size_t)id < n->merged.n && n->merged.at[id] && steps < 100; steps++)
        id = n->merged.at[id];
    return id;
}

// Whom to tell what. only: no page but this one; the bodies of others are not even read. 0: all.
struct telling { const struct names *names; minute_fn *on_page, *on_host; void *arg; int64_t only; };

static bool tell(struct str clear, int32_t minute, const struct telling *t, bool pages, struct err *e)
{
    static _Thread_local struct page_minute m;
    const struct names *names = pages ? t->names : NULL;
    while (clear.n) {
        struct str key, body;
        int64_t page = -1;
        bool ok = cut_text(&clear, &key) && cut_text(&clear, &body) && (!names || key.n == sizeof(uint32_t));
        if (ok && names) {
            uint32_t id;
            memcpy(&id, key.p, sizeof id);
            page = now_of(names, be32toh(id));
        }
        if (ok && t->only && page != t->only)
            continue;
        if (!ok || !read_body(body, &m))
            return err_set(e, ERR_CHECK, "figures in the store are damaged");
        m.minute = minute;
        m.page = page;
        m.name = !names ? key : page > 0 && (size_t)page < names->pattern.n ? names->pattern.at[page] : S("(other)");
        (pages ? t->on_page : t->on_host)(t->arg, &m);
    }
    return true;
}

static bool tell_row(struct rows *r, const struct telling *t, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(2 * ROW_BYTES);
    OWN_BOTH struct both row = both_make();
    int32_t minute = (int32_t)row_int(r, 0);
    bool ok = true;
    if (t->on_page)
        ok = unpack(&row.pages, row_str(&a, r, 1), e) && tell(buf_str(&row.pages), minute, t, true, e);
    if (ok && t->on_host)
        ok = unpack(&row.hosts, row_str(&a, r, 2), e) && tell(buf_str(&row.hosts), minute, t, false, e);
    return ok;
}

static bool tell_sound(struct rows *r, struct str dataset, enum span s, const struct telling *t, struct err *e)
{
    struct err why;
    if (tell_row(r, t, &why))
        return true;
    if (why.kind == ERR_CHECK)
        say_damaged(dataset, s, (int32_t)row_int(r, 0));
    else
        *e = why;
    return why.kind == ERR_CHECK;
}

static bool read_rows(struct db *db, struct str dataset, enum span s, int32_t from, int32_t to, struct telling t,
                      struct err *e)
{
    struct names names = {0};
    bool ok = !t.on_page || names_read(db, dataset, &names, e);
    t.names = &names;
    OWN_ROWS struct rows *r = ok ? sql_ask(db, e, spans[s].read, VALS(V(dataset), V(from), V(to))) : NULL;
    ok = r != NULL;
    while (ok && rows_next(r, e))
        ok = tell_sound(r, dataset, s, &t, e);
    ok = ok && !rows_failed(r);
    arena_drop(&names.a);
    return ok;
}

bool minute_read(struct db *db, struct str dataset, enum span s, int32_t from, int32_t to, minute_fn *on_page,
                 minute_fn *on_host, void *arg, struct err *e)
{
    return read_rows(db, dataset, s, from, to, (struct telling){.on_page = on_page, .on_host = on_host, .arg = arg}, e);
}

bool minute_read_page(struct db *db, struct str dataset, enum span s, int32_t from, int32_t to, int64_t page,
                      minute_fn *fn, void *arg, struct err *e)
{
    return read_rows(db, dataset, s, from, to, (struct telling){.on_page = fn, .arg = arg, .only = page}, e);
}

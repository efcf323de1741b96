// figures.c: see figures.h.
#include "log/figures.h"
#include "base/clock.h"
#include "log/hash.h"
#include "log/number.h"
#include "log/page.h"
#include "log/traffic.h"
#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
    OPEN = 8,                   // minutes that lines fall into without a search; a ninth closes the one longest unused
    MEMO = 1 << 12,             // paths whose page is remembered
    PART_LINES = 1 << 20,       // a part has at most so many lines, then the next begins
    PART_FIGURES = 1 << 17,
    HOSTS_MAX = 4096,
    NAMES_BYTES = 64 << 20,
};
#define MINUTE_US INT64_C(60000000)

// Where the figures of one minute are: figure number + 1 by page and by host.
struct open {
    int32_t minute;
    bool hourly;
    uint64_t used;
    uint32_t *page, *host;
    size_t page_cap, host_cap;
};

struct memo { uint64_t hash; int32_t page; };

static struct wants unchanged;

struct figures {
    struct figures_part *part;
    struct pages *pages;
    uint32_t *page_name;        // page number to place in part->pages, + 1
    size_t page_name_cap;
    struct open open[OPEN];
    size_t open_n;
    uint64_t clock;
    struct memo memo[MEMO];
    struct wants *wants;
    struct wants *_Atomic coming;       // what figures_want left for the next batch, or &unchanged
};

// The cells of one batch that figures are made of.
struct view {
    const struct batch *b;
    const struct cell *uri, *client, *address, *status, *user;
    int64_t size[BATCH_LINES], req[BATCH_LINES], app[BATCH_LINES];
    bool has_size[BATCH_LINES], has_req[BATCH_LINES], has_app[BATCH_LINES];
};

static struct figures_part *part_new(struct figures_part *before)
{
    struct figures_part *p = calloc(1, sizeof *p);
    assert(p);
    p->arena = arena_make(NAMES_BYTES);
    p->next = before;
    return p;
}

void figures_part_free(struct figures_part *p)
{
    while (p) {
        struct figures_part *next = p->next;
        free(p->at);
        free(p->line);
        free(p->traffic);
        free(p->client);
        wants_drop(p->wants);
        arena_drop(&p->arena);
        free(p);
        p = next;
    }
}

struct figures *figures_new(const struct strs *names)
{
    hash_ready();
    struct figures *f = calloc(1, sizeof *f);
    assert(f);
    f->coming = &unchanged;
    f->pages = pages_new();
    for (size_t i = 0; names && i < names->n; i++)
        pages_learn(f->pages, names->at[i]);
    f->part = part_new(NULL);
    return f;
}

static void forget_open(struct open *o)
{
    if (o->page)
        memset(o->page, 0, o->page_cap * sizeof *o->page);
    if (o->host)
        memset(o->host, 0, o->host_cap * sizeof *o->host);
}

void figures_free(struct figures *f)
{
    if (!f)
        return;
    for (size_t i = 0; i < OPEN; i++) {
        free(f->open[i].page);
        free(f->open[i].host);
    }
    wants_drop(f->wants);
    figures_want(f, NULL);
    figures_part_free(f->part);
    pages_free(f->pages);
    free(f->page_name);
    free(f);
}

void figures_want(struct figures *f, struct wants *w)
{
    struct wants *old = atomic_exchange(&f->coming, w);
    if (old != &unchanged)
        wants_drop(old);
}

// ---- where a line is counted ----

static struct open *open_at(struct figures *f, int32_t minute, bool hourly)
{
    struct open *oldest = &f->open[0];
    for (size_t i = 0; i < f->open_n; i++) {
        struct open *o = &f->open[i];
        if (o->minute == minute && o->hourly == hourly) {
            o->used = ++f->clock;
            return o;
        }
        if (o->used < oldest->used)
            oldest = o;
    }
    struct open *o = f->open_n < OPEN ? &f->open[f->open_n++] : oldest;
    forget_open(o);
    o->minute = minute;
    o->hourly = hourly;
    o->used = ++f->clock;
    return o;
}

static void *grown(void *p, size_t *cap, size_t need, size_t size)
{
    size_t more = *cap * 2 > need ? *cap * 2 : need + 64;
    p = realloc(p, more * size);
    assert(p);
    memset((char *)p + *cap * size, 0, (more - *cap) * size);
    *cap = more;
    return p;
}

static uint32_t new_figure(struct figures_part *p, const struct open *o, bool of_host, uint32_t name)
{
    if (p->n == p->cap)
        p->at = grown(p->at, &p->cap, p->n + 1, sizeof *p->at);
    p->at[p->n] = (struct figure){.minute = o->minute, .hourly = o->hourly, .of_host = of_host, .name = name};
    return (uint32_t)p->n++;
}

// A page's place among the names of this part.
static uint32_t name_of_page(struct figures *f, uint32_t page)
{
    if (page >= f->page_name_cap)
        f->page_name = grown(f->page_name, &f->page_name_cap, page + 1, sizeof *f->page_name);
    if (!f->page_name[page]) {
        struct figures_part *p = f->part;
        vec_push(&p->arena, &p->pages, str_dup(&p->arena, pages_name(f->pages, (int)page)));
        f->page_name[page] = (uint32_t)p->pages.n;
    }
    return f->page_name[page] - 1;
}

static uint32_t host_number(struct figures_part *p, struct str host)
{
    for (size_t i = p->hosts.n; i-- > 0;)
        if (str_eq(p->hosts.at[i], host))
            return (uint32_t)i;
    if (p->hosts.n == HOSTS_MAX)
        return 0;
    vec_push(&p->arena, &p->hosts, str_dup(&p->arena, host));
    return (uint32_t)p->hosts.n - 1;
}

static uint32_t figure_of_page(struct figures *f, struct open *o, uint32_t page)
{
    if (page >= o->page_cap)
        o->page = grown(o->page, &o->page_cap, page + 1, sizeof *o->page);
    if (!o->page[page])
        o->page[page] = new_figure(f->part, o, false, name_of_page(f, page)) + 1;
    return o->page[page] - 1;
}

static uint32_t figure_of_host(struct figures *f, struct open *o, uint32_t host)
{
    if (host >= o->host_cap)
        o->host = grown(o->host, &o->host_cap, host + 1, sizeof *o->host);
    if (!o->host[host])
        o->host[host] = new_figure(f->part, o, true, host) + 1;
    return o->host[host] - 1;
}

// Figures and names of a part end with it.
static void next_part(struct figures *f)
{
    f->part = part_new(f->part);
    for (size_t i = 0; i < f->open_n; i++)
        forget_open(&f->open[i]);
    f->open_n = 0;
    if (f->page_name)
        memset(f->page_name, 0, f->page_name_cap * sizeof *f->page_name);
}

// What was refused (404 and its like) makes no page: whoever looks for holes would fill the list with paths that are
// none.
static uint32_t page_of(struct figures *f, struct str uri, unsigned status)
{
    uint64_t hash = hash_text(uri.p, uri.n);
    struct memo *m = &f->memo[hash % MEMO];
    if (m->hash != hash || hash == 0) {
        int page = status / 100 == 4 ? pages_find(f->pages, uri) : pages_of(f->pages, uri);
        if (page == PAGE_OTHER && status / 100 == 4)
            return PAGE_OTHER;
        *m = (struct memo){hash, page};
    }
    return (uint32_t)pages_now(f->pages, m->page);
}

// ---- what a line says ----

static const struct cell *column_cells(const struct batch *b, const struct schema *s, struct str name)
{
    int c = schema_find(s, name);
    return c >= 0 && b->filled[c] ? b->cells[c] : NULL;
}

static const struct cell *first_of(const struct batch *b, const struct schema *s, const struct str *names, size_t n)
{
    const struct cell *c = NULL;
    for (size_t i = 0; i < n && !c; i++)
        c = column_cells(b, s, names[i]);
    return c;
}

static void read_numbers(const struct batch *b, const struct cell *cells, enum column_type type, int64_t *v, bool *is)
{
    bool misfit[BATCH_LINES];
    if (cells)
        number_read(type, b->text, cells, b->rows, v, is, misfit);
    else
        memset(is, false, b->rows);
}

static void view_make(struct view *v, const struct batch *b, const struct schema *s)
{
    const struct str uris[] = {S("uri"), S("request_uri"), S("path")}, addresses[] = {S("remote_addr"), S("client")};
    v->b = b;
    v->uri = first_of(b, s, uris, ARRAY_LEN(uris));
    v->client = column_cells(b, s, S("forwardedfor"));
    v->address = first_of(b, s, addresses, ARRAY_LEN(addresses));
    v->status = column_cells(b, s, S("status"));
    v->user = column_cells(b, s, S("user_id"));
    read_numbers(b, column_cells(b, s, S("size")), COLUMN_INT64, v->size, v->has_size);
    read_numbers(b, column_cells(b, s, S("reqtime")), COLUMN_MS, v->req, v->has_req);
    read_numbers(b, column_cells(b, s, S("apptime")), COLUMN_MS, v->app, v->has_app);
}

static inline struct str cell_str(const struct view *v, const struct cell *cells, size_t i)
{
    if (!cells || cells[i].n == CELL_NONE)
        return (struct str){v->b->text, 0};
    return (struct str){v->b->text + cells[i].at, cells[i].n};
}

static inline bool said(struct str s)
{
    return s.n > 1 || (s.n == 1 && s.p[0] != '-');
}

static inline unsigned status_at(const struct view *v, size_t i)
{
    struct str s = cell_str(v, v->status, i);
    if (s.n != 3)
        return 0;
    unsigned a = (unsigned)(s.p[0] - '0'), b = (unsigned)(s.p[1] - '0'), c = (unsigned)(s.p[2] - '0');
    return a > 9 || b > 9 || c > 9 ? 0 : a * 100 + b * 10 + c;
}

// The first address of X-Forwarded-For, else the one that was connected. 0: nobody is named.
static uint64_t client_at(const struct view *v, size_t i)
{
    struct str s = cell_str(v, v->client, i);
    if (!said(s))
        s = cell_str(v, v->address, i);
    const char *comma = memchr(s.p, ',', s.n);
    if (comma)
        s.n = (size_t)(comma - s.p);
    return said(s) ? hash_text(s.p, s.n) | 1 : 0;
}

static inline void add_client(struct figure *g, uint32_t client)
{
    for (uint32_t i = 0; i < g->clients; i++)
        if (g->client[i] == client)
            return;
    g->client[g->clients++] = client;
}

static inline void count(struct figure *g, unsigned status, uint64_t bytes)
{
    g->n++;
    g->c4 += status / 100 == 4;
    g->c5 += status / 100 == 5;
    g->bytes += bytes;
}

// ---- what a release wants ----

struct wanted { int want; uint16_t host; };

static struct wanted wanted_of(const struct figures *f, struct str host, uint32_t number)
{
    for (size_t i = 0; f->wants && i < f->wants->n; i++)
        if (strs_have(&f->wants->at[i].hosts, host))
            return (struct wanted){(int)i, (uint16_t)number};
    return (struct wanted){-1, 0};
}

static uint8_t route_of(const struct want *w, struct str page)
{
    for (size_t i = 0; i < w->routes.n; i++)
        if (str_eq(w->routes.at[i], page))
            return (uint8_t)i;
    return (uint8_t)w->routes.n;
}

static uint8_t class_of(const struct want *w, uint8_t route, unsigned status, int64_t size)
{
    if (status == 499)
        return CLASS_GONE;
    if (status == 200 && w->usual_bytes[route] > 0 && (double)size < w->usual_bytes[route] / 10)
        return CLASS_SHORT;
    return (uint8_t)(status / 100);
}

static bool same_cell(const struct traffic_cell *a, const struct traffic_cell *b)
{
    return a->minute == b->minute && a->host == b->host && a->want == b->want && a->route == b->route
        && a->class_ == b->class_ && a->lat == b->lat;
}

// Looked for among the latest few; others are added up when they are stored.
static void add_traffic(struct figures_part *p, struct traffic_cell c)
{
    size_t look = p->traffic_n < 64 ? p->traffic_n : 64;
    for (size_t i = 0; i < look; i++) {
        struct traffic_cell *t = &p->traffic[p->traffic_n - 1 - i];
        if (same_cell(t, &c)) {
            t->n++;
            return;
        }
    }
    if (p->traffic_n == p->traffic_cap)
        p->traffic = grown(p->traffic, &p->traffic_cap, p->traffic_n + 1, sizeof c);
    p->traffic[p->traffic_n++] = c;
}

static uint64_t person_at(const struct view *v, size_t i)
{
    struct str user = cell_str(v, v->user, i);
    return said(user) ? hash_text(user.p, user.n) | 1 : client_at(v, i);
}

static void add_person(struct figures_part *p, struct traffic_client c)
{
    if (c.client == 0 || p->client_n >= TRAFFIC_CLIENTS)
        return;
    if (p->client_n == p->client_cap)
        p->client = grown(p->client, &p->client_cap, p->client_n + 1, sizeof c);
    p->client[p->client_n++] = c;
}

static void count_wanted(struct figures *f, const struct view *v, size_t i, struct wanted to, uint32_t page,
                         unsigned status)
{
    const struct want *w = &f->wants->at[to.want];
    int64_t us = v->b->time[i];
    if (us < w->since_us || (w->until_us && us >= w->until_us))
        return;
    struct figures_part *p = f->part;
    uint8_t route = route_of(w, pages_name(f->pages, (int)page));
    uint8_t class_ = class_of(w, route, status, v->has_size[i] ? v->size[i] : INT32_MAX);
    int32_t minute = (int32_t)(us / MINUTE_US);
    if (!p->wants)
        p->wants = wants_share(f->wants);
    add_traffic(p, (struct traffic_cell){minute, to.host, (uint8_t)to.want, route, class_,
                                         (uint8_t)traffic_lat(v->has_req[i] ? v->req[i] : 0), 1});
    if (w->sticky)
        add_person(p, (struct traffic_client){minute, to.host, (uint8_t)to.want, route,
                                              class_ == 5 || class_ == CLASS_SHORT, person_at(v, i)});
}

static void take_wants(struct figures *f)
{
    struct wants *w = &unchanged;
    if (f->coming != &unchanged)
        w = atomic_exchange(&f->coming, &unchanged);
    if (w == &unchanged)
        return;
    if (f->part->wants && f->part->wants != w)
        next_part(f);
    wants_drop(f->wants);
    f->wants = w;
}

// ---- batches ----

static inline int32_t floor_minute(int64_t us)
{
    return (int32_t)((us - (us < 0 ? MINUTE_US - 1 : 0)) / MINUTE_US);
}

static struct open *open_of(struct figures *f, int32_t minute, int32_t oldest)
{
    bool hourly = minute < oldest;
    return open_at(f, hourly ? minute - (minute % 60 + 60) % 60 : minute, hourly);
}

static void count_rows(struct figures *f, const struct view *v, struct str host, size_t from, size_t to)
{
    struct figures_part *p = f->part;
    int32_t oldest = (int32_t)(now_ms() / 60000) - MINUTES_KEPT, minute = INT32_MIN;
    uint32_t number = host_number(p, host), of_host = 0;
    struct wanted wanted = wanted_of(f, host, number);
    struct open *o = NULL;
    for (size_t i = from; i < to; i++) {
        int32_t m = floor_minute(v->b->time[i]);
        if (!o || m != minute) {
            minute = m;
            o = open_of(f, m, oldest);
            of_host = figure_of_host(f, o, number);
        }
        unsigned status = status_at(v, i);
        uint32_t page = v->uri && v->uri[i].n != CELL_NONE ? page_of(f, cell_str(v, v->uri, i), status) : PAGE_OTHER;
        uint32_t of_page = figure_of_page(f, o, page);
        uint64_t bytes = v->has_size[i] && v->size[i] > 0 ? (uint64_t)v->size[i] : 0;
        count(&p->at[of_host], status, bytes);
        struct figure *g = &p->at[of_page];
        count(g, status, bytes);
        if (g->clients < CLIENTS_MAX) {
            uint32_t client = (uint32_t)(client_at(v, i) >> 16);
            if (client)
                add_client(g, client);
        }
        uint16_t req = v->has_req[i] ? (uint16_t)hist_step(v->req[i]) : NO_STEP;
        uint16_t app = v->has_app[i] ? (uint16_t)hist_step(v->app[i]) : NO_STEP;
        p->line[p->lines++] = (struct figured_line){of_page, of_host, req, app};
        if (wanted.want >= 0)
            count_wanted(f, v, i, wanted, page, status);
    }
}

void figures_batch(struct figures *f, const struct batch *b, const struct schema *s, struct str host)
{
    struct view v;
    take_wants(f);
    if (b->rows == 0)
        return;
    if (f->part->lines + b->rows > PART_LINES || f->part->n + 2 * b->rows > PART_FIGURES)
        next_part(f);
    struct figures_part *p = f->part;
    if (p->lines + b->rows > p->lines_cap)
        p->line = grown(p->line, &p->lines_cap, p->lines + b->rows, sizeof *p->line);
    view_make(&v, b, s);
    count_rows(f, &v, host, 0, b->rows);
}

struct figures_part *figures_take(struct figures *f)
{
    if (f->part->lines == 0 && !f->part->next)
        return NULL;
    struct figures_part *taken = f->part;
    f->part = NULL;
    next_part(f);
    return taken;
}

// traffic.c: see traffic.h.
#include "log/traffic.h"
#include "base/jansson.h"
#include "log/minute.h"
#include <assert.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { KEPT_MS = 48 * 3600 * 1000, WANTS_BYTES = 4 << 20 };

int traffic_lat(int64_t ms)
{
    if (ms < 1)
        return 0;
    int lat = 1 + (int)(8 * log2((double)ms));
    return lat < LAT_MAX ? lat : LAT_MAX;
}

struct wants *wants_share(struct wants *w)
{
    if (w)
        __atomic_add_fetch(&w->refs, 1, __ATOMIC_RELAXED);
    return w;
}

void wants_drop(struct wants *w)
{
    if (!w || __atomic_sub_fetch(&w->refs, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    arena_drop(&w->arena);
    free(w);
}

static bool same_strs(const struct strs *a, const struct strs *b)
{
    bool same = a->n == b->n;
    for (size_t i = 0; same && i < a->n; i++)
        same = str_eq(a->at[i], b->at[i]);
    return same;
}

bool wants_same(const struct wants *a, const struct wants *b)
{
    size_t n = a ? a->n : 0, m = b ? b->n : 0;
    bool same = n == m;
    for (size_t i = 0; same && i < n; i++)
        same = str_eq(a->at[i].service, b->at[i].service) && a->at[i].since_us == b->at[i].since_us
            && a->at[i].until_us == b->at[i].until_us && a->at[i].sticky == b->at[i].sticky
            && same_strs(&a->at[i].hosts, &b->at[i].hosts) && same_strs(&a->at[i].routes, &b->at[i].routes);
    return same;
}

// ---- who wants what ----

// A release wrote it, but what it holds came from pages that visitors asked for: a list of at most ROUTES_MAX texts.
static bool read_routes(struct arena *a, struct str json, struct want *w, struct err *e)
{
    json_t *root = json_loadb(json.p, json.n, 0, NULL);
    bool ok = json_is_array(root) && json_array_size(root) <= ROUTES_MAX;
    for (size_t i = 0; ok && i < json_array_size(root); i++) {
        const char *text = json_string_value(json_array_get(root, i));
        ok = text != NULL;
        if (ok)
            vec_push(a, &w->routes, str_dup(a, str_z(text)));
    }
    json_decref(root);
    return ok || err_set(e, ERR_CHECK, "traffic_want of " STR_F ": routes are not a list of at most %d texts",
                         STR_A(w->service), ROUTES_MAX);
}

static void put_hosts(struct arena *a, const struct service *svc, struct want *w)
{
    for (size_t g = 0; g < svc->servers.n; g++)
        for (size_t h = 0; h < svc->servers.at[g].hosts.n; h++)
            if (!strs_have(&w->hosts, svc->servers.at[g].hosts.at[h]))
                vec_push(a, &w->hosts, str_dup(a, svc->servers.at[g].hosts.at[h]));
}

struct usual { struct want *want; };

static void add_usual(void *arg, const struct page_minute *m)
{
    struct want *w = ((struct usual *)arg)->want;
    for (size_t i = 0; i < w->routes.n; i++)
        if (str_eq(w->routes.at[i], m->name) && m->n > m->c4 + m->c5)
            w->usual_bytes[i] = (double)m->bytes / (double)m->n;
}

// The mean body of each route on the day before. Nothing is known of a new page, and nothing is short then.
static bool read_usual(struct db *db, struct str dataset, int64_t now_ms, struct want *w, struct err *e)
{
    struct usual u = {w};
    int32_t today = (int32_t)(now_ms / 60000 / (24 * 60)) * 24 * 60;
    return minute_read(db, dataset, SPAN_DAY, today - 24 * 60, today, add_usual, NULL, &u, e);
}

static bool read_want(struct rows *r, struct wants *w, const struct site *s, struct err *e)
{
    struct arena *a = &w->arena;
    struct want *to = &w->at[w->n];
    struct str name = row_str(a, r, 0);
    const struct service *svc = site_service(s, name);
    if (!svc)
        return true;                    // gone from the site since
    *to = (struct want){.service = name, .since_us = row_int(r, 1) * 1000, .until_us = row_int(r, 2) * 1000,
                        .sticky = row_int(r, 4) != 0};
    put_hosts(a, svc, to);
    w->n++;
    return read_routes(a, row_str(a, r, 3), to, e);
}

static bool read_wants(struct db *db, const struct site *s, int64_t now_ms, struct wants *w, struct err *e)
{
    OWN_ROWS struct rows *r = sql_ask(db, e,
        "select service, since, coalesce(until, 0), routes, sticky from traffic_want"
        " where until is null or until > ? order by release limit ?",
        VALS(V(now_ms - 15 * 60 * 1000), V((int)WANTS_MAX)));           // lines may come late
    if (!r)
        return false;
    while (rows_next(r, e))
        if (!read_want(r, w, s, e))
            return false;
    return !rows_failed(r);
}

bool traffic_wants(struct db *db, const struct site *s, struct str dataset, int64_t now_ms, struct wants **out,
                   struct err *e)
{
    struct wants *w = calloc(1, sizeof *w);
    assert(w);
    w->refs = 1;
    w->arena = arena_make(WANTS_BYTES);
    bool ok = read_wants(db, s, now_ms, w, e);
    for (size_t i = 0; ok && i < w->n; i++)
        ok = read_usual(db, dataset, now_ms, &w->at[i], e);
    if (ok && w->n) {
        *out = w;
        return true;
    }
    *out = NULL;
    wants_drop(w);
    return ok;
}

// ---- what was counted ----

static const char *route_name(const struct want *w, uint8_t route, struct str *out)
{
    *out = route < w->routes.n ? w->routes.at[route] : S("other");
    return out->p;
}

static bool store_cell(struct db *db, const struct figures_part *p, const struct traffic_cell *c, struct err *e)
{
    const struct want *w = &p->wants->at[c->want];
    struct str route;
    route_name(w, c->route, &route);
    return sql_do(db, e,
                  "insert into traffic (service, minute, host, route, class, lat, n) values (?, ?, ?, ?, ?, ?, ?)"
                  " on conflict do update set n = n + excluded.n",
                  VALS(V(w->service), V(c->minute), V(p->hosts.at[c->host]), V(route), V(c->class_), V(c->lat),
                       V(c->n)));
}

static int by_client(const void *a, const void *b)
{
    const struct traffic_client *x = a, *y = b;
    int d = (x->minute > y->minute) - (x->minute < y->minute);
    d = d ? d : x->host - y->host;
    d = d ? d : x->want - y->want;
    d = d ? d : x->route - y->route;
    d = d ? d : (x->client > y->client) - (x->client < y->client);
    return d ? d : y->bad - x->bad;     // the bad one first: it stands for this client
}

static bool same_group(const struct traffic_client *a, const struct traffic_client *b)
{
    return a->minute == b->minute && a->host == b->host && a->want == b->want && a->route == b->route;
}

// Clients of one part are told apart; one who came in two parts of a minute counts twice, so release reads them as at
// most.
static bool store_clients(struct db *db, struct figures_part *p, struct err *e)
{
    qsort(p->client, p->client_n, sizeof *p->client, by_client);
    for (size_t i = 0, k; i < p->client_n; i = k) {
        int64_t clients = 0, bad = 0;
        for (k = i; k < p->client_n && same_group(&p->client[i], &p->client[k]); k++) {
            if (k > i && p->client[k].client == p->client[k - 1].client)
                continue;
            clients++;
            bad += p->client[k].bad;
        }
        const struct want *w = &p->wants->at[p->client[i].want];
        struct str route;
        route_name(w, p->client[i].route, &route);
        if (!sql_do(db, e,
                    "insert into traffic_client (service, minute, host, route, clients, bad) values (?, ?, ?, ?, ?, ?)"
                    " on conflict do update set clients = clients + excluded.clients, bad = bad + excluded.bad",
                    VALS(V(w->service), V(p->client[i].minute), V(p->hosts.at[p->client[i].host]), V(route),
                         V(clients), V(bad))))
            return false;
    }
    return true;
}

bool traffic_store(struct db *db, struct figures_part *const *parts, size_t n, struct err *e)
{
    for (size_t i = 0; i < n; i++)
        for (struct figures_part *p = parts[i]; p; p = p->next) {
            for (size_t k = 0; k < p->traffic_n; k++)
                if (!store_cell(db, p, &p->traffic[k], e))
                    return false;
            if (p->client_n && !store_clients(db, p, e))
                return false;
        }
    return true;
}

bool traffic_complete(struct db *db, const struct complete *c, struct err *e)
{
    return sql_do(db, e,
                  "insert into traffic_mark (service, host, since, upto) values (?1, ?2, ?3, ?4)"
                  " on conflict do update set since = case when ?5 then ?3 else since end,"
                  " upto = case when ?5 then ?4 else max(upto, ?4) end",
                  VALS(V(c->service), V(c->host), V(c->since_ms), V(c->upto_ms), V_BOOL(c->begins)));
}

bool traffic_forget(struct db *db, int64_t now_ms, struct err *e)
{
    int64_t minute = (now_ms - KEPT_MS) / 60000;
    return sql_do(db, e, "delete from traffic where minute < ?", VALS(V(minute)))
        && sql_do(db, e, "delete from traffic_client where minute < ?", VALS(V(minute)));
}

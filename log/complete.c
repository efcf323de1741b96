// complete.c: see complete.h.
#include "log/complete.h"
#include "log/pace.h"
#include "log/traffic.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

// A service and a host whose lines are counted for a release without a gap since its first mark.
struct going { char service[64], host[64]; int64_t want_us; };

struct completes {
    struct tables *tables;
    struct caught *waiting;     // one a host
    struct going *going;
    size_t n, cap;
};

struct completes *completes_new(struct tables *t)
{
    struct completes *c = calloc(1, sizeof *c);
    assert(c);
    c->tables = t;
    return c;
}

void completes_free(struct completes *c)
{
    if (!c)
        return;
    caught_free(c->waiting);
    free(c->going);
    free(c);
}

static void put_waiting(struct completes *c, struct caught *x)
{
    for (struct caught **p = &c->waiting; *p; p = &(*p)->next)
        if (strcmp((*p)->host, x->host) == 0) {
            struct caught *old = *p;
            *p = old->next;
            free(old);
            break;
        }
    x->next = c->waiting;
    c->waiting = x;
}

// The newest stands first in a part, and last in the end.
void complete_take(struct completes *c, struct part *p)
{
    struct caught *turned = NULL;
    for (struct caught *x; (x = p->caught);) {
        p->caught = x->next;
        x->next = turned;
        turned = x;
    }
    for (struct caught *x; (x = turned);) {
        turned = x->next;
        put_waiting(c, x);
    }
}

static struct going *find(struct completes *c, const struct want *w, const char *host)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->going[i].want_us == w->since_us && str_eq(str_z(c->going[i].service), w->service)
            && strcmp(c->going[i].host, host) == 0)
            return &c->going[i];
    return NULL;
}

static void begin(struct completes *c, const struct want *w, const char *host)
{
    if (c->n == c->cap) {
        c->cap = c->cap * 2 + 16;
        c->going = realloc(c->going, c->cap * sizeof *c->going);
        assert(c->going);
    }
    struct going *g = &c->going[c->n++];
    *g = (struct going){.want_us = w->since_us};
    memcpy(g->service, w->service.p, w->service.n);
    memcpy(g->host, host, strlen(host) + 1);
}

// Lines that came while this want was not known yet were not counted. They are older than what the host said of itself
// only when the want was known by then.
static bool store_one(struct completes *c, struct db *db, const struct want *w, const struct caught *x, struct err *e)
{
    bool begins = !find(c, w, x->host);
    if (!strs_have(&w->hosts, str_z(x->host)) || w->service.n >= sizeof c->going->service
        || (begins && x->wants != tables_wants(c->tables)))
        return true;
    struct complete to = {.service = w->service, .host = str_z(x->host), .since_ms = x->at_us / 1000,
                          .upto_ms = x->until_us / 1000 - pace_ms(PACE_FLUSH), .begins = begins};
    if (!traffic_complete(db, &to, e))
        return false;
    if (begins)
        begin(c, w, x->host);
    return true;
}

static bool in_wants(const struct going *g, const struct wants *w)
{
    for (size_t i = 0; w && i < w->n; i++)
        if (w->at[i].since_us == g->want_us && str_eq(w->at[i].service, str_z(g->service)))
            return true;
    return false;
}

// What a release does not ask for any more begins anew when another one does.
static void forget(struct completes *c)
{
    for (size_t i = 0; i < c->n;) {
        bool wanted = true;
        for (size_t k = 0; k < c->tables->sets; k++)
            wanted = wanted && in_wants(&c->going[i], c->tables->set[k].wants);
        if (wanted)
            i++;
        else
            c->going[i] = c->going[--c->n];
    }
}

// Every dataset has the same wants, but for what is usual of its pages.
bool complete_store(struct completes *c, struct db *db, struct err *e)
{
    const struct wants *w = c->tables->sets ? c->tables->set[0].wants : NULL;
    forget(c);
    for (struct caught *x; (x = c->waiting);) {
        for (size_t i = 0; w && i < w->n; i++)
            if (!store_one(c, db, &w->at[i], x, e))
                return false;
        c->waiting = x->next;
        free(x);
    }
    return true;
}

// counted.c: see counted.h.
#include "log/counted.h"
#include "base/clock.h"
#include "base/say.h"
#include "log/complete.h"
#include "log/minute.h"
#include "log/traffic.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { LOOK_MS = 2000, SITE_BYTES = 16 << 20, NAMES_BYTES = 16 << 20 };

struct counted {
    char *site_path, *data;
    struct db *db;
    struct tables *tables;
    struct figures_part *waiting[DATASETS_MAX];
    struct completes *completes;
    int64_t looked;             // tick of the last look for wants
    bool troubled;
};

static struct str name_of(const struct set *s)
{
    return str_z(s->rows->name);
}

static bool read_known(struct counted *c, struct set *s, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(NAMES_BYTES);
    struct strs names = {0};
    if (!figures_mark(c->db, name_of(s), &s->counted, e) || !figures_pages(&a, c->db, name_of(s), &names, e))
        return false;
    s->pages = calloc(names.n + 1, sizeof *s->pages);
    assert(s->pages);
    s->pages_n = names.n;
    for (size_t i = 0; i < names.n; i++) {
        char *copy = strndup(names.at[i].p, names.at[i].n);
        assert(copy);
        s->pages[i] = str_z(copy);
    }
    return true;
}

struct counted *counted_open(const char *data, const char *site_path, struct tables *t, struct err *e)
{
    struct counted *c = calloc(1, sizeof *c);
    assert(c);
    c->tables = t;
    c->completes = completes_new(t);
    c->site_path = strdup(site_path);
    c->data = strdup(data);
    assert(c->site_path && c->data);
    bool ok = store_open(data, &c->db, e);
    for (size_t i = 0; ok && i < t->sets; i++)
        ok = read_known(c, &t->set[i], e);
    if (ok)
        return c;
    counted_close(c);
    return NULL;
}

void counted_close(struct counted *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < DATASETS_MAX; i++)
        figures_part_free(c->waiting[i]);
    for (size_t i = 0; i < c->tables->sets; i++) {
        struct set *s = &c->tables->set[i];
        for (size_t k = 0; k < s->pages_n; k++)
            free((char *)(uintptr_t)s->pages[k].p);
        free(s->pages);
        s->pages = NULL;
        s->pages_n = 0;
        set_want(s, NULL);
    }
    completes_free(c->completes);
    if (c->db)
        store_close(c->db);
    free(c->site_path);
    free(c->data);
    free(c);
}

// ---- who wants traffic ----

static bool look_for_wants(struct counted *c, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(SITE_BYTES);
    struct site *site = NULL;
    int64_t open = 0;
    if (!sql_int(c->db, e, &open, "select count(*) from traffic_want where until is null or until > ?",
                 VALS(V(now_ms() - LOOK_MS * 30))))
        return false;
    if (open && !site_load(&a, c->site_path, &site, e))
        return false;
    for (size_t i = 0; i < c->tables->sets; i++) {
        struct set *s = &c->tables->set[i];
        struct wants *w = NULL;
        if (open && !traffic_wants(c->db, site, name_of(s), now_ms(), &w, e))
            return false;
        if (wants_same(w, s->wants))
            wants_drop(w);
        else
            set_want(s, w);
    }
    return true;
}

static bool anybody(const struct counted *c)
{
    bool any = false;
    for (size_t i = 0; i < c->tables->sets; i++)
        any = any || c->tables->set[i].wants;
    return any;
}

// ---- storing ----

static bool store_set(struct counted *c, size_t i, uint64_t lsn, struct err *e)
{
    struct figures_part *p = c->waiting[i];
    if (!p && !lsn)
        return true;
    if (!figures_store(c->db, name_of(&c->tables->set[i]), lsn, &p, p ? 1 : 0, e))
        return false;
    figures_part_free(p);
    c->waiting[i] = NULL;
    return true;
}

static bool store_all(struct counted *c, uint64_t lsn, struct err *e)
{
    for (size_t i = 0; i < c->tables->sets; i++)
        if (!store_set(c, i, lsn, e))
            return false;
    return complete_store(c->completes, c->db, e);
}

// A release that looks at its canary must not wait for the commit. What fails here is tried again, at a commit at the
// latest.
static void between_commits(struct counted *c, uint64_t lsn)
{
    struct err e;
    if (tick_ms() - c->looked < LOOK_MS)
        return;
    c->looked = tick_ms();
    bool ok = look_for_wants(c, &e) && (!anybody(c) || store_all(c, lsn, &e));
    if (!ok && !c->troubled)
        say_err("log.figures", &e);
    c->troubled = !ok;
}

static struct figures_part *oldest(struct figures_part *p)
{
    while (p->next)
        p = p->next;
    return p;
}

void counted_take(struct counted *c, struct part *const *parts, size_t n)
{
    for (size_t r = 0; r < n; r++)
        for (size_t i = 0; i < c->tables->sets; i++) {
            struct figures_part *p = parts[r]->figures[i];
            if (!p)
                continue;
            oldest(p)->next = c->waiting[i];
            c->waiting[i] = p;
            parts[r]->figures[i] = NULL;
        }
    for (size_t r = 0; r < n; r++)
        complete_take(c->completes, parts[r]);
    if (!parts[0]->mark.commit)
        between_commits(c, parts[0]->mark.lsn);
}

bool counted_commit(struct counted *c, uint64_t lsn, struct err *e)
{
    return store_all(c, lsn, e);
}

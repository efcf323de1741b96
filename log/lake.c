// lake.c: see lake.h.
#include "log/lake_inner.h"
#include "base/clock.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WAIT_MS = 250 };

// ---- a common mark ----

static bool same(const struct part *p, int table, int32_t hour)
{
    const struct made *m;
    STAILQ_FOREACH(m, &p->made, next)
        if (m->kind == MADE_SAME && m->table == table && m->hour == hour)
            return true;
    return false;
}

static void drop_open(struct lake *l, const struct part *p)
{
    for (size_t t = 0; t < l->n; t++)
        for (size_t i = l->at[t].hot_n; i-- > 0;) {
            struct hot_file *h = &l->at[t].hot[i];
            if (h->reader == p->reader && h->open && !same(p, (int)t, h->file.hour))
                lake_drop_hot(l, &l->at[t], i);
        }
}

static bool add_hot(struct lake *l, const struct part *p, const struct made *m, size_t i, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(64 << 10);
    struct lake_table *t = &l->at[m->table];
    struct str path = lake_name_of(&a, l, p, m, i);
    if (!lake_write_file(t, path, m->file, false, e))
        return false;
    if (t->hot_n == t->hot_cap) {
        t->hot_cap = t->hot_cap * 2 + 16;
        t->hot = realloc(t->hot, t->hot_cap * sizeof *t->hot);
        assert(t->hot);
    }
    struct hot_file *h = &t->hot[t->hot_n++];
    *h = (struct hot_file){.reader = p->reader, .open = m->kind == MADE_OPEN};
    lake_describe(m, FILE_HOT, NULL, &h->file);
    char *copy = strndup(path.p, path.n);
    assert(copy);
    h->file.path = (struct str){copy, path.n};
    t->changed = true;
    return true;
}

// What cannot be written now (a full disk) becomes visible with the commit.
static void publish(struct lake *l, struct part *const *parts)
{
    struct err e;
    bool ok = true;
    l->generation++;
    for (size_t r = 0; r < l->spec.readers; r++) {
        size_t i = 0;
        const struct made *m;
        drop_open(l, parts[r]);
        STAILQ_FOREACH(m, &parts[r]->made, next)
            if (m->kind != MADE_SAME && !add_hot(l, parts[r], m, i++, &e)) {
                ok = false;
                lake_trouble(l, "log.publish", &e);
            }
    }
    for (size_t t = 0; t < l->n; t++)
        if ((l->at[t].changed || l->at[t].behind) && !lake_write_seen(l, &l->at[t], &e)) {
            ok = false;
            lake_trouble(l, "log.publish", &e);
        }
    if (ok)
        lake_trouble_over(l);
}

static void sum_up(struct lake *l, bool published)
{
    struct lake_figures f = {0};
    for (size_t i = 0; i < l->n; i++) {
        const struct lake_table *t = &l->at[i];
        for (size_t k = 0; k < t->catalog.files.n; k++) {
            *(i % 2 ? &f.bad : &f.rows) += t->catalog.files.at[k].rows;
            f.bytes += i % 2 ? 0 : t->catalog.files.at[k].bytes;
        }
        for (size_t k = 0; k < t->hot_n; k++)
            *(i % 2 ? &f.bad : &f.hot_rows) += t->hot[k].file.rows;
        f.files += (int64_t)(t->catalog.files.n + t->hot_n);
    }
    pthread_mutex_lock(&l->lock);
    f.troubled = l->figures.troubled;
    f.aside = l->figures.aside;
    f.unsealed = l->figures.unsealed;
    memcpy(f.unsealed_why, l->figures.unsealed_why, sizeof f.unsealed_why);
    memcpy(f.trouble, l->figures.trouble, sizeof f.trouble);
    f.published_ms = published ? now_ms() : l->figures.published_ms;
    l->figures = f;
    pthread_mutex_unlock(&l->lock);
}

// ---- the thread ----

static bool whole_mark(const struct lake *l)
{
    for (size_t r = 0; r < l->spec.readers; r++)
        if (STAILQ_EMPTY(&l->waiting[r]))
            return false;
    return true;
}

static struct timespec soon(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_nsec += (long)WAIT_MS * 1000000;
    if (t.tv_nsec >= 1000000000)
        t.tv_sec++, t.tv_nsec -= 1000000000;
    return t;
}

// The parts of one mark, from every reader; false: not yet.
static bool next_mark(struct lake *l, struct part **parts)
{
    struct timespec until = soon();
    pthread_mutex_lock(&l->lock);
    if (!whole_mark(l))
        pthread_cond_timedwait(&l->more, &l->lock, &until);
    bool whole = whole_mark(l);
    for (size_t r = 0; whole && r < l->spec.readers; r++) {
        parts[r] = STAILQ_FIRST(&l->waiting[r]);
        STAILQ_REMOVE_HEAD(&l->waiting[r], next);
        assert(parts[r]->mark.number == parts[0]->mark.number);
    }
    pthread_mutex_unlock(&l->lock);
    return whole;
}

static void note_visible(struct lake *l, struct part *const *parts)
{
    pthread_mutex_lock(&l->lock);
    for (size_t r = 0; r < l->spec.readers; r++)
        if (parts[r]->oldest_us)
            hist_recent_add(&l->visible, tick_ms(), now_ms() - parts[r]->oldest_us / 1000);
    pthread_mutex_unlock(&l->lock);
}

static void take_mark(struct lake *l, struct part **parts)
{
    struct mark mark = parts[0]->mark;
    bool durable = false;
    if (l->spec.figures && !parts[0]->last)
        l->spec.figures(l->spec.arg, parts, l->spec.readers);
    if (mark.commit)
        durable = lake_commit(l, parts, mark.lsn);
    else if (!parts[0]->last)
        publish(l, parts);
    note_visible(l, parts);
    for (size_t r = 0; r < l->spec.readers; r++)
        part_free(parts[r]);
    sum_up(l, true);
    l->spec.published(l->spec.arg, mark.number, durable ? mark.lsn : 0);
}

static void *run(void *arg)
{
    struct lake *l = arg;
    struct part **parts = calloc(l->spec.readers, sizeof(struct part *));
    assert(parts);
    sum_up(l, false);
    for (bool last = false; !last;) {
        bool whole = next_mark(l, parts);
        last = whole && parts[0]->last;
        if (last)
            for (size_t r = 0; r < l->spec.readers; r++)
                part_free(parts[r]);
        else if (whole)
            take_mark(l, parts);
        if (!last && lake_keep_house(l))
            sum_up(l, false);
    }
    free(parts);
    return NULL;
}

void lake_start(struct lake *l)
{
    int failed = pthread_create(&l->thread, NULL, run, l);
    assert(!failed);
}

void lake_hand_over(struct lake *l, struct part *p)
{
    pthread_mutex_lock(&l->lock);
    STAILQ_INSERT_TAIL(&l->waiting[p->reader], p, next);
    pthread_cond_signal(&l->more);
    pthread_mutex_unlock(&l->lock);
}

void lake_sealed(struct lake *l, bool ok, struct str output)
{
    char *copy = strndup(output.p, output.n);
    assert(copy);
    pthread_mutex_lock(&l->lock);
    free((char *)(uintptr_t)l->sealed.p);
    l->sealed = (struct str){copy, output.n};
    l->sealed_came = true;
    l->sealed_ok = ok;
    pthread_mutex_unlock(&l->lock);
}

void lake_figures(struct lake *l, struct lake_figures *out)
{
    pthread_mutex_lock(&l->lock);
    *out = l->figures;
    out->visible_p50 = hist_recent_quantile(&l->visible, tick_ms(), 0.5);
    out->visible_p99 = hist_recent_quantile(&l->visible, tick_ms(), 0.99);
    pthread_mutex_unlock(&l->lock);
}

void lake_free(struct lake *l)
{
    for (size_t i = 0; i < l->n; i++) {
        for (size_t k = 0; k < l->at[i].hot_n; k++)
            free((char *)(uintptr_t)l->at[i].hot[k].file.path.p);
        free(l->at[i].hot);
        arena_drop(&l->at[i].arena);
    }
    stale_drop(&l->stale);
    sealing_drop(&l->sealing);
    free(l->at);
    free(l->waiting);
    free((char *)(uintptr_t)l->sealed.p);
    free(l);
}

void lake_join(struct lake *l)
{
    pthread_join(l->thread, NULL);
    lake_free(l);
}

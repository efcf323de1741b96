// lake_open.c: catalogs are read, and compared with each other and with the write-ahead log before anything is changed.
#include "log/lake_inner.h"
#include "base/file.h"
#include "base/say.h"
#include "log/ledger.h"
#include <assert.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

// What readers see while the write-ahead log is read again: the catalog of the moment when we ended, if all its files
// survived (they did not when the machine fell), else the flushed one.
static bool keep_visible(struct lake *l, struct lake_table *t, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(LAKE_ARENA);
    struct catalog seen;
    const char *path = str_zf(&a, "%s/manifest", t->table->dir);
    bool was = catalog_read(&a, path, &seen, e);
    if (!was)
        seen = (struct catalog){0};
    if (seen.generation > l->generation)
        l->generation = seen.generation;
    lake_sweep(l, t, &seen);
    bool kept = was && lake_whole(t, &seen, true);
    t->behind = kept && seen.generation != t->catalog.generation;
    t->shown = kept ? seen.generation : t->catalog.generation;
    return kept || catalog_write(&a, path, &t->catalog, false, e);
}

// Hours are sealed only after a commit. Without its catalog this is no empty lake: what nobody names would be swept
// away.
static bool has_sealed(const struct lake_table *t)
{
    bool any = false;
    DIR *d = opendir(t->table->dir);
    for (struct dirent *x; d && !any && (x = readdir(d));)
        any = str_starts(str_z(x->d_name), S("dt="));
    if (d)
        closedir(d);
    return any;
}

static struct catalog without_hot(struct arena *a, const struct catalog *seen)
{
    struct catalog c = *seen;
    memset(&c.files, 0, sizeof c.files);
    for (size_t i = 0; i < seen->files.n; i++)
        if (seen->files.at[i].state != FILE_HOT)
            vec_push(a, &c.files, seen->files.at[i]);
    return c;
}

// Readers' catalog is written after the flushed one, so it is never ahead of it, unless somebody put an older one back.
// Then it is the better one, if its files are all there and the write-ahead log goes on where it ends. `there`: the
// flushed one can be read.
static bool take_shown(struct lake *l, struct lake_table *t, bool there)
{
    struct catalog seen, *was = &t->catalog;
    struct err e;
    if (!catalog_read(&t->arena, str_zf(&t->arena, "%s/manifest", t->table->dir), &seen, &e))
        return false;
    seen = without_hot(&t->arena, &seen);
    if (there && (seen.generation <= was->generation || seen.done < was->done
                  || (seen.done == was->done && lake_whole(t, was, false))))
        return false;
    if (seen.done > l->spec.wal_end || seen.done < l->spec.wal_begin || !lake_whole(t, &seen, false))
        return false;
    say("log.catalog.old", KV("table", t->table->name), KV("generation", there ? (int64_t)was->generation : -1),
        KV("taken", seen.generation),
        KV("why",
           "manifest.durable is damaged, or older than what was shown to readers; their catalog takes its place"));
    t->catalog = seen;
    t->taken = true;
    return true;
}

// Changes nothing.
static bool open_table(struct lake *l, struct lake_table *t, struct table *table, struct err *e)
{
    t->table = table;
    t->arena = arena_make(LAKE_ARENA);
    const char *path = str_zf(&t->arena, "%s/manifest.durable", table->dir);
    bool there = catalog_read(&t->arena, path, &t->catalog, e);
    bool lost = !there && !path_exists(path);
    if (!lost && take_shown(l, t, there))
        there = true;
    if (!there) {
        if (lost && has_sealed(t))
            err_set(e, ERR_CHECK, "%s is not there, and it is what names the sealed files beside it", path);
        else if (!lost && e->kind == ERR_NOT_FOUND)
            err_set(e, ERR_CHECK, "%s is older than the lists of months beside it", path);
        if (e->kind != ERR_NOT_FOUND)
            return err_hint(e, "put the lake back from a backup, or move %s away to begin an empty one", table->dir);
        t->catalog = (struct catalog){.schema = schema_of_master(&table->master)};
    }
    schema_master_make(&table->master, &t->catalog.schema);
    table->done = t->catalog.done;
    if (t->catalog.generation > l->generation)
        l->generation = t->catalog.generation;
    t->flushed = t->catalog.generation;
    return true;
}

// Rows are in the files that a catalog names or in the write-ahead log behind them. When it does not go on where the
// catalog ends, parts of different lakes lie here, and nothing of them may be removed.
static bool joins_log(const struct lake *l, const struct lake_table *t, struct err *e)
{
    uint64_t done = t->catalog.done;
    if (done > l->spec.wal_end)
        err_set(e, ERR_CHECK, "the write-ahead log ends before what %s/manifest.durable says was committed",
                t->table->dir);
    else if (done && done < l->spec.wal_begin)
        err_set(e, ERR_CHECK,
                "%s/manifest.durable is older than the write-ahead log: what was committed between them is in files "
                "that it does not name", t->table->dir);
    else
        return true;
    return err_hint(e, "nothing was changed; put back %s and the write-ahead log from one and the same backup",
                    t->table->dir);
}

static bool begin_table(struct lake *l, struct lake_table *t, struct err *e)
{
    if (t->taken && !lake_write_durable(l, t, e))
        return false;
    return ledger_cut(t->table->dir, t->catalog.done, t->catalog.generation, e) && keep_visible(l, t, e);
}

static bool open_all(struct lake *l, struct err *e)
{
    for (size_t i = 0; i < l->n; i++)
        if (!open_table(l, &l->at[i], &l->spec.tables->at[i], e))
            return false;
    for (size_t i = 0; i < l->n; i++)
        if (!joins_log(l, &l->at[i], e))
            return false;
    for (size_t i = 0; i < l->n; i++)
        if (!begin_table(l, &l->at[i], e))
            return false;
    return true;
}

struct lake *lake_open(const struct lake_spec *spec, struct err *e)
{
    struct lake *l = calloc(1, sizeof *l);
    assert(l);
    l->spec = *spec;
    l->n = 2 * spec->tables->sets;
    l->at = calloc(l->n + 1, sizeof *l->at);
    l->waiting = calloc(spec->readers, sizeof *l->waiting);
    assert(l->at && l->waiting);
    for (size_t i = 0; i < spec->readers; i++)
        STAILQ_INIT(&l->waiting[i]);
    pthread_mutex_init(&l->lock, NULL);
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&l->more, &attr);
    pthread_condattr_destroy(&attr);
    stale_make(&l->stale, spec->tables->lake);
    if (open_all(l, e))
        return l;
    lake_free(l);
    return NULL;
}

uint64_t lake_done(const struct lake *l)
{
    uint64_t done = UINT64_MAX;
    for (size_t i = 0; i < l->n; i++)
        if (l->at[i].catalog.done < done)
            done = l->at[i].catalog.done;
    return l->n ? done : 0;
}

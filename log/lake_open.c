// lake_open.c: catalogs are read, what a life before left half done is removed.
#include "log/lake_inner.h"
#include "base/file.h"
#include "log/ledger.h"
#include <assert.h>
#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

static bool live_files_there(const struct lake_table *t, const struct catalog *c)
{
    for (size_t i = 0; i < c->files.n; i++) {
        OWN_ARENA struct arena a = arena_make(64 << 10);
        if (!path_exists(str_zf(&a, "%s/" STR_F, t->table->dir, STR_A(c->files.at[i].path))))
            return false;
    }
    return true;
}

// Files, and lists of a month, of a commit or a seal that was cut off are in no catalog: nobody reads them, and they go at
// once, before a file of that name is made again. What readers of our life before may still have open goes when they are done.
static void sweep_dir(struct lake *l, const struct lake_table *t, const struct catalog *seen, struct str below)
{
    OWN_ARENA struct arena a = arena_make(16 << 20);
    DIR *d = opendir(str_zf(&a, "%s/" STR_F, t->table->dir, STR_A(below)));
    if (!d)
        return;
    for (struct dirent *x; (x = readdir(d));) {
        struct str name = str_z(x->d_name), path = str_f(&a, STR_F "%s" STR_F, STR_A(below), below.n ? "/" : "", STR_A(name));
        const char *whole = str_zf(&a, "%s/" STR_F, t->table->dir, STR_A(path));
        bool dir = str_starts(name, S("dt=")) || str_starts(name, S("hour="))
            || (below.n == 0 && (str_eq(name, S("live")) || str_eq(name, S("months"))));
        bool ours = str_find(name, S(".parquet")) > 0 || str_eq(below, S("months"));
        if (dir)
            sweep_dir(l, t, seen, path);
        else if (!ours || name.p[0] == '.' || lake_listed(&t->catalog, path))
            continue;
        else if (lake_listed(seen, path))
            stale_add(&l->stale, whole, seen->generation + 1);
        else
            unlink(whole);
    }
    closedir(d);
}

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
    sweep_dir(l, t, &seen, S(""));
    return (was && live_files_there(t, &seen)) || catalog_write(&a, path, &t->catalog, false, e);
}

// Hours are sealed only after a commit. Without its catalog this is no empty lake: what nobody names would be swept away.
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

static bool open_table(struct lake *l, struct lake_table *t, struct table *table, struct err *e)
{
    t->table = table;
    t->arena = arena_make(LAKE_ARENA);
    const char *path = str_zf(&t->arena, "%s/manifest.durable", table->dir);
    if (!catalog_read(&t->arena, path, &t->catalog, e)) {
        if (e->kind == ERR_NOT_FOUND && has_sealed(t))
            err_set(e, ERR_CHECK, "%s is not there, and it is what names the sealed files beside it", path);
        if (e->kind != ERR_NOT_FOUND)
            return err_hint(e, "put the lake back from a backup, or move %s away to begin an empty one", table->dir);
        t->catalog = (struct catalog){.schema = schema_of_master(&table->master)};
    }
    schema_master_make(&table->master, &t->catalog.schema);
    table->done = t->catalog.done;
    if (t->catalog.generation > l->generation)
        l->generation = t->catalog.generation;
    t->flushed = t->catalog.generation;
    return ledger_cut(table->dir, t->catalog.done, t->flushed, e);
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
    for (size_t i = 0; i < l->n; i++)
        if (!open_table(l, &l->at[i], &spec->tables->at[i], e))
            return NULL;
    for (size_t i = 0; i < l->n; i++)
        if (!keep_visible(l, &l->at[i], e))
            return NULL;
    return l;
}

uint64_t lake_done(const struct lake *l)
{
    uint64_t done = UINT64_MAX;
    for (size_t i = 0; i < l->n; i++)
        if (l->at[i].catalog.done < done)
            done = l->at[i].catalog.done;
    return l->n ? done : 0;
}

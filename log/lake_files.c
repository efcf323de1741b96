// lake_files.c: files of the lake, and the two catalogs that name them.
#include "log/lake_inner.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/say.h"
#include "log/crc32c.h"
#include "log/ledger.h"
#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int64_t lake_now_us(void)
{
    return now_ms() * 1000;
}

void lake_trouble(struct lake *l, const char *what, const struct err *e)
{
    if (!l->stuck)
        say_err(what, e);
    l->stuck = true;
    pthread_mutex_lock(&l->lock);
    l->figures.troubled = true;
    snprintf(l->figures.trouble, sizeof l->figures.trouble, "%.290s", e->text);
    pthread_mutex_unlock(&l->lock);
}

void lake_trouble_over(struct lake *l)
{
    if (!l->stuck)
        return;
    l->stuck = false;
    say("log.lake.well", KV("generation", l->generation));
    pthread_mutex_lock(&l->lock);
    l->figures.troubled = false;
    pthread_mutex_unlock(&l->lock);
}

// ---- files ----

bool lake_write_file(const struct lake_table *t, struct str path, struct str text, bool flush, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(64 << 10);
    const char *whole = str_zf(&a, "%s/" STR_F, t->table->dir, STR_A(path));
    const char *dir = str_zdup(&a, (struct str){whole, (size_t)(strrchr(whole, '/') - whole)});
    if (!dir_make(dir, 0750, e))
        return false;
    OWN_FD fd = open(whole, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    if (fd < 0)
        return err_set(e, ERR_IO, "create %s: %m", whole);
    if (!fd_write_all(fd, text, e)) {
        unlink(whole);
        return err_in(e, "%s", whole);
    }
    if (!flush)
        return true;
    return (fdatasync(fd) == 0 || err_set(e, ERR_IO, "flush %s: %m", whole)) && dir_sync(dir, e);
}

void lake_describe(const struct made *m, enum file_state state, struct arena *a, struct lake_file *out)
{
    *out = (struct lake_file){.state = state, .hour = m->hour, .rows = (int64_t)m->rows, .bytes = (int64_t)m->file.n,
                              .low_us = m->low_us, .high_us = m->high_us, .schema = m->columns};
    if (!a)
        return;
    out->crc = crc32c(0, m->file.p, m->file.n);
    for (int i = 0; i < m->columns; i++)
        vec_push(a, &out->column_bytes, m->column_bytes[i]);
}

struct str lake_name_of(struct arena *a, const struct lake *l, const struct part *p, const struct made *m, size_t i)
{
    static const char letter[] = {[MADE_OPEN] = 'h', [MADE_CLOSED] = 'g', [MADE_ALL] = 'm'};
    char dir[HOUR_DIR_MAX];
    return str_f(a, "live/%s/%c-%llu-%llu-%zu-%zu.parquet", hour_dir(m->hour, dir), letter[m->kind],
                 (unsigned long long)p->mark.lsn, (unsigned long long)l->generation, p->reader, i);
}

// ---- catalogs ----

void lake_renew(struct lake_table *t)
{
    struct arena fresh = arena_make(LAKE_ARENA);
    struct catalog c = {.generation = t->catalog.generation, .done = t->catalog.done, .schema = t->catalog.schema};
    for (size_t i = 0; i < t->catalog.files.n; i++) {
        struct lake_file f = t->catalog.files.at[i], to = f;
        to.path = str_dup(&fresh, f.path);
        memset(&to.column_bytes, 0, sizeof to.column_bytes);
        for (size_t k = 0; k < f.column_bytes.n; k++)
            vec_push(&fresh, &to.column_bytes, f.column_bytes.at[k]);
        vec_push(&fresh, &c.files, to);
    }
    for (size_t i = 0; i < t->catalog.months.n; i++) {
        struct month m = t->catalog.months.at[i];
        m.name = str_dup(&fresh, m.name);
        vec_push(&fresh, &c.months, m);
    }
    arena_drop(&t->arena);
    t->arena = fresh;
    t->catalog = c;
}

static void take_schema(struct lake *l, struct lake_table *t)
{
    t->catalog.schema = schema_of_master(&t->table->master);
    t->catalog.schema.master = NULL;
    t->catalog.generation = l->generation;
}

void lake_drop_file(struct lake *l, const struct lake_table *t, struct str path)
{
    OWN_ARENA struct arena a = arena_make(64 << 10);
    if (path.n)
        stale_add(&l->stale, str_zf(&a, "%s/" STR_F, t->table->dir, STR_A(path)), l->generation);
}

bool lake_note(struct lake_table *t, struct str line, struct err *e)
{
    if (!lake_unnote(t, e))
        return false;
    t->noted = true;
    return ledger_add(t->table->dir, lake_now_us(), line, e);
}

bool lake_unnote(struct lake_table *t, struct err *e)
{
    if (t->noted && !ledger_cut(t->table->dir, t->catalog.done, t->flushed, e))
        return false;
    t->noted = false;
    return true;
}

bool lake_write_durable(struct lake *l, struct lake_table *t, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct strs before = {0};
    take_schema(l, t);
    for (size_t i = 0; i < t->catalog.months.n; i++)
        vec_push(&a, &before, t->catalog.months.at[i].name);
    if (!catalog_write(&t->arena, str_zf(&a, "%s/manifest.durable", t->table->dir), &t->catalog, true, e))
        return false;
    for (size_t i = 0; i < before.n; i++)
        if (!str_eq(before.at[i], t->catalog.months.at[i].name))
            lake_drop_file(l, t, before.at[i]);
    t->flushed = t->catalog.generation;
    t->noted = false;
    t->changed = true;
    return true;
}

bool lake_write_seen(struct lake *l, struct lake_table *t, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(LAKE_SCRATCH);
    take_schema(l, t);
    struct catalog seen = t->catalog;
    memset(&seen.files, 0, sizeof seen.files);
    for (size_t i = 0; i < t->catalog.files.n; i++)
        vec_push(&a, &seen.files, t->catalog.files.at[i]);
    for (size_t i = 0; i < t->hot_n; i++)
        vec_push(&a, &seen.files, t->hot[i].file);
    t->changed = !catalog_write(&a, str_zf(&a, "%s/manifest", t->table->dir), &seen, false, e);
    if (t->changed)
        return false;
    t->behind = false;
    t->shown = seen.generation;
    return true;
}

uint64_t lake_shown(const struct lake *l)
{
    uint64_t shown = UINT64_MAX;
    for (size_t i = 0; i < l->n; i++)
        if ((l->at[i].changed || l->at[i].behind) && l->at[i].shown < shown)
            shown = l->at[i].shown;
    return shown;
}

void lake_drop_hot(struct lake *l, struct lake_table *t, size_t i)
{
    struct str path = t->hot[i].file.path;
    lake_drop_file(l, t, path);
    free((char *)(uintptr_t)path.p);
    t->hot[i] = t->hot[--t->hot_n];
    t->changed = true;
}

void lake_adopt(struct lake_table *t, const struct lake_file *files, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct lake_file f = files[i], to = f;
        to.path = str_dup(&t->arena, f.path);
        memset(&to.column_bytes, 0, sizeof to.column_bytes);
        for (size_t k = 0; k < f.column_bytes.n; k++)
            vec_push(&t->arena, &to.column_bytes, f.column_bytes.at[k]);
        vec_push(&t->arena, &t->catalog.files, to);
    }
}

void lake_put_paths(struct buf *b, const char *key, const struct lake_file *at, size_t n)
{
    json_key(b, key);
    json_open(b, '[');
    for (size_t i = 0; i < n; i++)
        json_object(b, KV("path", at[i].path), KV("rows", at[i].rows));
    json_close(b, ']');
}

bool lake_listed(const struct catalog *c, struct str path)
{
    for (size_t i = 0; i < c->files.n; i++)
        if (str_eq(c->files.at[i].path, path))
            return true;
    for (size_t i = 0; i < c->months.n; i++)
        if (str_eq(c->months.at[i].name, path))
            return true;
    return false;
}

// lake.c: see lake.h.
#include "log/lake.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/json.h"
#include "base/say.h"
#include "log/crc32c.h"
#include "log/hist.h"
#include "log/ledger.h"
#include "log/pace.h"
#include "log/seal.h"
#include "log/stale.h"
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WAIT_MS = 250, RETRY_MS = 500, ARENA_MAX = 1 << 30, TEMPORARY_MAX = 256 << 20 };

struct hot_file { size_t reader; bool open; struct lake_file file; };   // file.path: malloc'ed

struct lake_table {
    struct table *table;
    struct arena arena;             // of what the catalog points to
    struct catalog catalog;         // committed and sealed files
    struct hot_file *hot;
    size_t hot_n, hot_cap;
    bool changed;                   // since the catalog was last written
};

struct lake {
    struct lake_spec spec;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t more;
    struct parts *waiting;          // one queue a reader
    struct str sealed;              // what lake_sealed brought; malloc'ed
    bool sealed_came, sealed_ok, seal_now;
    struct lake_table *at;
    size_t n;
    uint64_t generation;
    struct stale stale;
    struct sealing sealing;
    int64_t swept_at;
    size_t ended;                   // readers that are through
    bool stuck;                     // said already
    struct lake_figures figures;
    struct hist visible;
};

static int64_t now_us(void)
{
    return now_ms() * 1000;
}

static void trouble(struct lake *l, const char *what, const struct err *e)
{
    if (!l->stuck)
        say_err(what, e);
    l->stuck = true;
    pthread_mutex_lock(&l->lock);
    l->figures.troubled = true;
    snprintf(l->figures.trouble, sizeof l->figures.trouble, "%.290s", e->text);
    pthread_mutex_unlock(&l->lock);
}

static void trouble_over(struct lake *l)
{
    if (!l->stuck)
        return;
    l->stuck = false;
    say("log.lake.well", KV("generation", l->generation));
    pthread_mutex_lock(&l->lock);
    l->figures.troubled = false;
    pthread_mutex_unlock(&l->lock);
}

// ---- opening ----

static bool live_files_there(const struct lake_table *t, const struct catalog *c)
{
    for (size_t i = 0; i < c->files.n; i++) {
        OWN_ARENA struct arena a = arena_make(64 << 10);
        if (!path_exists(str_zf(&a, "%s/" STR_F, t->table->dir, STR_A(c->files.at[i].path))))
            return false;
    }
    return true;
}

static bool listed(const struct catalog *c, struct str path)
{
    for (size_t i = 0; i < c->files.n; i++)
        if (str_eq(c->files.at[i].path, path))
            return true;
    return false;
}

// Files of a commit or a seal that was cut off are in no catalog: nobody reads them, and they go at once, before a file of
// that name is made again. What readers of our life before may still have open goes when they are done.
static void sweep_dir(struct lake *l, const struct lake_table *t, const struct catalog *seen, struct str below)
{
    OWN_ARENA struct arena a = arena_make(16 << 20);
    DIR *d = opendir(str_zf(&a, "%s/" STR_F, t->table->dir, STR_A(below)));
    if (!d)
        return;
    for (struct dirent *x; (x = readdir(d));) {
        struct str name = str_z(x->d_name), path = str_f(&a, STR_F "%s" STR_F, STR_A(below), below.n ? "/" : "", STR_A(name));
        const char *whole = str_zf(&a, "%s/" STR_F, t->table->dir, STR_A(path));
        if (str_starts(name, S("dt=")) || str_starts(name, S("hour=")) || (below.n == 0 && str_eq(name, S("live"))))
            sweep_dir(l, t, seen, path);
        else if (str_find(name, S(".parquet")) < 0 || listed(&t->catalog, path))
            continue;
        else if (listed(seen, path))
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
    OWN_ARENA struct arena a = arena_make(ARENA_MAX);
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

static bool open_table(struct lake *l, struct lake_table *t, struct table *table, struct err *e)
{
    t->table = table;
    t->arena = arena_make(ARENA_MAX);
    const char *path = str_zf(&t->arena, "%s/manifest.durable", table->dir);
    if (!catalog_read(&t->arena, path, &t->catalog, e)) {
        if (e->kind != ERR_NOT_FOUND)
            return err_hint(e, "put back %s from a backup, or move it away to begin an empty lake", path);
        t->catalog = (struct catalog){.schema = schema_of_master(&table->master)};
    }
    schema_master_make(&table->master, &t->catalog.schema);
    table->done = t->catalog.done;
    if (t->catalog.generation > l->generation)
        l->generation = t->catalog.generation;
    return ledger_cut(table->dir, t->catalog.done, e);
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
    pthread_cond_init(&l->more, NULL);
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

// ---- files ----

static bool write_file(const struct lake_table *t, struct str path, struct str text, bool flush, struct err *e)
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

static void describe(const struct made *m, enum file_state state, struct arena *a, struct lake_file *out)
{
    *out = (struct lake_file){.state = state, .hour = m->hour, .rows = (int64_t)m->rows, .bytes = (int64_t)m->file.n,
                              .low_us = m->low_us, .high_us = m->high_us, .schema = m->columns};
    if (!a)
        return;
    out->crc = crc32c(0, m->file.p, m->file.n);
    for (int i = 0; i < m->columns; i++)
        vec_push(a, &out->column_bytes, m->column_bytes[i]);
}

static struct str name_of(struct arena *a, const struct lake *l, const struct part *p, const struct made *m, size_t i)
{
    static const char letter[] = {[MADE_OPEN] = 'h', [MADE_CLOSED] = 'g', [MADE_ALL] = 'm'};
    char dir[HOUR_DIR_MAX];
    return str_f(a, "live/%s/%c-%llu-%llu-%zu-%zu.parquet", hour_dir(m->hour, dir), letter[m->kind],
                 (unsigned long long)p->mark.lsn, (unsigned long long)l->generation, p->reader, i);
}

// ---- catalogs ----

// The catalog's own texts move to a new arena, so that what left takes no memory.
static void renew(struct lake_table *t)
{
    struct arena fresh = arena_make(ARENA_MAX);
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

static bool write_catalog(struct lake *l, struct lake_table *t, bool durable, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(TEMPORARY_MAX);
    struct schema schema = schema_of_master(&t->table->master);
    schema.master = NULL;
    t->catalog.schema = schema;
    t->catalog.generation = l->generation;
    if (durable && !catalog_write(&t->arena, str_zf(&a, "%s/manifest.durable", t->table->dir), &t->catalog, true, e))
        return false;
    struct catalog seen = t->catalog;
    memset(&seen.files, 0, sizeof seen.files);
    for (size_t i = 0; i < t->catalog.files.n; i++)
        vec_push(&a, &seen.files, t->catalog.files.at[i]);
    for (size_t i = 0; i < t->hot_n; i++)
        vec_push(&a, &seen.files, t->hot[i].file);
    t->changed = !catalog_write(&a, str_zf(&a, "%s/manifest", t->table->dir), &seen, false, e);
    if (t->changed && durable)
        trouble(l, "log.publish", e);       // committed all the same; it is seen with the next mark
    return durable || !t->changed;
}

static void drop_hot(struct lake *l, struct lake_table *t, size_t i)
{
    OWN_ARENA struct arena a = arena_make(64 << 10);
    struct str path = t->hot[i].file.path;
    stale_add(&l->stale, str_zf(&a, "%s/" STR_F, t->table->dir, STR_A(path)), l->generation);
    free((char *)(uintptr_t)path.p);
    t->hot[i] = t->hot[--t->hot_n];
    t->changed = true;
}

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
                drop_hot(l, &l->at[t], i);
        }
}

static bool add_hot(struct lake *l, const struct part *p, const struct made *m, size_t i, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(64 << 10);
    struct lake_table *t = &l->at[m->table];
    struct str path = name_of(&a, l, p, m, i);
    if (!write_file(t, path, m->file, false, e))
        return false;
    if (t->hot_n == t->hot_cap) {
        t->hot_cap = t->hot_cap * 2 + 16;
        t->hot = realloc(t->hot, t->hot_cap * sizeof *t->hot);
        assert(t->hot);
    }
    struct hot_file *h = &t->hot[t->hot_n++];
    *h = (struct hot_file){.reader = p->reader, .open = m->kind == MADE_OPEN};
    describe(m, FILE_HOT, NULL, &h->file);
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
                trouble(l, "log.publish", &e);
            }
    }
    for (size_t t = 0; t < l->n; t++)
        if (l->at[t].changed && !write_catalog(l, &l->at[t], false, &e)) {
            ok = false;
            trouble(l, "log.publish", &e);
        }
    if (ok)
        trouble_over(l);
}

// ---- a commit ----

static void put_paths(struct buf *b, const char *key, const struct lake_file *at, size_t n)
{
    json_key(b, key);
    json_open(b, '[');
    for (size_t i = 0; i < n; i++)
        json_object(b, KV("path", at[i].path), KV("rows", at[i].rows));
    json_close(b, ']');
}

static void put_tally(struct lake *l, struct buf *b, const struct tally *t)
{
    const struct stream *s = streams_find(l->spec.streams, t->stream);
    json_object(b, KV("id", t->stream), KV("host", s ? s->host : ""), KV("path", s ? s->path : ""), KV("from", t->from),
                KV("to", t->to), KV("lines", t->lines), KV("rows", t->rows), KV("bad", t->bad), KV("blank", t->blank),
                KV("imported", (int)(s && s->imported)));
}

static void put_ended(struct lake *l, struct buf *b, const struct ended *x)
{
    const struct stream *s = streams_find(l->spec.streams, x->stream);
    json_object(b, KV("id", x->stream), KV("size", x->size), KV("why", (int)x->why), KV("host", s ? s->host : ""),
                KV("path", s ? s->path : ""));
}

static bool of_table(struct lake *l, uint64_t stream, size_t table)
{
    const struct stream *s = streams_find(l->spec.streams, stream);
    return s && (size_t)(2 * (s->dataset - 1)) == table;
}

struct fresh { VEC(struct lake_file) files; };

static void put_commit(struct lake *l, struct buf *b, size_t table, uint64_t to, struct part *const *parts,
                       const struct fresh *rows, const struct fresh *bad)
{
    json_open(b, '{');
    json_kvs(b, KVS(KV("from", l->at[table].catalog.done), KV("to", to), KV("at_us", now_us())));
    json_key(b, "streams");
    json_open(b, '[');
    for (size_t r = 0; r < l->spec.readers; r++)
        for (size_t i = 0; i < parts[r]->tallies; i++)
            if (of_table(l, parts[r]->tally[i].stream, table))
                put_tally(l, b, &parts[r]->tally[i]);
    json_close(b, ']');
    json_key(b, "done");
    json_open(b, '[');
    for (size_t r = 0; r < l->spec.readers; r++)
        for (size_t i = 0; i < parts[r]->endeds; i++)
            if (of_table(l, parts[r]->ended[i].stream, table))
                put_ended(l, b, &parts[r]->ended[i]);
    json_close(b, ']');
    put_paths(b, "files", rows->files.at, rows->files.n);
    put_paths(b, "bad_files", bad->files.at, bad->files.n);
    json_close(b, '}');
    buf_addc(b, '\n');
}

static bool write_committed(struct lake *l, struct part *const *parts, struct arena *a, struct fresh *fresh, struct err *e)
{
    for (size_t r = 0; r < l->spec.readers; r++) {
        size_t i = 0;
        const struct made *m;
        STAILQ_FOREACH(m, &parts[r]->made, next) {
            struct lake_file f;
            struct str path = name_of(a, l, parts[r], m, i++);
            if (!write_file(&l->at[m->table], path, m->file, true, e))
                return false;
            describe(m, FILE_COMMITTED, a, &f);
            f.path = path;
            vec_push(a, &fresh[m->table].files, f);
        }
    }
    return true;
}

static bool write_ledgers(struct lake *l, struct part *const *parts, uint64_t to, const struct fresh *fresh, struct err *e)
{
    for (size_t t = 0; t < l->n; t += 2) {
        OWN_BUF struct buf b = buf_make(64 << 20);
        put_commit(l, &b, t, to, parts, &fresh[t], &fresh[t + 1]);
        if (!buf_ok(&b, e) || !ledger_add(l->at[t].table->dir, now_us(), buf_str(&b), e))
            return false;
    }
    return true;
}

static void adopt(struct lake_table *t, const struct fresh *fresh)
{
    for (size_t i = 0; i < fresh->files.n; i++) {
        struct lake_file f = fresh->files.at[i], to = f;
        to.path = str_dup(&t->arena, f.path);
        memset(&to.column_bytes, 0, sizeof to.column_bytes);
        for (size_t k = 0; k < f.column_bytes.n; k++)
            vec_push(&t->arena, &to.column_bytes, f.column_bytes.at[k]);
        vec_push(&t->arena, &t->catalog.files, to);
    }
}

// Bad lines first: what is durable of them and not of the rows is known by its own `done`.
static bool write_durable(struct lake *l, uint64_t to, const struct fresh *fresh, struct err *e)
{
    for (size_t i = l->n; i-- > 0;) {
        struct lake_table *t = &l->at[i];
        if (t->catalog.done == to)
            continue;           // a try before came so far
        adopt(t, &fresh[i]);
        for (size_t k = t->hot_n; k-- > 0;)
            drop_hot(l, t, k);
        uint64_t before = t->catalog.done;
        t->catalog.done = to;
        if (!write_catalog(l, t, true, e)) {
            t->catalog.files.n -= fresh[i].files.n;
            t->catalog.done = before;
            return false;
        }
        fault_die_at(i % 2 ? "lake:after-bad" : "lake:after-rows");
    }
    return true;
}

static bool commit_once(struct lake *l, struct part *const *parts, uint64_t to, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(ARENA_MAX);
    struct fresh *fresh = NEW_N(&a, struct fresh, l->n + 1);
    if (!write_committed(l, parts, &a, fresh, e))
        return false;
    fault_die_at("lake:after-files");
    if (l->spec.commit && !l->spec.commit(l->spec.arg, to, e))
        return err_in(e, "figures");
    for (size_t t = 0; t < l->n; t += 2)
        if (!ledger_cut(l->at[t].table->dir, l->at[t].catalog.done, e))
            return false;
    if (!write_ledgers(l, parts, to, fresh, e))
        return false;
    fault_die_at("lake:after-ledger");
    if (!write_durable(l, to, fresh, e))
        return false;
    for (size_t i = 0; i < l->n; i++) {
        if (fresh[i].files.n)
            sealing_note(&l->sealing, (int)i, &l->at[i].catalog, fresh[i].files.n);
        renew(&l->at[i]);
    }
    return true;
}

static bool ending(struct lake *l)
{
    pthread_mutex_lock(&l->lock);
    bool last = false;
    for (size_t r = 0; r < l->spec.readers; r++) {
        const struct part *p = STAILQ_FIRST(&l->waiting[r]);
        last = last || (p && p->last);
    }
    pthread_mutex_unlock(&l->lock);
    return last;
}

// Rows stay in memory and in the write-ahead log until there is room. Whoever ends us meanwhile loses nothing.
static bool commit(struct lake *l, struct part *const *parts, uint64_t to)
{
    struct err e;
    l->generation++;            // once: a second try writes the same names
    while (!commit_once(l, parts, to, &e)) {
        trouble(l, "log.commit", &e);
        if (ending(l))
            return false;
        stale_sweep(&l->stale);
        usleep(RETRY_MS * 1000);
    }
    trouble_over(l);
    return true;
}

// ---- sealing and leaving ----

static size_t index_of(const struct catalog *c, struct str path)
{
    for (size_t i = 0; i < c->files.n; i++)
        if (str_eq(c->files.at[i].path, path))
            return i;
    return SIZE_MAX;
}

static void remove_files(struct lake *l, struct lake_table *t, const struct strs *paths)
{
    OWN_ARENA struct arena a = arena_make(16 << 20);
    for (size_t i = 0; i < paths->n; i++) {
        size_t at = index_of(&t->catalog, paths->at[i]);
        if (at == SIZE_MAX)
            continue;
        stale_add(&l->stale, str_zf(&a, "%s/" STR_F, t->table->dir, STR_A(paths->at[i])), l->generation);
        for (; at + 1 < t->catalog.files.n; at++)
            t->catalog.files.at[at] = t->catalog.files.at[at + 1];
        t->catalog.files.n--;
    }
}

static bool note_change(struct lake *l, struct lake_table *t, const struct strs *from, const struct lake_file *to, size_t n,
                        struct err *e)
{
    OWN_ARENA struct arena a = arena_make(64 << 20);
    OWN_BUF struct buf b = buf_make(16 << 20);
    VEC(struct lake_file) gone = {0};
    for (size_t i = 0; i < from->n; i++)
        vec_push(&a, &gone, t->catalog.files.at[index_of(&t->catalog, from->at[i])]);
    json_open(&b, '{');
    if (n) {
        json_key(&b, "seal");
        json_open(&b, '{');
        put_paths(&b, "from", gone.at, gone.n);
        put_paths(&b, "to", to, n);
        json_close(&b, '}');
    } else {
        put_paths(&b, "dropped", gone.at, gone.n);
    }
    json_kv(&b, "at_us", now_us());
    json_close(&b, '}');
    buf_addc(&b, '\n');
    (void)l;
    return buf_ok(&b, e) && ledger_add(t->table->dir, now_us(), buf_str(&b), e);
}

static bool take_sealed(struct lake *l, struct str output, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(64 << 20);
    struct lake_table *t = &l->at[l->sealing.table];
    struct sealed_files made;
    if (!sealing_read(&a, &l->sealing, &t->catalog, output, &made, e))
        return false;
    l->generation++;
    if (!note_change(l, t, &l->sealing.paths, made.at, made.n, e))
        return false;
    remove_files(l, t, &l->sealing.paths);
    struct fresh fresh = {0};
    for (size_t i = 0; i < made.n; i++)
        vec_push(&a, &fresh.files, made.at[i]);
    adopt(t, &fresh);
    catalog_touch(&t->arena, &t->catalog, l->sealing.hour);
    if (!write_catalog(l, t, true, e))
        return false;
    renew(t);
    return true;
}

static void finish_seal(struct lake *l, bool ok, struct str output)
{
    struct err e;
    if (!ok)
        err_set(&e, ERR_PEER, STR_F, STR_A(str_head(output, 500)));
    bool took = ok && take_sealed(l, output, &e);
    if (!took)
        say_err("log.seal.failed", &e);
    sealing_over(&l->sealing, took);
}

static void begin_seal(struct lake *l)
{
    for (size_t i = 0; i < l->n && l->spec.seal && !l->sealing.busy; i++) {
        struct seal_wish wish = {.table = (int)i};
        snprintf(wish.dir, sizeof wish.dir, "%s", l->at[i].table->dir);
        if (sealing_next(&l->sealing, (int)i, &l->at[i].catalog, l->seal_now, &wish.hour, &wish.input))
            l->spec.seal(l->spec.arg, &wish);
    }
    if (!l->sealing.busy)
        l->seal_now = false;
}

static void retire(struct lake *l, size_t table)
{
    OWN_ARENA struct arena a = arena_make(16 << 20);
    struct lake_table *t = &l->at[table];
    struct strs old = {0};
    struct err e;
    int64_t keep = l->spec.tables->set[table / 2].keep_us;
    if (keep == 0)
        return;
    for (size_t i = 0; i < t->catalog.files.n; i++)
        if (t->catalog.files.at[i].high_us < now_us() - keep && t->catalog.files.at[i].state == FILE_SEALED) {
            vec_push(&a, &old, str_dup(&a, t->catalog.files.at[i].path));
            catalog_touch(&t->arena, &t->catalog, t->catalog.files.at[i].hour);
        }
    if (!old.n || l->sealing.busy)
        return;
    l->generation++;
    if (!note_change(l, t, &old, NULL, 0, &e)) {
        trouble(l, "log.retire", &e);
        return;
    }
    remove_files(l, t, &old);
    if (!write_catalog(l, t, true, &e))
        trouble(l, "log.retire", &e);
    say("log.retired", KV("table", t->table->name), KV("files", old.n));
    renew(t);
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
    memcpy(f.trouble, l->figures.trouble, sizeof f.trouble);
    f.visible_p50 = hist_quantile(&l->visible, 0.5);
    f.visible_p99 = hist_quantile(&l->visible, 0.99);
    f.published_ms = published ? now_ms() : l->figures.published_ms;
    l->figures = f;
    pthread_mutex_unlock(&l->lock);
}

static void keep_house(struct lake *l)
{
    pthread_mutex_lock(&l->lock);
    struct str output = l->sealed;
    bool came = l->sealed_came, ok = l->sealed_ok;
    l->sealed_came = false;
    l->sealed = (struct str){0};
    pthread_mutex_unlock(&l->lock);
    if (came)
        finish_seal(l, ok, output);
    free((char *)(uintptr_t)output.p);
    begin_seal(l);
    if (tick_ms() - l->swept_at < 1000)
        return;
    l->swept_at = tick_ms();
    stale_sweep(&l->stale);
    for (size_t i = 0; i < l->n; i++)
        retire(l, i);
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
    clock_gettime(CLOCK_REALTIME, &t);
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
    for (size_t r = 0; r < l->spec.readers; r++)
        if (parts[r]->oldest_us)
            hist_add(&l->visible, now_ms() - parts[r]->oldest_us / 1000);
}

static void take_mark(struct lake *l, struct part **parts)
{
    struct mark mark = parts[0]->mark;
    bool durable = false;
    if (l->spec.figures && !parts[0]->last)
        l->spec.figures(l->spec.arg, parts, l->spec.readers);
    if (mark.commit)
        durable = commit(l, parts, mark.lsn);
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
        if (!last)
            keep_house(l);
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

void lake_seal_now(struct lake *l)
{
    pthread_mutex_lock(&l->lock);
    l->seal_now = true;
    pthread_mutex_unlock(&l->lock);
}

void lake_figures(struct lake *l, struct lake_figures *out)
{
    pthread_mutex_lock(&l->lock);
    *out = l->figures;
    pthread_mutex_unlock(&l->lock);
}

void lake_join(struct lake *l)
{
    pthread_join(l->thread, NULL);
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

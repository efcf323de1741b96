// audit.c: see audit.h. The log server goes on meanwhile: the catalog is read before and after the ledger, and again
// when it changed in between.
#include "log/audit.h"
#include "base/file.h"
#include "log/accepted.h"
#include "log/catalog.h"
#include "log/crc32c.h"
#include "log/parquet_read.h"
#include "log/wire.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TRIES = 20, PAUSE_MS = 200, READ_BYTES = 1 << 20, WHOLE_MAX = 1 << 30 };

struct auditor {
    const struct audit_spec *spec;
    struct arena *arena;
    const char *dir, *bad_dir;          // LAKE/access, LAKE/access_bad
    struct account acc;
    struct catalog catalog, bad;
    struct acceptances accepted;
    struct audit *out;
};

// ---- reading both at one moment ----

static bool read_catalog(struct auditor *x, const char *dir, struct catalog *out, struct err *e)
{
    if (catalog_read(x->arena, str_zf(x->arena, "%s/manifest.durable", dir), out, e))
        return true;
    if (e->kind != ERR_NOT_FOUND)
        return false;
    *out = (struct catalog){0};         // nothing was ever committed
    return true;
}

static bool read_once(struct auditor *x, bool *still, struct err *e)
{
    struct catalog after, bad_after;
    if (!read_catalog(x, x->dir, &x->catalog, e) || !read_catalog(x, x->bad_dir, &x->bad, e))
        return false;
    x->acc = (struct account){.arena = x->arena, .done = x->catalog.done, .generation = x->catalog.generation,
                              .bad_generation = x->bad.generation, .from_us = x->spec->from_us,
                              .to_us = x->spec->to_us};
    if (!account_read(&x->acc, x->dir, e) || !read_catalog(x, x->dir, &after, e)
        || !read_catalog(x, x->bad_dir, &bad_after, e))
        return false;
    *still = after.generation == x->catalog.generation && bad_after.generation == x->bad.generation;
    return true;
}

// A seal stands in the ledger a moment before the catalog has it, so what does not fit is looked at once more.
static bool read_all(struct auditor *x, void (*compare)(struct auditor *), struct err *e)
{
    for (int i = 0; i < TRIES; i++) {
        bool still;
        if (!read_once(x, &still, e))
            return false;
        compare(x);
        if (still && (x->acc.findings.n == 0 || i > 2))
            return true;
        usleep(PAUSE_MS * 1000);
    }
    return true;
}

// ---- ledger and catalog ----

static void compare_files(struct auditor *x)
{
    struct account *acc = &x->acc;
    struct map in_catalog = {0};
    for (size_t i = 0; i < x->catalog.files.n; i++) {
        struct lake_file *f = &x->catalog.files.at[i];
        const struct account_file *said = map_get(&acc->by_path, f->path);
        map_put(x->arena, &in_catalog, f->path, f);
        if (!said)
            account_find(acc, FOUND_UNPROVEN, S(""), STR_F ": %lld rows that stand in no commit", STR_A(f->path),
                         (long long)f->rows);
        else if (said->gone)
            account_find(acc, FOUND_DOUBLED, S(""), STR_F " was replaced and is in the catalog still", STR_A(f->path));
        else if (said->rows != f->rows)
            account_find(acc, f->rows < said->rows ? FOUND_LOST : FOUND_DOUBLED, S(""),
                         STR_F ": %lld rows in the ledger, %lld in the catalog", STR_A(f->path), (long long)said->rows,
                         (long long)f->rows);
    }
    for (size_t i = 0; i < acc->files.n; i++)
        if (!acc->files.at[i]->gone && !map_get(&in_catalog, acc->files.at[i]->path))
            account_find(acc, FOUND_LOST, S(""), STR_F ": its %lld rows are in no catalog",
                         STR_A(acc->files.at[i]->path), (long long)acc->files.at[i]->rows);
}

static int64_t catalog_rows(const struct catalog *c)
{
    int64_t rows = 0;
    for (size_t i = 0; i < c->files.n; i++)
        rows += c->files.at[i].rows;
    return rows;
}

// After a crash between the two catalogs bad lines may be durable whose commit the ledger has not yet.
static void compare_bad(struct auditor *x)
{
    int64_t there = catalog_rows(&x->bad) + x->acc.dropped_bad;
    if (there < x->acc.bad || (there > x->acc.bad && x->bad.done <= x->catalog.done))
        account_find(&x->acc, there < x->acc.bad ? FOUND_LOST : FOUND_DOUBLED, S(""),
                     "%s bad lines were counted, %s are kept", grouped_number(x->arena, x->acc.bad),
                     grouped_number(x->arena, there));
}

static void compare(struct auditor *x)
{
    if (x->acc.end < x->catalog.done)
        account_find(&x->acc, FOUND_LOST, S(""),
                     "the ledger ends at record %llu, the catalog at %llu: commits are missing",
                     (unsigned long long)x->acc.end, (unsigned long long)x->catalog.done);
    compare_files(x);
    compare_bad(x);
}

// ---- streams ----

// Of a file that was cut off or is gone nobody knows how long it had been.
static void check_end(struct auditor *x, const struct account_stream *s)
{
    const char *to = grouped_number(x->arena, (int64_t)s->to), *size = grouped_number(x->arena, (int64_t)s->size);
    if (s->why == DONE_TRUNCATED || s->why == DONE_VANISHED)
        account_find_at(&x->acc, FOUND_UNPROVEN, s, s->to, s->size > s->to ? s->size : s->to,
                        " %s: unproven after byte %s", s->why == DONE_TRUNCATED ? "was cut off" : "vanished", to);
    else if (s->why && s->to != s->size)
        account_find_at(&x->acc, s->to < s->size ? FOUND_LOST : FOUND_DOUBLED, s, s->to < s->size ? s->to : s->size,
                        s->to < s->size ? s->size : s->to, ": %s bytes of %s are committed", to, size);
}

// What the server says of one stream. It was asked after the ledger was read, so it is ahead of it or even with it.
static void check_told(struct auditor *x, const json_t *j)
{
    struct str key = str_f(x->arena, "%llu", (unsigned long long)j_u64(j, "id"));
    struct account_stream *s = map_get(&x->acc.by_id, key);
    uint64_t written = j_u64(j, "written");
    if (!s) {
        if (written && j_int(j, "why") && j_u64(j, "touched_us") < (uint64_t)x->acc.from_us)
            return;
        s = NEW(x->arena, struct account_stream);
        *s = (struct account_stream){.id = j_u64(j, "id"), .seen = written > 0,
                                     .host = str_dup(x->arena, str_z(j_text(j, "host"))),
                                     .path = str_dup(x->arena, str_z(j_text(j, "path")))};
        vec_push(x->arena, &x->acc.streams, s);
    }
    s->told = true;
    if (written < s->to)
        account_find_at(&x->acc, FOUND_DOUBLED, s, written, s->to, ": %s bytes are committed, but the server would "
                        "take them again from %s on", grouped_number(x->arena, (int64_t)s->to),
                        grouped_number(x->arena, (int64_t)written));
    s->waiting = (int64_t)(written > s->to ? written - s->to : 0);
}

static bool check_streams(struct auditor *x, struct err *e)
{
    size_t i;
    json_t *j;
    OWN_JSON *told = x->spec->streams ? x->spec->streams(x->spec->arg, e) : NULL;
    if (x->spec->streams && !told)
        return false;
    json_array_foreach(told, i, j)
        check_told(x, j);
    for (i = 0; i < x->acc.streams.n; i++) {
        const struct account_stream *s = x->acc.streams.at[i];
        check_end(x, s);
        if (told && !s->told && s->why == 0)
            account_find_at(&x->acc, FOUND_UNPROVEN, s, s->to, s->to, ": not at its end after byte %s, and the log "
                            "server does not know it any more", grouped_number(x->arena, (int64_t)s->to));
    }
    return true;
}

// ---- files ----

static bool read_whole(const char *path, int64_t bytes, char *to, struct err *e)
{
    OWN_FD fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set(e, ERR_IO, "%m");
    for (int64_t n = 0; n < bytes;) {
        ssize_t k = read(fd, to + n, (size_t)(bytes - n));
        if (k <= 0)
            return err_set(e, ERR_IO, k ? "%m" : "it became shorter");
        n += k;
    }
    return true;
}

static bool sum_of(struct auditor *x, const char *path, int64_t *size, uint32_t *crc, struct err *e)
{
    OWN_MEM char *piece = malloc(READ_BYTES);
    OWN_FD fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%m");
    *size = 0;
    *crc = 0;
    for (ssize_t k; (k = read(fd, piece, READ_BYTES)) != 0; *size += k) {
        if (k < 0)
            return err_set(e, ERR_IO, "%m");
        *crc = crc32c(*crc, piece, (size_t)k);
        if (x->spec->progress)
            x->spec->progress(x->spec->arg, x->out->file_bytes + *size);
    }
    return true;
}

static void check_deep(struct auditor *x, const char *path, const struct lake_file *f)
{
    struct err e;
    struct parquet_told told;
    if (f->bytes > WHOLE_MAX)
        return;
    OWN_MEM char *file = malloc((size_t)f->bytes);
    if (!read_whole(path, f->bytes, file, &e) || !parquet_check((struct str){file, (size_t)f->bytes}, &told, &e))
        account_find(&x->acc, FOUND_LOST, S(""), STR_F ": %s", STR_A(f->path), e.text);
    else if (told.rows != f->rows)
        account_find(&x->acc, FOUND_LOST, S(""), STR_F ": %lld rows in its footer, %lld in the catalog", STR_A(f->path),
                     (long long)told.rows, (long long)f->rows);
    else
        x->out->pages += (int64_t)told.pages;
}

static void check_file(struct auditor *x, const char *dir, const struct lake_file *f)
{
    const char *path = str_zf(x->arena, "%s/" STR_F, dir, STR_A(f->path));
    struct err e;
    int64_t size = 0;
    uint32_t crc = 0;
    size_t before = x->acc.findings.n;
    if (!sum_of(x, path, &size, &crc, &e))
        account_find(&x->acc, FOUND_LOST, S(""), "%s: %s; %s rows", path,
                     e.kind == ERR_NOT_FOUND ? "it is not there" : e.text, grouped_number(x->arena, f->rows));
    else if (size != f->bytes || (f->crc && crc != f->crc))
        account_find(&x->acc, FOUND_LOST, S(""), "%s is damaged: %s; up to %s rows", path,
                     size != f->bytes ? "another size" : "its checksum is wrong", grouped_number(x->arena, f->rows));
    else if (x->spec->deep)
        check_deep(x, path, f);
    x->out->files++;
    x->out->file_bytes += f->bytes;
    x->out->rows += x->acc.findings.n == before && dir == x->dir ? f->rows : 0;
}

// A file that a seal replaced since the catalog was read is no loss: the fresh catalog does not name it.
static bool still_named(struct auditor *x, const char *dir, struct str path)
{
    struct catalog now;
    struct err e;
    if (!read_catalog(x, dir, &now, &e))
        return true;
    for (size_t i = 0; i < now.files.n; i++)
        if (str_eq(now.files.at[i].path, path))
            return true;
    return false;
}

static void check_files(struct auditor *x, const char *dir, const struct catalog *c)
{
    for (size_t i = 0; i < c->files.n; i++) {
        const struct lake_file *f = &c->files.at[i];
        size_t before = x->acc.findings.n;
        if (f->high_us < x->spec->from_us || f->low_us >= x->spec->to_us)
            continue;
        check_file(x, dir, f);
        if (x->acc.findings.n > before && !still_named(x, dir, f->path))
            x->acc.findings.n = before;
    }
}

// ---- the sum ----

static struct audit_host *host_at(struct auditor *x, struct str name)
{
    for (size_t i = 0; i < x->out->hosts.n; i++)
        if (str_eq(x->out->hosts.at[i].name, name))
            return &x->out->hosts.at[i];
    vec_push(x->arena, &x->out->hosts, (struct audit_host){.name = name});
    return &x->out->hosts.at[x->out->hosts.n - 1];
}

static void sum_up(struct auditor *x)
{
    for (size_t i = 0; i < x->acc.streams.n; i++) {
        const struct account_stream *s = x->acc.streams.at[i];
        struct audit_host *h = s->seen ? host_at(x, s->host) : NULL;
        if (!h)
            continue;
        h->files++;
        h->living += s->why == 0;
        h->bytes += (int64_t)s->to;
        h->lines += s->lines;
        h->rows += s->rows;
        h->bad += s->bad;
        h->blank += s->blank;
        h->waiting += s->waiting;
    }
    for (size_t i = 0; i < x->acc.findings.n; i++) {
        struct finding f = x->acc.findings.at[i];
        f.accepted = accepted_find(&x->accepted, &f);
        vec_push(x->arena, &x->out->findings, f);
        if (f.host.n && f.accepted)
            host_at(x, f.host)->accepted++;
        else if (f.host.n)
            host_at(x, f.host)->findings++;
    }
    x->out->commits = x->acc.commits;
}

bool audit_run(struct arena *a, const struct audit_spec *spec, struct audit *out, struct err *e)
{
    *out = (struct audit){0};
    struct auditor x = {.spec = spec, .arena = a, .out = out,
                        .dir = str_zf(a, "%s/" STR_F, spec->lake, STR_A(spec->dataset)),
                        .bad_dir = str_zf(a, "%s/" STR_F "_bad", spec->lake, STR_A(spec->dataset))};
    if (!path_exists(x.dir)) {
        err_set(e, ERR_NOT_FOUND, "there is no dataset \"" STR_F "\" in %s", STR_A(spec->dataset), spec->lake);
        return err_hint(e, "which there are: rusuban site show; a lake begins when the log server starts");
    }
    if (!accepted_read(a, x.dir, &x.accepted, e) || !read_all(&x, compare, e) || !check_streams(&x, e))
        return false;
    check_files(&x, x.dir, &x.catalog);
    check_files(&x, x.bad_dir, &x.bad);
    sum_up(&x);
    return true;
}

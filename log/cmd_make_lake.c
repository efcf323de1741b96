// cmd_make_lake.c: `rusuban log make-lake LAKE/NAME`: lines on standard input become a dataset without a log server,
// with catalog, schema and bad lines as a log server leaves them. For tests and benchmarks of those who read a lake.
//
// Again into the same directory adds files: the schema goes on where it stood. Zone: the environment's TZ.
#include "log/cli.h"
#include "base/clock.h"
#include "base/file.h"
#include "log/catalog.h"
#include "log/crc32c.h"
#include "log/hour.h"
#include "log/sheet.h"
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK = 1 << 20, OPEN_HOURS = 6, FILE_MAX = 512 << 20, BAD_MAX = 100000 };
enum { BAD_STREAM = SCHEMA_FIXED, BAD_OFFSET, BAD_REASON, BAD_LINE, BAD_COLUMNS };

struct open_hour { int32_t hour; struct sheet *sheet; int64_t used; };

struct making {
    struct arena *a;
    const char *dir;
    struct catalog lake;
    bool live;
    uint64_t per_file, number;      // of the next file
    struct open_hour open[OPEN_HOURS];
    int64_t tick;
    struct hour_cache zone;
    struct { struct { struct str line, reason; int64_t offset; } *at; size_t n, cap; } bad;
    uint64_t offset;
    struct err *e;
    bool failed;
};

static bool put_lake_file(struct making *m, const char *dir, struct catalog *to, struct str file, struct lake_file *f)
{
    char hour[HOUR_DIR_MAX];
    const char *below = str_zf(m->a, "%s%s", m->live ? "live/" : "", hour_dir(f->hour, hour));
    f->path = str_f(m->a, "%s/%s-%04llu.parquet", below, m->live ? "m" : "log", (unsigned long long)m->number++);
    f->state = m->live ? FILE_COMMITTED : FILE_SEALED;
    f->bytes = (int64_t)file.n;
    f->schema = to->schema.n;
    f->crc = crc32c(0, file.p, file.n);
    if (!dir_make(str_zf(m->a, "%s/%s", dir, below), 0750, m->e)
        || !file_write(str_zf(m->a, "%s/" STR_F, dir, STR_A(f->path)), file, 0640, m->e))
        return false;
    if (!m->live)
        catalog_touch(m->a, to, f->hour);
    vec_push(m->a, &to->files, *f);
    return true;
}

static void close_hour(struct making *m, struct open_hour *o)
{
    struct sheet_part part;
    if (m->failed || !o->sheet || !sheet_n(o->sheet))
        return;
    if (!sheet_file(o->sheet, NULL, 0, &part, m->e)) {
        m->failed = true;
        return;
    }
    struct lake_file f = {.hour = o->hour, .rows = (int64_t)part.rows, .low_us = part.low_us, .high_us = part.high_us};
    for (int i = 0; i < part.columns; i++)
        vec_push(m->a, &f.column_bytes, part.column_bytes[i]);
    m->failed = !put_lake_file(m, m->dir, &m->lake, part.file, &f);
    sheet_clear(o->sheet);
}

// The sheet of that hour; the one that was used longest ago makes room.
static struct open_hour *hour_at(struct making *m, int32_t hour)
{
    struct open_hour *oldest = m->open;
    for (struct open_hour *o = m->open; o < m->open + OPEN_HOURS; o++) {
        if (o->sheet && o->hour == hour)
            return o;
        if (!o->sheet || (oldest->sheet && o->used < oldest->used))
            oldest = o;
    }
    close_hour(m, oldest);
    if (!oldest->sheet)
        oldest->sheet = sheet_new(&m->lake.schema, 1, FILE_MAX);
    oldest->hour = hour;
    return oldest;
}

// A line that is no UTF-8 must not stand in a column of text: its odd bytes are written out.
static struct str clean(struct arena *a, struct str line)
{
    if (str_utf8(line))
        return str_dup(a, line);
    OWN_BUF struct buf b = buf_make(line.n * 4 + 1);
    for (size_t i = 0; i < line.n; i++)
        if ((unsigned char)line.p[i] >= 0x80 || line.p[i] == 0)
            buf_addf(&b, "\\x%02X", (unsigned char)line.p[i]);
        else
            buf_addc(&b, line.p[i]);
    return str_dup(a, buf_str(&b));
}

static void on_batch(void *arg, const struct batch *b)
{
    struct making *m = arg;
    for (size_t i = 0, k; i < b->rows && !m->failed; i = k) {
        int32_t hour = hour_of(&m->zone, b->time[i]);
        for (k = i + 1; k < b->rows && hour_of(&m->zone, b->time[k]) == hour;)
            k++;
        struct open_hour *o = hour_at(m, hour);
        o->used = ++m->tick;
        sheet_add(o->sheet, S("app1"), b, i, k);
        if (sheet_n(o->sheet) >= m->per_file)
            close_hour(m, o);
    }
    for (size_t i = 0; i < b->bad_n && m->bad.n < BAD_MAX; i++) {
        struct str line = {b->text + b->bad[i].line.at, b->bad[i].line.n};
        vec_push(m->a, &m->bad, ((__typeof__(*m->bad.at)){clean(m->a, line), bad_reason_name(b->bad[i].reason),
                                                         (int64_t)m->offset + b->bad[i].line.at}));
    }
}

static bool read_lines(struct making *m, struct err *e)
{
    OWN_MEM char *room = calloc(1, 16 + BLOCK + LTSV_SLACK);
    assert(room);
    char *text = room + 16;
    struct ltsv *l = ltsv_new(&m->lake.schema, on_batch, m);
    size_t have = 0;
    ssize_t k = 1;
    while (!m->failed && k > 0) {
        while (have < BLOCK && (k = read(STDIN_FILENO, text + have, BLOCK - have)) > 0)
            have += (size_t)k;
        const char *end = memrchr(text, '\n', have);
        size_t used = end && k > 0 ? (size_t)(end + 1 - text) : have;
        ltsv_read(l, text, used);
        m->offset += used;
        memmove(text, text + used, have - used);
        have -= used;
    }
    ltsv_free(l);
    for (struct open_hour *o = m->open; o < m->open + OPEN_HOURS; o++) {
        close_hour(m, o);
        sheet_free(o->sheet);
    }
    return !m->failed && (k == 0 || err_set(e, ERR_IO, "read the lines: %m"));
}

static struct schema bad_schema(void)
{
    struct schema s = schema_make();
    schema_add_typed(&s, S("stream"), COLUMN_INT64);
    schema_add_typed(&s, S("offset"), COLUMN_INT64);
    schema_add_typed(&s, S("reason"), COLUMN_TEXT);
    schema_add_typed(&s, S("line"), COLUMN_TEXT);
    return s;
}

// column_text looks a little behind each cell.
static void add_text(struct arena *a, struct column *c, struct str s)
{
    char *room = arena_take(a, 16 + s.n + LTSV_SLACK, 16);
    memcpy(room + 16, s.p, s.n);
    column_text(c, room + 16, &(struct cell){0, (uint32_t)s.n}, 1);
}

static void add_number(struct column *c, int64_t v)
{
    column_numbers(c, &v, &(bool){true}, 1);
}

static bool write_bad(struct making *m, const char *dir, struct catalog *bad, struct err *e)
{
    struct column *c[BAD_COLUMNS];
    struct lake_file f = {.rows = (int64_t)m->bad.n, .low_us = now_ms() * 1000};
    struct str file;
    for (int i = 0; i < BAD_COLUMNS; i++)
        c[i] = column_new(bad->schema.at[i].type);
    for (size_t i = 0; i < m->bad.n; i++) {
        add_number(c[SCHEMA_TIME], f.low_us);
        add_text(m->a, c[SCHEMA_SERVER], S("app1"));
        add_number(c[BAD_STREAM], 1);
        add_number(c[BAD_OFFSET], m->bad.at[i].offset);
        add_text(m->a, c[BAD_REASON], m->bad.at[i].reason);
        add_text(m->a, c[BAD_LINE], m->bad.at[i].line);
    }
    column_nulls(c[SCHEMA_EXTRA], m->bad.n);
    struct parquet *p = parquet_new(1, FILE_MAX);
    parquet_group(p, &bad->schema, c, m->bad.n);
    f.high_us = f.low_us;
    f.hour = hour_of(&m->zone, f.low_us);
    bool ok = parquet_end(p, &bad->schema, NULL, 0, &file, e);
    for (int i = 0; i < BAD_COLUMNS; i++) {
        vec_push(m->a, &f.column_bytes, parquet_column_bytes(p)[i]);
        column_free(c[i]);
    }
    ok = ok && put_lake_file(m, dir, bad, file, &f);
    parquet_free(p);
    return ok;
}

static bool open_catalog(struct arena *a, const char *dir, struct schema fresh, struct catalog *m, struct err *e)
{
    if (catalog_read(a, str_zf(a, "%s/manifest", dir), m, e))
        return true;
    *m = (struct catalog){.schema = fresh};
    return e->kind == ERR_NOT_FOUND && dir_make(dir, 0750, e);
}

static bool close_catalog(struct arena *a, const char *dir, struct catalog *m, struct err *e)
{
    m->generation++;
    return catalog_write(a, str_zf(a, "%s/manifest.durable", dir), m, true, e)
        && catalog_write(a, str_zf(a, "%s/manifest", dir), m, false, e);
}

bool cmd_log_make_lake(struct call *c, struct err *e)
{
    struct making m = {.a = c->arena, .dir = str_zdup(c->arena, call_arg(c, 0)), .live = call_flag(c, "live"),
                       .per_file = 1000000, .e = e};
    const char *rows = call_option(c, "rows"), *bad_dir = str_zf(c->arena, "%s_bad", m.dir);
    struct catalog bad;
    if (rows && (!str_u64(str_z(rows), &m.per_file) || !m.per_file))
        return err_set(e, ERR_INPUT, "--rows: expected a whole number, got \"%s\"", rows);
    if (!open_catalog(c->arena, m.dir, schema_make(), &m.lake, e)
        || !open_catalog(c->arena, bad_dir, bad_schema(), &bad, e))
        return false;
    m.number = m.lake.files.n + bad.files.n + 1;
    if (!read_lines(&m, e) || !close_catalog(c->arena, m.dir, &m.lake, e))
        return false;
    if (m.bad.n && !write_bad(&m, bad_dir, &bad, e))
        return false;
    int64_t total = 0;
    for (size_t i = 0; i < m.lake.files.n; i++)
        total += m.lake.files.at[i].rows;
    fprintf(stderr, "%lld rows in %zu files, %zu bad\n", (long long)total, m.lake.files.n, m.bad.n);
    return close_catalog(c->arena, bad_dir, &bad, e);
}

// catalog.c: see catalog.h.
#include "log/catalog.h"
#include "base/file.h"
#include "base/json.h"
#include "base/jansson.h"
#include "log/crc32c.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MANIFEST_MAX = 256 << 20 };

const char *hour_dir(int32_t hour, char out[HOUR_DIR_MAX])
{
    struct tm tm;
    time_t at = (time_t)hour * 3600;
    gmtime_r(&at, &tm);
    snprintf(out, HOUR_DIR_MAX, "dt=%04u-%02u-%02u/hour=%02u", (unsigned)(tm.tm_year + 1900) % 10000,
             (unsigned)(tm.tm_mon + 1) % 100, (unsigned)tm.tm_mday % 100, (unsigned)tm.tm_hour % 100);
    return out;
}

int32_t hour_month(int32_t hour)
{
    struct tm tm;
    time_t at = (time_t)hour * 3600;
    gmtime_r(&at, &tm);
    return (tm.tm_year - 70) * 12 + tm.tm_mon;
}

void catalog_touch(struct arena *a, struct catalog *m, int32_t hour)
{
    int32_t number = hour_month(hour);
    for (size_t i = 0; i < m->months.n; i++)
        if (m->months.at[i].number == number) {
            m->months.at[i].stale = true;
            return;
        }
    vec_push(a, &m->months, ((struct month){.number = number, .stale = true}));
}

// ---- writing ----

static void put_file(struct buf *b, const struct lake_file *f)
{
    json_open(b, '{');
    json_kvs(b, KVS(KV("path", f->path), KV("state", (int)f->state), KV("hour", f->hour), KV("rows", f->rows),
                    KV("bytes", f->bytes), KV("low_us", f->low_us), KV("high_us", f->high_us), KV("schema", f->schema),
                    KV("crc", f->crc)));
    json_key(b, "columns");
    json_open(b, '[');
    for (size_t i = 0; i < f->column_bytes.n; i++)
        json_val(b, V(f->column_bytes.at[i]));
    json_close(b, ']');
    json_close(b, '}');
}

static void put_schema(struct buf *b, const struct schema *s)
{
    json_key(b, "schema");
    json_open(b, '[');
    for (int i = 0; i < s->n; i++)
        json_object(b, KV("name", ((struct str){s->at[i].name, s->at[i].name_n})), KV("type", (int)s->at[i].type),
                    KV("id", s->at[i].field_id));
    json_close(b, ']');
}

static void put_files(struct buf *b, const struct catalog *m, bool sealed, int32_t month)
{
    json_key(b, "files");
    json_open(b, '[');
    for (size_t i = 0; i < m->files.n; i++) {
        const struct lake_file *f = &m->files.at[i];
        if ((f->state == FILE_SEALED) == sealed && (!sealed || hour_month(f->hour) == month))
            put_file(b, f);
    }
    json_close(b, ']');
}

// Renamed into place, and nothing flushed: the page cache is as good for readers.
static bool write_plain(const char *path, struct str text, struct err *e)
{
    char temporary[4096];
    if ((size_t)snprintf(temporary, sizeof temporary, "%s.tmp", path) >= sizeof temporary)
        return err_set(e, ERR_LIMIT, "%s is a long path", path);
    OWN_FD fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    if (fd < 0)
        return err_set(e, ERR_IO, "create %s: %m", temporary);
    if (!fd_write_all(fd, text, e))
        return err_in(e, "%s", temporary);
    return rename(temporary, path) == 0 || err_set(e, ERR_IO, "rename %s: %m", temporary);
}

static bool write_month(struct arena *a, const char *dir, struct catalog *m, struct month *month, struct err *e)
{
    OWN_BUF struct buf b = buf_make(MANIFEST_MAX);
    json_open(&b, '{');
    put_files(&b, m, true, month->number);
    json_close(&b, '}');
    if (!buf_ok(&b, e) || !dir_make(str_zf(a, "%s/months", dir), 0750, e))
        return false;
    struct str name = str_f(a, "months/%04d-%02d.g%llu.json", 1970 + month->number / 12, month->number % 12 + 1,
                            (unsigned long long)m->generation);
    if (!file_write(str_zf(a, "%s/" STR_F, dir, STR_A(name)), buf_str(&b), 0640, e))
        return false;
    month->name = name;
    month->stale = false;
    return true;
}

static const char *dir_of(struct arena *a, const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? str_zdup(a, (struct str){path, (size_t)(slash - path)}) : ".";
}

bool catalog_write(struct arena *a, const char *path, struct catalog *m, bool durable, struct err *e)
{
    OWN_BUF struct buf b = buf_make(MANIFEST_MAX);
    for (size_t i = 0; i < m->months.n; i++)
        if (m->months.at[i].stale && !write_month(a, dir_of(a, path), m, &m->months.at[i], e))
            return err_in(e, "a month of %s", path);
    json_open(&b, '{');
    json_kvs(&b, KVS(KV("version", 1), KV("generation", m->generation), KV("done", m->done)));
    put_schema(&b, &m->schema);
    json_key(&b, "months");
    json_open(&b, '[');
    for (size_t i = 0; i < m->months.n; i++)
        json_object(&b, KV("number", m->months.at[i].number), KV("name", m->months.at[i].name));
    json_close(&b, ']');
    put_files(&b, m, false, 0);
    json_close(&b, '}');
    buf_addc(&b, '\n');
    if (!buf_ok(&b, e))
        return err_in(e, "%s", path);
    return durable ? file_write(path, buf_str(&b), 0640, e) : write_plain(path, buf_str(&b), e);
}

// ---- reading ----

struct reader { struct arena *a; const char *path; bool ok; };

static json_t *member(struct reader *r, const json_t *o, const char *key, json_type type)
{
    json_t *j = json_object_get(o, key);
    if (!j || json_typeof(j) != type)
        r->ok = false;
    return r->ok ? j : NULL;
}

// Large whole numbers are texts (json.h).
static int64_t number(struct reader *r, const json_t *o, const char *key)
{
    const json_t *j = json_object_get(o, key);
    int64_t v = 0;
    if (json_is_integer(j))
        return json_integer_value(j);
    if (!json_is_string(j) || !str_i64(str_z(json_string_value(j)), &v))
        r->ok = false;
    return v;
}

static struct str text(struct reader *r, const json_t *o, const char *key)
{
    const json_t *j = member(r, o, key, JSON_STRING);
    return j ? str_dup(r->a, (struct str){json_string_value(j), json_string_length(j)}) : S("");
}

static json_t *parse(struct reader *r, struct str clear, struct err *e)
{
    json_error_t why;
    json_t *j = json_loadb(clear.p, clear.n, JSON_REJECT_DUPLICATES, &why);
    if (!j)
        err_set(e, ERR_CHECK, "%s is damaged at byte %d: %s", r->path, why.position, why.text);
    return j;
}

// A path of a manifest leads to a file below its dataset and nowhere else.
static bool path_ok(struct str p)
{
    return p.n && p.p[0] != '/' && str_find(p, S("..")) < 0 && str_plain(p, "./_=-");
}

static void read_file(struct reader *r, const json_t *j, struct catalog *m)
{
    struct lake_file f = {.path = text(r, j, "path"), .hour = (int32_t)number(r, j, "hour"),
                          .rows = number(r, j, "rows"), .bytes = number(r, j, "bytes"),
                          .low_us = number(r, j, "low_us"), .high_us = number(r, j, "high_us"),
                          .schema = (int)number(r, j, "schema"), .crc = (uint32_t)number(r, j, "crc")};
    int64_t state = number(r, j, "state");
    json_t *columns = member(r, j, "columns", JSON_ARRAY), *c;
    size_t i;
    if (state < FILE_HOT || state > FILE_SEALED || f.schema < SCHEMA_FIXED || f.schema > m->schema.n
        || !path_ok(f.path))
        r->ok = false;
    f.state = (enum file_state)state;
    if (columns)
        json_array_foreach(columns, i, c)
            vec_push(r->a, &f.column_bytes, (int64_t)json_integer_value(c));
    vec_push(r->a, &m->files, f);
}

static void read_files(struct reader *r, const json_t *root, struct catalog *m)
{
    json_t *files = member(r, root, "files", JSON_ARRAY), *j;
    size_t i;
    if (files)
        json_array_foreach(files, i, j)
            read_file(r, j, m);
}

static void read_schema(struct reader *r, const json_t *root, struct catalog *m)
{
    json_t *columns = member(r, root, "schema", JSON_ARRAY), *j;
    size_t i;
    m->schema = (struct schema){0};
    if (!columns || json_array_size(columns) < SCHEMA_FIXED || json_array_size(columns) > SCHEMA_MAX)
        r->ok = false;
    if (r->ok)
        json_array_foreach(columns, i, j) {
            struct str name = text(r, j, "name");
            int64_t type = number(r, j, "type");
            if (type < COLUMN_TIME || type > COLUMN_TEXT || schema_find(&m->schema, name) >= 0
                || schema_add_typed(&m->schema, name, (enum column_type)type) < 0)
                r->ok = false;
        }
}

static bool damaged(const struct reader *r, struct err *e)
{
    err_set(e, ERR_CHECK, "%s is damaged: a member is missing or impossible", r->path);
    return false;
}

static bool read_month(struct reader *r, const char *dir, struct month *month, struct catalog *m, struct err *e)
{
    struct str clear;
    struct reader inner = {.a = r->a, .path = str_zf(r->a, "%s/" STR_F, dir, STR_A(month->name)), .ok = true};
    if (!file_read(r->a, inner.path, MANIFEST_MAX, &clear, e))
        return err_in(e, "%s names it", r->path);
    json_t *root = parse(&inner, clear, e);
    if (!root)
        return false;
    read_files(&inner, root, m);
    json_decref(root);
    return inner.ok || damaged(&inner, e);
}

static void read_months(struct reader *r, const json_t *root, struct catalog *m)
{
    json_t *months = member(r, root, "months", JSON_ARRAY), *j;
    size_t i;
    if (months)
        json_array_foreach(months, i, j) {
            struct month month = {.number = (int32_t)number(r, j, "number"), .name = text(r, j, "name")};
            if (!path_ok(month.name))
                r->ok = false;
            vec_push(r->a, &m->months, month);
        }
}

static bool read_once(struct arena *a, const char *path, struct catalog *m, struct err *e)
{
    struct reader r = {.a = a, .path = path, .ok = true};
    struct str clear;
    *m = (struct catalog){0};
    if (!file_read(a, path, MANIFEST_MAX, &clear, e))
        return false;
    json_t *root = parse(&r, clear, e);
    if (!root)
        return false;
    m->generation = (uint64_t)number(&r, root, "generation");
    m->done = (uint64_t)number(&r, root, "done");
    read_schema(&r, root, m);
    read_months(&r, root, m);
    if (r.ok)
        read_files(&r, root, m);
    json_decref(root);
    if (!r.ok)
        return damaged(&r, e);
    for (size_t i = 0; i < m->months.n; i++)
        if (!read_month(&r, dir_of(a, path), &m->months.at[i], m, e))
            return false;
    return true;
}

// A month file may have been replaced, and its old one removed, since the manifest that names it was read.
bool catalog_read(struct arena *a, const char *path, struct catalog *out, struct err *e)
{
    for (int tries = 0;; tries++) {
        if (read_once(a, path, out, e))
            return true;
        if (tries == 5 || e->kind != ERR_NOT_FOUND || !path_exists(path))
            return false;
    }
}

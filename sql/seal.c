// seal.c: see seal.h. The engine runs behind the same fences as a question does; it may read the dataset and write where the
// hour lies.
#include "sql/seal.h"
#include "base/file.h"
#include "base/jansson.h"
#include "base/json.h"
#include "log/crc32c.h"
#include "log/label.h"
#include "sql/engine.h"
#include "sql/sandbox.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MEMORY = 512 << 20, FILES_MAX = 5000, SQL_MAX = 4 << 20, LEVEL = 12 };
// Rows of a row group, multiples of the engine's vector of 2,048. Dictionaries of paths repeat in every group, so large ones
// are smaller by line; but one visitor's trail reads a whole group of every hour (measured: bench/README.md). A group must
// fit in MEMORY: where lines are long and no two alike, smaller ones are tried.
static const int groups[] = {614400, 122880, 24576, 4096};
static const int64_t spill_bytes = INT64_C(16) << 30, cpu_ms = 1800000;

struct sealed_column { struct str name; enum column_type type; int id; };
struct seal {
    struct arena *a;
    struct engine *engine;
    const char *dir, *out_dir, *spill;
    struct strs files;
    struct str out;
    struct { struct sealed_column *at; size_t n, cap; } columns;
    int64_t max_rows;
    struct strs there;              // columns that the files have
    struct buf *answer;
};

// ---- what is asked ----

static bool path_fits(struct str p)
{
    return p.n && p.p[0] != '/' && str_find(p, S("..")) < 0 && str_plain(p, "./_=-") && str_ends(p, S(".parquet"));
}

static struct str member(struct arena *a, const json_t *o, const char *key)
{
    const json_t *j = json_object_get(o, key);
    return json_is_string(j) ? str_dup(a, (struct str){json_string_value(j), json_string_length(j)}) : S("");
}

static bool read_column(struct seal *s, const json_t *j)
{
    struct str name = member(s->a, j, "name");
    int64_t type = json_integer_value(json_object_get(j, "type")), id = json_integer_value(json_object_get(j, "id"));
    if (!str_plain(name, "_.-") || type < COLUMN_TIME || type > COLUMN_TEXT || id <= 0 || id > 100000)
        return false;
    vec_push(s->a, &s->columns, ((struct sealed_column){name, (enum column_type)type, (int)id}));
    return true;
}

static bool read_wish(struct seal *s, struct str input, struct err *e)
{
    json_error_t why;
    json_t *root = json_loadb(input.p, input.n, JSON_REJECT_DUPLICATES, &why), *j;
    size_t i;
    bool ok = json_is_object(root);
    s->out = member(s->a, root, "out");
    s->max_rows = json_integer_value(json_object_get(root, "max_rows"));
    json_array_foreach(json_object_get(root, "files"), i, j) {
        struct str path = json_is_string(j) ? str_dup(s->a, str_z(json_string_value(j))) : S("");
        ok = ok && path_fits(path);
        vec_push(s->a, &s->files, path);
    }
    json_array_foreach(json_object_get(root, "columns"), i, j)
        ok = ok && read_column(s, j);
    json_decref(root);
    if (ok && path_fits(s->out) && s->max_rows > 0 && s->files.n && s->files.n <= FILES_MAX && s->columns.n)
        return true;
    return err_set(e, ERR_INPUT, "this is no list of files to seal");
}

// ---- fences ----

static bool fence(struct seal *s, struct err *e)
{
    static const int keep[] = {0, 1, 2};
    struct sandbox_limits limits = {.memory = MEMORY, .cpu_ms = cpu_ms, .file_bytes = spill_bytes};
    struct strs dirs = {0};
    vec_push(s->a, &dirs, str_z(s->dir));
    struct engine_fence own = {.directories = &dirs, .spill = s->spill, .spill_bytes = spill_bytes};
    return sandbox_begin(getppid(), keep, ARRAY_LEN(keep), e) && (s->engine = engine_open(MEMORY, "UTC", e)) != NULL
        && engine_do(s->engine, "SET errors_as_json = false", e) && sandbox_limits(&limits, e) && sandbox_paths(&dirs, s->out_dir, e) && engine_fence(s->engine, &own, e)
        && sandbox_calls(e);
}

// ---- the rows ----

static void put_sources(struct seal *s, struct buf *b)
{
    buf_addz(b, "read_parquet([");
    for (size_t i = 0; i < s->files.n; i++)
        buf_addf(b, "%s" STR_F, i ? ", " : "", STR_A(engine_quote(s->a, str_f(s->a, "%s/" STR_F, s->dir, STR_A(s->files.at[i])))));
    buf_addz(b, "], union_by_name = true, hive_partitioning = false, filename = true, file_row_number = true)");
}

static void keep_name(void *arg, struct str name)
{
    struct seal *s = arg;
    vec_push(s->a, &s->there, str_dup(s->a, name));
}

static bool look(struct seal *s, const char *sources, struct err *e)
{
    return engine_each(s->engine, str_zf(s->a, "SELECT column_name FROM (DESCRIBE SELECT * FROM %s)", sources), keep_name, s, e);
}

static const char *sql_type(enum column_type t)
{
    static const char *const names[] = {[COLUMN_TIME] = "TIMESTAMPTZ", [COLUMN_INT32] = "INTEGER", [COLUMN_INT64] = "BIGINT",
                                        [COLUMN_MS] = "INTEGER", [COLUMN_TEXT] = "VARCHAR"};
    return names[t];
}

static void put_select(struct seal *s, struct buf *b)
{
    for (size_t i = 0; i < s->columns.n; i++) {
        const struct sealed_column *c = &s->columns.at[i];
        buf_addz(b, i ? ", " : "SELECT ");
        if (strs_have(&s->there, c->name))
            buf_addf(b, "CAST(\"" STR_F "\" AS %s)", STR_A(c->name), sql_type(c->type));
        else
            buf_addf(b, "CAST(NULL AS %s)", sql_type(c->type));
        buf_addf(b, " AS \"" STR_F "\"", STR_A(c->name));
    }
}

static void put_order(struct seal *s, struct buf *b)
{
    buf_addz(b, " ORDER BY ");
    if (strs_have(&s->there, S("user_id")))
        buf_addz(b, "user_id NULLS LAST, ");
    if (strs_have(&s->there, S("forwardedfor")))
        buf_addz(b, "trim(split_part(forwardedfor, ',', 1)) NULLS LAST, ");
    if (strs_have(&s->there, S("remote_addr")))
        buf_addz(b, "remote_addr NULLS LAST, ");
    buf_addz(b, "\"time\", filename, file_row_number");      // no two rows are equal, so pieces meet without a gap
}

static void put_options(struct seal *s, int group, struct buf *b)
{
    buf_addf(b, " (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL %d, ROW_GROUP_SIZE %d, PARQUET_VERSION V2,"
              " WRITE_BLOOM_FILTER false, USE_TMP_FILE false, FIELD_IDS {", LEVEL, group);
    for (size_t i = 0; i < s->columns.n; i++)
        buf_addf(b, "%s\"" STR_F "\": %d", i ? ", " : "", STR_A(s->columns.at[i].name), s->columns.at[i].id);
    buf_addz(b, "})");
}

struct piece { struct str path; int64_t from, rows; bool all; };

static bool write_grouped(struct seal *s, const char *sources, const struct piece *p, int group, struct err *e)
{
    OWN_BUF struct buf b = buf_make(SQL_MAX);
    buf_addz(&b, "COPY (");
    put_select(s, &b);
    buf_addf(&b, " FROM %s", sources);
    put_order(s, &b);
    if (!p->all)
        buf_addf(&b, " LIMIT %lld OFFSET %lld", (long long)p->rows, (long long)p->from);
    buf_addf(&b, ") TO " STR_F, STR_A(engine_quote(s->a, str_f(s->a, "%s/" STR_F, s->dir, STR_A(p->path)))));
    put_options(s, group, &b);
    return buf_ok(&b, e) && engine_do(s->engine, b.p, e);
}

static bool write_piece(struct seal *s, const char *sources, const struct piece *p, struct err *e)
{
    for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
        *e = (struct err){0};
        if (write_grouped(s, sources, p, groups[i], e))
            return true;
        if (str_find(str_z(e->text), S("Out of Memory")) < 0)
            return false;
    }
    return false;
}

// ---- what was written ----

static bool flush_and_sum(const char *path, uint32_t *crc, int64_t *bytes, struct err *e)
{
    OWN_FD fd = open(path, O_RDWR | O_CLOEXEC);
    static char piece[256 << 10];
    ssize_t n = -1;
    *crc = 0;
    *bytes = 0;
    if (fd < 0 || fsync(fd) < 0)
        return err_set(e, ERR_IO, "flush %s: %m", path);
    for (; (n = read(fd, piece, sizeof piece)) > 0; *bytes += n)
        *crc = crc32c(*crc, piece, (size_t)n);
    return n == 0 || err_set(e, ERR_IO, "read %s: %m", path);
}

static bool number(struct seal *s, const char *sql, int64_t *out, struct err *e)
{
    struct str text;
    return engine_text(s->engine, s->a, sql, &text, e) && (str_i64(text, out) || err_set(e, ERR_BUG, "no number: " STR_F, STR_A(text)));
}

static bool put_columns(struct seal *s, const char *file, struct err *e)
{
    json_key(s->answer, "columns");
    json_open(s->answer, '[');
    for (size_t i = 0; i < s->columns.n; i++) {
        int64_t bytes;
        struct str name = engine_quote(s->a, s->columns.at[i].name);
        if (!number(s, str_zf(s->a, "SELECT coalesce(sum(total_compressed_size), 0)::VARCHAR FROM parquet_metadata(%s)"
                                    " WHERE path_in_schema = " STR_F, file, STR_A(name)), &bytes, e))
            return false;
        json_val(s->answer, V(bytes));
    }
    json_close(s->answer, ']');
    return true;
}

static bool tell(struct seal *s, struct str path, struct err *e)
{
    int64_t rows, bytes, low, high;
    uint32_t crc;
    const char *full = str_zf(s->a, "%s/" STR_F, s->dir, STR_A(path)), *file = engine_quote(s->a, str_z(full)).p;
    if (!flush_and_sum(full, &crc, &bytes, e)
        || !number(s, str_zf(s->a, "SELECT count(*)::VARCHAR FROM read_parquet(%s)", file), &rows, e)
        || !number(s, str_zf(s->a, "SELECT epoch_us(min(\"time\"))::VARCHAR FROM read_parquet(%s)", file), &low, e)
        || !number(s, str_zf(s->a, "SELECT epoch_us(max(\"time\"))::VARCHAR FROM read_parquet(%s)", file), &high, e))
        return false;
    json_open(s->answer, '{');
    json_kvs(s->answer, KVS(KV("path", path), KV("rows", rows), KV("bytes", bytes), KV("low_us", low), KV("high_us", high),
                            KV("crc", crc)));
    bool ok = put_columns(s, file, e);
    json_close(s->answer, '}');
    return ok;
}

// "log-0001.parquet" goes on as "log-0002.parquet".
static struct str piece_name(struct seal *s, int64_t i)
{
    struct str base = str_head(s->out, s->out.n - (sizeof ".parquet" - 1));
    size_t digits = 0;
    int64_t first = 0;
    while (digits < base.n && digits < 9 && base.p[base.n - 1 - digits] >= '0' && base.p[base.n - 1 - digits] <= '9')
        digits++;
    if (!i)
        return s->out;
    if (!digits || !str_i64(str_from(base, base.n - digits), &first))
        return str_f(s->a, STR_F "-%lld.parquet", STR_A(base), (long long)i + 1);
    return str_f(s->a, STR_F "%0*lld.parquet", STR_A(str_head(base, base.n - digits)), (int)digits, (long long)(first + i));
}

static bool write_all(struct seal *s, struct err *e)
{
    OWN_BUF struct buf sources = buf_make(SQL_MAX);
    int64_t rows;
    put_sources(s, &sources);
    if (!buf_ok(&sources, e) || !look(s, sources.p, e)
        || !number(s, str_zf(s->a, "SELECT count(*)::VARCHAR FROM %s", sources.p), &rows, e))
        return false;
    json_open(s->answer, '{');
    json_key(s->answer, "files");
    json_open(s->answer, '[');
    for (int64_t i = 0; i * s->max_rows < rows; i++) {
        struct piece p = {piece_name(s, i), i * s->max_rows, s->max_rows, rows <= s->max_rows};
        if (!write_piece(s, sources.p, &p, e) || !tell(s, p.path, e))
            return err_in(e, STR_F, STR_A(p.path));
    }
    json_close(s->answer, ']');
    json_close(s->answer, '}');
    return dir_sync(s->out_dir, e) && buf_ok(s->answer, e);
}

bool seal_run(const char *dir, struct str input, struct buf *output, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(256 << 20);
    struct seal s = {.a = &a, .answer = output};
    if (!read_wish(&s, input, e))
        return false;
    s.dir = realpath(dir, NULL);
    if (!s.dir)
        return err_set(e, ERR_NOT_FOUND, "there is no dataset %s", dir);
    const char *whole = str_zf(&a, "%s/" STR_F, s.dir, STR_A(s.out));
    s.out_dir = str_zdup(&a, (struct str){whole, (size_t)(strrchr(whole, '/') - whole)});
    s.spill = str_zf(&a, "%s/.seal", s.out_dir);
    struct err ignored;
    umask(0027);                    // as the log server's own files
    signal(SIGXFSZ, SIG_IGN);
    if (!tree_remove(s.spill, e) || !dir_make(s.spill, 0750, e) || !fence(&s, e))
        return false;
    bool ok = write_all(&s, e);
    if (!tree_remove(s.spill, &ignored) && ok)
        return err_set(e, ERR_IO, "%s", ignored.text);
    return ok;
}

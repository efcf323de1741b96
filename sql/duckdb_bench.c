// duckdb_bench.c: DuckDB by itself, one thread, as a rival and as a judge, for bench/log and bench/log-sql.
//
//     duckdb_bench append TEXT OUT.parquet    our scan, DuckDB's appender (columns at a time), COPY to Parquet, zstd 1
//     duckdb_bench do SQL                     one statement
//     duckdb_bench print SQL                  its first column, a text, a line for each row
//     duckdb_bench ask FILE ROUNDS            FILE: lines of NAME, SIDE and a question, divided by tabs; a line whose
//                                             NAME is "-" is done once, before. Every question once to warm up, then
//                                             every round each of them in another order: LTSV lines with CPU, wall and
//                                             what the answer was.
//
// An answer is fetched to its last row; its digest says whether two sides said the same.
#include "base/file.h"
#include "log/number.h"
#include "log/page.h"
#include "sql/engine.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { BLOCK = 1 << 20, QUESTIONS_MAX = 64, CHUNK_ROWS = 2048 };
static const int64_t memory = INT64_C(4) << 30;

// What only this program calls.
duckdb_data_chunk duckdb_create_data_chunk(duckdb_logical_type *types, idx_t columns);
void duckdb_data_chunk_reset(duckdb_data_chunk c);
void duckdb_data_chunk_set_size(duckdb_data_chunk c, idx_t rows);
duckdb_state duckdb_append_data_chunk(duckdb_appender a, duckdb_data_chunk c);
const char *duckdb_appender_error(duckdb_appender a);

static void die(const char *what, const char *why)
{
    fprintf(stderr, "duckdb_bench: %s: %s\n", what, why ? why : "no reason given");
    exit(1);
}

static double cpu_s(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static double wall_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void must(struct engine *g, const char *sql)
{
    struct err e = {0};
    if (!engine_do(g, sql, &e))
        die(str_starts(str_z(sql), S("COPY")) ? "COPY" : sql, e.text);
}

// ---- append ----

static const struct { const char *name; int id; } types[] = {
    [COLUMN_TIME] = {"TIMESTAMPTZ", 31}, [COLUMN_INT32] = {"INTEGER", 4}, [COLUMN_INT64] = {"BIGINT", 5},
    [COLUMN_MS] = {"INTEGER", 4}, [COLUMN_TEXT] = {"VARCHAR", DUCK_VARCHAR}};

struct appending {
    struct engine *engine;
    struct schema schema;
    int columns;                // of the table; set at the first batch
    duckdb_appender to;
    duckdb_data_chunk chunk;
    idx_t rows;                 // in the chunk
    size_t lines;
};

static void begin_table(struct appending *w)
{
    OWN_BUF struct buf b = buf_make(64 << 10);
    duckdb_logical_type all[SCHEMA_MAX];
    w->columns = w->schema.n;
    for (int i = 0; i < w->columns; i++) {
        const struct column_def *d = &w->schema.at[i];
        buf_addf(&b, "%s\"%.*s\" %s", i ? ", " : "CREATE TABLE rows_in (", (int)d->name_n, d->name,
                 types[d->type].name);
        all[i] = duckdb_create_logical_type(types[d->type].id);
    }
    buf_addz(&b, ")");
    must(w->engine, buf_z(&b));
    if (duckdb_appender_create(w->engine->con, NULL, "rows_in", &w->to) != 0)
        die("appender", duckdb_appender_error(w->to));
    w->chunk = duckdb_create_data_chunk(all, (idx_t)w->columns);
    for (int i = 0; i < w->columns; i++)
        duckdb_destroy_logical_type(&all[i]);
}

static void flush_chunk(struct appending *w)
{
    duckdb_data_chunk_set_size(w->chunk, w->rows);
    if (w->rows && duckdb_append_data_chunk(w->to, w->chunk) != 0)
        die("append", duckdb_appender_error(w->to));
    duckdb_data_chunk_reset(w->chunk);
    w->rows = 0;
}

static void set_null(duckdb_vector v, idx_t row)
{
    duckdb_vector_ensure_validity_writable(v);
    duckdb_validity_set_row_invalid(duckdb_vector_get_validity(v), row);
}

static void put_text(duckdb_vector v, idx_t at, const char *text, const struct cell *cells, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (cells[i].n == CELL_NONE || (cells[i].n == 1 && text[cells[i].at] == '-'))
            set_null(v, at + i);
        else
            duckdb_vector_assign_string_element_len(v, at + i, text + cells[i].at, cells[i].n);
}

static void put_numbers(duckdb_vector v, idx_t at, enum column_type type, const char *text, const struct cell *cells,
                        size_t n)
{
    int64_t value[BATCH_LINES], *wide = duckdb_vector_get_data(v);
    int32_t *narrow = duckdb_vector_get_data(v);
    bool is[BATCH_LINES], misfit[BATCH_LINES];
    number_read(type, text, cells, n, value, is, misfit);
    for (size_t i = 0; i < n; i++)
        if (!is[i])
            set_null(v, at + i);
        else if (type == COLUMN_INT64)
            wide[at + i] = value[i];
        else
            narrow[at + i] = (int32_t)value[i];
}

static void put_column(struct appending *w, int i, const struct batch *b)
{
    duckdb_vector v = duckdb_data_chunk_get_vector(w->chunk, (idx_t)i);
    enum column_type type = w->schema.at[i].type;
    if (i == SCHEMA_TIME)
        memcpy((int64_t *)duckdb_vector_get_data(v) + w->rows, b->time, b->rows * sizeof *b->time);
    else if (i == SCHEMA_SERVER)
        for (size_t k = 0; k < b->rows; k++)
            duckdb_vector_assign_string_element_len(v, w->rows + k, "app1", 4);
    else if (!b->filled[i])
        for (size_t k = 0; k < b->rows; k++)
            set_null(v, w->rows + k);
    else if (type == COLUMN_TEXT)
        put_text(v, w->rows, i == SCHEMA_EXTRA ? b->extra : b->text, b->cells[i], b->rows);
    else
        put_numbers(v, w->rows, type, b->text, b->cells[i], b->rows);
}

static void on_batch(void *arg, const struct batch *b)
{
    struct appending *w = arg;
    if (!w->columns)
        begin_table(w);
    if (w->rows + b->rows > CHUNK_ROWS)
        flush_chunk(w);
    for (int i = 0; i < w->columns; i++)
        put_column(w, i, b);
    w->rows += b->rows;
    w->lines += b->rows;
}

static int append(struct engine *g, const char *from, const char *to)
{
    static char room[16 + BLOCK + LTSV_SLACK];
    static struct appending w;
    OWN_ARENA struct arena a = arena_make(1 << 20);
    OWN_FD fd = open(from, O_RDONLY | O_CLOEXEC);
    char *text = room + 16;
    if (fd < 0)
        die(from, "cannot be opened");
    w = (struct appending){.engine = g, .schema = schema_make()};
    struct ltsv *l = ltsv_new(&w.schema, on_batch, &w);
    for (size_t have = 0, used;;) {
        for (ssize_t k; have < BLOCK && (k = read(fd, text + have, BLOCK - have)) > 0;)
            have += (size_t)k;
        const char *end = memrchr(text, '\n', have);
        if (!have)
            break;
        used = end ? (size_t)(end + 1 - text) : have;
        ltsv_read(l, text, used);
        memmove(text, text + used, have -= used);
    }
    if (!w.columns)
        die(from, "no lines");
    flush_chunk(&w);
    duckdb_destroy_data_chunk(&w.chunk);
    if (duckdb_appender_destroy(&w.to) != 0)
        die("append", "the last rows were not taken");
    ltsv_free(l);
    must(g, str_zf(&a, "COPY rows_in TO " STR_F " (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)",
                   STR_A(engine_quote(&a, str_z(to)))));
    printf("lines:%zu\n", w.lines);
    return 0;
}

// ---- ask ----

struct question { const char *name, *side, *sql; };
struct answer { uint64_t rows, digest; };

static uint64_t mixed(uint64_t h, uint64_t v)
{
    h ^= v + UINT64_C(0x9e3779b97f4a7c15) + (h << 6) + (h >> 2);
    return h * UINT64_C(0xff51afd7ed558ccd);
}

// Every question's only column is a text, so both sides are compared as people would see them.
static void digest_row(void *arg, struct str text)
{
    struct answer *a = arg;
    uint64_t h = 0;
    for (size_t i = 0; i < text.n; i++)
        h = mixed(h, (unsigned char)text.p[i]);
    a->rows++;
    a->digest += h;             // in any order
}

static struct answer ask(struct engine *g, const struct question *q)
{
    struct answer a = {0};
    struct err e = {0};
    if (!engine_each(g, q->sql, digest_row, &a, &e))
        die(q->name, e.text);
    return a;
}

static size_t read_questions(struct arena *a, const char *file, struct engine *g, struct question *out)
{
    struct str rest;
    struct err e = {0};
    size_t n = 0;
    if (!file_read(a, file, 1 << 20, &rest, &e))
        die(file, e.text);
    while (rest.n) {
        struct str line = str_cut(&rest, '\n'), name = str_cut(&line, '\t'), side = str_cut(&line, '\t');
        if (str_eq(name, S("-")))
            must(g, str_zdup(a, line));
        else if (n < QUESTIONS_MAX && line.n)
            out[n++] = (struct question){str_zdup(a, name), str_zdup(a, side), str_zdup(a, line)};
    }
    return n;
}

static void tell(const struct question *q, int round, double cpu, double wall, struct answer a)
{
    printf("name:%s\tside:%s\tround:%d\tcpu_s:%.5f\twall_s:%.5f\trows:%llu\tdigest:%llx\n", q->name, q->side, round,
           cpu, wall, (unsigned long long)a.rows, (unsigned long long)a.digest);
    fflush(stdout);
}

static int ask_all(struct engine *g, const char *file, int rounds)
{
    OWN_ARENA struct arena a = arena_make(8 << 20);
    static struct question q[QUESTIONS_MAX];
    size_t n = read_questions(&a, file, g, q);
    for (int r = 0; r <= rounds; r++)           // round 0 warms up
        for (size_t i = 0; i < n; i++) {
            const struct question *one = &q[(i + (size_t)r) % n];
            double cpu = cpu_s(), wall = wall_s();
            struct answer got = ask(g, one);
            if (r)
                tell(one, r, cpu_s() - cpu, wall_s() - wall, got);
        }
    return 0;
}

static void print_row(void *arg, struct str text)
{
    (void)arg;
    printf(STR_F "\n", STR_A(text));
}

int main(int argc, char **argv)
{
    struct err e = {0};
    struct engine *g = argc >= 3 ? engine_open(memory, "Asia/Tokyo", &e) : NULL;
    if (argc >= 3 && !g)
        die("open", e.text);
    if (g)
        must(g, "SET errors_as_json = false; SET preserve_insertion_order = false");
    if (argc == 4 && strcmp(argv[1], "append") == 0)
        return append(g, argv[2], argv[3]);
    if (argc == 3 && strcmp(argv[1], "do") == 0)
        return must(g, argv[2]), 0;
    if (argc == 3 && strcmp(argv[1], "print") == 0)
        return engine_each(g, argv[2], print_row, NULL, &e) ? 0 : (die("print", e.text), 1);
    if (argc == 4 && strcmp(argv[1], "ask") == 0)
        return ask_all(g, argv[2], atoi(argv[3]));
    fprintf(stderr, "usage: duckdb_bench append TEXT OUT.parquet | do SQL | print SQL | ask FILE ROUNDS\n");
    return 2;
}

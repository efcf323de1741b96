// log_bench.c: one stage of the way from text to Parquet, over a file in memory, for bench/log.
//
//     log_bench generate LINES SEED >FILE
//     log_bench json FILE >FILE          the same rows as JSON lines; what is "-" is left out
//     log_bench floor|marks|cells|figures|columns|parquet FILE [LEVEL]    CPU seconds, lines, bytes, as one LTSV line
#include "base/json.h"
#include "log/figures.h"
#include "log/generate.h"
#include "log/sheet.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { BLOCK = 128 << 10 };         // read and scanned while it is in the processor's second cache

static size_t file_rows(void)
{
    const char *n = getenv("FILE_ROWS");
    return n ? strtoull(n, NULL, 10) : 1 << 20;
}

static double cpu_s(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

struct work {
    struct schema schema;
    struct sheet *rows;
    struct figures *figures;
    size_t lines, bad, written;
    uint64_t sum;
    int out;
};

static void count(void *arg, const struct batch *b)
{
    struct work *w = arg;
    w->lines += b->rows;
    w->bad += b->bad_n;
    w->sum += (uint64_t)b->time[0];
}

static void finish_file(struct work *w)
{
    struct err e = {0};
    struct sheet_part part;
    if (!sheet_file(w->rows, NULL, 0, &part, &e)) {
        fprintf(stderr, "%s\n", e.text);
        exit(1);
    }
    w->written += part.file.n;
    if (w->out >= 0 && write(w->out, part.file.p, part.file.n) != (ssize_t)part.file.n)
        exit(1);
    sheet_clear(w->rows);
}

static void build(void *arg, const struct batch *b)
{
    struct work *w = arg;
    count(arg, b);
    sheet_add(w->rows, S("app1"), b, 0, b->rows);
}

static void build_columns(void *arg, const struct batch *b)
{
    struct work *w = arg;
    if (sheet_n(w->rows) + b->rows > GROUP_ROWS)
        sheet_clear(w->rows);
    build(arg, b);
}

static void figure(void *arg, const struct batch *b)
{
    struct work *w = arg;
    count(arg, b);
    figures_batch(w->figures, b, &w->schema, S("app1"));
    if (w->lines % 1000000 < b->rows)
        figures_part_free(figures_take(w->figures));
}

static bool is_number(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != '.' && (s.p[i] < '0' || s.p[i] > '9'))
            return false;
    return s.n > 0;
}

// As a shipper writes it, but kinder to who reads it: numbers are numbers, and what is missing takes no room.
static void json_line(struct buf *b, const struct schema *s, const struct batch *in, size_t row)
{
    char before = '{';
    for (int i = 0; i < s->n; i++) {
        struct cell c = in->cells[i][row];
        struct str text = {in->text + c.at, c.n};
        if (i == SCHEMA_SERVER || i == SCHEMA_EXTRA || !in->filled[i] || c.n == CELL_NONE || str_eq(text, S("-")))
            continue;
        buf_addc(b, before);
        json_text(b, (struct str){s->at[i].name, s->at[i].name_n});
        buf_addc(b, ':');
        before = ',';
        if (s->at[i].type != COLUMN_TEXT && s->at[i].type != COLUMN_TIME && is_number(text))
            buf_add(b, text);
        else
            json_text(b, text);
    }
    buf_addz(b, "}\n");
}

static void print_json(void *arg, const struct batch *in)
{
    struct work *w = arg;
    OWN_BUF struct buf b = buf_make(BATCH_LINES * 2 * LINE_MAX_BYTES);
    for (size_t i = 0; i < in->rows; i++)
        json_line(&b, &w->schema, in, i);
    fwrite(b.p, 1, b.n, stdout);
}

// The next block of whole lines; what is left of the last one moves to the front. 0: the end.
static size_t next_block(int fd, char *block, size_t *have, size_t used)
{
    memmove(block, block + used, *have - used);
    *have -= used;
    for (ssize_t k; *have < BLOCK && (k = read(fd, block + *have, BLOCK - *have)) > 0;)
        *have += (size_t)k;
    const char *end = memrchr(block, '\n', *have);
    return end ? (size_t)(end + 1 - block) : *have;
}

static int generate(size_t lines, uint64_t seed)
{
    struct generate_options o = generate_usual();
    static char line[4096];
    o.seed = seed;
    struct generator *g = generate_new(&o);
    setvbuf(stdout, NULL, _IOFBF, 1 << 20);
    while (lines--)
        fwrite(line, 1, generate_line(g, line, sizeof line), stdout);
    generate_free(g);
    return fflush(stdout) != 0;
}

static batch_fn *stage_fn(const char *name)
{
    static const struct { const char *name; batch_fn *fn; } stages[] = {
        {"figures", figure}, {"columns", build_columns}, {"parquet", build}, {"json", print_json}};
    for (size_t i = 0; i < ARRAY_LEN(stages); i++)
        if (strcmp(stages[i].name, name) == 0)
            return stages[i].fn;
    return count;
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "generate") == 0)
        return generate(strtoull(argv[2], NULL, 10), strtoull(argv[3], NULL, 10));
    int fd = argc >= 3 ? open(argv[2], O_RDONLY) : -1;
    if (fd < 0) {
        fprintf(stderr, "usage: log_bench floor|marks|cells|figures|columns|parquet FILE [LEVEL] [OUT]\n");
        return 2;
    }
    struct work w = {.schema = schema_make(), .out = argc > 4 ? open(argv[4], O_WRONLY | O_CREAT | O_TRUNC, 0644) : -1};
    bool parquet = strcmp(argv[1], "parquet") == 0;
    w.rows = sheet_new(&w.schema, argc > 3 ? atoi(argv[3]) : 1, 1 << 30);
    w.figures = figures_new(NULL);
    struct ltsv *l = ltsv_new(&w.schema, stage_fn(argv[1]), &w);
    bool marks = strcmp(argv[1], "marks") == 0, floor_only = strcmp(argv[1], "floor") == 0, odd;
    static uint32_t at[MARKS_ROOM(128 << 10)];
    static char room[16 + BLOCK + LTSV_SLACK];
    char *text = room + 16;
    size_t have = 0, used = 0, n = 0;
    double began = cpu_s();
    while ((used = next_block(fd, text, &have, used)) > 0) {
        n += used;
        for (size_t i = 0, k; marks && i < used; i += k) {
            k = used - i > (128 << 10) ? 128 << 10 : used - i;
            w.lines += marks_find(text + i, k, at, &odd);
        }
        if (!marks && !floor_only)
            ltsv_read(l, text, used);
        if (parquet && sheet_n(w.rows) >= file_rows())
            finish_file(&w);
    }
    if (parquet)
        finish_file(&w);
    double took = cpu_s() - began;
    if (strcmp(argv[1], "json") == 0)
        return fflush(stdout) != 0;
    printf("stage:%s\tlines:%zu\tbad:%zu\ttext:%zu\twritten:%zu\tcpu_s:%.4f\tmlines_s:%.2f\tbytes_line:%.2f\t"
           "sum:%llu\n",
           argv[1], w.lines, w.bad, n, w.written, took, (double)w.lines / took / 1e6,
           (double)w.written / (double)(w.lines ? w.lines : 1), (unsigned long long)w.sum);
    ltsv_free(l);
    sheet_free(w.rows);
    figures_free(w.figures);
    return 0;
}

// ltsv_fuzz.c: any bytes in: every line is a row, a bad line or blank, every byte is counted, cells stay inside the
// text, and the processor's kernels agree with the plain one.
#include "log/ltsv.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool x)
{
    if (!x)
        abort();
}

struct seen { const char *text; size_t n, lines, bytes; const struct schema *schema; };

static void on_batch(void *arg, const struct batch *b)
{
    struct seen *s = arg;
    s->lines += b->rows + b->bad_n + b->blank;
    s->bytes += b->bytes;
    for (int c = 0; c < s->schema->n; c++)
        for (size_t i = 0; b->filled[c] && c != SCHEMA_EXTRA && i < b->rows; i++) {
            struct cell x = b->cells[c][i];
            must(x.n == CELL_NONE || (x.at <= s->n && x.n <= s->n - x.at));
        }
    for (size_t i = 0; i < b->bad_n; i++)
        must(b->bad[i].line.at <= s->n && b->bad[i].line.n <= s->n - b->bad[i].line.at);
}

static size_t count_lines(const char *p, size_t n)
{
    size_t lines = n && p[n - 1] != '\n';
    for (size_t i = 0; i < n; i++)
        lines += p[i] == '\n';
    return lines;
}

static void kernels_agree(const char *text, size_t n)
{
    static const char *const names[] = {"avx2", "sse2"};
    uint32_t *want = malloc(MARKS_ROOM(n) * sizeof *want), *got = malloc(MARKS_ROOM(n) * sizeof *got);
    bool want_odd, got_odd;
    size_t k = marks_find_plain(text, n, want, &want_odd);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        marks_fn *fn = marks_by_name(names[i]);
        must(!fn || (fn(text, n, got, &got_odd) == k && memcmp(got, want, k * sizeof *want) == 0
                     && got_odd == want_odd));
    }
    free(want);
    free(got);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct schema schema = schema_make();
    char *room = malloc(16 + size + LTSV_SLACK);
    must(room != NULL);
    memset(room, '\t', 16 + size + LTSV_SLACK);
    memcpy(room + 16, data, size);
    struct seen s = {.text = room + 16, .n = size, .schema = &schema};
    struct ltsv *l = ltsv_new(&schema, on_batch, &s);
    ltsv_read(l, room + 16, size);
    must(s.lines == count_lines(room + 16, size));
    must(s.bytes == size);
    kernels_agree(room + 16, size);
    ltsv_free(l);
    free(room);
    return 0;
}

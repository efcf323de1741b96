// column_fuzz.c: any bytes in, as LTSV: what a column of texts keeps are the cells, and whole numbers are read as one
// would read them digit by digit.
#include "log/column.h"
#include "log/number.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool x)
{
    if (!x)
        abort();
}

struct seen { const struct schema *schema; struct column *text; uint32_t *entry; };

static bool says_nothing(const struct batch *b, struct cell x)
{
    return x.n == CELL_NONE || (x.n == 1 && b->text[x.at] == '-');
}

// Where each code's text stands in c->bytes.
static void find_entries(const struct column *c, uint32_t *entry)
{
    uint32_t n;
    for (uint32_t k = 0, at = 0; k < c->entries; k++, at += (uint32_t)sizeof n + n) {
        entry[k] = at;
        memcpy(&n, c->bytes + at, sizeof n);
    }
}

static void texts_come_back(struct seen *s, const struct batch *b, const struct cell *cells)
{
    uint32_t n, from = s->text->rows;
    if (from + b->rows > GROUP_ROWS)
        return;
    column_text(s->text, b->text, cells, b->rows);
    find_entries(s->text, s->entry);
    for (uint32_t i = 0; i < b->rows && from + i < s->text->plain_from; i++) {
        uint16_t code = s->text->code[from + i];
        must((code == CODE_NULL) == says_nothing(b, cells[i]));
        if (code == CODE_NULL)
            continue;
        memcpy(&n, s->text->bytes + s->entry[code], sizeof n);
        must(n == cells[i].n && memcmp(s->text->bytes + s->entry[code] + sizeof n, b->text + cells[i].at, n) == 0);
    }
}

static bool digit_by_digit(const char *p, size_t n, int64_t *v)
{
    bool minus = n > 1 && *p == '-';
    *v = 0;
    for (size_t i = minus; i < n; i++) {
        if (p[i] < '0' || p[i] > '9' || *v > (INT64_MAX - (p[i] - '0')) / 10)
            return false;
        *v = *v * 10 + (p[i] - '0');
    }
    *v = minus ? -*v : *v;
    return n > 0 && n <= 20;
}

static void numbers_are_read(const struct batch *b, const struct cell *cells)
{
    int64_t v[BATCH_LINES], want;
    bool is[BATCH_LINES], misfit[BATCH_LINES];
    number_read(COLUMN_INT64, b->text, cells, b->rows, v, is, misfit);
    for (size_t i = 0; i < b->rows; i++) {
        bool none = says_nothing(b, cells[i]);
        bool number = !none && digit_by_digit(b->text + cells[i].at, cells[i].n, &want);
        must(is[i] == number && misfit[i] == (!none && !number) && (!number || v[i] == want));
    }
}

static void on_batch(void *arg, const struct batch *b)
{
    struct seen *s = arg;
    for (int c = 0; c < s->schema->n; c++)
        if (b->filled[c] && c != SCHEMA_EXTRA) {
            texts_come_back(s, b, b->cells[c]);
            numbers_are_read(b, b->cells[c]);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct schema schema = schema_make();
    struct seen s = {&schema, column_new(COLUMN_TEXT), malloc(DICT_MAX * sizeof(uint32_t))};
    struct ltsv *l = ltsv_new(&schema, on_batch, &s);
    char *room = calloc(1, 16 + size + LTSV_SLACK);
    must(room && s.entry);
    memcpy(room + 16, data, size);
    ltsv_read(l, room + 16, size);
    ltsv_free(l);
    column_free(s.text);
    free(s.entry);
    free(room);
    return 0;
}

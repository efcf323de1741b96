// sheet.c: see sheet.h.
#include "log/sheet.h"
#include "log/number.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct sheet {
    struct schema *schema;
    char server[256];
    size_t server_n;
    struct column *column[SCHEMA_MAX];
    size_t open;                // rows of the group that is open
    size_t closed;              // rows of groups in the file
    int64_t low, high;
    struct parquet *parquet;
};

struct sheet *sheet_new(struct schema *s, struct str server, int zstd_level, size_t max_bytes)
{
    struct sheet *r = calloc(1, sizeof *r);
    assert(r && server.n <= sizeof r->server);
    r->schema = s;
    memcpy(r->server, server.p, server.n);
    r->server_n = server.n;
    r->parquet = parquet_new(zstd_level, max_bytes);
    return r;
}

void sheet_free(struct sheet *r)
{
    if (!r)
        return;
    for (int i = 0; i < SCHEMA_MAX; i++)
        column_free(r->column[i]);
    parquet_free(r->parquet);
    free(r);
}

static void clear_group(struct sheet *r)
{
    for (int i = 0; i < SCHEMA_MAX; i++)
        if (r->column[i])
            column_clear(r->column[i]);
    r->open = 0;
}

void sheet_clear(struct sheet *r)
{
    clear_group(r);
    parquet_clear(r->parquet);
    r->closed = 0;
}

size_t sheet_n(const struct sheet *r)
{
    return r->closed + r->open;
}

void sheet_times(const struct sheet *r, int64_t *low, int64_t *high)
{
    *low = r->low;
    *high = r->high;
}

const int64_t *sheet_column_bytes(const struct sheet *r)
{
    return parquet_column_bytes(r->parquet);
}

// The column, NULL in all rows of the group before the present batch.
static struct column *column_at(struct sheet *r, int i)
{
    if (!r->column[i])
        r->column[i] = column_new(r->schema->at[i].type);
    if (r->column[i]->rows < r->open)
        column_nulls(r->column[i], r->open - r->column[i]->rows);
    return r->column[i];
}

// Values that are not of the label's type go beside it as text.
static void put_misfits(struct sheet *r, const struct column_def *d, const char *text, const struct cell *cells,
                        const bool *misfit, size_t n)
{
    struct cell beside[BATCH_LINES];
    char name[LABEL_MAX + 8];
    size_t name_n = d->name_n + 3;
    memcpy(name, d->name, d->name_n);
    memcpy(name + d->name_n, "__s", 3);
    int i = schema_find(r->schema, (struct str){name, name_n});
    if (i < 0)
        i = schema_add_typed(r->schema, (struct str){name, name_n}, COLUMN_TEXT);
    if (i < 0)
        return;                 // no room for one more column: the typed value is NULL, and that is all that is known
    for (size_t k = 0; k < n; k++)
        beside[k] = misfit[k] ? cells[k] : (struct cell){0, CELL_NONE};
    column_text(column_at(r, i), text, beside, n);
}

static void put_numbers(struct sheet *r, int i, const char *text, const struct cell *cells, size_t n)
{
    int64_t v[BATCH_LINES];
    bool is[BATCH_LINES], misfit[BATCH_LINES];
    const struct column_def *d = &r->schema->at[i];
    bool any = number_read(d->type, text, cells, n, v, is, misfit);
    column_numbers(column_at(r, i), v, is, n);
    if (any)
        put_misfits(r, d, text, cells, misfit, n);
}

static void put_times(struct sheet *r, const int64_t *us, size_t n)
{
    bool is[BATCH_LINES];
    memset(is, true, n);
    column_numbers(column_at(r, SCHEMA_TIME), us, is, n);
    for (size_t i = 0; i < n; i++) {
        if (us[i] < r->low)
            r->low = us[i];
        if (us[i] > r->high)
            r->high = us[i];
    }
}

static void close_group(struct sheet *r)
{
    for (int i = 0; i < r->schema->n; i++)
        if (r->column[i] && r->column[i]->rows < r->open)
            column_nulls(r->column[i], r->open - r->column[i]->rows);
    struct column *used[SCHEMA_MAX];
    for (int i = 0; i < r->schema->n; i++)
        used[i] = r->column[i] && r->column[i]->rows ? r->column[i] : NULL;
    parquet_group(r->parquet, r->schema, used, r->open);
    r->closed += r->open;
    clear_group(r);
}

static void put_column(struct sheet *r, int i, const struct batch *b, size_t from, size_t n)
{
    const struct cell *cells = b->cells[i] + from;
    if (i == SCHEMA_TIME)
        put_times(r, b->time + from, n);
    else if (i == SCHEMA_SERVER)
        column_same(column_at(r, i), (struct str){r->server, r->server_n}, n);
    else if (!b->filled[i])
        return;                 // NULL, written when the column is next needed
    else if (r->schema->at[i].type == COLUMN_TEXT)
        column_text(column_at(r, i), i == SCHEMA_EXTRA ? b->extra : b->text, cells, n);
    else
        put_numbers(r, i, b->text, cells, n);
}

void sheet_add(struct sheet *r, const struct batch *b, size_t from, size_t to)
{
    while (from < to) {
        size_t n = to - from < GROUP_ROWS - r->open ? to - from : GROUP_ROWS - r->open;
        if (sheet_n(r) == 0)
            r->low = INT64_MAX, r->high = INT64_MIN;
        int columns = r->schema->n;
        for (int i = 0; i < columns; i++)
            put_column(r, i, b, from, n);
        r->open += n;
        from += n;
        if (r->open == GROUP_ROWS)
            close_group(r);
    }
}

bool sheet_file(struct sheet *r, const struct parquet_pair *pairs, size_t pairs_n, struct str *file, struct err *e)
{
    if (r->open)
        close_group(r);
    return parquet_end(r->parquet, r->schema, pairs, pairs_n, file, e);
}

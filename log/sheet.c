// sheet.c: see sheet.h.
#include "log/sheet.h"
#include "log/number.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct sheet {
    struct schema *schema;
    int level;
    size_t max_bytes;
    struct column *column[SCHEMA_MAX];
    size_t open;                // rows of the group that is open
    size_t closed;              // rows of groups in the file
    size_t told;                // groups that sheet_closed gave
    size_t told_rows;
    int64_t low, high;
    struct parquet *parquet;
    struct parquet *part;       // what the last call gave
};

struct sheet *sheet_new(struct schema *s, int zstd_level, size_t max_bytes)
{
    struct sheet *r = calloc(1, sizeof *r);
    assert(r);
    r->schema = s;
    r->level = zstd_level;
    r->max_bytes = max_bytes;
    r->parquet = parquet_new(zstd_level, max_bytes);
    return r;
}

static void free_columns(struct sheet *r)
{
    for (int i = 0; i < SCHEMA_MAX; i++) {
        column_free(r->column[i]);
        r->column[i] = NULL;
    }
}

void sheet_free(struct sheet *r)
{
    if (!r)
        return;
    free_columns(r);
    parquet_free(r->parquet);
    parquet_free(r->part);
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
    r->closed = r->told = r->told_rows = 0;
}

size_t sheet_n(const struct sheet *r)
{
    return r->closed + r->open;
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

static void put_group(struct sheet *r, struct parquet *to)
{
    for (int i = 0; i < r->schema->n; i++)
        if (r->column[i] && r->column[i]->rows < r->open)
            column_nulls(r->column[i], r->open - r->column[i]->rows);
    struct column *used[SCHEMA_MAX];
    for (int i = 0; i < r->schema->n; i++)
        used[i] = r->column[i] && r->column[i]->rows ? r->column[i] : NULL;
    parquet_group(to, r->schema, used, r->open);
}

static void close_group(struct sheet *r)
{
    put_group(r, r->parquet);
    r->closed += r->open;
    clear_group(r);
}

void sheet_rest(struct sheet *r)
{
    if (r->open)
        close_group(r);
    free_columns(r);
}

bool sheet_resting(const struct sheet *r)
{
    return r->column[SCHEMA_TIME] == NULL;
}

static void put_column(struct sheet *r, int i, struct str server, const struct batch *b, size_t from, size_t n)
{
    const struct cell *cells = b->cells[i] + from;
    if (i == SCHEMA_TIME)
        put_times(r, b->time + from, n);
    else if (i == SCHEMA_SERVER)
        column_same(column_at(r, i), server, n);
    else if (!b->filled[i])
        return;                 // NULL, written when the column is next needed
    else if (r->schema->at[i].type == COLUMN_TEXT)
        column_text(column_at(r, i), i == SCHEMA_EXTRA ? b->extra : b->text, cells, n);
    else
        put_numbers(r, i, b->text, cells, n);
}

void sheet_add(struct sheet *r, struct str server, const struct batch *b, size_t from, size_t to)
{
    while (from < to) {
        size_t n = to - from < GROUP_ROWS - r->open ? to - from : GROUP_ROWS - r->open;
        if (sheet_n(r) == 0)
            r->low = INT64_MAX, r->high = INT64_MIN;
        int columns = r->schema->n;
        for (int i = 0; i < columns; i++)
            put_column(r, i, server, b, from, n);
        r->open += n;
        from += n;
        if (r->open == GROUP_ROWS)
            close_group(r);
    }
}

static bool end_part(struct sheet *r, struct parquet *p, size_t rows, const struct parquet_pair *pairs, size_t pairs_n,
                     struct sheet_part *out, struct err *e)
{
    *out = (struct sheet_part){.rows = rows, .low_us = r->low, .high_us = r->high, .columns = r->schema->n};
    if (!parquet_end(p, r->schema, pairs, pairs_n, &out->file, e))
        return false;
    memcpy(out->column_bytes, parquet_column_bytes(p), sizeof out->column_bytes);
    return true;
}

static struct parquet *new_part(struct sheet *r, int level)
{
    parquet_free(r->part);
    return r->part = parquet_new(level, r->max_bytes);
}

bool sheet_file(struct sheet *r, const struct parquet_pair *pairs, size_t pairs_n, struct sheet_part *out, struct err *e)
{
    if (r->open)
        close_group(r);
    return end_part(r, r->parquet, r->closed, pairs, pairs_n, out, e);
}

bool sheet_closed(struct sheet *r, const struct parquet_pair *pairs, size_t pairs_n, struct sheet_part *out, struct err *e)
{
    *out = (struct sheet_part){0};
    if (r->closed == r->told_rows)
        return true;
    struct parquet *p = new_part(r, r->level);
    parquet_take(p, r->parquet, r->told);
    size_t rows = r->closed - r->told_rows;
    r->told = parquet_groups(r->parquet);
    r->told_rows = r->closed;
    return end_part(r, p, rows, pairs, pairs_n, out, e);
}

bool sheet_open(struct sheet *r, const struct parquet_pair *pairs, size_t pairs_n, struct sheet_part *out, struct err *e)
{
    *out = (struct sheet_part){0};
    if (r->open == 0)
        return true;
    struct parquet *p = new_part(r, PARQUET_PLAIN);
    put_group(r, p);
    return end_part(r, p, r->open, pairs, pairs_n, out, e);
}

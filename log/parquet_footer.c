// parquet_footer.c: where everything in a file is, and what: see parquet_inner.h.
#include "log/parquet_inner.h"

static void put_schema(struct thrift *t, const struct schema *s)
{
    thrift_list(t, 2, THRIFT_STRUCT, (size_t)s->n + 1);
    thrift_begin(t);
    thrift_text(t, 4, S("rows"));
    thrift_i32(t, 5, s->n);
    thrift_end(t);
    for (int i = 0; i < s->n; i++) {
        const struct column_def *d = &s->at[i];
        thrift_begin(t);
        thrift_i32(t, 1, (int32_t)parquet_physical(d->type));
        thrift_i32(t, 3, d->type == COLUMN_TIME ? 0 : 1);               // REQUIRED, OPTIONAL
        thrift_text(t, 4, (struct str){d->name, d->name_n});
        if (d->type == COLUMN_TEXT)
            thrift_i32(t, 6, 0);                                        // UTF8
        else if (d->type == COLUMN_TIME)
            thrift_i32(t, 6, 10);                                       // TIMESTAMP_MICROS
        thrift_i32(t, 9, d->field_id);
        if (d->type == COLUMN_TEXT) {
            thrift_struct(t, 10);
            thrift_struct(t, 1);                                        // STRING
            thrift_end(t);
            thrift_end(t);
        } else if (d->type == COLUMN_TIME) {
            thrift_struct(t, 10);
            thrift_struct(t, 8);                                        // TIMESTAMP
            thrift_bool(t, 1, true);                                    // isAdjustedToUTC
            thrift_struct(t, 2);
            thrift_struct(t, 2);                                        // MICROS
            thrift_end(t);
            thrift_end(t);
            thrift_end(t);
            thrift_end(t);
        }
        thrift_end(t);
    }
}

static void put_chunk_meta(struct thrift *t, const struct chunk *c, const struct column_def *d)
{
    enum encoding used[3];
    size_t n = 0;
    used[n++] = RLE;
    if (c->has_dictionary || c->has_plain)
        used[n++] = PLAIN;
    if (c->has_coded)
        used[n++] = RLE_DICTIONARY;
    thrift_begin(t);
    thrift_i64(t, 2, c->has_dictionary ? c->dictionary_at : c->data_at);
    thrift_struct(t, 3);
    thrift_i32(t, 1, (int32_t)parquet_physical(d->type));
    thrift_list(t, 2, THRIFT_I32, n);
    for (size_t i = 0; i < n; i++)
        thrift_item_i32(t, (int32_t)used[i]);
    thrift_list(t, 3, THRIFT_BINARY, 1);
    thrift_item_text(t, (struct str){d->name, d->name_n});
    thrift_i32(t, 4, (int32_t)c->codec);
    thrift_i64(t, 5, c->rows);
    thrift_i64(t, 6, c->clear_bytes);
    thrift_i64(t, 7, c->bytes);
    thrift_i64(t, 9, c->data_at);
    if (c->has_dictionary)
        thrift_i64(t, 11, c->dictionary_at);
    parquet_put_statistics(t, c, d->type);
    thrift_end(t);
    thrift_end(t);
}

static void put_groups(struct thrift *t, const struct parquet *p, const struct schema *s)
{
    thrift_list(t, 4, THRIFT_STRUCT, p->groups_n);
    for (size_t g = 0; g < p->groups_n; g++) {
        const struct group *group = &p->groups[g];
        const struct chunk *chunks = p->chunks + group->first, *late = p->chunks + group->late;
        thrift_begin(t);
        thrift_list(t, 1, THRIFT_STRUCT, (size_t)s->n);
        for (size_t i = 0; i < (size_t)s->n; i++)
            put_chunk_meta(t, i < group->n ? &chunks[i] : &late[i - group->n], &s->at[i]);
        thrift_i64(t, 2, group->clear_bytes);
        thrift_i64(t, 3, (int64_t)group->rows);
        thrift_i64(t, 5, group->n ? (chunks[0].has_dictionary ? chunks[0].dictionary_at : chunks[0].data_at) : 0);
        thrift_i64(t, 6, group->bytes);
        thrift_end(t);
    }
}

static void put_pairs(struct thrift *t, const struct parquet_pair *pairs, size_t n)
{
    if (n == 0)
        return;
    thrift_list(t, 5, THRIFT_STRUCT, n);
    for (size_t i = 0; i < n; i++) {
        thrift_begin(t);
        thrift_text(t, 1, pairs[i].key);
        thrift_text(t, 2, pairs[i].value);
        thrift_end(t);
    }
}

// TYPE_ORDER; without it readers ignore the bounds of texts.
static void put_orders(struct thrift *t, const struct schema *s)
{
    thrift_list(t, 7, THRIFT_STRUCT, (size_t)s->n);
    for (int i = 0; i < s->n; i++) {
        thrift_begin(t);
        thrift_struct(t, 1);
        thrift_end(t);
        thrift_end(t);
    }
}

static int64_t rows_of(const struct parquet *p)
{
    int64_t rows = 0;
    for (size_t g = 0; g < p->groups_n; g++)
        rows += (int64_t)p->groups[g].rows;
    return rows;
}

void parquet_put_footer(struct parquet *p, const struct schema *s, const struct parquet_pair *pairs, size_t pairs_n)
{
    struct thrift t = thrift_make(&p->file);
    thrift_i32(&t, 1, 2);
    put_schema(&t, s);
    thrift_i64(&t, 3, rows_of(p));
    put_groups(&t, p, s);
    put_pairs(&t, pairs, pairs_n);
    // The shape that parquet-mr's version parser knows.
    thrift_text(&t, 6, S("rusuban version " RUSUBAN_VERSION " (build 0)"));
    put_orders(&t, s);
    thrift_end(&t);
}

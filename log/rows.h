// rows.h: batches of cells become typed columns, and full row groups a Parquet file.
//
//     struct rows *r = rows_new(&schema, S("app1"), 1, 512 << 20);
//     rows_add(r, batch, 0, batch->rows);
//     if (!rows_file(r, pairs, n, &file, e))          // closes what is open; nothing is lost when it fails
//     rows_clear(r);
#pragma once
#include "log/parquet.h"

struct rows;
struct rows *rows_new(struct schema *s, struct str server, int zstd_level, size_t max_bytes);
void rows_free(struct rows *r);
void rows_clear(struct rows *r);
// Rows from .. to of the batch. The schema may grow by "<label>__s", where stands what did not fit a label's type.
void rows_add(struct rows *r, const struct batch *b, size_t from, size_t to);
size_t rows_n(const struct rows *r);
// Times of the first and last in time; only when rows_n > 0.
void rows_times(const struct rows *r, int64_t *low, int64_t *high);
// The file is borrowed until the next call. Fails with ERR_LIMIT when it is larger than max_bytes.
bool rows_file(struct rows *r, const struct parquet_pair *pairs, size_t pairs_n, struct str *file, struct err *e) MUST_USE;
const int64_t *rows_column_bytes(const struct rows *r);

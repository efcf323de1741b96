// sheet.h: batches of cells become typed columns, and full row groups a Parquet file.
//
//     struct sheet *r = sheet_new(&schema, S("app1"), 1, 512 << 20);
//     sheet_add(r, batch, 0, batch->rows);
//     if (!sheet_file(r, pairs, n, &file, e))          // closes what is open; nothing is lost when it fails
//     sheet_clear(r);
#pragma once
#include "log/parquet.h"

struct sheet;
struct sheet *sheet_new(struct schema *s, struct str server, int zstd_level, size_t max_bytes);
void sheet_free(struct sheet *r);
void sheet_clear(struct sheet *r);
// Rows from .. to of the batch. The schema may grow by "<label>__s", where stands what did not fit a label's type.
void sheet_add(struct sheet *r, const struct batch *b, size_t from, size_t to);
size_t sheet_n(const struct sheet *r);
// Times of the first and last in time; only when sheet_n > 0.
void sheet_times(const struct sheet *r, int64_t *low, int64_t *high);
// The file is borrowed until the next call. Fails with ERR_LIMIT when it is larger than max_bytes.
bool sheet_file(struct sheet *r, const struct parquet_pair *pairs, size_t pairs_n, struct str *file, struct err *e) MUST_USE;
const int64_t *sheet_column_bytes(const struct sheet *r);

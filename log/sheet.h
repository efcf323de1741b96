// sheet.h: batches of cells become typed columns, and full row groups a Parquet file.
//
//     struct sheet *r = sheet_new(&schema, 1, 512 << 20);
//     sheet_add(r, S("app1"), batch, 0, batch->rows);
//     if (!sheet_file(r, pairs, n, &file, e))         // closes what is open; nothing is lost when it fails
//     sheet_clear(r);
//
// While rows go on coming, what is there so far can be had as files of its own: sheet_closed gives the row groups that were
// filled since it was last asked, sheet_open what stands in the one that is not full. sheet_file holds all of them again.
#pragma once
#include "log/parquet.h"

struct sheet;
// The schema is borrowed and may be the same for many sheets of one thread.
struct sheet *sheet_new(struct schema *s, int zstd_level, size_t max_bytes);
void sheet_free(struct sheet *r);
void sheet_clear(struct sheet *r);
// Rows from .. to of the batch, with their server. The schema may grow by "<label>__s", where stands what did not fit a
// label's type.
void sheet_add(struct sheet *r, struct str server, const struct batch *b, size_t from, size_t to);
size_t sheet_n(const struct sheet *r);
// Gives the memory of the open row group back, by closing it.
void sheet_rest(struct sheet *r);
bool sheet_resting(const struct sheet *r);

struct sheet_part {
    size_t rows;
    int64_t low_us, high_us;            // of the whole sheet
    int columns;
    int64_t column_bytes[SCHEMA_MAX];
    struct str file;                    // borrowed until the next call for this sheet
};
// All rows. Fails with ERR_LIMIT when the file is larger than max_bytes.
bool sheet_file(struct sheet *r, const struct parquet_pair *pairs, size_t pairs_n, struct sheet_part *out, struct err *e)
    MUST_USE;
// Row groups that were closed since the last call; out->rows is 0 when there are none.
bool sheet_closed(struct sheet *r, const struct parquet_pair *pairs, size_t pairs_n, struct sheet_part *out, struct err *e)
    MUST_USE;
// The row group that is open, not compressed; out->rows is 0 when it is empty.
bool sheet_open(struct sheet *r, const struct parquet_pair *pairs, size_t pairs_n, struct sheet_part *out, struct err *e)
    MUST_USE;

// parquet.h: writing Parquet files of flat columns, into memory.
//
// Only what every reader knows: one dictionary page and version 1 data pages per chunk, PLAIN and RLE_DICTIONARY values,
// ZSTD or nothing, statistics with bounds, page checksums. Rows come from struct column.
// Format: github.com/apache/parquet-format (Encodings.md, parquet.thrift).
//
//     struct parquet *p = parquet_new(1, 512 << 20);
//     parquet_group(p, schema, columns, rows);            // once per row group
//     struct str file;
//     if (!parquet_end(p, schema, pairs, pairs_n, &file, e))
//     ... write file; parquet_clear(p) or parquet_free(p)
#pragma once
#include "log/column.h"

enum {
    PAGE_ROWS = 20480,              // of a data page; a multiple of 8
    PARQUET_PLAIN = -1000,          // as level: nothing is compressed
};

struct parquet;
struct parquet_pair { struct str key, value; };

// level: of zstd. The file may have at most max_bytes; a larger one fails at parquet_end.
struct parquet *parquet_new(int level, size_t max_bytes);
void parquet_free(struct parquet *p);
void parquet_clear(struct parquet *p);
// columns[i] belongs to schema->at[i]; NULL = no row has a value. The schema may grow between groups;
// older ones get NULLs.
void parquet_group(struct parquet *p, const struct schema *s, struct column *const *columns, size_t rows);
size_t parquet_groups(const struct parquet *p);
// The groups of another one, from its `first` on: bytes are copied, nothing is encoded again.
void parquet_take(struct parquet *p, const struct parquet *from, size_t first);
// The footer. *file is borrowed until the next call.
bool parquet_end(struct parquet *p, const struct schema *s, const struct parquet_pair *pairs, size_t pairs_n,
                 struct str *file, struct err *e) MUST_USE;
// Compressed bytes of each column so far; 0 for those without a value.
const int64_t *parquet_column_bytes(const struct parquet *p);
// Frees what this thread kept for its next file.
void parquet_thread_ends(void);

// parquet_inner.h: the inside of the Parquet writer: parquet.c writes pages, chunks and groups; parquet_bounds.c knows
// the least and the highest value of each; parquet_footer.c tells readers where everything is.
#pragma once
#include "log/parquet.h"
#include "log/thrift.h"

enum physical { INT32 = 1, INT64 = 2, BYTE_ARRAY = 6 };
enum encoding { PLAIN = 0, RLE = 3, RLE_DICTIONARY = 8 };
enum codec { UNCOMPRESSED = 0, ZSTD = 6 };
enum page { DATA_PAGE = 0, DICTIONARY_PAGE = 2 };

struct chunk {
    int column;
    enum codec codec;
    bool has_dictionary, has_plain, has_coded;
    int64_t rows, nulls, clear_bytes, bytes, dictionary_at, data_at;
    struct bounds bounds;
};

// late: chunks of columns that came after it.
struct group { size_t first, n, late, rows; int64_t clear_bytes, bytes; };

struct parquet {
    struct buf file;
    int level;
    struct chunk *chunks;
    size_t chunks_n, chunks_cap;
    struct group *groups;
    size_t groups_n, groups_cap;
    int64_t column_bytes[SCHEMA_MAX];
    bool dull[SCHEMA_MAX];              // was not worth compressing in the last group
    bool dull_codes[SCHEMA_MAX];        // its dictionary was, its codes were not
};

// How values of a column stand in a file.
enum physical parquet_physical(enum column_type type);

void parquet_find_bounds(struct chunk *c, const struct column *col);
// The Statistics of a chunk (field 12 of ColumnMetaData).
void parquet_put_statistics(struct thrift *t, const struct chunk *c, enum column_type type);
// FileMetaData of groups that are whole.
void parquet_put_footer(struct parquet *p, const struct schema *s, const struct parquet_pair *pairs, size_t pairs_n);

// column.h: the values of one column of one row group, as a dictionary and 16-bit codes.
//
// A value that came before costs its code; when there are too many different ones the rest is kept as it is, which is what
// Parquet calls PLAIN. Values come a batch at a time, so that the cache misses of one hide behind those of the others.
//
//     struct column *c = column_new(COLUMN_TEXT);
//     column_text(c, batch->text, batch->cells[i], batch->rows);
//     parquet_group(...);                     // reads it
//     column_clear(c);                        // for the next row group; keeps its memory
#pragma once
#include "log/ltsv.h"

enum {
    GROUP_ROWS = 122880,            // rows of a row group: DuckDB's own, 60 times its vector
    DICT_MAX = 65535,               // different values
    DICT_BYTES = 1 << 20,           // of text
    BOUND_MAX = 64,                 // bytes of a text that stand in the statistics
};
#define CODE_NULL UINT16_MAX

struct column {
    enum column_type type;
    uint32_t rows, nulls;
    uint16_t *code;                 // [GROUP_ROWS]; CODE_NULL, or anything else from row plain_from on
    uint32_t plain_from;            // rows from here on are in `plain`; == rows while there are none
    bool given_up;                  // the dictionary is full
    uint32_t entries;
    char *bytes;                    // text: the dictionary as it is written, u32 length and bytes of each
    size_t bytes_n;
    int64_t *number;                // numbers: the dictionary itself
    uint16_t *direct;               // code + 1 of those below 65,536
    char *plain;                    // what comes after it: u32 length and bytes, or int32, or int64, little-endian
    size_t plain_n, plain_cap;
    struct bounds { char low[BOUND_MAX], high[BOUND_MAX]; size_t low_n, high_n; int64_t min, max; bool any; } plain_bounds;
    uint64_t *slot;                 // hash table, see column.c
    uint32_t mask;
    bool repeats;                   // most values equal the one before
};

struct column *column_new(enum column_type type);
void column_free(struct column *c);
void column_clear(struct column *c);

// At most GROUP_ROWS rows in all; the caller counts.
// A cell of "-" is NULL, as one that is not there. base: readable 128 bytes (wide.h) behind each cell.
void column_text(struct column *c, const char *base, const struct cell *cells, size_t n);
// is[i] false: NULL.
void column_numbers(struct column *c, const int64_t *v, const bool *is, size_t n);
void column_nulls(struct column *c, size_t n);
void column_same(struct column *c, struct str value, size_t n);

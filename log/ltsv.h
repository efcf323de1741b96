// ltsv.h: whole lines of labelled tab-separated values (ltsv.org) become cells, column by column, 512 lines at a time.
//
// Web servers write labels in one order, so a line is first compared with the order of the lines before it, all labels
// in one sweep; a line that differs is looked at label by label, and 16 of those in a row teach a new order. Nothing is
// copied: cells point into the text. Every line becomes exactly one of: a row, a bad line with its reason, a blank
// line.
//
//     struct ltsv *l = ltsv_new(&schema, on_batch, self);
//     ltsv_read(l, text, n);                  // n bytes of whole lines; calls on_batch, for the last time at the end
//     ltsv_free(l);
#pragma once
#include "log/label.h"
#include "log/marks.h"

enum {
    BATCH_LINES = 512,
    LINE_MAX_BYTES = 64 << 10,      // a longer line is a bad one
    LTSV_SLACK = 128,               // readable bytes that must stand behind, and 16 before, any text that is read
};

struct cell { uint32_t at, n; };    // bytes of `text`, or of `extra` for SCHEMA_EXTRA
#define CELL_NONE UINT32_MAX        // as n: the line has no such label

enum bad_reason { BAD_NO_LABEL, BAD_NO_TIME, BAD_UTF8, BAD_LONG, BAD_TORN, BAD_TIME, BAD_REASONS };
struct str bad_reason_name(enum bad_reason r);

struct bad_line { struct cell line; enum bad_reason reason; };

struct batch {
    const char *text, *extra;
    size_t rows, bad_n, blank;
    size_t bytes;                           // of text, line breaks included, that rows, bad and blank lines came from
    int64_t time[BATCH_LINES];              // of the rows, microseconds since 1970
    struct bad_line bad[BATCH_LINES];
    bool filled[SCHEMA_MAX];                // false: no row has a value in this column
    // Not a power of two: 17 labels of one row would fall on the same 12 places of the first cache.
    struct cell cells[SCHEMA_MAX][BATCH_LINES + 8];
};

typedef void batch_fn(void *arg, const struct batch *b);

struct ltsv;
// The schema grows when a known label is first met, and when an unknown one has come often enough.
struct ltsv *ltsv_new(struct schema *s, batch_fn *fn, void *arg);
void ltsv_free(struct ltsv *l);
// Rows must have a time in [low, high]; others are bad lines. Before it is called everything is taken.
void ltsv_times(struct ltsv *l, int64_t low_us, int64_t high_us);
// What stands behind the last line break is a torn line.
void ltsv_read(struct ltsv *l, const char *text, size_t n);

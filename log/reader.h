// reader.h: a thread of the log server that turns blocks into columns, and what it hands over at a mark.
//
// Rows are kept by table and hour until a mark. At a mark of the common kind it gives what became visible since the
// last one, at a commit everything, and begins anew. What it gives are whole Parquet files, in memory.
#pragma once
#include "log/figures.h"
#include "log/job.h"
#include "log/sheet.h"
#include "log/table.h"

enum made_kind {
    MADE_OPEN,          // rows that may still change their file: replaces the MADE_OPEN of this reader, table and hour
    MADE_SAME,          // that one is still right; no file
    MADE_CLOSED,        // further rows; stays until the commit
    MADE_ALL,           // at a commit: all rows since the last one; replaces everything of this reader
};

struct made {
    STAILQ_ENTRY(made) next;
    enum made_kind kind;
    int table;                          // in tables.at
    int32_t hour;
    size_t rows;
    int64_t low_us, high_us;
    int columns;
    int64_t column_bytes[SCHEMA_MAX];
    struct str file;                    // malloc'ed
};
STAILQ_HEAD(mades, made);

// What became of the lines of a stream since the last commit.
struct tally {
    uint64_t stream, from, to;          // raw offsets
    uint64_t lines, rows, bad, blank;
};

struct ended { uint64_t stream, size; uint8_t why; };

struct part {
    STAILQ_ENTRY(part) next;
    size_t reader;
    struct mark mark;
    bool last;                          // the reader ends
    int64_t oldest_us;                  // when the agent read the oldest block since the last mark; 0: there was none
    struct mades made;
    struct tally *tally;                // malloc'ed; at commits
    size_t tallies;
    struct ended *ended;                // malloc'ed; at commits
    struct caught *caught;              // malloc'ed, the newest first
    struct figures_part *figures[DATASETS_MAX];     // by dataset; at commits, and while somebody wants traffic
    size_t endeds;
};
STAILQ_HEAD(parts, part);
void part_free(struct part *p);
void caught_free(struct caught *c);     // with the earlier ones

struct reader_spec {
    size_t number;
    struct tables *tables;
    void (*hand_over)(void *arg, struct part *p);       // called from the reader's thread; p is the callee's
    void (*too_many_hours)(void *arg);
    int bell;                           // rung when somebody watches lines
    void *arg;
};

struct reader;
struct reader *reader_start(const struct reader_spec *spec, struct queue *in);
void reader_join(struct reader *r);     // after JOB_STOP

// lake.h: the thread that turns what readers made into files, and catalogs that name them.
//
// When every reader has handed over its part of a mark, the mark is published: at a common one files are written and
// the catalog is renamed, so rows are visible; at a commit files, ledger and catalog are flushed, in this order, and
// the write-ahead log below the mark is free. Between marks hours that are over are sealed by a child process, replaced
// files are removed when nobody reads them, and hours that are too old leave.
//
//     struct lake *l = lake_open(&spec, e);           // reads catalogs, cuts the ledger; tables have their schemas
//     lake_start(l);
//     lake_hand_over(l, part);                        // from readers
#pragma once
#include "log/reader.h"

// An hour to be sealed: `input` is for `rusuban-sql seal DIR`.
struct seal_wish { int table; int32_t hour; char dir[4096]; struct str input; };    // input: malloc'ed, the callee's

struct lake_spec {
    struct tables *tables;
    struct streams *streams;
    size_t readers;
    uint64_t wal_begin, wal_end;        // of the write-ahead log as it is found
    void (*published)(void *arg, uint64_t mark, uint64_t lsn);      // lsn 0: nothing became durable
    // One at a time, from the lake's thread; lake_sealed answers. NULL: nothing is ever sealed.
    void (*seal)(void *arg, struct seal_wish *wish);
    // At every mark, before anything is done with it: takes the parts' figures.
    void (*figures)(void *arg, struct part *const *parts, size_t n);
    // Before a commit becomes durable. Fails: tried again.
    bool (*commit)(void *arg, uint64_t lsn, struct err *e);
    void *arg;
};

struct lake;
struct lake *lake_open(const struct lake_spec *spec, struct err *e) MUST_USE;
uint64_t lake_done(const struct lake *l);       // every record below is in files of all tables; 0: there are none
void lake_start(struct lake *l);
void lake_hand_over(struct lake *l, struct part *p);
// What the child printed, or why there is nothing (text is copied).
void lake_sealed(struct lake *l, bool ok, struct str output);
void lake_join(struct lake *l);                 // after the last part of every reader

// visible_*: from the agent's reading a line until SQL sees it, in the last minute or two, in ms; -1: nothing came.
struct lake_figures {
    int64_t rows, bytes, bad, files, hot_rows;
    int64_t published_ms, visible_p50, visible_p99;
    bool troubled;
    char trouble[300];
    int64_t aside;                      // files that were moved aside and are still there
    int unsealed;                       // hours that could not be sealed and are tried again
    char unsealed_why[300];             // of the last one
};
void lake_figures(struct lake *l, struct lake_figures *out);

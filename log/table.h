// table.h: what the threads of the log server share about each dataset: its two tables, rows and bad lines, with the
// schema that grows and the place of its files.
#pragma once
#include "log/catalog.h"
#include <stdatomic.h>

enum { DATASETS_MAX = 32, TABLES_MAX = 2 * DATASETS_MAX };

struct table {
    char name[48];                      // access, access_bad
    char dir[4096];                     // LAKE/access
    struct schema_master master;
    uint64_t done;                      // as recovery found it: what stands below is in files already
};

struct set {                            // a dataset
    uint16_t id;                        // 1 and up; what agents and records call it
    int64_t keep_us;
    struct table *rows, *bad;           // in tables.at: number 2 * (id - 1) and the next
    uint64_t counted;                   // what stands below it is in the figures already (counted.c)
    struct str *pages;                  // known when the server began
    size_t pages_n;
    struct wants *wants;                // set_want; what releases want to be counted, NULL: nothing
    atomic_uint wants_version;
};

struct tables {
    char lake[4000];
    struct set set[DATASETS_MAX];
    size_t sets;
    struct table at[TABLES_MAX];        // 2 * sets
};

// Columns of a table of bad lines, behind the three that every table has.
enum { BAD_STREAM = SCHEMA_FIXED, BAD_OFFSET, BAD_REASON, BAD_LINE, BAD_COLUMNS };
struct schema bad_schema(void);

// Reads LAKE/datasets, in which datasets have their ids for ever, adds what the names have new, and makes directories.
// What a dataset's files are is left to lake_open.
bool tables_open(struct tables *t, const char *lake, const struct strs *names, struct err *e) MUST_USE;
struct set *tables_set(struct tables *t, uint16_t id);                  // NULL when unknown
struct set *tables_named(struct tables *t, struct str name);
// From the lake's thread; readers that find wants_version changed take their share. w is the set's from now on.
struct wants;
void set_want(struct set *s, struct wants *w);
struct wants *set_wants(struct set *s);                                 // a share, or NULL
unsigned tables_wants(const struct tables *t);                          // another number after each set_want

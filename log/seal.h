// seal.h: which hour is sealed next, and what came of it. The sorting itself is a child's work: `rusuban-sql seal DIR`
// reads {"files":[..],"out":"dt=../hour=../log-0001.parquet","columns":[{"name","type","id"}],"max_rows":N} and prints
// {"files":[{"path","rows","bytes","low_us","high_us","columns":[..],"crc"}]}.
//
// An hour is sealed when it is over and nothing was committed to it for a while. Rows that come for a sealed hour wait
// until they are many or old, and then become a file of their own beside the first: sealed files never change.
// An hour that cannot be sealed stays as it is, to be asked for as before, and is tried again ever more seldom; the others
// do not wait for it.
#pragma once
#include "log/catalog.h"
#include "log/hour.h"

// Ticks of the first and last commit since its seal; how often in a row that failed, and not to be tried before when.
struct hour_note { int table; int32_t hour; int64_t first, last; int failures; int64_t retry_at; };

struct sealing {
    bool busy;
    int table;
    int32_t hour;
    int columns;                // that the child was told of
    struct strs paths;          // what is being sealed
    struct arena arena;         // of paths
    struct hour_cache zone;
    struct hour_note *notes;    // malloc'ed
    size_t notes_n, notes_cap;
    int64_t retry_at;           // tick: nothing at all is tried before
};

enum { SEAL_ROWS = 4000000, LATE_ROWS = 1000000 };

// The last n files of the catalog are new.
void sealing_note(struct sealing *s, int table, const struct catalog *c, size_t n);
// false: nothing is to be sealed. Otherwise it is busy, and *input (malloc'ed) is the child's.
bool sealing_next(struct sealing *s, int table, const struct catalog *c, bool now, int32_t *hour, struct str *input);

struct sealed_files { struct lake_file *at; size_t n, cap; };
// ERR_CHECK when rows in and rows out differ, ERR_PEER when it is not what was agreed.
bool sealing_read(struct arena *a, const struct sealing *s, const struct catalog *c, struct str output,
                  struct sealed_files *out, struct err *e) MUST_USE;
void sealing_over(struct sealing *s, bool ok);
int sealing_debts(const struct sealing *s);     // hours that could not be sealed and are tried again
void sealing_drop(struct sealing *s);

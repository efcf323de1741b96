// told.h: what the SQL engine said, told to the person who asked: the place in their own text, the name they may have
// meant, and no path of this machine.
//
//     struct told t = {.query = job.query, .lake = lake, .tables = &tables, .columns = &columns, .memory = 200 << 20};
//     told_err(a, &t, duckdb_result_error(&r), 0, e);
#pragma once
#include "base/base.h"

struct told {
    struct str query;
    const char *lake;
    const struct strs *tables, *columns;    // that a question may name
    int64_t memory;
    // May be NULL. Does `extra` have this label, which has no column (yet)?
    bool (*in_extra)(void *arg, struct str label);
    void *arg;
};

// said: DuckDB's message with errors_as_json. shift: bytes that stand before the query in what it was given. Fills *e.
bool told_err(struct arena *a, const struct told *t, const char *said, size_t shift, struct err *e);
// LAKE/access/... becomes access, any other path <file>.
struct str told_paths(struct arena *a, struct str text, const char *lake);

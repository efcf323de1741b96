// engine.h: DuckDB as this program uses it: in memory, one thread, nothing outside, its errors as JSON.
//
//     struct engine *g = engine_open(&settings, e);       // before the sandbox: it looks at the machine
//     engine_fence(g, &fence, e)                          // its own settings, the second layer; not again after this
//     engine_text(g, a, sql, &text, e)
#pragma once
#include "base/base.h"
#include "log/page.h"
#include "sql/duckdb.h"

struct engine {
    duckdb_database db;
    duckdb_connection con;
    struct pages *pages;            // what page(uri) folds by
};

struct engine_fence {
    const struct strs *directories; // that may be read
    const char *spill;              // and written; NULL: nothing is
    int64_t spill_bytes;
    bool open;                      // test builds: leave everything to the kernel
};

struct engine *engine_open(int64_t memory, const char *timezone, struct err *e) MUST_USE;
bool engine_fence(struct engine *g, const struct engine_fence *f, struct err *e) MUST_USE;
bool engine_do(struct engine *g, const char *sql, struct err *e) MUST_USE;
// The first value of the first row, as text; ERR_NOT_FOUND when there is none or it is NULL. Its column must be a
// VARCHAR.
bool engine_text(struct engine *g, struct arena *a, const char *sql, struct str *out, struct err *e) MUST_USE;
// Row by row, the one column, a VARCHAR.
typedef void engine_text_fn(void *arg, struct str text);
bool engine_each(struct engine *g, const char *sql, engine_text_fn *fn, void *arg, struct err *e) MUST_USE;
// 'text' with its quotes doubled.
struct str engine_quote(struct arena *a, struct str text);
struct str engine_string(duckdb_string_t *s);
static inline bool engine_is_null(const uint64_t *validity, idx_t row)
{
    return validity && !(validity[row / 64] >> (row % 64) & 1);
}

// lake_inner.h: the inside of the lake: lake.c is the thread and the marks, lake_open.c the beginning, lake_commit.c
// what becomes durable, lake_house.c what happens between marks, lake_files.c files and catalogs, lake_sweep.c what no
// catalog names.
#pragma once
#include "log/hist.h"
#include "log/lake.h"
#include "log/seal.h"
#include "log/stale.h"

enum { LAKE_ARENA = 1 << 30, LAKE_SCRATCH = 256 << 20 };

struct hot_file { size_t reader; bool open; struct lake_file file; };   // file.path: malloc'ed

struct lake_table {
    struct table *table;
    struct arena arena;             // of what the catalog points to
    struct catalog catalog;         // committed and sealed files
    struct hot_file *hot;
    size_t hot_n, hot_cap;
    bool changed;                   // since the catalog was last written
    bool behind;                    // what readers see names files that left before we began
    uint64_t shown;                 // generation of the catalog that readers see
    bool taken;                     // from what readers were shown, since the flushed one is older
    uint64_t flushed;               // generation of the flushed catalog
    bool noted;                     // the ledger may have a line that the flushed catalog does not know yet
};

struct lake {
    struct lake_spec spec;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t more;
    struct parts *waiting;          // one queue a reader
    struct str sealed;              // what lake_sealed brought; malloc'ed
    bool sealed_came, sealed_ok;
    bool seal_now;                  // an import is through: hours that are over need not be still any more
    struct lake_table *at;
    size_t n;
    uint64_t generation;
    struct stale stale;
    struct sealing sealing;
    int64_t swept_at;
    size_t ended;                   // readers that are through
    bool stuck;                     // said already
    struct lake_figures figures;
    struct hist_recent visible;
};

// lake.c
void lake_free(struct lake *l);

// lake_files.c
int64_t lake_now_us(void);
void lake_trouble(struct lake *l, const char *what, const struct err *e);      // said once until it is over
void lake_trouble_over(struct lake *l);
bool lake_write_file(const struct lake_table *t, struct str path, struct str text, bool flush, struct err *e) MUST_USE;
void lake_describe(const struct made *m, enum file_state state, struct arena *a, struct lake_file *out);
struct str lake_name_of(struct arena *a, const struct lake *l, const struct part *p, const struct made *m, size_t i);
// At the end of the catalog's files; copied.
void lake_adopt(struct lake_table *t, const struct lake_file *files, size_t n);
// The catalog's own texts move to a new arena, so that what left takes no memory.
void lake_renew(struct lake_table *t);
// A line of the ledger, flushed before the catalog that says the same.
bool lake_note(struct lake_table *t, struct str line, struct err *e) MUST_USE;
// What was noted by a try that failed then goes, before another line or catalog makes it true.
bool lake_unnote(struct lake_table *t, struct err *e) MUST_USE;
// What recovery trusts. When it fails nothing has changed on disk.
bool lake_write_durable(struct lake *l, struct lake_table *t, struct err *e) MUST_USE;
// What readers see: the catalog and the hot files.
bool lake_write_seen(struct lake *l, struct lake_table *t, struct err *e) MUST_USE;
// Files that left in later generations are still named to readers.
uint64_t lake_shown(const struct lake *l);
void lake_drop_hot(struct lake *l, struct lake_table *t, size_t i);
void lake_drop_file(struct lake *l, const struct lake_table *t, struct str path);  // no catalog names it any more
bool lake_listed(const struct catalog *c, struct str path);
void lake_put_paths(struct buf *b, const char *key, const struct lake_file *at, size_t n);

// lake_sweep.c
// every file is there, hot ones too if asked
bool lake_whole(const struct lake_table *t, const struct catalog *c, bool hot);
void lake_sweep(struct lake *l, const struct lake_table *t, const struct catalog *seen);

// lake_commit.c: false when we end before there was room.
bool lake_commit(struct lake *l, struct part *const *parts, uint64_t to);

// lake_house.c
bool lake_keep_house(struct lake *l);       // true: there are other files now

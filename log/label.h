// label.h: what the values of a label mean, and which columns a dataset has.
//
// Labels that web servers write have a type; every other label becomes a column of text once it has come often enough.
// Columns are only ever added: an id is never used again and a type never changes, so files of all ages are read
// together.
//
//     struct schema s = schema_make();                // time, server, extra
//     int c = schema_find(&s, S("status"));           // -1: no such column yet
//     if (c < 0)
//         c = schema_add(&s, S("status"));            // typed by its label; -1 when there are SCHEMA_MAX
#pragma once
#include "base/base.h"
#include <pthread.h>

enum {
    SCHEMA_MAX = 96,            // columns of a dataset
    LABEL_MAX = 64,             // bytes of a label; longer ones are part of `extra`
};

enum column_type {
    COLUMN_TIME,                // microseconds since 1970, UTC
    COLUMN_INT32,
    COLUMN_INT64,
    COLUMN_MS,                  // "0.123" seconds, kept as 123 milliseconds; several of several upstreams are added
    COLUMN_TEXT,
};

struct column_def {
    char name[LABEL_MAX + 8];   // "status"; "status__s" holds what did not fit the type
    size_t name_n;
    enum column_type type;
    int field_id;               // 1 and up
};

// What people should know of a label that web servers write: `rusuban log columns` and docs/columns.md say it.
struct label_row {
    const char *label;
    enum column_type type;
    bool combined;              // combined lines have it
    const char *line, *sql;     // the unit in lines, and in SQL; "": no unit
    const char *what;           // it holds
    const char *nginx;          // what fills it; "": nothing of nginx's own
};
const struct label_row *label_rows(size_t *n);

// Places of the columns that every dataset has.
enum { SCHEMA_TIME, SCHEMA_SERVER, SCHEMA_EXTRA, SCHEMA_FIXED };

struct schema {
    struct column_def at[SCHEMA_MAX];
    int n;
    int number;                 // counts up with every column; 1 = only the fixed ones
    struct schema_master *master;       // NULL: nobody else has columns to add
};

// Several threads read lines of one dataset, each with a schema of its own that begins as the master and may be behind
// it: adding to it adds to the master first, so a column has the same place and id in all of them.
struct schema_master { pthread_mutex_t lock; struct schema schema; };
void schema_master_make(struct schema_master *m, const struct schema *s);
struct schema schema_of_master(struct schema_master *m);

struct schema schema_make(void);
int schema_find(const struct schema *s, struct str name);
// A known label gets its type, any other one text. -1: there is no room or the name is no label.
int schema_add(struct schema *s, struct str name);
int schema_add_typed(struct schema *s, struct str name, enum column_type type);

// [A-Za-z0-9_.-], 1 to LABEL_MAX bytes.
bool label_ok(struct str name);
// The type of a label that web servers write. false: not one of those.
bool label_type(struct str name, enum column_type *out);

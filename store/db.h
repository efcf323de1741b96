// db.h: the inside of the store, shared by db.c (opening, transactions), rows.c (statements) and reason.c (errors).
// Users include store.h.
#pragma once
#include "store/store.h"
#include <sqlite3.h>
#include <sys/queue.h>

enum { KEPT_BUCKETS = 64, KEPT_MAX = 256 };

// One prepared statement. Kept ones wait in their bucket for the next caller of the same text; one that is asked
// for while it is busy (a question inside the walk of the same question) is prepared a second time and not kept.
struct rows {
    struct db *db;
    sqlite3_stmt *st;
    const char *sql;            // SQLite's own copy
    bool kept, busy, started, failed;
    SLIST_ENTRY(rows) next;
};

struct db {
    sqlite3 *s;
    char *path, *dir;
    bool told;                  // an event was written that the web role does not know of
    unsigned kept_n;
    SLIST_HEAD(, rows) kept[KEPT_BUCKETS];
};

void statements_drop(struct db *db);
// From now on what this connection changes is told (event.h).
bool db_tell(struct db *db, struct err *e) MUST_USE;
// Taps the web role when events were written and are committed.
void db_tap(struct db *db);

// Fills *e from SQLite's last error on s: the kind a caller can act on, a sentence, a way out. Returns false.
bool reason_set(struct err *e, sqlite3 *s, const char *path);

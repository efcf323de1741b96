// store.h: the one store, SQLite in DIR/store.db: what the roles know together. The row is the truth.
//
// WAL, synchronous=FULL: what sql_commit returned true for survives kill -9 and power loss. Several processes
// open it at once; a writer waits up to 5 s for another. Statements are prepared once and kept. Every statement
// is one fault point (FAULT_SQL).
//
//     if (!sql_begin(db, e) || !sql_do(db, e, "update turn set owner = ? where service = ?", VALS(V(o), V(s)))
//         || !sql_commit(db, e))
//         return sql_undo(db);                                // rolls back when needed, returns false
//
//     OWN_ROWS struct rows *r = sql_ask(db, e, "select host, current from release_host where service = ?", VALS(V(s)));
//     if (!r) return false;
//     while (rows_next(r, e))
//         use(row_str(a, r, 0), row_int(r, 1));
//     if (rows_failed(r)) return false;
//
// Do not write inside a walk: it reads the store as it was when it began, and when another process wrote meanwhile
// SQLite refuses at once (ERR_BUG says so). Collect first, drop the rows, then write.
#pragma once
#include "base/base.h"

struct db;
// Opens or makes the store in the data directory and brings its schema forward (numbered files in store/schema/;
// a store newer than the program is refused). Directory and file are made with mode 0700 and 0600.
bool store_open(const char *data_dir, struct db **out, struct err *e) MUST_USE;
// The same where a store is already, for who only reads: a mistyped directory becomes no house. Else ERR_NOT_FOUND.
bool store_find(const char *data_dir, struct db **out, struct err *e) MUST_USE;
void store_close(struct db *db);
static inline void own_db_close(struct db **db) { store_close(*db); }
#define OWN_DB OWN(own_db_close)

bool sql_begin(struct db *db, struct err *e) MUST_USE;      // BEGIN IMMEDIATE; does not nest
bool sql_commit(struct db *db, struct err *e) MUST_USE;
bool sql_undo(struct db *db);                               // ROLLBACK if a transaction is open; returns false
bool sql_do(struct db *db, struct err *e, const char *sql, struct vals v) MUST_USE;
int64_t sql_last_id(const struct db *db);
int64_t sql_changes(const struct db *db);                   // rows changed by the last sql_do
// ERR_CONFLICT is set when a unique or check constraint said no.

struct rows;
struct rows *sql_ask(struct db *db, struct err *e, const char *sql, struct vals v) MUST_USE;
bool rows_next(struct rows *r, struct err *e) MUST_USE;     // false: no more, or failed
bool rows_failed(const struct rows *r);
int64_t row_int(const struct rows *r, int col);             // 0 when null
double row_real(const struct rows *r, int col);
bool row_null(const struct rows *r, int col);
struct str row_str(struct arena *a, const struct rows *r, int col);    // copied; empty when null
struct val row_val(struct arena *a, const struct rows *r, int col);    // copied
void rows_drop(struct rows *r);
static inline void own_rows_drop(struct rows **r) { rows_drop(*r); }
#define OWN_ROWS OWN(own_rows_drop)

// One row, one column: false with ERR_NOT_FOUND when there is no row.
bool sql_int(struct db *db, struct err *e, int64_t *out, const char *sql, struct vals v) MUST_USE;
bool sql_str(struct arena *a, struct db *db, struct err *e, struct str *out, const char *sql, struct vals v) MUST_USE;

// Wakes a role by a datagram to DIR/run/ROLE.wake: only a hint; nobody there is no error.
void wake_role(const char *data_dir, const char *role);
// The role's own end: a non-blocking datagram socket to watch. wake_drain empties it.
bool wake_listen(const char *data_dir, const char *role, int *fd, struct err *e) MUST_USE;
void wake_drain(int fd);

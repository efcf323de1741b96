// rows.c: statements, prepared once and kept by their text, and the rows they give.
#include "store/db.h"
#include "base/fault.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

static unsigned bucket_of(const char *sql)
{
    unsigned h = 2166136261U;       // FNV-1a; the texts are our own constants
    for (; *sql; sql++)
        h = (h ^ (unsigned char)*sql) * 16777619U;
    return h % KEPT_BUCKETS;
}

static struct rows *find_idle(struct db *db, unsigned bucket, const char *sql)
{
    struct rows *r;
    SLIST_FOREACH(r, &db->kept[bucket], next)
        if (!r->busy && strcmp(r->sql, sql) == 0)
            return r;
    return NULL;
}

static struct rows *prepare(struct db *db, unsigned bucket, const char *sql, struct err *e)
{
    sqlite3_stmt *st = NULL;
    if (sqlite3_prepare_v3(db->s, sql, -1, SQLITE_PREPARE_PERSISTENT, &st, NULL) != SQLITE_OK) {
        reason_set(e, db->s, db->path);
        return NULL;
    }
    struct rows *r = calloc(1, sizeof *r);
    assert(r && st);
    *r = (struct rows){.db = db, .st = st, .sql = sqlite3_sql(st), .kept = db->kept_n < KEPT_MAX};
    if (r->kept) {
        db->kept_n++;
        SLIST_INSERT_HEAD(&db->kept[bucket], r, next);
    }
    return r;
}

// Copied, so that the rows may outlive the values of the question.
static int bind(sqlite3_stmt *st, int i, struct val v)
{
    switch (v.type) {
    case VAL_NULL:
        return sqlite3_bind_null(st, i);
    case VAL_BOOL:
    case VAL_INT:
        return sqlite3_bind_int64(st, i, v.i);
    case VAL_REAL:
        return sqlite3_bind_double(st, i, v.real);
    case VAL_BLOB:
        return v.text.n ? sqlite3_bind_blob64(st, i, v.text.p, v.text.n, SQLITE_TRANSIENT)
                        : sqlite3_bind_zeroblob(st, i, 0);
    case VAL_TEXT:
    case VAL_JSON:
        return sqlite3_bind_text64(st, i, v.text.p ? v.text.p : "", v.text.n, SQLITE_TRANSIENT, SQLITE_UTF8);
    }
    return SQLITE_MISUSE;
}

struct rows *sql_ask(struct db *db, struct err *e, const char *sql, struct vals v)
{
    unsigned bucket = bucket_of(sql);
    struct rows *r = find_idle(db, bucket, sql);
    if (!r && !(r = prepare(db, bucket, sql, e)))
        return NULL;
    assert(sqlite3_bind_parameter_count(r->st) == (int)v.n);
    r->busy = true;
    for (size_t i = 0; i < v.n; i++)
        if (bind(r->st, (int)i + 1, v.at[i]) != SQLITE_OK) {
            reason_set(e, db->s, db->path);
            rows_drop(r);
            return NULL;
        }
    return r;
}

// The first step is where a real store fails (locked, full, damaged), so it is where tests pretend to.
bool rows_next(struct rows *r, struct err *e)
{
    if (!r->started && fault_hit(FAULT_SQL)) {
        r->failed = true;
        return err_set(e, ERR_IO, "%s: %m", r->db->path);
    }
    r->started = true;
    int rc = sqlite3_step(r->st);
    r->failed = rc != SQLITE_ROW && rc != SQLITE_DONE;
    if (r->failed)
        reason_set(e, r->db->s, r->db->path);
    return rc == SQLITE_ROW;
}

bool rows_failed(const struct rows *r)
{
    return r->failed;
}

static void forget(struct rows *r)
{
    sqlite3_finalize(r->st);
    free(r);
}

void rows_drop(struct rows *r)
{
    if (!r)
        return;
    if (!r->kept) {
        forget(r);
        return;
    }
    sqlite3_reset(r->st);
    sqlite3_clear_bindings(r->st);
    r->busy = r->started = r->failed = false;
}

void statements_drop(struct db *db)
{
    for (int i = 0; i < KEPT_BUCKETS; i++)
        for (struct rows *r; (r = SLIST_FIRST(&db->kept[i]));) {
            assert(!r->busy);
            SLIST_REMOVE_HEAD(&db->kept[i], next);
            forget(r);
        }
}

int64_t row_int(const struct rows *r, int col)
{
    return sqlite3_column_int64(r->st, col);
}

double row_real(const struct rows *r, int col)
{
    return sqlite3_column_double(r->st, col);
}

bool row_null(const struct rows *r, int col)
{
    return sqlite3_column_type(r->st, col) == SQLITE_NULL;
}

// sqlite3_column_blob gives text as its UTF-8 bytes too, and an empty value as NULL.
struct str row_str(struct arena *a, const struct rows *r, int col)
{
    const char *p = sqlite3_column_blob(r->st, col);
    return p ? str_dup(a, (struct str){p, (size_t)sqlite3_column_bytes(r->st, col)}) : S("");
}

struct val row_val(struct arena *a, const struct rows *r, int col)
{
    switch (sqlite3_column_type(r->st, col)) {
    case SQLITE_INTEGER:
        return val_int(row_int(r, col));
    case SQLITE_FLOAT:
        return val_real(row_real(r, col));
    case SQLITE_TEXT:
        return val_str(row_str(a, r, col));
    case SQLITE_BLOB:
        return V_BLOB(row_str(a, r, col));
    default:
        return V_NULL;
    }
}

bool sql_do(struct db *db, struct err *e, const char *sql, struct vals v)
{
    OWN_ROWS struct rows *r = sql_ask(db, e, sql, v);
    if (!r)
        return false;
    while (rows_next(r, e))
        ;
    db_tap(db);
    return !r->failed;
}

static bool one_row(struct rows *r, struct err *e)
{
    if (!r)
        return false;
    return rows_next(r, e) || (!r->failed && err_set(e, ERR_NOT_FOUND, "there is no such row"));
}

bool sql_int(struct db *db, struct err *e, int64_t *out, const char *sql, struct vals v)
{
    OWN_ROWS struct rows *r = sql_ask(db, e, sql, v);
    if (!one_row(r, e))
        return false;
    *out = row_int(r, 0);
    return true;
}

bool sql_str(struct arena *a, struct db *db, struct err *e, struct str *out, const char *sql, struct vals v)
{
    OWN_ROWS struct rows *r = sql_ask(db, e, sql, v);
    if (!one_row(r, e))
        return false;
    *out = row_str(a, r, 0);
    return true;
}

// db.c: opens the store as every role must see it (durable, patient with the others), and its transactions.
#include "store/db.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/file.h"
#include "store/schema.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATIENCE_MS = 5000 };

// cache_size is the ceiling for kept pages in KiB: a role's memory matters more than its reads, which the
// kernel caches anyway. journal_size_limit gives the disk back after one unusually large transaction.
static const char settings[] = "pragma synchronous = full; pragma foreign_keys = on; pragma trusted_schema = off;"
                               "pragma temp_store = memory; pragma cache_size = -1024;"
                               "pragma journal_size_limit = 8388608";

static bool make_places(struct arena *a, const char *dir, struct err *e)
{
    static const char *const inside[] = {"run", "keys", "repos", "builds"};
    if (!dir_make(dir, 0700, e))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(inside); i++)
        if (!dir_make(str_zf(a, "%s/%s", dir, inside[i]), 0700, e))
            return false;
    return true;
}

// SQLite would make it readable for everybody whom the umask allows. Never opened here when it exists already:
// closing any descriptor of the file would drop the locks of a connection that this process holds (POSIX).
static bool make_file(const char *path, struct err *e)
{
    OWN_FD fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return fd >= 0 || errno == EEXIST || err_set(e, ERR_IO, "create %s: %m", path);
}

// The one moment that SQLite does not wait for by itself: two processes turning a new file into WAL at once.
static bool make_wal(struct db *db, struct err *e)
{
    for (int64_t until = tick_ms() + PATIENCE_MS;;) {
        if (sqlite3_exec(db->s, "pragma journal_mode = wal", NULL, NULL, NULL) == SQLITE_OK)
            return true;
        if (sqlite3_errcode(db->s) != SQLITE_BUSY || tick_ms() > until)
            return reason_set(e, db->s, db->path);
        usleep(10000);
    }
}

static bool open_file(struct db *db, struct err *e)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
    if (fault_hit(FAULT_SQL))
        return err_set(e, ERR_IO, "%s: %m", db->path);
    if (sqlite3_open_v2(db->path, &db->s, flags, NULL) != SQLITE_OK)
        return reason_set(e, db->s, db->path);
    sqlite3_busy_timeout(db->s, PATIENCE_MS);
    if (!make_wal(db, e))
        return false;
    if (sqlite3_exec(db->s, settings, NULL, NULL, NULL) != SQLITE_OK)
        return reason_set(e, db->s, db->path);
    return schema_forward(db->s, db->path, e) && db_tell(db, e);
}

bool store_open(const char *data_dir, struct db **out, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(64 << 10);
    *out = NULL;
    char *path = str_zf(&a, "%s/store.db", data_dir);
    if (!make_places(&a, data_dir, e) || !make_file(path, e))
        return err_in(e, "open the store");
    struct db *db = calloc(1, sizeof *db);
    assert(db);
    db->path = strdup(path);
    db->dir = strdup(data_dir);
    assert(db->path && db->dir);
    if (!open_file(db, e)) {
        store_close(db);
        return err_in(e, "open the store");
    }
    *out = db;
    return true;
}

bool store_find(const char *data_dir, struct db **out, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(64 << 10);
    const char *path = str_zf(&a, "%s/store.db", data_dir);
    struct stat st;
    *out = NULL;
    if (stat(path, &st) == 0)
        return store_open(data_dir, out, e);
    if (errno != ENOENT && errno != ENOTDIR) {
        err_set(e, errno == EACCES ? ERR_DENIED : ERR_IO, "open the store: %s: %m", path);
        return err_hint(e, "the user who runs rusuban serve may open it");
    }
    err_set(e, ERR_NOT_FOUND, "%s is no data directory of rusuban: there is no store.db in it", data_dir);
    return err_hint(e, "name the right one by --data DIR or RUSUBAN_DATA; rusuban serve makes a new one");
}

void store_close(struct db *db)
{
    if (!db)
        return;
    statements_drop(db);
    int rc = sqlite3_close(db->s);
    assert(rc == SQLITE_OK);    // else somebody still holds rows of it
    (void)rc;
    free(db->path);
    free(db->dir);
    free(db);
}

bool sql_begin(struct db *db, struct err *e)
{
    assert(sqlite3_get_autocommit(db->s));
    return sql_do(db, e, "begin immediate", NO_VALS);
}

bool sql_commit(struct db *db, struct err *e)
{
    assert(!sqlite3_get_autocommit(db->s));
    fault_die_at("commit-before");
    if (!sql_do(db, e, "commit", NO_VALS))
        return false;
    fault_die_at("commit-after");
    return true;
}

// Not sql_do: undoing must not be talked out of it, and SQLite may have rolled back by itself already.
bool sql_undo(struct db *db)
{
    if (!sqlite3_get_autocommit(db->s))
        sqlite3_exec(db->s, "rollback", NULL, NULL, NULL);
    db->told = false;
    return false;
}

int64_t sql_last_id(const struct db *db)
{
    return sqlite3_last_insert_rowid(db->s);
}

int64_t sql_changes(const struct db *db)
{
    return sqlite3_changes64(db->s);
}

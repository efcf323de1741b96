// tell.c: a connection that tells pages what it changes: triggers write the events, and the commit taps the web role.
#include "store/db.h"
#include "base/embed.h"
#include "base/fault.h"
#include <string.h>

EMBED(event_triggers, "store/event.sql")

// Only SQLite knows that a trigger wrote something.
static void on_change(void *arg, int what, const char *schema, const char *table, sqlite3_int64 row)
{
    (void)schema, (void)row;
    struct db *db = arg;
    if (what == SQLITE_INSERT && strcmp(table, "event") == 0)
        db->told = true;
}

bool db_tell(struct db *db, struct err *e)
{
    if (fault_hit(FAULT_SQL))
        return err_set(e, ERR_IO, "%s: %m", db->path);
    sqlite3_update_hook(db->s, on_change, db);
    return sqlite3_exec(db->s, event_triggers().p, NULL, NULL, NULL) == SQLITE_OK || reason_set(e, db->s, db->path);
}

void db_tap(struct db *db)
{
    if (!db->told || !sqlite3_get_autocommit(db->s))
        return;
    db->told = false;
    wake_role(db->dir, "web");
}

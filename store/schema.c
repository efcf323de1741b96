// schema.c: the numbered files of store/schema/, in order. A store knows how many it has seen (user_version);
// each new one is applied in a transaction of its own. Files are only ever added, never changed.
#include "store/schema.h"
#include "base/embed.h"
#include "base/fault.h"
#include "store/db.h"

EMBED(schema_house, "store/schema/001-house.sql")
EMBED(schema_web, "store/schema/002-web.sql")
EMBED(schema_release, "store/schema/003-release.sql")
EMBED(schema_log_agent, "store/schema/004-log-agent.sql")
EMBED(schema_log, "store/schema/005-log.sql")
EMBED(schema_log_alarm, "store/schema/006-log-alarm.sql")
EMBED(schema_log_traffic, "store/schema/007-log-traffic.sql")
EMBED(schema_account, "store/schema/008-account.sql")
EMBED(schema_audit, "store/schema/009-audit.sql")
EMBED(schema_log_saved, "store/schema/010-log-saved.sql")
EMBED(schema_event, "store/schema/011-event.sql")
EMBED(schema_identity, "store/schema/012-identity.sql")
EMBED(schema_release_changes, "store/schema/013-release-changes.sql")
EMBED(schema_log_saved_params, "store/schema/014-log-saved-params.sql")
EMBED(schema_release_asker, "store/schema/015-release-asker.sql")
EMBED(schema_release_stopped, "store/schema/016-release-stopped.sql")
EMBED(schema_release_verdict, "store/schema/017-release-verdict.sql")
EMBED(schema_refused, "store/schema/018-refused.sql")

// The file's number is its place here.
static struct str (*const files[])(void) = {
    schema_house,
    schema_web,
    schema_release,
    schema_log_agent,
    schema_log,
    schema_log_alarm,
    schema_log_traffic,
    schema_account,
    schema_audit,
    schema_log_saved,
    schema_event,
    schema_identity,
    schema_release_changes,
    schema_log_saved_params,
    schema_release_asker,
    schema_release_stopped,
    schema_release_verdict,
    schema_refused,
};

static bool run(sqlite3 *s, const char *path, const char *sql, struct err *e)
{
    if (fault_hit(FAULT_SQL))
        return err_set(e, ERR_IO, "%s: %m", path);
    return sqlite3_exec(s, sql, NULL, NULL, NULL) == SQLITE_OK || reason_set(e, s, path);
}

static bool version_of(sqlite3 *s, const char *path, int *version, struct err *e)
{
    sqlite3_stmt *st = NULL;
    if (sqlite3_prepare_v2(s, "pragma user_version", -1, &st, NULL) != SQLITE_OK || sqlite3_step(st) != SQLITE_ROW) {
        reason_set(e, s, path);
        sqlite3_finalize(st);
        return false;
    }
    *version = sqlite3_column_int(st, 0);
    sqlite3_finalize(st);
    return true;
}

// Another process may have applied the file while we waited for the lock: what counts is read inside.
static bool apply(sqlite3 *s, const char *path, int number, struct err *e)
{
    char mark[64];
    int version;
    sqlite3_snprintf(sizeof mark, mark, "pragma user_version = %d", number);
    if (!version_of(s, path, &version, e))
        return false;
    if (version >= number)
        return true;
    return run(s, path, files[number - 1]().p, e) && run(s, path, mark, e);
}

bool schema_forward(sqlite3 *s, const char *path, struct err *e)
{
    int version, known = (int)ARRAY_LEN(files);
    if (!version_of(s, path, &version, e))
        return false;
    if (version > known) {
        err_set(e, ERR_STATE, "%s has schema %d; this program knows up to %d", path, version, known);
        return err_hint(e, "install the newer rusuban that made it (a store never goes back)");
    }
    for (int number = version + 1; number <= known; number++) {
        if (!run(s, path, "begin immediate", e))
            return err_in(e, "schema %d", number);
        if (!apply(s, path, number, e) || !run(s, path, "commit", e)) {
            sqlite3_exec(s, "rollback", NULL, NULL, NULL);
            return err_in(e, "schema %d", number);
        }
    }
    return true;
}

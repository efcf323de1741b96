// reason.c: why SQLite said no, in words that the person in front of a full disk or a damaged file can act on.
#include "store/db.h"
#include <errno.h>
#include <string.h>

static bool failed_read_or_write(struct err *e, sqlite3 *s, const char *path)
{
    int number = sqlite3_system_errno(s);
    err_set(e, ERR_IO, "%s: %s%s%s", path, sqlite3_errmsg(s), number ? ": " : "", number ? strerror(number) : "");
    return number == ENOSPC ? err_hint(e, "free some space on that disk; nothing that was saved is lost") : false;
}

bool reason_set(struct err *e, sqlite3 *s, const char *path)
{
    if (sqlite3_extended_errcode(s) == SQLITE_BUSY_SNAPSHOT)
        return err_set(e, ERR_BUG, "%s: a change was begun inside a walk over older rows", path);
    switch (sqlite3_errcode(s)) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return err_set(e, ERR_LATE, "%s: another process has kept the store locked for 5 s", path);
    case SQLITE_FULL:
        err_set(e, ERR_IO, "%s: no space left on device", path);
        return err_hint(e, "free some space on that disk; nothing that was saved is lost");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        err_set(e, ERR_IO, "%s is damaged: %s", path, sqlite3_errmsg(s));
        return err_hint(e, "stop rusuban, keep a copy of the file, put the last good backup in its place");
    case SQLITE_CONSTRAINT:
        return err_set(e, ERR_CONFLICT, "%s", sqlite3_errmsg(s));
    case SQLITE_INTERRUPT:
        return err_set(e, ERR_LATE, "%s: the question took too long and was stopped", path);
    case SQLITE_TOOBIG:
        return err_set(e, ERR_LIMIT, "%s: a value is too large for the store", path);
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_READONLY:
        return failed_read_or_write(e, s, path);
    default:
        return err_set(e, ERR_BUG, "%s: %s", path, sqlite3_errmsg(s));
    }
}

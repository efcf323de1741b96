// err.c: building the sentence, and the table from kinds to codes.
#include "base/err.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct err_row rows[] = {
    [ERR_NONE] = {"ok", 200, 0},
    [ERR_INPUT] = {"input", 400, 2},
    [ERR_IO] = {"io", 500, 1},
    [ERR_PEER] = {"peer", 502, 5},
    [ERR_LIMIT] = {"limit", 413, 1},
    [ERR_LATE] = {"late", 504, 124},
    [ERR_NOT_FOUND] = {"not_found", 404, 2},
    [ERR_STATE] = {"state", 409, 1},
    [ERR_LOCKED] = {"locked", 423, 6},
    [ERR_DENIED] = {"forbidden", 403, 4},
    [ERR_SIGNED_OUT] = {"signed_out", 401, 4},
    [ERR_REFUSED] = {"refused", 409, 1},
    [ERR_CONFLICT] = {"conflict", 409, 1},
    [ERR_CHECK] = {"check", 422, 3},
    [ERR_BUG] = {"bug", 500, 1},
};

const struct err_row *err_row(enum err_kind kind)
{
    return &rows[(size_t)kind < sizeof rows / sizeof *rows ? kind : ERR_BUG];
}

bool err_set(struct err *e, enum err_kind kind, const char *format, ...)
{
    int saved = errno;
    va_list args;
    va_start(args, format);
    e->kind = kind;
    e->hint[0] = 0;
    errno = saved;
    (void)vsnprintf(e->text, sizeof e->text, format, args);
    va_end(args);
    errno = saved;
    return false;
}

bool err_in(struct err *e, const char *format, ...)
{
    char old[sizeof e->text];
    va_list args;
    va_start(args, format);
    memcpy(old, e->text, sizeof old);
    int n = vsnprintf(e->text, sizeof e->text, format, args);
    va_end(args);
    size_t at = n < 0 ? 0 : (size_t)n < sizeof e->text - 3 ? (size_t)n : sizeof e->text - 3;
    snprintf(e->text + at, sizeof e->text - at, ": %.*s", (int)(sizeof e->text - at - 3), old);
    return false;
}

bool err_hint(struct err *e, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(e->hint, sizeof e->hint, format, args);
    va_end(args);
    return false;
}

// buf.c: grows by doubling up to its ceiling, then refuses and remembers.
#include "base/buf.h"
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct buf buf_make(size_t max_bytes)
{
    return (struct buf){.max = max_bytes};
}

// Room for n more bytes and a NUL.
static bool room(struct buf *b, size_t n)
{
    if (b->failed || n > b->max - b->n) {
        b->failed = true;
        return false;
    }
    if (b->n + n < b->cap)
        return true;
    size_t cap = b->cap ? b->cap : 64;
    while (cap <= b->n + n)
        cap *= 2;
    char *p = realloc(b->p, cap);
    assert(p && "out of memory");
    b->p = p;
    b->cap = cap;
    return true;
}

void buf_add(struct buf *b, struct str s)
{
    if (!room(b, s.n))
        return;
    if (s.n)
        memcpy(b->p + b->n, s.p, s.n);
    b->n += s.n;
    b->p[b->n] = 0;
}

void buf_addz(struct buf *b, const char *z)
{
    buf_add(b, str_z(z));
}

void buf_addc(struct buf *b, char c)
{
    buf_add(b, (struct str){&c, 1});
}

void buf_addn(struct buf *b, char c, size_t times)
{
    if (!room(b, times))
        return;
    memset(b->p + b->n, c, times);
    b->n += times;
    b->p[b->n] = 0;
}

void buf_addf(struct buf *b, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(n >= 0);
    if (room(b, (size_t)n)) {
        (void)vsnprintf(b->p + b->n, (size_t)n + 1, format, again);
        b->n += (size_t)n;
    }
    va_end(again);
}

void buf_clear(struct buf *b)
{
    buf_cut(b, 0);
    b->failed = false;
}

void buf_cut(struct buf *b, size_t n)
{
    if (n < b->n) {
        b->n = n;
        b->p[n] = 0;
    }
}

struct str buf_str(const struct buf *b)
{
    return (struct str){b->p ? b->p : "", b->n};
}

const char *buf_z(const struct buf *b)
{
    return b->p ? b->p : "";
}

bool buf_ok(const struct buf *b, struct err *e)
{
    return !b->failed || err_set(e, ERR_LIMIT, "text grew over its limit of %zu bytes", b->max);
}

void buf_drop(struct buf *b)
{
    free(b->p);
    *b = (struct buf){.max = b->max};
}

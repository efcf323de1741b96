// arena.c: a chain of blocks, each at least as large as the last, given back together.
#include "base/arena.h"
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct arena_block {
    struct arena_block *before;
    size_t used, size;
    _Alignas(max_align_t) unsigned char at[];
};

enum { FIRST_BLOCK = 4000, LARGEST_STEP = 1 << 20 };

struct arena arena_make(size_t max_bytes)
{
    return (struct arena){.max = max_bytes};
}

static struct arena_block *grow(struct arena *a, size_t need)
{
    size_t size = a->last ? a->last->size * 2 : FIRST_BLOCK;
    if (size > LARGEST_STEP)
        size = LARGEST_STEP;
    if (size < need)
        size = need;
    struct arena_block *b = calloc(1, sizeof *b + size);
    assert(b && "out of memory");
    b->size = size;
    b->before = a->last;
    a->last = b;
    return b;
}

void *arena_take(struct arena *a, size_t bytes, size_t align)
{
    assert(align && (align & (align - 1)) == 0 && align <= _Alignof(max_align_t));
    assert(bytes <= a->max - a->used && "arena over its ceiling");
    a->used += bytes;
    struct arena_block *b = a->last;
    size_t at = b ? (b->used + align - 1) & ~(align - 1) : 0;
    if (!b || at > b->size || bytes > b->size - at) {
        b = grow(a, bytes ? bytes : 1);
        at = 0;
    }
    b->used = at + bytes;
    return b->at + at;
}

void arena_drop(struct arena *a)
{
    while (a->last) {
        struct arena_block *b = a->last;
        a->last = b->before;
        free(b);
    }
    a->used = 0;
}

void arena_clear(struct arena *a)
{
    while (a->last && a->last->before) {
        struct arena_block *b = a->last;
        a->last = b->before;
        free(b);
    }
    a->used = 0;
    if (a->last && a->last->size > FIRST_BLOCK)
        arena_drop(a);
    if (!a->last)
        return;
    memset(a->last->at, 0, a->last->used);
    a->last->used = 0;
}

struct str str_dup(struct arena *a, struct str s)
{
    char *p = arena_take(a, s.n + 1, 1);
    if (s.n)
        memcpy(p, s.p, s.n);
    return (struct str){p, s.n};
}

char *str_zdup(struct arena *a, struct str s)
{
    char *p = arena_take(a, s.n + 1, 1);
    if (s.n)
        memcpy(p, s.p, s.n);
    return p;
}

PRINTF(2, 0)
static char *format_into(struct arena *a, const char *format, va_list args, size_t *n)
{
    va_list again;
    va_copy(again, args);
    int need = vsnprintf(NULL, 0, format, args);
    assert(need >= 0);
    char *p = arena_take(a, (size_t)need + 1, 1);
    (void)vsnprintf(p, (size_t)need + 1, format, again);
    va_end(again);
    *n = (size_t)need;
    return p;
}

struct str str_f(struct arena *a, const char *format, ...)
{
    va_list args;
    size_t n;
    va_start(args, format);
    const char *p = format_into(a, format, args, &n);
    va_end(args);
    return (struct str){p, n};
}

char *str_zf(struct arena *a, const char *format, ...)
{
    va_list args;
    size_t n;
    va_start(args, format);
    char *p = format_into(a, format, args, &n);
    va_end(args);
    return p;
}

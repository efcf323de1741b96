// line.h: one line being built, in a room of fixed size: what does not fit is remembered, not written.
#pragma once
#include "base/base.h"
#include <string.h>

struct line { char *p; size_t n, cap; bool full; };

static inline void line_add(struct line *l, const char *p, size_t n)
{
    if (n > l->cap - l->n) {
        l->full = true;
        return;
    }
    if (n)
        memcpy(l->p + l->n, p, n);
    l->n += n;
}

static inline void line_str(struct line *l, struct str s)
{
    line_add(l, s.p, s.n);
}

static inline void line_char(struct line *l, char c)
{
    line_add(l, &c, 1);
}

#define line_lit(l, lit)    line_add(l, "" lit, sizeof(lit) - 1)

// "\x09": how nginx writes a byte that would break a line of LTSV.
static inline void line_escaped(struct line *l, unsigned char c)
{
    static const char hex[] = "0123456789ABCDEF";
    line_add(l, (char[]){'\\', 'x', hex[c >> 4], hex[c & 15]}, 4);
}

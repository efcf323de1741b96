// field.c: see field.h.
#include "log/field.h"
#include <string.h>

static bool in_label(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.'
        || c == '-';
}

bool field_cut(struct str text, bool first, struct field *out)
{
    const char *colon = memchr(text.p, ':', text.n), *p = colon;
    if (!colon)
        return false;
    while (p > text.p && in_label(p[-1]))
        p--;
    ptrdiff_t time = first && p > text.p ? str_find(text, S(" time:")) : -1;
    if (time >= 0) {
        p = text.p + time + 1;
        colon = p + strlen("time");
    }
    out->before = (struct str){text.p, (size_t)(p - text.p)};
    out->label = (struct str){p, (size_t)(colon - p)};
    out->value = (struct str){colon + 1, (size_t)(text.p + text.n - colon - 1)};
    return out->label.n > 0;
}

// check.c: writing findings down.
#include "base/check.h"
#include <stdarg.h>
#include <stdio.h>

void check_add(struct arena *a, struct checks *out, enum check_level level, struct str about, const char *hint,
               const char *format, ...)
{
    char text[1024];
    va_list ap;
    va_start(ap, format);
    int n = vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    struct str s = {text, n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1};
    vec_push(a, out, ((struct check){level, str_dup(a, about), str_dup(a, s), str_dup(a, str_z(hint))}));
}

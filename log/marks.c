// marks.c: the plain twin, and the choice.
#include "log/marks.h"
#include "log/marks_flat.h"
#include <string.h>

size_t marks_find_plain(const char *text, size_t n, uint32_t *out, bool *odd)
{
    bool seen = false;
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i];
        seen |= c == 0 || c >= 0x80;
        if (c == '\t' || c == '\n')
            out[k++] = (uint32_t)i;
    }
    *odd = seen;
    return k;
}

marks_fn *marks_by_name(const char *name)
{
#if defined __x86_64__
    if (strcmp(name, "avx2") == 0)
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("popcnt")
            ? marks_find_avx2 : NULL;
    if (strcmp(name, "sse2") == 0)
        return marks_find_sse2;
#endif
    return strcmp(name, "plain") == 0 ? marks_find_plain : NULL;
}

static size_t choose(const char *text, size_t n, uint32_t *out, bool *odd)
{
    static const char *const best[] = {"avx2", "sse2", "plain"};
    marks_fn *fn = NULL;
    for (size_t i = 0; !fn; i++)
        fn = marks_by_name(best[i]);
    __atomic_store_n(&marks_find, fn, __ATOMIC_RELAXED);    // threads that meet here all write the same
    return fn(text, n, out, odd);
}

marks_fn *marks_find = choose;

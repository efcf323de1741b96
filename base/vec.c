// vec.c: growing an arena array by doubling; the old place is left to the arena.
#include "base/vec.h"
#include <string.h>

void *vec_room(struct arena *a, void **at, size_t *n, size_t *cap, size_t size, size_t align)
{
    if (*n == *cap) {
        size_t more = *cap ? *cap * 2 : 8;
        void *bigger = arena_take(a, more * size, align);
        if (*n)
            memcpy(bigger, *at, *n * size);
        *at = bigger;
        *cap = more;
    }
    return (char *)*at + size * (*n)++;
}

bool strs_have(const struct strs *v, struct str s)
{
    for (size_t i = 0; i < v->n; i++)
        if (str_eq(v->at[i], s))
            return true;
    return false;
}

// map.c: open addressing, half full at most.
#include "base/map.h"
#include <assert.h>
#include <sys/random.h>

static uint64_t hash(struct str key)
{
    static uint64_t seed;
    if (!seed && getrandom(&seed, sizeof seed, 0) != sizeof seed)
        seed = 0xcbf29ce484222325u;
    uint64_t h = seed;
    for (size_t i = 0; i < key.n; i++)
        h = (h ^ (unsigned char)key.p[i]) * 0x100000001b3u;
    return h ^ h >> 32;
}

// The slot of key, or the empty one where it would stand.
static struct map_slot *find(const struct map *m, struct str key)
{
    for (size_t i = hash(key);; i++) {
        struct map_slot *s = &m->slot[i & (m->cap - 1)];
        if (!s->value || str_eq(s->key, key))
            return s;
    }
}

void *map_get(const struct map *m, struct str key)
{
    return m->cap ? find(m, key)->value : NULL;
}

static void grow(struct arena *a, struct map *m)
{
    struct map old = *m;
    m->cap = old.cap ? old.cap * 2 : 16;
    m->slot = NEW_N(a, struct map_slot, m->cap);
    for (size_t i = 0; i < old.cap; i++)
        if (old.slot[i].value)
            *find(m, old.slot[i].key) = old.slot[i];
}

void *map_put(struct arena *a, struct map *m, struct str key, void *value)
{
    assert(value);
    if (2 * (m->n + 1) > m->cap)
        grow(a, m);
    struct map_slot *s = find(m, key);
    void *old = s->value;
    m->n += !old;
    *s = (struct map_slot){key, value};
    return old;
}

// map.h: from a str to a pointer, in an arena; keys are borrowed, nothing is removed.
//
//     struct map m = {0};
//     map_put(&a, &m, S("app1"), host);
//     struct host *h = map_get(&m, S("app1"));        // NULL when unknown
//
// The hash is seeded per process (FNV-1a over a random start), so foreign keys cannot choose their places.
#pragma once
#include "base/arena.h"

struct map_slot { struct str key; void *value; };
struct map {
    struct map_slot *slot;
    size_t n, cap;
};

void *map_get(const struct map *m, struct str key);
// Returns the value that stood there before, or NULL. value must not be NULL.
void *map_put(struct arena *a, struct map *m, struct str key, void *value);

// vec.h: an array that grows in an arena.
//
//     VEC(struct host) hosts = {0};
//     vec_push(&a, &hosts, ((struct host){.name = S("app1")}));
//     for (size_t i = 0; i < hosts.n; i++) use(&hosts.at[i]);
#pragma once
#include "base/arena.h"

#define VEC(T)      struct { T *at; size_t n, cap; }

#define vec_push(a, v, ...)                                                                                \
    (*(__typeof__((v)->at))vec_room(a, (void **)&(v)->at, &(v)->n, &(v)->cap, sizeof *(v)->at,               \
                                    _Alignof(__typeof__(*(v)->at))) = (__VA_ARGS__))

// Makes room for one more, counts it, returns its (zeroed) place.
void *vec_room(struct arena *a, void **at, size_t *n, size_t *cap, size_t size, size_t align);

// The commonest one has a name, so that it can be passed to functions.
struct strs { struct str *at; size_t n, cap; };
bool strs_have(const struct strs *v, struct str s);

// arena.h: memory for one request, command or loaded site, dropped as a whole.
//
//     OWN_ARENA struct arena a = arena_make(8 << 20);
//     char *copy = str_zdup(&a, name);
//
// Every arena has a ceiling; going over it, or the system having no memory, ends the process (it is a
// bug or an attack, and the supervisor starts us again). Memory is zeroed. An arena is not shared by threads.
#pragma once
#include "base/def.h"
#include "base/str.h"

struct arena_block;
struct arena {
    struct arena_block *last;
    size_t used, max;
};

struct arena arena_make(size_t max_bytes);
void *arena_take(struct arena *a, size_t bytes, size_t align);
void arena_drop(struct arena *a);
// Empty, for who makes one again at once: its first block stays, wiped.
void arena_clear(struct arena *a);

#define OWN_ARENA           OWN(arena_drop)
#define NEW(a, T)           ((T *)arena_take(a, sizeof(T), _Alignof(T)))
#define NEW_N(a, T, n)      ((T *)arena_take(a, sizeof(T) * (size_t)(n), _Alignof(T)))

struct str str_dup(struct arena *a, struct str s);      // copied and NUL-ended behind its last byte
char *str_zdup(struct arena *a, struct str s);          // the same as a C string
struct str str_f(struct arena *a, const char *format, ...) PRINTF(2, 3);   // NUL-ended too
char *str_zf(struct arena *a, const char *format, ...) PRINTF(2, 3);

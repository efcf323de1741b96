// scalar.h: single values both ways: the text of the file to the member of a struct, and back.
#pragma once
#include "site/keys.h"

struct scalar {
    const char *name;           // how docs/site.md calls the type
    const char *expected;       // behind "expected "
    // Writes at when it returns true. On false *e says what was expected and got. text is borrowed by texts.
    bool (*read)(const struct key *k, struct str text, void *at, struct err *e);
    // What read takes back.
    void (*print)(const struct key *k, const void *at, struct buf *b);
    bool typed;                 // JSON shows it as a number or true/false when it looks like one
};

// NULL for types that are not single values.
const struct scalar *scalar_of(enum key_type type);

// "release, ask or off"
struct str words_joined(struct arena *a, const char *const *words);

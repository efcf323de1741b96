// gate.h: may a release start now? Locks, windows and holds, asked by the worker and by the API with the same answer.
#pragma once
#include "release/record.h"
#include "site/site.h"

struct closed {
    bool locked;            // else: outside the window
    struct str why;         // a sentence
    int64_t until_ms;       // 0 = not known
};
// false and *c: something forbids a start of the service now. Errors of the store count as closed.
bool gate_open(struct arena *a, struct db *db, const struct site *site, const struct service *svc, struct closed *c);

// due.h: the rows of `notice` as the watcher works through them: what is due, what became of it, when the next is.
#pragma once
#include "store/store.h"

struct notice {
    int64_t id, at, release;
    struct str service, kind, body, notifier;
    int tries;
};

enum { DUE_SKIP_MAX = 4 };      // how many ids due_next can pass over

// The longest due notice that is not one of the n ids in skip, copied into the arena; out->id 0 when there is none.
bool due_next(struct arena *a, struct db *db, const int64_t *skip, size_t n, struct notice *out,
              struct err *e) MUST_USE;
bool due_sent(struct db *db, const struct notice *n, struct err *e) MUST_USE;
// Due again later, or given up when the notice is a day old.
bool due_failed(struct db *db, const struct notice *n, const char *why, struct err *e) MUST_USE;
// Forgets those of more than 90 days ago that are done with.
bool due_forget(struct db *db, struct err *e) MUST_USE;
// When the next one that is not due yet will be; 0: there is none.
bool due_when(struct db *db, int64_t *at_ms, struct err *e) MUST_USE;

// due.h: the rows of `notice` as the watcher works through them: what is due, what became of it, when the next is.
#pragma once
#include "store/store.h"

struct notice {
    int64_t id, at, release;
    struct str service, kind, body, notifier;
    int tries;
};

enum {
    DUE_SKIP_MAX = 4,           // how many notices due_next can pass over
    DUE_EACH_MAX = 2,           // on their way to one notifier: one that hangs must not keep the others waiting
};

// The longest due notice that is none of the n that are on their way, and whose notifier has fewer than DUE_EACH_MAX of
// them, copied into the arena; out->id 0 when there is none.
bool due_next(struct arena *a, struct db *db, const struct notice *const *away, size_t n, struct notice *out,
              struct err *e) MUST_USE;
bool due_sent(struct db *db, const struct notice *n, struct err *e) MUST_USE;
// Due again later, or given up when the notice is a day old.
bool due_failed(struct db *db, const struct notice *n, const char *why, struct err *e) MUST_USE;
// Forgets those of more than 90 days ago that are done with.
bool due_forget(struct db *db, struct err *e) MUST_USE;
// When the next one that is not due yet will be; 0: there is none.
bool due_when(struct db *db, int64_t *at_ms, struct err *e) MUST_USE;

// journal.h: intent before effect. A row is durable before the effect starts; its result comes after.
//
// An intent without a result after a crash says: this may or may not have happened, ask. Every effect is made to be
// repeated safely, so asking is usually doing it again under a new fence (host.sh answers "already").
#pragma once
#include "release/state.h"
#include "store/store.h"

struct intent {
    int64_t release, fence;
    enum state state;
    enum step step;
    struct str host;        // "" = here
    int64_t row;            // set by journal_intend
    int attempt;            // set by journal_intend
};
// All of one batch in one transaction: one flush for all its hosts.
bool journal_intend(struct db *db, struct intent *const *batch, size_t n, struct err *e) MUST_USE;
// result: "ok" or an error kind's code. detail: one sentence.
bool journal_result(struct db *db, const struct intent *i, const char *result, struct str detail,
                    struct err *e) MUST_USE;
// What an open step sees meanwhile, for those who watch; its result replaces it.
bool journal_note(struct db *db, const struct intent *i, struct str detail, struct err *e) MUST_USE;
// Has this step on this host ended well in this release?
bool journal_ok(struct db *db, int64_t release, struct str host, enum step step, bool *ok, struct err *e) MUST_USE;
// How often it was begun without any result: crashes in its middle.
bool journal_cut_short(struct db *db, int64_t release, struct str host, enum step step, int64_t *n,
                       struct err *e) MUST_USE;

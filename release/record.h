// record.h: the row of one release, read as a struct.
#pragma once
#include "release/state.h"
#include "store/store.h"

struct record {
    int64_t id, number, target, base, commits, files, changed, bytes;
    int64_t created_at, started_at, state_at, ended_at;
    int64_t undone_by;      // the number of the roll back that went back from it; 0 = none, or it was none that was done
    struct str service, kind, wanted, rev, tree, branch, subject, author, asked_by, via, override, why, aborting,
        site, warnings, stopped, stopped_by, reason, verdict;   // verdict: of the canary (judge.h); "" = none
    enum state state;
    bool rollback;          // kind
};

// Text lives in the arena. ERR_NOT_FOUND, naming service and number, when there is none.
bool record_find(struct arena *a, struct db *db, struct str service, int64_t number, struct record *out,
                 struct err *e) MUST_USE;
bool record_by_id(struct arena *a, struct db *db, int64_t id, struct record *out, struct err *e) MUST_USE;
// The newest that has not ended: the running one before queued ones. ERR_NOT_FOUND when there is none.
bool record_open(struct arena *a, struct db *db, struct str service, struct record *out, struct err *e) MUST_USE;

// "approve", "continue", or NULL: it goes on by itself.
const char *record_person_must(struct db *db, const struct record *r);

struct records { struct record *at; size_t n, cap; };
// Newest first; service "" = all; before 0 = from the newest.
bool record_list(struct arena *a, struct db *db, struct str service, int64_t before_id, int limit, struct records *out,
                 struct err *e) MUST_USE;
// Not ended, in the order they were asked for; those holding a turn first.
bool record_unfinished(struct arena *a, struct db *db, struct records *out, struct err *e) MUST_USE;

// Nobody compares its canary with the others any more: the log server need not mark until when their lines are whole.
bool record_end_marks(struct db *db, int64_t id, struct err *e) MUST_USE;

// The directory number that is live by our books: of the newest done release; 0 when none.
bool record_live(struct db *db, struct str service, int64_t *out, struct err *e) MUST_USE;
// The release or roll back that made it so; its target is the number. ERR_NOT_FOUND when there is none.
bool record_live_by(struct arena *a, struct db *db, struct str service, struct record *out, struct err *e) MUST_USE;
// Done releases whose directory may be rolled back to, newest first, at most `keep`, current first.
bool record_good(struct arena *a, struct db *db, struct str service, int keep, struct records *out,
                 struct err *e) MUST_USE;
// The newest `most` that ever were live, newest first.
bool record_done(struct arena *a, struct db *db, struct str service, int most, struct records *out,
                 struct err *e) MUST_USE;

// A new row, numbered, in the caller's transaction. r gives service, kind, wanted, target (rollback), branch, asked_by,
// via, override, site; number, id and state are set.
bool record_add(struct db *db, struct record *r, struct err *e) MUST_USE;
// Remembers the site file's text under its hash, which is returned.
bool record_site(struct arena *a, struct db *db, struct str text, struct str *hash, struct err *e) MUST_USE;

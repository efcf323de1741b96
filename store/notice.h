// notice.h: what people want to be told (a release is done, a canary was stopped), on its way to their notifiers.
//
//     if (!sql_begin(db, e) || !sql_do(...) || !notice_add(db, S("web"), 1483, "release.done", body, &svc->notify, e)
//         || !sql_commit(db, e)) return sql_undo(db);
//     wake_role(data, "watcher");
//
// A notice is written in the transaction of the change that it tells, so there is never one without the other. The
// role watcher sends it: at least once, for 24 hours; a receiver tells repeats by the notice's id.
#pragma once
#include "store/store.h"

enum { NOTICE_BODY_MAX = 16 << 10 };

// Inside the caller's transaction: one row for each notifier named; none is fine. body is one JSON object of at most
// NOTICE_BODY_MAX bytes (else ERR_LIMIT).
bool notice_add(struct db *db, struct str service, int64_t release, const char *kind, struct str body_json,
                const struct strs *notifiers, struct err *e) MUST_USE;

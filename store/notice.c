// notice.c: writes notices down. Sending them is the watcher's work (notify/).
#include "store/notice.h"
#include "base/clock.h"

bool notice_add(struct db *db, struct str service, int64_t release, const char *kind, struct str body_json,
                const struct strs *notifiers, struct err *e)
{
    int64_t now = now_ms();
    if (body_json.n > NOTICE_BODY_MAX)
        return err_set(e, ERR_LIMIT, "a notice has at most %d bytes, not %zu", NOTICE_BODY_MAX, body_json.n);
    for (size_t i = 0; i < notifiers->n; i++)
        if (!sql_do(db, e,
                    "insert into notice (at, service, release, kind, body, notifier, next_at)"
                    " values (?, ?, ?, ?, ?, ?, ?)",
                    VALS(V(now), V(service), V(release), V(kind), V(body_json), V(notifiers->at[i]), V(now))))
            return err_in(e, "notice for " STR_F, STR_A(notifiers->at[i]));
    return true;
}

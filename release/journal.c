// journal.c: rows of release_step.
#include "release/journal.h"
#include "base/clock.h"

static bool intend_one(struct db *db, struct intent *i, struct err *e)
{
    const char *step = step_row(i->step)->name;
    int64_t attempt;
    if (!sql_int(db, e, &attempt, "select coalesce(max(attempt), 0) + 1 from release_step "
                 "where release = ? and host = ? and step = ?", VALS(V(i->release), V(i->host), V(step))))
        return false;
    if (!sql_do(db, e, "insert into release_step (release, state, host, step, attempt, fence, intent_at) "
                "values (?, ?, ?, ?, ?, ?, ?)",
                VALS(V(i->release), V(state_row(i->state)->name), V(i->host), V(step), V(attempt), V(i->fence),
                     V(now_ms()))))
        return false;
    i->row = sql_last_id(db);
    i->attempt = (int)attempt;
    return true;
}

bool journal_intend(struct db *db, struct intent *const *batch, size_t n, struct err *e)
{
    if (!sql_begin(db, e))
        return false;
    for (size_t k = 0; k < n; k++)
        if (!intend_one(db, batch[k], e))
            return sql_undo(db);
    return sql_commit(db, e) || sql_undo(db);
}

bool journal_result(struct db *db, const struct intent *i, const char *result, struct str detail, struct err *e)
{
    return sql_do(db, e, "update release_step set done_at = ?, result = ?, detail = ? where id = ?",
                  VALS(V(now_ms()), V(result), V(detail), V(i->row)));
}

bool journal_note(struct db *db, const struct intent *i, struct str detail, struct err *e)
{
    return sql_do(db, e, "update release_step set detail = ? where id = ? and result is null",
                  VALS(V(detail), V(i->row)));
}

bool journal_ok(struct db *db, int64_t release, struct str host, enum step step, bool *ok, struct err *e)
{
    int64_t n;
    if (!sql_int(db, e, &n, "select count(*) from release_step where release = ? and host = ? and step = ? "
                 "and result = 'ok'", VALS(V(release), V(host), V(step_row(step)->name))))
        return false;
    *ok = n > 0;
    return true;
}

bool journal_cut_short(struct db *db, int64_t release, struct str host, enum step step, int64_t *n, struct err *e)
{
    return sql_int(db, e, n, "select count(*) from release_step where release = ? and host = ? and step = ? "
                   "and result is null", VALS(V(release), V(host), V(step_row(step)->name)));
}

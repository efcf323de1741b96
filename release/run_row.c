// run_row.c: what a release is, in the store and for people: its state, why it waits, who is told. Every change of state is
// one transaction (row, notices, the turn given back at the end).
#include "release/run_inner.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/say.h"
#include "release/work.h"
#include "store/notice.h"
#include <stdarg.h>
#include <stdio.h>

char *run_path(struct run *r, const char *format, ...)
{
    char tail[512];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(tail, sizeof tail, format, args);
    va_end(args);
    return str_zf(&r->arena, "%s/builds/" STR_F "/%s", r->worker->data, STR_A(r->rec.service), tail);
}

char *run_log(struct run *r, enum step step, struct str host, int attempt)
{
    return run_path(r, "log/%lld/%s%s" STR_F ".%d", (long long)r->rec.number, step_row(step)->name, host.n ? "." : "",
                    STR_A(host), attempt);
}

struct str run_number(struct run *r, int64_t number)
{
    return str_f(&r->arena, "%lld", (long long)number);
}

// ---- the row ----

// What people are told about, and under which name.
static const char *const news[STATES] = {
    [ASKING] = "asking", [NEEDS_HUMAN] = "needs_human", [DONE] = "done", [FAILED] = "failed",
    [ROLLED_BACK] = "rolled_back", [LEFT] = "left",
};

static bool tell(struct run *r, enum state s, const char *why, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    OWN_BUF struct buf b = buf_make(64 << 10);
    struct str asked = S("");
    if (!news[s] || r->svc->notify.n == 0 || (s == ASKING && !run_asks_people(&a, r, &asked)))
        return true;
    json_object(&b, KV("site", r->site->name), KV("service", r->rec.service), KV("release", r->rec.number),
                KV("kind", r->rec.kind), KV("state", state_row(s)->name), KV("why", s == ASKING ? asked : why ? str_z(why) : S("")),
                KV("rev", r->rec.rev), KV("subject", r->rec.subject), KV("author", r->rec.author),
                KV("asked_by", r->rec.asked_by));
    return buf_ok(&b, e) &&
        notice_add(r->worker->db, r->rec.service, r->rec.number, news[s], buf_str(&b), &r->svc->notify, e);
}

// An abort is answered once it leads back or needs a person: a second failure must not be taken for a second wish.
static bool answers_abort(enum state s)
{
    return s == ROLLING_BACK || s == NEEDS_HUMAN;
}

// A roll back that moved nobody leaves no lock behind that says it did.
static bool lift_own_lock(struct run *r, struct err *e)
{
    return sql_do(r->worker->db, e,
                  "update lock set lifted_by = 'rusuban', lifted_at = ? where service = ? and release is null "
                  "and lifted_at is null and since >= ? and reason like 'rolled back from %'",
                  VALS(V(now_ms()), V(r->rec.service), V(r->rec.created_at)));
}

// While a canary is to be judged the log server is asked to say until when each host's lines are all there (store table
// traffic_want).
static bool want_lines(struct run *r, enum state s, struct err *e)
{
    if (!r->svc->canary.log.n || r->rec.rollback)
        return true;
    if (s == CANARY)
        return sql_do(r->worker->db, e, "insert or ignore into traffic_want (service, release, since, routes)"
                      " values (?, ?, ?, '[]')", VALS(V(r->rec.service), V(r->rec.id), V(now_ms())));
    if (s == PRODUCTION || s == ROLLING_BACK || state_row(s)->end)
        return record_end_marks(r->worker->db, r->rec.id, e);
    return true;
}

bool run_write_state(struct run *r, enum state s, const char *why, struct err *e)
{
    struct db *db = r->worker->db;
    int64_t now = now_ms();
    if (!sql_do(db, e, "update release set state = ?1, state_at = ?2, why = coalesce(?3, why), "
                "ended_at = case when ?4 then ?2 else null end, aborting = case when ?6 then '' else aborting end "
                "where id = ?5",
                VALS(V(state_row(s)->name), V(now), V(why), V(state_row(s)->end), V(r->rec.id),
                     V_BOOL(answers_abort(s)))))
        return false;
    if (state_row(s)->end && !sql_do(db, e, "delete from turn where release = ?", VALS(V(r->rec.id))))
        return false;
    if (r->rec.rollback && s == FAILED && !lift_own_lock(r, e))
        return false;
    return want_lines(r, s, e) && tell(r, s, why, e);
}

bool run_set_state(struct run *r, enum state s, const char *why, struct err *e)
{
    struct db *db = r->worker->db;
    if (!sql_begin(db, e) || !run_write_state(r, s, why, e) || !sql_commit(db, e))
        return sql_undo(db);
    r->rec.state = s;
    if (answers_abort(s))
        r->rec.aborting = S("");
    if (why)
        r->rec.why = str_dup(&r->arena, str_z(why));
    say("release.state", KV("service", r->rec.service), KV("release", r->rec.number), KV("state", state_row(s)->name),
        KV("why", why));
    wake_role(r->worker->data, "watcher");
    return true;
}

void run_note(struct run *r, struct str why)
{
    struct err e = {0};
    if (str_eq(r->rec.why, why))
        return;
    r->rec.why = str_dup(&r->arena, why);
    if (!sql_do(r->worker->db, &e, "update release set why = ? where id = ?", VALS(V(why), V(r->rec.id))))
        say_err("release.store", &e);
}

bool run_judged(struct run *r, const char *verdict, struct err *e)
{
    if (!sql_do(r->worker->db, e, "update release set verdict = ? where id = ?", VALS(V(verdict), V(r->rec.id))))
        return false;
    r->rec.verdict = str_z(verdict);
    return true;
}

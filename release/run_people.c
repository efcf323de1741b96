// run_people.c: who may keep a release from going on: somebody who holds it, a closed window, a person who is to say yes.
#include "release/run_inner.h"
#include "base/clock.h"
#include "base/say.h"
#include "release/work.h"

// ---- holds ----

bool run_held(struct run *r)
{
    struct err e = {0};
    struct db *db = r->worker->db;
    OWN_ROWS struct rows *rows = sql_ask(db, &e,
                                         "select author, reason from lock where release = ? and lifted_at is null "
                                         "and (until is null or until > ?)",
                                         VALS(V(r->rec.id), V(now_ms())));
    bool any = rows && rows_next(rows, &e);
    if (!rows || rows_failed(rows)) {
        say_err("release.store", &e);       // what cannot be asked is taken for a yes: nothing goes on
        return true;
    }
    if (!any)
        return false;
    OWN_ARENA struct arena a = arena_make(1 << 20);
    run_note(r, str_f(&a, "held by " STR_F ": " STR_F, STR_A(row_str(&a, rows, 0)), STR_A(row_str(&a, rows, 1))));
    return true;
}

// ---- what people answered ----

static bool answer_of(struct arena *a, const struct run *r, struct str *who, struct str *answer)
{
    struct err e = {0};
    OWN_ROWS struct rows *rows = sql_ask(r->worker->db, &e, "select who, answer from approval where release = ? "
                                         "order by id desc limit 1", VALS(V(r->rec.id)));
    if (!rows || !rows_next(rows, &e))
        return false;
    *who = row_str(a, rows, 0);
    *answer = row_str(a, rows, 1);
    return true;
}

// "rejected by kato"; NULL: nobody did.
const char *run_rejection(struct arena *a, const struct run *r)
{
    struct str who, answer;
    if (!answer_of(a, r, &who, &answer) || str_eq(answer, S("approve")))
        return NULL;
    return str_zf(a, "rejected by " STR_F, STR_A(who));
}

// ---- waiting for people ----

static bool window_lets(struct arena *a, const struct run *r, struct str *why)
{
    int64_t until;
    return window_open(a, r->site, r->svc, now_ms(), &until, why) || r->rec.override.n;
}

bool run_stays_judged(struct run *r, struct arena *a, struct str *why)
{
    if (run_held(r)) {
        *why = r->rec.why;
        return true;
    }
    return r->svc->approve.when != APPROVE_ALWAYS && !window_lets(a, r, why);
}

static bool asks_nobody(struct arena *a, const struct run *r, struct str *why)
{
    if (!window_lets(a, r, why))
        return false;
    *why = S("");
    bool well = str_eq(r->rec.verdict, S("not_worse"));
    if (r->rec.verdict.n && !well)
        return false;
    if (r->svc->approve.when == APPROVE_NEVER)
        return true;
    return r->svc->approve.when == APPROVE_UNCLEAR && (well || !work_has_canary(r));
}

// With the figures, when they were not clear enough to go on by.
static struct str asks_why(struct arena *a, const struct run *r)
{
    struct err e = {0};
    struct str judged = S("");
    if (r->rec.verdict.n && sql_str(a, r->worker->db, &e, &judged, "select detail from release_step where release = ?"
                                    " and step = 'judge' and result = 'ok' order by id desc limit 1",
                                    VALS(V(r->rec.id))))
        return str_f(a, STR_F "; waits for a person to approve it", STR_A(judged));
    return S("waits for a person to approve it");
}

// *why: for what it waits.
bool run_asks_people(struct arena *a, const struct run *r, struct str *why)
{
    struct str who, answer;
    *why = S("");
    if (!work_has_production(r) || asks_nobody(a, r, why) || answer_of(a, r, &who, &answer))
        return false;
    *why = why->n ? *why : asks_why(a, r);
    return true;
}

// So long people could answer: what a closed window takes away does not count. Looked at here and there, as often whatever
// the time.
static int64_t asked_ms(const struct run *r)
{
    enum { LOOKS = 200 };
    int64_t all = now_ms() - r->rec.state_at, until, open = 0;
    struct str why;
    if (r->svc->windows.allow.n + r->svc->windows.freeze.n == 0 || r->rec.override.n)
        return all;
    for (int i = 0; i < LOOKS; i++) {
        OWN_ARENA struct arena a = arena_make(64 << 10);
        open += window_open(&a, r->site, r->svc, r->rec.state_at + all / LOOKS * i, &until, &why);
    }
    return all / LOOKS * open;
}

bool run_nobody_answers(const struct run *r)
{
    int64_t within = r->svc->approve.within_ms;
    return within && now_ms() - r->rec.state_at > within && asked_ms(r) > within;
}

// api_act.c: acting on a release: each checks what is possible now and leaves a row, in one transaction.
#include "base/clock.h"
#include "release/api.h"
#include "release/decide.h"
#include "release/gate.h"
#include "release/git.h"

static bool is_state(const struct record *r, enum state s, const char *verb, struct err *e)
{
    return r->state == s || err_set(e, ERR_STATE, "release %lld of " STR_F " is %s: there is nothing to %s",
                                    (long long)r->number, STR_A(r->service), state_row(r->state)->name, verb);
}

static bool not_over(const struct record *r, struct err *e)
{
    return !state_row(r->state)->end || err_set(e, ERR_STATE, "release %lld of " STR_F " is over (%s)",
                                                (long long)r->number, STR_A(r->service), state_row(r->state)->name);
}

static bool put_started(struct ask *q, const struct record *r)
{
    q->status = 201;
    json_object(q->out, KV("service", r->service), KV("number", r->number), KV("state", state_row(r->state)->name));
    return true;
}

// The release that a new one waits for, and what a person may have to do about it first. false: there is none.
static bool is_behind(struct ask *q, struct str service, struct record *other)
{
    struct err ignored = {0};
    return record_open(q->arena, q->db, service, other, &ignored) && other->state != QUEUED;
}

static bool may_start(struct ask *q, const struct service *svc, const struct start_in *in, struct err *e)
{
    struct closed c;
    if (in->override)
        return in->reason.n > 0 || ask_wrong(q, e, "reason", "say why", "an override needs a reason");
    if (gate_open(q->arena, q->db, q->site, svc, &c))
        return true;
    err_set(e, ERR_LOCKED, STR_F, STR_A(c.why));
    return err_hint(e,
                    c.locked ? "rusuban lock show " STR_F : "rusuban release start " STR_F " --override --reason WHY",
                    STR_A(svc->name));
}

// The role and the service were looked at before (web/rights.h).
static bool may_decide(struct ask *q, const struct service *svc, struct str asked_by, struct err *e)
{
    enum decide d = decide_may(q, svc, asked_by);
    if (d == DECIDE_AUTHOR)
        return err_set(e, ERR_DENIED, "who started a release does not approve it (approve.not_author)");
    if (d != DECIDE_BY)
        return true;
    return err_set(e, ERR_DENIED, "releases of " STR_F " may be approved by: " STR_F "%s", STR_A(svc->name),
                   STR_A(svc->approve.by.at[0]), svc->approve.by.n > 1 ? " and others of approve.by" : "");
}

// Whatever can be known to be wrong is told before there is a release.
static bool start_ok(struct ask *q, const struct service *svc, const struct start_in *in, struct err *e)
{
    if (in->rev.n && !git_revision_ok(in->rev))
        return ask_wrong(q, e, "rev", "a branch, a tag or a commit", "this is no revision");
    bool approves = in->yes && svc->approve.when != APPROVE_NEVER;     // else --yes has nothing to say yes to
    return (!approves || may_decide(q, svc, q->who.name, e)) && may_start(q, svc, in, e);
}

// As a release says how it was asked for.
static struct str via(const struct who *w)
{
    static const char *const ways[] = {[WAY_NONE] = "", [WAY_SOCKET] = "cli", [WAY_SESSION] = "page",
                                       [WAY_TOKEN] = "token", [WAY_PROXY] = "page"};
    return str_z(ways[w->way]);
}

bool api_start(struct ask *q, struct err *e)
{
    const struct start_in *in = q->in;
    const struct service *svc;
    struct record r = {0}, other;
    if (!api_service(q, in->service, &svc, e) || !start_ok(q, svc, in, e))
        return false;
    r = (struct record){.service = svc->name,
                        .wanted = in->rev,
                        .branch = git_said_branch(in->rev, svc->branch),
                        .asked_by = q->who.name,
                        .via = via(&q->who),
                        .override = in->override ? in->reason : S("")};
    if (!record_site(q->arena, q->db, q->site->text, &r.site, e) || !record_add(q->db, &r, e))
        return false;
    bool behind = is_behind(q, svc->name, &other);
    q->status = 201;
    json_object(q->out, KV("service", r.service), KV("number", r.number), KV("state", "queued"),
                KV("behind", behind ? V(other.number) : V_NULL),
                KV("behind_needs", behind ? V(record_person_must(q->db, &other)) : V_NULL));
    return true;
}

// ---- approve, reject ----

// What a person stopped did not fail: pages and lists tell it apart. "" = it was let go on after all.
static bool note_stop(struct ask *q, const struct record *r, const char *how, struct str reason, struct err *e)
{
    return sql_do(q->db, e, "update release set stopped = ?, stopped_by = ?, reason = ? where id = ?",
                  VALS(V(how), V(*how ? q->who.name : S("")), V(reason), V(r->id)));
}

static bool answer(struct ask *q, const char *what, struct err *e)
{
    const struct note_in *in = q->in;
    const struct service *svc;
    struct record r;
    // While the canary is judged a person may know more, and decides.
    if (!api_record(q, &r, e) || (r.state != JUDGING && !is_state(&r, ASKING, what, e)) ||
        !api_service(q, r.service, &svc, e) || !may_decide(q, svc, r.asked_by, e))
        return false;
    int64_t until;
    struct str why;
    if (str_eq(str_z(what), S("approve")) && !in->override &&
        !window_open(q->arena, q->site, svc, now_ms(), &until, &why)) {
        err_set(e, ERR_LOCKED, STR_F, STR_A(why));
        return err_hint(e, "rusuban release approve " STR_F " --override --note WHY", STR_A(r.service));
    }
    if (in->override && in->note.n == 0)
        return ask_wrong(q, e, "note", "say why", "an override needs a note");
    if (!sql_do(q->db, e, "insert into approval (release, who, answer, note, at) values (?, ?, ?, ?, ?)",
                VALS(V(r.id), V(q->who.name), V(what), V(in->note), V(now_ms()))))
        return false;
    bool no = str_eq(str_z(what), S("reject"));
    return note_stop(q, &r, no ? "rejected" : "", no ? in->note : S(""), e) && put_started(q, &r);
}

bool api_approve(struct ask *q, struct err *e)
{
    return answer(q, "approve", e);
}

bool api_reject(struct ask *q, struct err *e)
{
    return answer(q, "reject", e);
}

// ---- abort, hold, continue, leave ----

static bool set_aborting(struct ask *q, const struct record *r, bool leave, struct str reason, struct err *e)
{
    if (r->state == FINISHING || r->state == ROLLING_BACK)
        return err_set(e, ERR_STATE, "release %lld of " STR_F " is %s and ends by itself", (long long)r->number,
                       STR_A(r->service), state_row(r->state)->name);
    return sql_do(q->db, e, "update release set aborting = ? where id = ?",
                  VALS(V(leave ? "leave" : "rollback"), V(r->id))) &&
           note_stop(q, r, "aborted", reason, e);
}

// Stopping what somebody else has begun takes the password once more. Tokens were made with it, for this.
static bool may_stop(struct ask *q, const struct record *r, struct err *e)
{
    return str_eq(r->asked_by, q->who.name) || q->who.way == WAY_TOKEN || ask_step_up(q, e);
}

bool api_abort(struct ask *q, struct err *e)
{
    const struct note_in *in = q->in;
    struct record r;
    return api_record(q, &r, e) && not_over(&r, e) && may_stop(q, &r, e) && set_aborting(q, &r, in->leave, in->note, e) &&
           put_started(q, &r);
}

bool api_hold(struct ask *q, struct err *e)
{
    const struct reason_in *in = q->in;
    struct record r;
    if (!api_record(q, &r, e) || !not_over(&r, e))
        return false;
    if (!sql_do(q->db, e, "insert into lock (service, release, reason, author, since) values (?, ?, ?, ?, ?)",
                VALS(V(r.service), V(r.id), V(in->reason), V(q->who.name), V(now_ms()))))
        return false;
    return put_started(q, &r);
}

static bool choose(struct ask *q, const struct record *r, const char *choice, struct err *e)
{
    if (!sql_do(q->db, e,
                "insert into request (kind, service, release, args, who, at) values ('choose', ?, ?, ?, ?, ?)",
                VALS(V(r->service), V(r->id), V(choice), V(q->who.name), V(now_ms()))))
        return false;
    q->status = 202;
    json_object(q->out, KV("service", r->service), KV("number", r->number), KV("request", sql_last_id(q->db)));
    return true;
}

bool api_continue(struct ask *q, struct err *e)
{
    struct record r;
    if (!api_record(q, &r, e) || !not_over(&r, e))
        return false;
    if (!sql_do(q->db, e, "update lock set lifted_by = ?, lifted_at = ? where release = ? and lifted_at is null",
                VALS(V(q->who.name), V(now_ms()), V(r.id))))
        return false;
    bool lifted = sql_changes(q->db) > 0;
    if (r.state == NEEDS_HUMAN)
        return choose(q, &r, "continue", e);
    if (!lifted)
        return err_set(e, ERR_STATE, "release %lld of " STR_F " is not held", (long long)r.number, STR_A(r.service));
    return put_started(q, &r);
}

bool api_leave(struct ask *q, struct err *e)
{
    struct record r;
    if (!api_record(q, &r, e) || !not_over(&r, e))
        return false;
    if (r.state == NEEDS_HUMAN)
        return choose(q, &r, "leave", e);
    return set_aborting(q, &r, true, S(""), e) && put_started(q, &r);
}

// ---- rollback ----

// The one before the live one; or a named one that was live, whatever came after it: going back may have been the
// mistake.
static bool holds(struct str receipts, struct str number)
{
    while (receipts.n)
        if (str_eq(str_cut(&receipts, ' '), number))
            return true;
    return false;
}

// By what the hosts said last; the worker asks them again before anything moves. Marked-out hosts do not count.
static bool every_host_holds(struct ask *q, const struct service *svc, int64_t number, struct str *lacks)
{
    struct str text = str_f(q->arena, "%lld", (long long)number);
    for (size_t g = 0; g < svc->servers.n; g++)
        for (size_t i = 0; i < svc->servers.at[g].hosts.n; i++) {
            struct err e = {0};
            struct str host = svc->servers.at[g].hosts.at[i], said;
            if (!sql_str(q->arena, q->db, &e, &said, "select case when out_by <> '' then ?3 else receipts end "
                         "from release_host where service = ?1 and host = ?2", VALS(V(svc->name), V(host), V(text))) ||
                !holds(said, text)) {
                *lacks = host;
                return false;
            }
        }
    return true;
}

// "3, 4": what a roll back could name, the live one aside.
static struct str held_by_all(struct ask *q, const struct service *svc, int64_t live)
{
    OWN_BUF struct buf b = buf_make(1000);
    struct records done = {0};
    struct err none = {0};
    struct str lacks;
    if (!record_done(q->arena, q->db, svc->name, 2 * svc->keep, &done, &none))
        return S("");
    for (size_t i = 0; i < done.n; i++)
        if (!done.at[i].rollback && done.at[i].number != live && every_host_holds(q, svc, done.at[i].number, &lacks))
            buf_addf(&b, "%s%lld", b.n ? ", " : "", (long long)done.at[i].number);
    return str_dup(q->arena, buf_str(&b));
}

static bool pick_target(struct ask *q, const struct service *svc, int64_t to, int64_t *target, struct err *e)
{
    struct records good = {0};
    struct record named;
    int64_t live;
    if (!record_live(q->db, svc->name, &live, e))
        return false;
    if (to && to == live)
        return err_set(e, ERR_STATE, "release %lld is live already", (long long)to);
    *target = to;
    struct str lacks = S("");
    if (to && record_find(q->arena, q->db, svc->name, to, &named, e) && named.state == DONE && !named.rollback) {
        if (every_host_holds(q, svc, to, &lacks))
            return true;
        err_set(e, ERR_STATE, STR_F " does not hold release %lld", STR_A(lacks), (long long)to);
        return err_hint(e, "rusuban release hosts " STR_F, STR_A(svc->name));
    }
    if (to) {
        err_set(e, ERR_NOT_FOUND, "release %lld was never live", (long long)to);
        return err_hint(e, "rusuban release history " STR_F, STR_A(svc->name));
    }
    if (!record_good(q->arena, q->db, svc->name, svc->keep + 1, &good, e))
        return false;
    for (size_t i = 0; i < good.n; i++) {
        *target = good.at[i].number;
        if (*target != live && every_host_holds(q, svc, *target, &lacks))
            return true;
    }
    if (lacks.n)
        err_set(e, ERR_STATE, STR_F " has no earlier release that every host still holds: " STR_F " does not",
                STR_A(svc->name), STR_A(lacks));
    else
        err_set(e, ERR_STATE, STR_F " has no earlier release to go back to", STR_A(svc->name));
    struct str others = held_by_all(q, svc, live);
    if (others.n)
        return err_hint(e, "rusuban release rollback " STR_F " --to NUMBER; every host holds " STR_F, STR_A(svc->name),
                        STR_A(others));
    return err_hint(e, "rusuban release hosts " STR_F, STR_A(svc->name));
}

bool api_back_to(struct ask *q, const struct service *svc, int64_t *number, struct err *e)
{
    return pick_target(q, svc, 0, number, e);
}

// The next push must not bring the bad code back by itself.
static bool lock_after(struct ask *q, const struct service *svc, int64_t from, int64_t to, struct str reason,
                       struct err *e)
{
    struct str moved = to < from ? str_f(q->arena, "rolled back from %lld", (long long)from)
                                 : str_f(q->arena, "went from %lld to %lld", (long long)from, (long long)to);
    return sql_do(
        q->db, e, "insert into lock (service, reason, author, since) values (?, ?, ?, ?)",
        VALS(V(svc->name),
             V(str_f(q->arena, STR_F "%s" STR_F, STR_A(moved), reason.n ? ": " : "", STR_A(reason))),
             V(q->who.name), V(now_ms())));
}

static bool nothing_switched(const struct record *r)
{
    return r->state == BUILDING || r->state == STAGING || r->state == MIGRATING;
}

// A second person who presses the same button joins the roll back that is under way: aborting it would bring the bad
// release back. *over: the answer is given.
static bool join_rollback(struct ask *q, const struct service *svc, int64_t to, bool *over, struct err *e)
{
    int64_t id;
    struct record r;
    *over = false;
    if (!sql_int(q->db, e, &id, "select id from release where service = ? and kind = 'rollback' and ended_at is null "
                 "order by id limit 1", VALS(V(svc->name))))
        return e->kind == ERR_NOT_FOUND;
    if (!record_by_id(q->arena, q->db, id, &r, e))
        return false;
    if (to && to != r.target)
        return err_set(e, ERR_STATE, "a roll back of " STR_F " to %lld is under way", STR_A(svc->name),
                       (long long)r.target);
    *over = true;
    if (r.state == NEEDS_HUMAN)
        return choose(q, &r, "continue", e);
    q->status = 201;
    json_object(q->out, KV("service", r.service), KV("number", r.number), KV("to", r.target), KV("from", r.base),
                KV("state", state_row(r.state)->name));
    return true;
}

static bool may_undo(struct ask *q, const struct service *svc, int64_t live, struct err *e)
{
    struct record r;
    if (!record_find(q->arena, q->db, svc->name, live, &r, e))
        return e->kind == ERR_NOT_FOUND;    // what is live was not released from here
    return may_stop(q, &r, e);
}

bool api_rollback(struct ask *q, struct err *e)
{
    const struct rollback_in *in = q->in;
    const struct service *svc;
    struct record r, open;
    bool over;
    if (!api_service(q, in->service, &svc, e))
        return false;
    if (!join_rollback(q, svc, in->to, &over, e))
        return false;
    if (over)
        return true;
    bool running_one = record_open(q->arena, q->db, svc->name, &open, e) && open.state != QUEUED;
    if (running_one && !may_stop(q, &open, e))
        return false;
    if (running_one && nothing_switched(&open)) {
        // It only builds or copies: end it, and go back from what is live.
        if (!set_aborting(q, &open, false, in->reason, e))
            return false;
    } else if (running_one) {
        if (in->to && in->to != open.base)
            return err_set(e, ERR_STATE, "release %lld of " STR_F " is running: it can go back to %lld only",
                           (long long)open.number, STR_A(svc->name), (long long)open.base);
        return open.state == NEEDS_HUMAN ? choose(q, &open, "rollback", e)
                                         : set_aborting(q, &open, false, in->reason, e) && put_started(q, &open);
    }
    e->kind = ERR_NONE;
    r = (struct record){.service = svc->name,
                        .branch = svc->branch,
                        .asked_by = q->who.name,
                        .via = via(&q->who),
                        .kind = S("rollback"),
                        .reason = in->reason,
                        .rollback = true};
    int64_t live;
    if (!pick_target(q, svc, in->to, &r.target, e) || !record_live(q->db, svc->name, &live, e) ||
        !may_undo(q, svc, live, e) ||
        !record_site(q->arena, q->db, q->site->text, &r.site, e) || !record_add(q->db, &r, e) ||
        !lock_after(q, svc, live, r.target, in->reason, e))
        return false;
    if (!sql_do(q->db, e,
                "update release set (rev, tree, subject, author) = (select rev, tree, subject, author from release "
                "where service = ?1 and number = ?2) where id = ?3",
                VALS(V(svc->name), V(r.target), V(r.id))))
        return false;
    q->status = 201;
    json_object(q->out, KV("service", r.service), KV("number", r.number), KV("to", r.target), KV("from", live),
                KV("state", "queued"));
    return true;
}

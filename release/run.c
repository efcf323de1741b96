// run.c: from state to state. Every change of state is one transaction (row, notices, the turn given back at the
// end); what a state does is work.c, how a step is done is lane.c. Lanes report through an event, never by a call
// from inside, so that nothing here is entered twice.
#include "release/run.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/json.h"
#include "base/say.h"
#include "release/lane.h"
#include "release/work.h"
#include "store/notice.h"
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { RUN_ARENA = 64 << 20 };

static void look_soon(struct run *r);
static void go(struct run *r, enum state s, const char *why);
static bool asks_people(struct arena *a, const struct run *r, struct str *why);

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

// Judging changes nothing and may take long: an end of the worker does not wait for it.
bool run_busy(const struct run *r)
{
    for (size_t i = 0; i < r->lanes_n; i++)
        if (r->lanes[i].state == LANE_RUNNING && r->rec.state != JUDGING)
            return true;
    return false;
}

static void drop_timer(struct run *r)
{
    if (r->timer)
        event_free(r->timer);
    r->timer = NULL;
}

static void drop_lanes(struct run *r)
{
    for (size_t i = 0; i < r->lanes_n; i++)
        lane_free(&r->lanes[i]);
    r->lanes_n = 0;
}

void run_free(struct run *r)
{
    drop_lanes(r);
    drop_timer(r);
    if (r->look)
        event_free(r->look);
    LIST_REMOVE(r, next);
    arena_drop(&r->arena);
    free(r);
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
    if (!news[s] || r->svc->notify.n == 0 || (s == ASKING && !asks_people(&a, r, &asked)))
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
        return record_judged(r->worker->db, r->rec.id, e);
    return true;
}

static bool write_state(struct run *r, enum state s, const char *why, struct err *e)
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
    if (!sql_begin(db, e) || !write_state(r, s, why, e) || !sql_commit(db, e))
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

static void read_wishes(struct run *r)
{
    OWN_ARENA struct arena a = arena_make(64 << 10);
    struct err e = {0};
    struct str aborting;
    if (!sql_str(&a, r->worker->db, &e, &aborting, "select aborting from release where id = ?", VALS(V(r->rec.id))))
        return;
    r->rec.aborting = str_eq(aborting, S("leave")) ? S("leave") : aborting.n ? S("rollback") : S("");
}

// ---- holds ----

static bool held(struct run *r)
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

// ---- lanes of the present state ----

static bool started(const struct lane *l)
{
    return l->state != LANE_WAITING || l->at > 0;
}

// The first claim stands alone: it is what decides between two servers. The others follow when it is not refused.
static bool must_wait_for_first_claim(struct run *r, const struct lane *l)
{
    if (!l->there || l->steps[l->at] != STEP_CLAIM || r->first_claimed)
        return false;
    for (size_t i = 0; i < r->lanes_n; i++)
        if (r->lanes[i].there && r->lanes[i].steps[0] == STEP_CLAIM)
            return &r->lanes[i] != l;
    return false;
}

enum { AT_ONCE = 16 };

static void pump(struct run *r)
{
    struct lane *ready[AT_ONCE];
    struct err e = {0};
    size_t n = 0, running = 0;
    if (r->worker->stopping || r->paused)
        return;
    for (size_t i = 0; i < r->lanes_n; i++)
        running += r->lanes[i].state == LANE_RUNNING;
    for (size_t i = 0; i < r->lanes_n && running + n < AT_ONCE; i++) {
        struct lane *l = &r->lanes[i];
        bool fresh = l->state == LANE_WAITING && l->batch == r->batch && !must_wait_for_first_claim(r, l);
        if (fresh && (started(l) || (!r->failing && !r->rec.aborting.n)))
            ready[n++] = l;
    }
    // Without its intent in the journal nothing begins; the next tick tries again.
    if (n && !lanes_start(ready, n, &e))
        say_err("release.journal", &e);
    else if (n)
        look_soon(r);       // some may have been done already
}

// All hosts are connected to while the first claim decides whether they will be needed.
static void warm_hosts(struct run *r)
{
    for (size_t i = 0; i < r->lanes_n; i++)
        if (r->lanes[i].there)
            remote_warm(r->worker->remote, r->lanes[i].there->host);
}

static void enter(struct run *r)
{
    drop_lanes(r);
    drop_timer(r);
    r->failing = r->paused = r->first_claimed = false;
    fault_die_at(str_zf(&r->arena, "state:%s", state_row(r->rec.state)->name));
    work_lay_out(r);
    if (r->rec.state == STAGING)
        warm_hosts(r);
    pump(r);
    look_soon(r);
}

static bool any(const struct run *r, enum lane_state s)
{
    for (size_t i = 0; i < r->lanes_n; i++)
        if (r->lanes[i].state == s)
            return true;
    return false;
}

static int last_batch(const struct run *r)
{
    int last = 0;
    for (size_t i = 0; i < r->lanes_n; i++)
        if (r->lanes[i].batch > last)
            last = r->lanes[i].batch;
    return last;
}

// "app3: switch: ssh to ...: Connection refused (rusuban doctor); app4: ..."
static const char *failure_text(struct run *r)
{
    OWN_BUF struct buf b = buf_make(1000);
    for (size_t i = 0; i < r->lanes_n; i++) {
        const struct lane *l = &r->lanes[i];
        if (l->state != LANE_FAILED || (l->err.kind == ERR_STATE && str_starts(str_z(l->err.text), S("stopped"))))
            continue;
        buf_addf(&b, "%s" STR_F "%s%s: %s", b.n ? "; " : "", STR_A(l->there ? l->there->host->name : S("")),
                 l->there ? ": " : "", step_row(l->steps[l->at])->words, l->err.text);
        if (l->err.hint[0])
            buf_addf(&b, " (%s)", l->err.hint);
    }
    return str_zdup(&r->arena, buf_str(&b));
}

static bool refused(const struct run *r)
{
    for (size_t i = 0; i < r->lanes_n; i++)
        if (r->lanes[i].state == LANE_FAILED && r->lanes[i].err.kind == ERR_REFUSED)
            return true;
    return false;
}

// A canary that is worse is no step that broke: its sentence stands alone.
static const char *worse_text(struct run *r)
{
    for (size_t i = 0; i < r->lanes_n; i++)
        if (r->lanes[i].state == LANE_FAILED && r->lanes[i].err.kind == ERR_CHECK)
            return str_zdup(&r->arena, str_z(r->lanes[i].err.text));
    return failure_text(r);
}

// The name of a host that could not be reached, for the way out; NULL when there is none.
static const char *unreachable(struct run *r)
{
    for (size_t i = 0; i < r->lanes_n; i++)
        if (r->lanes[i].state == LANE_FAILED && r->lanes[i].err.kind == ERR_PEER && r->lanes[i].there)
            return str_zdup(&r->arena, r->lanes[i].there->host->name);
    return NULL;
}

static bool early(const struct run *r)
{
    return r->rec.state == BUILDING || r->rec.state == STAGING;
}

// The way back went well on every host, and then the release before was not healthy either.
static bool only_back_health(const struct run *r)
{
    bool any_such = false;
    for (size_t i = 0; i < r->lanes_n; i++) {
        const struct lane *l = &r->lanes[i];
        if (l->state == LANE_FAILED && l->steps[l->at] != STEP_BACK_HEALTH)
            return false;
        any_such = any_such || l->state == LANE_FAILED;
    }
    return any_such;
}

static void failed(struct run *r)
{
    enum state to = state_row(r->rec.state)->failed;
    const char *why = r->rec.state == JUDGING ? worse_text(r) : failure_text(r);
    if (r->rec.state == PRODUCTION && !r->rec.rollback)
        for (size_t i = 0; i < r->lanes_n; i++)
            if (r->lanes[i].state == LANE_FAILED && r->lanes[i].there->group->on_error == ERROR_ROLLBACK)
                to = ROLLING_BACK;
    if (refused(r)) {
        // While finishing, every host runs it already: that another server came then is only told.
        to = early(r) || r->rec.state == FINISHING ? to : NEEDS_HUMAN;
        why = str_zf(&r->arena, "%s (is that server gone for good? rusuban release takeover " STR_F ")", why,
                     STR_A(r->rec.service));
    }
    if (r->rec.state == STAGING && unreachable(r))
        why = str_zf(&r->arena, "%s (without that host: rusuban release hosts " STR_F " --out %s --reason WHY)", why,
                     STR_A(r->rec.service), unreachable(r));
    if (only_back_health(r))
        why = str_zf(&r->arena,
                     "%s; every host runs what it ran before, and that fails the check too: is it the check that is "
                     "wrong? Mend it, then: rusuban release leave " STR_F, why, STR_A(r->rec.service));
    if (r->rec.state == MIGRATING)
        why = str_zf(&r->arena, "%s (the migration may be half done)", why);
    if (r->rec.state == FINISHING) {
        struct err e = {0};
        if (!sql_do(r->worker->db, &e, "update release set warnings = ? where id = ?", VALS(V(why), V(r->rec.id))))
            say_err("release.store", &e);
        why = "";
    }
    go(r, to, why);
}

static void aborted(struct run *r)
{
    enum state to = state_row(r->rec.state)->aborted;
    bool leave = str_eq(r->rec.aborting, S("leave")) && !early(r) && r->rec.state != MIGRATING;
    go(r, leave ? LEFT : to, str_zf(&r->arena, "aborted%s", leave ? ", hosts left as they are" : ""));
}

static bool abortable(const struct run *r)
{
    return r->rec.aborting.n && r->rec.state != FINISHING && r->rec.state != ROLLING_BACK;
}

// Judged is beside what: with a first release, or when nobody is left to send it to, there is nothing to compare.
static bool is_judged(const struct run *r)
{
    return r->svc->canary.log.n && r->rec.base && work_has_production(r);
}

static enum state after(const struct run *r)
{
    if (r->rec.state == CANARY && !is_judged(r))
        return ASKING;
    if (r->rec.rollback && r->rec.state == STAGING)
        return PRODUCTION;
    if (r->rec.state == STAGING && r->svc->migrate.run.n == 0)
        return work_has_canary(r) ? CANARY : ASKING;
    if (r->rec.state == MIGRATING && !work_has_canary(r))
        return ASKING;
    return state_row(r->rec.state)->next;
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
static const char *rejection(struct arena *a, const struct run *r)
{
    struct str who, answer;
    if (!answer_of(a, r, &who, &answer) || str_eq(answer, S("approve")))
        return NULL;
    return str_zf(a, "rejected by " STR_F, STR_A(who));
}

// ---- on from here ----

// A rollback goes only where every host can follow.
static const char *missing_target(struct run *r)
{
    for (size_t i = 0; i < r->hosts.n; i++)
        if (!strs_have(&r->hosts.at[i].receipts, run_number(r, r->rec.target)))
            return str_zf(&r->arena, STR_F " no longer holds release %lld", STR_A(r->hosts.at[i].host->name),
                          (long long)r->rec.target);
    return NULL;
}

static void succeeded(struct run *r)
{
    OWN_ARENA struct arena a = arena_make(64 << 10);
    const char *missing = r->rec.rollback && r->rec.state == STAGING ? missing_target(r) : NULL;
    const char *no = r->rec.state == JUDGING ? rejection(&a, r) : NULL;
    if (r->rec.state == MIGRATING && r->lanes_n == 0)
        missing = "the host that runs the migration is marked out";
    if (missing)
        go(r, FAILED, missing);
    else if (no)
        go(r, ROLLING_BACK, no);            // also in spite of a hold
    else
        go(r, after(r), r->rec.state == ROLLING_BACK ? NULL : "");
}

static void on_batch_wait(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct run *r = arg;
    drop_timer(r);
    if (!held(r))       // a hold that came meanwhile: the look waits for its end
        r->batch++;
    look_soon(r);
}

static int64_t batch_wait_ms(const struct run *r)
{
    for (size_t i = 0; i < r->lanes_n; i++)
        if (r->lanes[i].batch == r->batch && r->lanes[i].there)
            return r->lanes[i].there->group->wait_ms;
    return 0;
}

// ---- waiting for people ----

static bool window_lets(struct arena *a, const struct run *r, struct str *why)
{
    int64_t until;
    return window_open(a, r->site, r->svc, now_ms(), &until, why) || r->rec.override.n;
}

bool run_stays_judged(struct run *r, struct arena *a, struct str *why)
{
    if (held(r)) {
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
static bool asks_people(struct arena *a, const struct run *r, struct str *why)
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

static bool nobody_answers(const struct run *r)
{
    int64_t within = r->svc->approve.within_ms;
    return within && now_ms() - r->rec.state_at > within && asked_ms(r) > within;
}

static void ask(struct run *r)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);     // asked every second, perhaps for days
    struct str why;
    const char *no = rejection(&a, r);
    if (no)
        go(r, ROLLING_BACK, no);
    else if (!asks_people(&a, r, &why))
        go(r, work_has_production(r) ? PRODUCTION : FINISHING, "");
    else if (nobody_answers(r))
        go(r, ROLLING_BACK, "nobody approved it in time");
    else if (!held(r))
        run_note(r, why);
}

bool run_choose(struct run *r, struct str choice, struct err *e)
{
    if (r->rec.state != NEEDS_HUMAN)
        return err_set(e, ERR_STATE, "release %lld is %s and needs no choice", (long long)r->rec.number,
                       state_row(r->rec.state)->name);
    struct str from;
    if (!sql_str(&r->arena, r->worker->db, e, &from, "select state from release_step where release = ? "
                 "and state <> 'needs_human' order by id desc limit 1", VALS(V(r->rec.id))))
        return false;
    enum state back = PRODUCTION;
    if (str_eq(choice, S("continue")) && state_parse(from, &back))
        go(r, back, "");
    else
        go(r, str_eq(choice, S("leave")) ? LEFT : ROLLING_BACK, str_zf(&r->arena, "a person chose to %s",
           str_eq(choice, S("leave")) ? "leave the hosts as they are" : "roll back"));
    if (r->rec.state != NEEDS_HUMAN)
        return true;
    r->paused = false;
    return err_set(e, ERR_LOCKED, "release %lld stays where it is: " STR_F, (long long)r->rec.number,
                   STR_A(r->rec.why));
}

// ---- the look: what the lanes came to ----

static void look(struct run *r)
{
    if (r->paused || (r->timer && !abortable(r)))
        return;
    if (r->rec.state == ASKING && !abortable(r)) {
        ask(r);
        return;
    }
    if (r->rec.state == NEEDS_HUMAN && !r->rec.aborting.n)
        return;
    if (!r->first_claimed)
        for (size_t i = 0; i < r->lanes_n; i++) {
            struct lane *l = &r->lanes[i];
            // A host that cannot be reached decides nothing; the others must not wait for it.
            bool over = (l->state == LANE_FAILED || l->state == LANE_PAUSED) && l->err.kind != ERR_REFUSED;
            if (l->there && l->steps[0] == STEP_CLAIM && (l->there->claimed || over))
                r->first_claimed = true;
        }
    r->failing = r->failing || any(r, LANE_FAILED);
    if ((r->failing || abortable(r)) && (early(r) || r->rec.state == JUDGING))
        for (size_t i = 0; i < r->lanes_n; i++)
            lane_stop(&r->lanes[i]);
    if (!r->worker->stopping)
        pump(r);
    if (any(r, LANE_RUNNING) || any(r, LANE_PAUSED) || r->worker->stopping)
        return;
    if (abortable(r))
        aborted(r);
    else if (r->failing)
        failed(r);
    else if (r->batch < last_batch(r)) {
        if (!held(r))
            r->timer = loop_after(r->worker->loop, batch_wait_ms(r), on_batch_wait, r);
    } else if (!any(r, LANE_WAITING))
        succeeded(r);
}

static void on_look(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct run *r = arg;
    event_free(r->look);
    r->look = NULL;
    struct worker *w = r->worker;
    if (state_row(r->rec.state)->end) {
        run_free(r);
        worker_poke(w);     // for the next in the queue; one that could not even begin waits for the tick
    } else {
        look(r);
    }
}

static void look_soon(struct run *r)
{
    if (!r->look)
        r->look = loop_after(r->worker->loop, 0, on_look, r);
}

void run_lane_over(struct run *r)
{
    look_soon(r);
}

void run_poke(struct run *r)
{
    read_wishes(r);
    if (r->rec.state == JUDGING && r->lanes_n && r->lanes[0].state == LANE_RUNNING)
        judging_poke(&r->lanes[0]);
    OWN_ARENA struct arena a = arena_make(64 << 10);
    bool no = r->paused && r->rec.state == JUDGING && rejection(&a, r);
    if (r->paused && (no || !held(r) || r->rec.aborting.n)) {
        r->paused = false;
        run_note(r, S(""));
    }
    look_soon(r);
}

// The one way from state to state. A hold stops it before anything but an end or the way back.
static void go(struct run *r, enum state s, const char *why)
{
    struct err e = {0};
    if (!state_row(s)->end && s != ROLLING_BACK && s != NEEDS_HUMAN && held(r)) {
        r->paused = true;
        return;
    }
    if (!run_set_state(r, s, why, &e)) {
        // The store does not take it (a full disk): stay, try again with the next tick. Nothing has happened yet.
        say_err("release.store", &e);
        return;
    }
    r->rec.state_at = now_ms();
    enter(r);
}

// ---- begin ----

static bool load_site(struct run *r, struct err *e)
{
    struct str text;
    struct mistakes m = {0};
    if (!sql_str(&r->arena, r->worker->db, e, &text, "select text from site_text where hash = ?", VALS(V(r->rec.site))))
        return err_in(e, "the site file of release %lld", (long long)r->rec.number);
    if (!site_parse(&r->arena, text, &r->site, &m, e))
        return false;
    if (m.n)
        return err_set(e, ERR_STATE, "the site file it began with is not understood by this program");
    return site_need_service(r->site, r->rec.service, &r->svc, e);
}

static bool read_fence(struct run *r, struct err *e)
{
    OWN_ROWS struct rows *f = sql_ask(r->worker->db, e, "select number, over, server from fence where service = ?",
                                      VALS(V(r->rec.service)));
    if (!f || !rows_next(f, e))
        return false;
    r->fence = row_int(f, 0);
    r->over = row_int(f, 1);
    r->owner = str_f(&r->arena, STR_F "-%s", STR_A(row_str(&r->arena, f, 2)), r->worker->owner);
    return true;
}

static bool take_turn(struct run *r, struct err *e)
{
    struct db *db = r->worker->db;
    bool first = r->rec.state == QUEUED;
    int64_t live;
    if (!sql_do(
            db, e,
            "insert into fence (service, number, server) values (?, 1, lower(hex(randomblob(8)))) "
            "on conflict (service) do update set number = number + 1",
            VALS(V(r->rec.service))))
        return false;
    if (!read_fence(r, e))
        return false;
    const char *turn = first ? "insert into turn (service, release, owner, since) values (?1, ?2, ?3, ?4)"
                             : "insert or replace into turn (service, release, owner, since) values (?1, ?2, ?3, ?4)";
    if (!sql_do(db, e, turn, VALS(V(r->rec.service), V(r->rec.id), V(r->worker->owner), V(now_ms()))))
        return false;
    if (!first)
        return true;
    if (!record_live(db, r->rec.service, &live, e) ||
        !sql_do(db, e, "update release set started_at = ?, base = ? where id = ?",
                VALS(V(now_ms()), V(live), V(r->rec.id))))
        return false;
    r->rec.base = live;
    return write_state(r, r->rec.rollback ? STAGING : BUILDING, "", e);
}

// What cannot even be read: before anything was switched it ends here, plainly, and does not stand in the way of the
// next. After that a person must look: it keeps the turn until somebody says `leave` (requests.c).
static bool give_up(struct worker *w, int64_t id, const struct err *why, struct err *e)
{
    int64_t switched;
    if (!sql_int(w->db, e, &switched, "select count(*) from release_step where release = ? and step = 'switch'",
                 VALS(V(id))))
        return false;
    if (switched)
        return record_judged(w->db, id, e) && sql_do(w->db, e,
                      "update release set state = 'needs_human', why = ?1 where id = ?2 and (state <> 'needs_human' "
                      "or why <> ?1)", VALS(V(why->text), V(id)));
    return sql_do(w->db, e, "update release set state = 'failed', why = ?, ended_at = ?, state_at = ?2 where id = ?",
                  VALS(V(why->text), V(now_ms()), V(id))) && record_judged(w->db, id, e) &&
        sql_do(w->db, e, "delete from turn where release = ?", VALS(V(id)));
}

static struct run *run_new(struct worker *w, int64_t id, struct err *e)
{
    struct run *r = calloc(1, sizeof *r);
    assert(r);
    r->worker = w;
    r->arena = arena_make(RUN_ARENA);
    LIST_INSERT_HEAD(&w->runs, r, next);
    if (record_by_id(&r->arena, w->db, id, &r->rec, e) && load_site(r, e) && work_find_hosts(r, e))
        return r;
    struct err why = *e, ignored = {0};
    if (why.kind != ERR_IO && !give_up(w, id, &why, &ignored))
        say_err("release.store", &ignored);
    run_free(r);
    *e = why;
    return NULL;
}

bool run_begin(struct worker *w, const struct record *rec, struct err *e)
{
    struct run *r = run_new(w, rec->id, e);
    if (!r)
        return false;
    if (!sql_begin(w->db, e) || !take_turn(r, e) || !sql_commit(w->db, e)) {
        sql_undo(w->db);
        run_free(r);
        return false;
    }
    if (r->rec.state == QUEUED)
        r->rec.state = r->rec.rollback ? STAGING : BUILDING;
    say("release.begin", KV("service", r->rec.service), KV("release", r->rec.number),
        KV("state", state_row(r->rec.state)->name), KV("fence", r->fence));
    enter(r);
    return true;
}

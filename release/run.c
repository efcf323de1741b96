// run.c: from state to state. What a state does is work.c, how a step is done is lane.c. Lanes report through an event, never by a call
// from inside, so that nothing here is entered twice.
#include "release/run_inner.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/say.h"
#include "release/lane.h"
#include "release/work.h"
#include <assert.h>
#include <stdlib.h>

static void look_soon(struct run *r);
static void go(struct run *r, enum state s, const char *why);

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

static void read_wishes(struct run *r)
{
    OWN_ARENA struct arena a = arena_make(64 << 10);
    struct err e = {0};
    struct str aborting;
    if (!sql_str(&a, r->worker->db, &e, &aborting, "select aborting from release where id = ?", VALS(V(r->rec.id))))
        return;
    r->rec.aborting = str_eq(aborting, S("leave")) ? S("leave") : aborting.n ? S("rollback") : S("");
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

void run_enter(struct run *r)
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
    const char *no = r->rec.state == JUDGING ? run_rejection(&a, r) : NULL;
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
    if (!run_held(r))       // a hold that came meanwhile: the look waits for its end
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

static void ask(struct run *r)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);     // asked every second, perhaps for days
    struct str why;
    const char *no = run_rejection(&a, r);
    if (no)
        go(r, ROLLING_BACK, no);
    else if (!run_asks_people(&a, r, &why))
        go(r, work_has_production(r) ? PRODUCTION : FINISHING, "");
    else if (run_nobody_answers(r))
        go(r, ROLLING_BACK, "nobody approved it in time");
    else if (!run_held(r))
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
        if (!run_held(r))
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
    bool no = r->paused && r->rec.state == JUDGING && run_rejection(&a, r);
    if (r->paused && (no || !run_held(r) || r->rec.aborting.n)) {
        r->paused = false;
        run_note(r, S(""));
    }
    look_soon(r);
}

// The one way from state to state. A hold stops it before anything but an end or the way back.
static void go(struct run *r, enum state s, const char *why)
{
    struct err e = {0};
    if (!state_row(s)->end && s != ROLLING_BACK && s != NEEDS_HUMAN && run_held(r)) {
        r->paused = true;
        return;
    }
    if (!run_set_state(r, s, why, &e)) {
        // The store does not take it (a full disk): stay, try again with the next tick. Nothing has happened yet.
        say_err("release.store", &e);
        return;
    }
    r->rec.state_at = now_ms();
    run_enter(r);
}

// lane.c: journal, begin, result, next step. A failed step is tried again when its row says so and the failure is the
// kind that passes (the network, a busy or full host); everything else ends the lane.
#include "release/lane.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/say.h"
#include <stdlib.h>

static effect_fn *const effects[STEPS] = {
    [STEP_FETCH] = effect_fetch,     [STEP_BUILD] = effect_build,          [STEP_PACK] = effect_pack,
    [STEP_CLAIM] = effect_claim,     [STEP_STAGE] = effect_stage,          [STEP_MIGRATE] = effect_migrate,
    [STEP_SWITCH] = effect_switch,   [STEP_RESTART] = effect_restart,      [STEP_HEALTH] = effect_health,
    [STEP_DROP] = effect_drop,       [STEP_PRUNE] = effect_prune,          [STEP_BACK] = effect_back,
    [STEP_BACK_RESTART] = effect_restart, [STEP_BACK_HEALTH] = effect_health, [STEP_JUDGE] = effect_judge,
};

static struct str host_name(const struct lane *l)
{
    return l->there ? l->there->host->name : S("");
}

// For crash tests: "switch:app1:before" and "switch:app1:after".
static void die_point(const struct lane *l, const char *when)
{
    OWN_ARENA struct arena a = arena_make(16 << 10);
    fault_die_at(str_zf(&a, "%s:" STR_F ":%s", step_row(l->steps[l->at])->name, STR_A(host_name(l)), when));
}

// Pauses before further tries: 1, 4, 16 s.
static int64_t pause_ms(int tries)
{
    int64_t unit = 1000;
#ifdef RUSUBAN_FAULTS
    if (getenv("RUSUBAN_RETRY_MS"))
        unit = strtol(getenv("RUSUBAN_RETRY_MS"), NULL, 10);
#endif
    for (; tries > 1; tries--)
        unit *= 4;
    return unit;
}

// A bug or a full disk of ours: the lane cannot tell the journal. The row stays open, so the next start asks again.
static void lane_lost(struct lane *l, const struct err *e)
{
    say_err("release.journal", e);
    l->err = *e;
    l->state = LANE_FAILED;
}

// What a cut-off build left in the tree may look finished to the next one, so the tree is made anew before it.
static enum step until(enum step s)
{
    return s == STEP_FETCH ? STEP_BUILD : s;
}

// Goes past what this release has already done on this host. Claims belong to one life of the worker: never skipped.
static bool skip_done(struct lane *l, struct err *e)
{
    struct run *r = l->run;
    for (; l->at < l->count; l->at++) {
        bool ok = false;
        enum step s = l->steps[l->at];
        if (s != STEP_CLAIM && !journal_ok(r->worker->db, r->rec.id, host_name(l), until(s), &ok, e))
            return false;
        if (!ok)
            break;
    }
    return true;
}

// A build that took the machine down twice is not begun a third time; a migration that is not repeatable never again.
static bool may_begin(struct lane *l, struct err *e)
{
    struct run *r = l->run;
    const struct step_row *row = step_row(l->steps[l->at]);
    int64_t cut;
    if (row->builds == 0 || (l->steps[l->at] == STEP_MIGRATE && r->svc->migrate.repeatable))
        return true;
    if (!journal_cut_short(r->worker->db, r->rec.id, host_name(l), l->steps[l->at], &cut, e))
        return false;
    return cut < row->builds ||
        err_set(e, ERR_STATE, "%s was interrupted %lld time%s and is not begun again", row->name, (long long)cut,
                cut == 1 ? "" : "s");
}

static void begin(struct lane *l)
{
    struct err e = {0};
    l->state = LANE_RUNNING;
    l->began = tick_ms();
    l->effect = NULL;
    l->stop = NULL;
    die_point(l, "before");
    if (!effects[l->steps[l->at]](l, &e))
        lane_done(l, &e, S(""));
}

bool lanes_start(struct lane *const *lanes, size_t n, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct { struct intent **at; size_t n, cap; } batch = {0};
    struct { struct lane **at; size_t n, cap; } ready = {0};
    for (size_t i = 0; i < n; i++) {
        struct lane *l = lanes[i];
        struct err why = {0};
        if (!skip_done(l, e))
            return false;
        if (l->at == l->count) {
            l->state = LANE_OK;
            continue;
        }
        if (!may_begin(l, &why)) {
            l->err = why;
            l->state = LANE_FAILED;
            continue;
        }
        l->intent = (struct intent){.release = l->run->rec.id, .fence = l->run->fence, .state = l->run->rec.state,
                                    .step = l->steps[l->at], .host = host_name(l)};
        vec_push(&a, &batch, &l->intent);
        vec_push(&a, &ready, l);
    }
    if (batch.n && !journal_intend(lanes[0]->run->worker->db, batch.at, batch.n, e))
        return false;
    for (size_t i = 0; i < ready.n; i++)
        begin(ready.at[i]);
    return true;
}

static void lane_go_on(struct lane *l)
{
    struct err e = {0};
    if (!lanes_start(&l, 1, &e))
        lane_lost(l, &e);
    if (l->state == LANE_OK || l->state == LANE_FAILED)
        run_lane_over(l->run);
}

static void on_pause_over(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct lane *l = arg;
    event_free(l->timer);
    l->timer = NULL;
    lane_go_on(l);
}

static bool passes(enum err_kind k)
{
    return k == ERR_PEER || k == ERR_IO || k == ERR_LATE;
}

static bool may_retry(const struct lane *l)
{
    const struct worker *w = l->run->worker;
    return passes(l->err.kind) && l->tries < step_row(l->steps[l->at])->retries && !l->run->rec.aborting.n &&
           !w->stopping;
}

static bool retry(struct lane *l)
{
    if (!may_retry(l))
        return false;
    l->state = LANE_PAUSED;
    l->timer = loop_after(l->run->worker->loop, pause_ms(++l->tries), on_pause_over, l);
    run_lane_over(l->run);      // others may have waited for this one to speak first
    return true;
}

static bool write_result(struct lane *l, struct str detail, struct err *e)
{
    bool ok = l->err.kind == ERR_NONE;
    return journal_result(l->run->worker->db, &l->intent, ok ? "ok" : err_row(l->err.kind)->code,
                          ok ? detail : str_z(l->err.text), e);
}

static void say_step(const struct lane *l, struct str detail)
{
    bool ok = l->err.kind == ERR_NONE;
    say("release.step", KV("service", l->run->rec.service), KV("release", l->run->rec.number),
        KV("step", step_row(l->steps[l->at])->name), KV("host", host_name(l)), KV("attempt", l->intent.attempt),
        KV("result", ok ? "ok" : err_row(l->err.kind)->code), KV("took_ms", tick_ms() - l->began),
        KV("detail", ok ? detail : str_z(l->err.text)));
}

void lane_done(struct lane *l, const struct err *err, struct str detail)
{
    struct err e = {0};
    l->err = *err;
    l->effect = NULL;
    l->stop = NULL;
    die_point(l, "after");
    if (!write_result(l, detail, &e)) {
        lane_lost(l, &e);
        run_lane_over(l->run);
        return;
    }
    say_step(l, detail);
    if (l->err.kind != ERR_NONE) {
        if (!retry(l)) {
            l->state = LANE_FAILED;
            run_lane_over(l->run);
        }
        return;
    }
    l->tries = 0;
    l->at++;
    l->state = LANE_WAITING;
    if (l->run->worker->stopping && l->at < l->count)
        return;             // the next start goes on here
    lane_go_on(l);
}

void lane_stop(struct lane *l)
{
    if (l->state == LANE_PAUSED) {
        event_free(l->timer);
        l->timer = NULL;
        l->state = LANE_FAILED;
    } else if (l->state == LANE_RUNNING && l->stop) {
        l->stop(l);
    }
}

void lane_free(struct lane *l)
{
    if (l->timer)
        event_free(l->timer);
    l->timer = NULL;
}

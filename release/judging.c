// judging.c: the step `judge`: asks the log every few seconds what visitors get from the canary (a process of ours, as
// neighbours meet on the command line), and ends when that is clear, when time is up, or when a person decides.
//
// Nothing of it is kept: each look reads all minutes anew, and the deadline counts from the state's beginning, so after
// kill -9 it goes on where it was.
#include "release/judge.h"
#include "base/child.h"
#include "base/clock.h"
#include "base/say.h"
#include "release/run.h"
#include <assert.h>
#include <stdlib.h>

enum { LOOK_EVERY_MS = 3000, LOOK_MS = 20000, LINE_MAX_BYTES = 16 << 10, ONE_LOOK = 1 << 20 };

struct judging { struct lane *lane; struct child *child; struct event *timer; bool stopped; int64_t asked_ms; };

static void look(struct judging *g);

static void finish(struct judging *g, const struct err *e, struct str text)
{
    struct lane *l = g->lane;
    struct err told = *e;
    struct str kept = str_dup(&l->run->arena, text);
    if (g->timer)
        event_free(g->timer);
    free(g);
    lane_done(l, &told, kept);
}

static void stop_judging(struct judging *g)
{
    struct err e = {0};
    err_set(&e, ERR_STATE, "stopped");
    finish(g, &e, S(""));
}

static void on_again(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct judging *g = arg;
    event_free(g->timer);
    g->timer = NULL;
    if (g->stopped)
        stop_judging(g);
    else
        look(g);
}

static void again(struct judging *g, int64_t ms)
{
    if (g->timer)
        event_free(g->timer);
    g->timer = loop_after(g->lane->run->worker->loop, ms, on_again, g);
}

// For who watches.
static void note(struct judging *g, struct str text)
{
    struct err e = {0};
    struct lane *l = g->lane;
    if (str_eq(l->run->rec.why, text))
        return;
    if (!journal_note(l->run->worker->db, &l->intent, text, &e))
        say_err("release.store", &e);
    run_note(l->run, text);
}

static void decide(struct judging *g, const struct judged *j)
{
    struct run *r = g->lane->run;
    struct err e = {0};
    OWN_ARENA struct arena a = arena_make(64 << 10);
    struct str waits = j->text;
    if (j->end == JUDGED_NOT_YET || (j->end == JUDGED_WELL && run_stays_judged(r, &a, &waits))) {
        note(g, waits);
        again(g, LOOK_EVERY_MS);
        return;
    }
    // What the store does not take (a full disk) has not happened: it is judged once more.
    if (!run_judged(r, judged_word(j->end), &e)) {
        say_err("release.store", &e);
        again(g, LOOK_EVERY_MS);
        return;
    }
    if (judged_goes_back(j->end, r->svc))
        err_set(&e, ERR_CHECK, STR_F, STR_A(j->text));
    finish(g, &e, j->text);
}

static struct judge judge_now(const struct judging *g, struct arena *a)
{
    const struct run *r = g->lane->run;
    return (struct judge){r->svc, str_zdup(a, r->site->timezone), r->rec.state_at, g->asked_ms};
}

static void on_said(void *arg, const struct child_result *res)
{
    struct judging *g = arg;
    OWN_ARENA struct arena a = arena_make(ONE_LOOK);
    struct judge j = judge_now(g, &a);
    struct heard h;
    struct err e = {0};
    g->child = NULL;
    if (g->stopped) {
        stop_judging(g);
        return;
    }
    bool heard = child_err("rusuban log judge-canary", res, &e) && judge_hear(res->out, &h, &e);
    struct judged said = heard ? judge_say(&h, &j, &a) : judge_deaf(str_z(e.text), &j, &a);
    decide(g, &said);
}

static bool person_decided(struct judging *g)
{
    struct err e = {0};
    struct run *r = g->lane->run;
    int64_t n = 0;
    return sql_int(r->worker->db, &e, &n, "select count(*) from approval where release = ?", VALS(V(r->rec.id)))
        && n > 0;
}

static void look(struct judging *g)
{
    struct run *r = g->lane->run;
    OWN_ARENA struct arena a = arena_make(64 << 10);
    struct err e = {0};
    if (person_decided(g)) {
        finish(g, &e, S("a person decided before it was clear"));
        return;
    }
    g->asked_ms = now_ms();             // what is said is of now, so it is judged as of now
    const char *const argv[] = {"/proc/self/exe", "--data", r->worker->data, "--site", r->worker->site_path, "log",
                                "judge-canary", str_zf(&a, "%lld", (long long)r->rec.id),
                                str_zf(&a, "%lld", (long long)g->asked_ms), NULL};
    struct child_spec spec = {.argv = argv, .deadline_ms = LOOK_MS, .max_output = LINE_MAX_BYTES};
    g->child = child_start(r->worker->loop, &spec, on_said, g, &e);
    if (!g->child) {
        struct judge j = judge_now(g, &a);
        struct judged said = judge_deaf(str_z(e.text), &j, &a);
        say_err("release.judge", &e);
        decide(g, &said);
    }
}

static void stop(struct lane *l)
{
    struct judging *g = l->effect;
    if (g->stopped)
        return;
    g->stopped = true;
    if (g->child)
        child_stop(g->child);
    else
        again(g, 0);
}

bool effect_judge(struct lane *l, struct err *e)
{
    struct judging *g = calloc(1, sizeof *g);
    (void)e;
    assert(g);
    g->lane = l;
    l->effect = g;
    l->stop = stop;
    again(g, 0);
    return true;
}

void judging_poke(struct lane *l)
{
    struct judging *g = l->effect;
    if (g && !g->child && !g->stopped && person_decided(g))
        again(g, 0);
}

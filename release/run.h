// run.h: one release on its way: its own copy of the site, its hosts, and the lanes in which its steps are done.
//
// A lane is a host (or the release host) with steps to do in order. A state makes its lanes, the lanes run in
// parallel, and what becomes of them decides the next state (state.c). Nothing here blocks.
#pragma once
#include "release/journal.h"
#include "release/record.h"
#include "release/worker.h"
#include "site/site.h"
#include <sys/queue.h>

enum lane_state { LANE_WAITING, LANE_RUNNING, LANE_PAUSED, LANE_OK, LANE_FAILED };

struct run_host {
    const struct host *host;
    const struct group *group;
    bool canary, claimed;
    int64_t base;               // what was live when this release first claimed it
    int64_t current;            // what it said last
    struct strs receipts;       // as numbers in text
};

enum { LANE_STEPS = 5 };

struct lane {
    struct run *run;
    struct run_host *there;     // NULL = the release host
    enum step steps[LANE_STEPS];
    int count, at, batch, tries;
    enum lane_state state;
    struct intent intent;
    struct event *timer;        // a retry's pause
    void *effect;               // what the step in flight keeps; freed by it
    void (*stop)(struct lane *l);       // ends the step in flight early; NULL = it is let finish
    struct err err;
    int64_t began;
};

struct run {
    struct worker *worker;
    struct arena arena;
    struct record rec;
    struct site *site;
    const struct service *svc;
    int64_t fence, over;        // ours, and the highest of other servers that a takeover named
    struct str owner;           // "SERVER-WORKER", as hosts write it beside the fence
    struct { struct run_host *at; size_t n, cap; } hosts;
    struct lane *lanes;
    size_t lanes_n;
    int batch;
    bool failing;               // a lane failed: no new host starts
    bool paused;                // held, or between batches
    bool first_claimed;         // the claim that decides between two servers is through
    struct event *timer;        // wait between batches
    struct event *look;         // look at the lanes, from the loop
    LIST_ENTRY(run) next;
};

// Takes the turn (state queued) or takes it over from a dead worker (any other), with a new fence.
bool run_begin(struct worker *w, const struct record *rec, struct err *e) MUST_USE;
// Something may have changed: a hold, an approval, an abort, an answer. Harmless at any time.
void run_poke(struct run *r);
// A lane's step ended; err->kind ERR_NONE = well. detail is one sentence for people.
void lane_done(struct lane *l, const struct err *err, struct str detail);
struct str run_number(struct run *r, int64_t number);       // as text in the run's arena
bool run_busy(const struct run *r);                         // a step is in flight
void run_free(struct run *r);
// needs_human: what a person chose.
bool run_choose(struct run *r, struct str choice, struct err *e) MUST_USE;
bool run_set_state(struct run *r, enum state s, const char *why, struct err *e) MUST_USE;
// Why it waits, where people read it; written when it changes.
void run_note(struct run *r, struct str why);
// A canary that is well is judged on while somebody holds it, or while the window is closed and nobody would be asked: it
// goes on by what is known then. *why: for what it waits.
bool run_stays_judged(struct run *r, struct arena *a, struct str *why);
// What came of judging the canary (judge.h): kept, as the answer to whether a person is asked.
bool run_judged(struct run *r, const char *verdict, struct err *e) MUST_USE;
void judging_poke(struct lane *l);          // judging.c: a person may have decided
// builds/SERVICE/..., in the run's arena.
char *run_path(struct run *r, const char *format, ...) PRINTF(2, 3);
// The file of a step's output: builds/SERVICE/log/NUMBER/STEP[.HOST].ATTEMPT
char *run_log(struct run *r, enum step step, struct str host, int attempt);

// The effects, one per step: begins the work and sees to it that lane_done is called, from the loop. false: *e says
// why it could not be begun, and lane_done must not be called.
typedef bool effect_fn(struct lane *l, struct err *e);
effect_fn effect_fetch, effect_build, effect_pack, effect_prune;                    // fetch.c build.c
effect_fn effect_claim, effect_stage, effect_migrate, effect_switch;                // there.c
effect_fn effect_back, effect_restart, effect_drop;
effect_fn effect_health;                                                            // health.c
effect_fn effect_judge;                                                             // judging.c

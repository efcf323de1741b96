// state.h: the states of a release and the steps inside them, one table row each.
//
// What run.c does with a state, what people read (the label of the stepper), and where success, failure and a
// person's abort lead stand in one row. The words are the ones in the store and the API.
#pragma once
#include "base/base.h"

enum state {
    QUEUED, BUILDING, STAGING, MIGRATING, CANARY, JUDGING, ASKING, PRODUCTION, FINISHING, ROLLING_BACK, NEEDS_HUMAN,
    DONE, FAILED, CANCELLED, SUPERSEDED, ROLLED_BACK, LEFT,
    STATES
};

struct state_row {
    const char *name, *label;
    enum state next, failed, aborted;   // an end state's lead to itself
    bool end;
};
const struct state_row *state_row(enum state s);
bool state_parse(struct str name, enum state *out) MUST_USE;

enum step {
    STEP_FETCH, STEP_BUILD, STEP_PACK, STEP_CLAIM, STEP_STAGE, STEP_MIGRATE,
    STEP_SWITCH, STEP_RESTART, STEP_HEALTH, STEP_JUDGE, STEP_DROP, STEP_PRUNE,
    STEP_BACK, STEP_BACK_RESTART, STEP_BACK_HEALTH,
    STEPS
};

struct step_row {
    const char *name;       // in the journal and the API
    const char *words;      // for people
    int retries;            // further tries after an io or peer error, after 1, 4, 16 s
    int builds;             // how often it may be begun in all when a crash interrupts it; 0 = as often as needed
};
const struct step_row *step_row(enum step s);

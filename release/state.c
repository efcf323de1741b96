// state.c: the two tables. run.c walks them; nothing else decides where a release goes.
#include "release/state.h"

static const struct state_row states[STATES] = {
    [QUEUED] = {"queued", "Queue", BUILDING, FAILED, CANCELLED, false},
    [BUILDING] = {"building", "Build", STAGING, FAILED, FAILED, false},
    [STAGING] = {"staging", "Copy", MIGRATING, FAILED, FAILED, false},
    [MIGRATING] = {"migrating", "Migrate", CANARY, FAILED, FAILED, false},
    [CANARY] = {"canary", "Canary", JUDGING, ROLLING_BACK, ROLLING_BACK, false},
    [JUDGING] = {"judging", "Check", ASKING, ROLLING_BACK, ROLLING_BACK, false},
    [ASKING] = {"asking", "Approve", PRODUCTION, ROLLING_BACK, ROLLING_BACK, false},
    [PRODUCTION] = {"production", "Production", FINISHING, NEEDS_HUMAN, ROLLING_BACK, false},
    [FINISHING] = {"finishing", "Finish", DONE, DONE, DONE, false},
    [ROLLING_BACK] = {"rolling_back", "Roll back", ROLLED_BACK, NEEDS_HUMAN, NEEDS_HUMAN, false},
    [NEEDS_HUMAN] = {"needs_human", "Needs you", ROLLING_BACK, ROLLING_BACK, ROLLING_BACK, false},
    [DONE] = {"done", "Done", DONE, DONE, DONE, true},
    [FAILED] = {"failed", "Failed", FAILED, FAILED, FAILED, true},
    [CANCELLED] = {"cancelled", "Cancelled", CANCELLED, CANCELLED, CANCELLED, true},
    [SUPERSEDED] = {"superseded", "Superseded", SUPERSEDED, SUPERSEDED, SUPERSEDED, true},
    [ROLLED_BACK] = {"rolled_back", "Rolled back", ROLLED_BACK, ROLLED_BACK, ROLLED_BACK, true},
    [LEFT] = {"left", "Left as it is", LEFT, LEFT, LEFT, true},
};

static const struct step_row steps[STEPS] = {
    [STEP_FETCH] = {"fetch", "fetch", 2, 0},
    [STEP_BUILD] = {"build", "build", 0, 3},
    [STEP_PACK] = {"pack", "pack", 0, 0},
    [STEP_CLAIM] = {"claim", "claim", 3, 0},
    [STEP_STAGE] = {"stage", "stage", 3, 0},
    [STEP_MIGRATE] = {"migrate", "migrate", 0, 1},
    [STEP_SWITCH] = {"switch", "switch", 2, 0},
    [STEP_RESTART] = {"restart", "restart", 2, 0},
    [STEP_HEALTH] = {"health", "health", 0, 0},
    [STEP_JUDGE] = {"judge", "judge", 0, 0},
    [STEP_DROP] = {"drop", "drop", 0, 0},
    [STEP_PRUNE] = {"prune", "prune", 0, 0},
    [STEP_BACK] = {"back", "going back", 3, 0},
    [STEP_BACK_RESTART] = {"back_restart", "restart after going back", 2, 0},
    [STEP_BACK_HEALTH] = {"back_health", "health after going back", 0, 0},
};

const struct state_row *state_row(enum state s)
{
    return &states[s];
}

bool state_parse(struct str name, enum state *out)
{
    for (int i = 0; i < STATES; i++)
        if (str_eq(name, str_z(states[i].name))) {
            *out = (enum state)i;
            return true;
        }
    return false;
}

const struct step_row *step_row(enum step s)
{
    return &steps[s];
}

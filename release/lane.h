// lane.h: doing one lane's steps in order, each with its intent first; retries; what is already done is skipped.
#pragma once
#include "release/run.h"

// Lanes that are waiting and may begin: journals their first open steps as one batch and starts them.
// Finished lanes call run_lane_over through the run.
bool lanes_start(struct lane *const *lanes, size_t n, struct err *e) MUST_USE;
void lane_stop(struct lane *l);             // ask the step in flight to end early, cancel a pause
void lane_free(struct lane *l);
void run_lane_over(struct run *r);          // run.c: a lane ended; look at all of them

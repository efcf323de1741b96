// work.h: which lanes a state has: whose hosts, which steps, in which batches.
#pragma once
#include "release/run.h"

// Fills r->lanes for r->rec.state; none for states in which nobody works.
void work_lay_out(struct run *r);
// The hosts of the service in the order of the site file, marked-out ones left out. false: *e.
bool work_find_hosts(struct run *r, struct err *e) MUST_USE;
// Is there anything to look at, or to send to, after the canary?
bool work_has_canary(const struct run *r);
bool work_has_production(const struct run *r);

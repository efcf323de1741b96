// run_inner.h: what run.c, run_row.c, run_people.c and run_begin.c share of a release on its way.
#pragma once
#include "release/run.h"

// run.c
void run_enter(struct run *r);                  // lays out the lanes of its state and begins

// run_row.c: inside a transaction.
bool run_write_state(struct run *r, enum state s, const char *why, struct err *e) MUST_USE;

// run_people.c
bool run_held(struct run *r);                   // and the row says by whom
const char *run_rejection(struct arena *a, const struct run *r);       // "rejected by kato"; NULL: nobody did
// Would a person have to say yes before it goes on? *why: for what it waits.
bool run_asks_people(struct arena *a, const struct run *r, struct str *why);
bool run_nobody_answers(const struct run *r);   // for too long

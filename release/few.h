// few.h: many things to be done, few at once; each is over some time later, in the loop.
//
//     struct few f = {.loop = loop, .n = hosts, .at_once = 16, .start = visit, .arg = self};
//     few_run(&f);                        // visit(self, 0), visit(self, 1), ... and each says few_over(&f) at its end
#pragma once
#include "base/loop.h"

struct few {
    struct loop *loop;
    size_t n, at_once;
    bool (*start)(void *arg, size_t i);     // false: it is over already, and does not say so again
    void *arg;
    size_t next, running;                   // few's own
};

void few_run(struct few *f);                // returns when all are over
void few_over(struct few *f);

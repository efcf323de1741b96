// tail_far.h: lines as they come, from a house on another machine: the stream of its API (GET /live) with a tail on it,
// made into the lines that the log server itself sends (tail.h).
//
//     struct far_tail t = {.call = c, .dataset = dataset, .where = where, .show = show, .arg = &s};
//     if (!tail_far(&t, e))
//         return false;                       // refused, or not there
//
// Goes on until show says that it is enough. A connection that is cut is made again, for as long as it takes, and a
// person is told on stderr: what came in between is not shown. At most 200 lines a second come, the others are counted.
#pragma once
#include "base/command.h"

struct far_tail {
    struct call *call;
    const char *dataset, *where;            // where: "" is every line
    bool (*show)(void *arg, struct str lines, bool *enough, struct err *e);     // whole lines
    void *arg;
    // Inside: something was heard once; the log server there is away; the connection is; show failed.
    bool followed, away, cut, refused;
};

bool tail_far(struct far_tail *t, struct err *e) MUST_USE;

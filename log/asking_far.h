// asking_far.h: a question to a house on another machine, by its API: what comes back is given away as the frames that
// rusuban-sql of that house said (log/lines.h).
//
//     struct far_question q = {.data = c->data, .job = &job, .on = on_frame, .arg = t};
//     if (!far_ask(c->arena, &q, e)) ...
//
// Where it would read too much, `on` gets an estimate that waits; when that returns true, it is asked for all the same.
#pragma once
#include "log/ask.h"

struct far_question {
    const char *data;                   // the URL
    const struct ask_job *job;          // confirm_over: 0, or what the API has itself (ask_before)
    int64_t slow_ms;
    void (*slow)(void *arg);
    bool (*on)(void *arg, const struct ask_frame *f);   // false: it has told the error itself
    void *arg;
};

bool far_ask(struct arena *a, const struct far_question *q, struct err *e) MUST_USE;

// pool.h: the parent of all questions: never opens DuckDB, trusts nobody it talks to.
//
// It keeps `warm` processes ready, gives each question one and kills it when the question is over: answered, too late,
// too large, or its asker gone. What a process says is relayed frame by frame and never believed.
#pragma once
#include "base/base.h"

struct pool_settings {
    const char *data, *lake, *timezone;
    int children, warm;
    int64_t memory, deadline_ms;
    // Asked when somebody comes: true, and *out, when the site file has other ones since. The lake stays.
    bool (*fresh)(void *arg, struct pool_settings *out);
    void *arg;
};

enum { POOL_WAITING = 16, POOL_EACH = 2 };      // questions that may wait; that one person has at work

// Listens on DATA/run/sql.sock until SIGTERM.
bool pool_serve(const struct pool_settings *s, struct err *e) MUST_USE;
// One question over this socket; returns when it is over.
bool pool_one(const struct pool_settings *s, int socket, struct err *e) MUST_USE;

// child.h: the process in which one question is answered: made by fork, fenced in by the kernel, thrown away
// afterwards.
#pragma once
#include "base/base.h"
#include <sys/types.h>

struct child_plan {
    pid_t parent;
    int socket;                         // the pool's other end is the only thing it can talk to
    const char *lake, *spill, *timezone;
    struct strs datasets;               // directories below the lake
    int64_t memory, deadline_ms;
};

enum { SPILL_BYTES = 1 << 30 };

// Test builds: RUSUBAN_SQL_OPEN=yes leaves out DuckDB's own settings and takes any statement, so that tests see that
// the kernel's fences hold alone.
bool child_is_open(void);
void child_become(const struct child_plan *p) __attribute__((noreturn));

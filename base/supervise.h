// supervise.h: keeps a few processes running, restarts those that end, and ends them all together.
//
//     const char *const web[] = {"rusuban", "serve", "web", NULL};
//     struct supervised rows[] = {{.name = "web", .argv = web}};
//     struct supervise_spec spec = {.path = "/proc/self/exe", .rows = rows, .n = 1, .news = write_row, .arg = db};
//     if (!supervise(&spec, e)) ...
//
// A process that ends is started again after 100 ms, then after twice as long each time up to 30 s; one minute of
// running makes it 100 ms again. SIGHUP is passed on. SIGTERM or SIGINT: each process gets SIGTERM and as long
// as it needs to finish what it does; a second one kills them at once. When the supervisor itself is killed, the
// kernel kills them (PDEATHSIG). They inherit stderr.
#pragma once
#include "base/err.h"
#include <sys/types.h>

enum supervised_state { SUPERVISED_UP, SUPERVISED_WAITING, SUPERVISED_STOPPED };

struct supervised {
    const char *name;
    const char *const *argv;    // NULL-ended
};

struct supervised_news {
    const char *name;
    enum supervised_state state;
    pid_t pid;                  // 0 unless it is up
    unsigned restarts;
    const char *why;            // how the last process ended: "ended by signal 9 (Killed)"; "" when it did not
};

struct supervise_spec {
    const char *path;           // the program, for execv
    const struct supervised *rows;
    size_t n;
    void (*news)(void *arg, const struct supervised_news *news);    // called at every change; may be NULL
    void *arg;
};

// Returns true after a signal asked for the end and the last process ended.
bool supervise(const struct supervise_spec *spec, struct err *e) MUST_USE;

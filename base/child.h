// child.h: other programs: started with an argument vector (never a shell string), a directory, a deadline, a
// bound on output, their own process group, and a kernel promise that they end when we do (PDEATHSIG).
//
//     const char *argv[] = {"git", "rev-parse", "--verify", "--end-of-options", rev, NULL};
//     struct child_spec spec = {.argv = argv, .dir = mirror, .deadline_ms = 10000, .max_output = 4096};
//     if (!child_run(a, &spec, &r, e)) ...            // could not be run, late, or ended by a signal or status != 0
//
// The environment is only what `env` says plus PATH, HOME, LANG=C.UTF-8. No descriptor leaks: everything else
// is closed. Long-lived children belong in a loop: child_start.
#pragma once
#include "base/base.h"
#include "base/loop.h"
#include <sys/types.h>

struct child_spec {
    const char *const *argv;    // NULL-ended; argv[0] is looked up in PATH
    const char *const *env;     // NULL-ended "NAME=value", or NULL
    const char *dir;            // working directory, or NULL for ours
    struct str input;           // what it reads on stdin (then end of file); borrowed until the child is done
    int64_t deadline_ms;        // > 0: TERM to its process group then, KILL 10 s later; 0 = none
    size_t max_output;          // bytes of stdout and of stderr kept in the result, each; the rest is counted
    // Loop only: called for each piece of output as it comes, stdout and stderr mixed; then nothing is kept.
    void (*on_output)(void *arg, struct str piece);
    int stdio;                  // loop only: > 0 is a socket that becomes the child's stdin and stdout; ours to close
};

struct child_result {
    int status;             // exit status, or -1 when ended by a signal
    int signal;
    bool late;              // we ended it at its deadline
    bool stopped;           // we ended it because child_stop was called
    struct str out, err;    // NUL-ended; valid during the callback (child_start) or in the arena (child_run)
    uint64_t dropped;       // bytes of output beyond max_output
    int64_t took_ms;
};

bool child_run(struct arena *a, const struct child_spec *spec, struct child_result *r, struct err *e) MUST_USE;

struct child;
typedef void child_done(void *arg, const struct child_result *r);
// fn is called once from the loop, after the child ended; the child is freed behind it. NULL and *e on failure to
// start.
struct child *child_start(struct loop *l, const struct child_spec *spec, child_done *fn, void *arg,
                          struct err *e) MUST_USE;
void child_stop(struct child *c);           // TERM to its group, KILL 10 s later; fn is still called
pid_t child_pid(const struct child *c);
// true when child_ok; otherwise false and *e is "PROGRAM exited with N: last line of stderr".
bool child_err(const char *program, const struct child_result *r, struct err *e) MUST_USE;
// true: ended by itself with status 0
bool child_ok(const struct child_result *r);

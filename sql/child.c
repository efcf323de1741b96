// child.c: see child.h. The order matters: DuckDB 1.5 aborts when it is opened behind Landlock, and looks at /proc and
// the machine's memory once, so it is opened first and fenced in afterwards.
#include "sql/child.h"
#include "base/file.h"
#include "log/ask.h"
#include "sql/engine.h"
#include "sql/sandbox.h"
#include "sql/session.h"
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

enum { SOCKET_AT = 100, IO_AT = 101 };

bool child_is_open(void)
{
#ifdef RUSUBAN_FAULTS
    return getenv("RUSUBAN_SQL_OPEN") != NULL;
#else
    return false;
#endif
}

static void fail(const struct err *e)
{
    OWN_BUF struct buf payload = buf_make(8192), frame = buf_make(9000);
    struct err ignored;
    ask_fail_put(&payload, e);
    ask_put(&frame, ASK_FAIL, buf_str(&payload));
    if (!fd_write_all(SOCKET_AT, buf_str(&frame), &ignored))
        _exit(0);
}

// What it reads and writes gets fixed places; everything else is closed by sandbox_begin.
static bool settle(const struct child_plan *p, struct err *e)
{
    static const int keep[] = {0, 1, 2, SOCKET_AT, IO_AT};
    sigset_t none;
    for (int sig = 1; sig < NSIG; sig++)
        signal(sig, SIG_DFL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);           // a file at its limit is an error of DuckDB's then, not the end
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    int nothing = open("/dev/null", O_RDWR), io = open("/proc/self/io", O_RDONLY);
    if (nothing < 0 || io < 0 || dup2(p->socket, SOCKET_AT) < 0 || dup2(io, IO_AT) < 0)
        return err_set(e, ERR_IO, "descriptors: %m");
    for (int i = 0; i < 3; i++)
        if (dup2(nothing, i) < 0)
            return err_set(e, ERR_IO, "descriptors: %m");
    return sandbox_begin(p->parent, keep, ARRAY_LEN(keep), e);
}

// Landlock and seccomp bind a thread: there must be no other.
static bool alone(struct err *e)
{
    int n = 0;
    DIR *d = opendir("/proc/self/task");
    for (struct dirent *x; d && (x = readdir(d)) != NULL;)
        n += x->d_name[0] != '.';
    if (d)
        closedir(d);
    return n == 1 || err_set(e, ERR_BUG, "the query's process has %d threads, not 1", n);
}

static bool fence(const struct child_plan *p, struct engine *g, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct strs dirs = {0};
    for (size_t i = 0; i < p->datasets.n; i++)
        vec_push(&a, &dirs, str_f(&a, "%s/" STR_F, p->lake, STR_A(p->datasets.at[i])));
    struct sandbox_limits limits = {.memory = p->memory, .cpu_ms = p->deadline_ms, .file_bytes = SPILL_BYTES};
    struct engine_fence own = {.directories = &dirs, .spill = p->spill, .spill_bytes = SPILL_BYTES,
                               .open = child_is_open()};
    return alone(e) && sandbox_limits(&limits, e) && sandbox_paths(&dirs, p->spill, e) && engine_fence(g, &own, e)
        && sandbox_calls(e);
}

void child_become(const struct child_plan *p)
{
    struct err e = {0};
    struct engine *g = NULL;
    bool ok = settle(p, &e) && (g = engine_open(p->memory, p->timezone, &e)) != NULL && fence(p, g, &e);
    if (ok)
        session_run(&(struct session){.engine = g, .socket = SOCKET_AT, .io = IO_AT, .lake = p->lake, .spill = p->spill,
                                      .datasets = p->datasets, .memory = p->memory, .open = child_is_open()});
    else
        fail(&e);
    _exit(0);           // nothing of DuckDB's is worth the time to take it down
}

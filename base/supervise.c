// supervise.c: one small state machine per process: up, waiting to be started again, stopped.
#include "base/supervise.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/loop.h"
#include "base/say.h"
#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WAIT_FIRST_MS = 100, WAIT_MOST_MS = 30000, STEADY_MS = 60000 };

struct supervisor;
struct kept {
    struct supervisor *of;
    const struct supervised *row;
    enum supervised_state state;
    pid_t pid;
    int64_t started_tick, wait_ms;
    unsigned restarts;
    char why[64];
    struct event *timer;
};

struct supervisor {
    const struct supervise_spec *spec;
    struct loop *loop;
    struct kept *kept;
    bool ending;
};

static void become(struct kept *k, enum supervised_state state)
{
    static const char *const words[] = {"role.up", "role.waiting", "role.stopped"};
    k->state = state;
    say(words[state], KV("name", k->row->name), KV("child", k->pid), KV("restarts", k->restarts), KV("why", k->why));
    if (k->of->spec->news)
        k->of->spec->news(k->of->spec->arg,
                          &(struct supervised_news){k->row->name, state, k->pid, k->restarts, k->why});
}

// Runs in the child. Its own process group, so that a Ctrl C at the terminal reaches us alone and the end is orderly.
static void run_child(const struct kept *k, pid_t parent, const sigset_t *mask)
{
    for (int sig = 1; sig < NSIG; sig++)
        signal(sig, SIG_DFL);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)    // it died before we could ask the kernel
        _exit(1);
    sigprocmask(SIG_SETMASK, mask, NULL);
    execv(k->of->spec->path, (char *const *)(uintptr_t)k->row->argv);
    _exit(127);
}

// Signals wait meanwhile: in the young child they would run our handlers, which write into the pipe that it shares
// with our loop, and we would take its SIGTERM for our own.
static pid_t fork_child(const struct kept *k)
{
    pid_t parent = getpid();
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid_t pid = fault_hit(FAULT_CHILD) ? -1 : fork();
    if (pid == 0)
        run_child(k, parent, &before);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return pid;
}

static void on_time(int fd, short what, void *arg);

static void start_later(struct kept *k)
{
    k->pid = 0;
    become(k, SUPERVISED_WAITING);
    k->timer = loop_after(k->of->loop, k->wait_ms, on_time, k);
    k->wait_ms = k->wait_ms * 2 < WAIT_MOST_MS ? k->wait_ms * 2 : WAIT_MOST_MS;
}

static void forget_timer(struct kept *k)
{
    if (k->timer)
        event_free(k->timer);
    k->timer = NULL;
}

static void start(struct kept *k)
{
    forget_timer(k);
    if (k->started_tick)
        k->restarts++;
    k->started_tick = tick_ms();
    k->pid = fork_child(k);
    if (k->pid < 0) {
        snprintf(k->why, sizeof k->why, "could not be started: %s", strerror(errno));
        start_later(k);
        return;
    }
    become(k, SUPERVISED_UP);
}

static void on_time(int fd, short what, void *arg)
{
    (void)fd, (void)what;
    start(arg);
}

static void stop_when_all_ended(struct supervisor *s)
{
    for (size_t i = 0; i < s->spec->n; i++)
        if (s->kept[i].state != SUPERVISED_STOPPED)
            return;
    loop_stop(s->loop);
}

static void tell_why(struct kept *k, int status)
{
    k->why[0] = 0;
    if (status == 0 && k->of->ending)
        return;
    if (WIFSIGNALED(status))
        snprintf(k->why, sizeof k->why, "ended by signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
    else
        snprintf(k->why, sizeof k->why, "exited with %d", WEXITSTATUS(status));
}

static void ended(struct kept *k, int status)
{
    tell_why(k, status);
    if (tick_ms() - k->started_tick >= STEADY_MS)
        k->wait_ms = WAIT_FIRST_MS;
    if (!k->of->ending) {
        start_later(k);
        return;
    }
    k->pid = 0;
    become(k, SUPERVISED_STOPPED);
    stop_when_all_ended(k->of);
}

static void on_child(int sig, short what, void *arg)
{
    (void)sig, (void)what;
    struct supervisor *s = arg;
    for (size_t i = 0; i < s->spec->n; i++) {
        struct kept *k = &s->kept[i];
        int status;
        if (k->state == SUPERVISED_UP && waitpid(k->pid, &status, WNOHANG) == k->pid)
            ended(k, status);
    }
}

static void signal_one(pid_t pid, int sig, bool whole_group)
{
    if (!whole_group || kill(-pid, sig) < 0)    // no group yet: it has only just been born
        kill(pid, sig);
}

static void signal_all(struct supervisor *s, int sig, bool whole_group)
{
    for (size_t i = 0; i < s->spec->n; i++)
        if (s->kept[i].state == SUPERVISED_UP)
            signal_one(s->kept[i].pid, sig, whole_group);
}

static void on_end(int sig, short what, void *arg)
{
    (void)sig, (void)what;
    struct supervisor *s = arg;
    say(s->ending ? "serve.kill" : "serve.end", KV("roles", s->spec->n));
    signal_all(s, s->ending ? SIGKILL : SIGTERM, s->ending);
    s->ending = true;
    for (size_t i = 0; i < s->spec->n; i++) {
        struct kept *k = &s->kept[i];
        forget_timer(k);
        if (k->state == SUPERVISED_WAITING)
            become(k, SUPERVISED_STOPPED);
    }
    stop_when_all_ended(s);
}

static void on_hup(int sig, short what, void *arg)
{
    (void)sig, (void)what;
    signal_all(arg, SIGHUP, false);
}

bool supervise(const struct supervise_spec *spec, struct err *e)
{
    struct supervisor s = {.spec = spec, .loop = loop_new(e)};
    if (!s.loop)
        return false;
    s.kept = calloc(spec->n, sizeof *s.kept);
    assert(s.kept);
    loop_signal(s.loop, SIGCHLD, on_child, &s);
    loop_signal(s.loop, SIGTERM, on_end, &s);
    loop_signal(s.loop, SIGINT, on_end, &s);
    loop_signal(s.loop, SIGHUP, on_hup, &s);
    for (size_t i = 0; i < spec->n; i++) {
        s.kept[i] = (struct kept){.of = &s, .row = &spec->rows[i], .wait_ms = WAIT_FIRST_MS};
        start(&s.kept[i]);
    }
    loop_run(s.loop);
    free(s.kept);
    loop_free(s.loop);
    return true;
}

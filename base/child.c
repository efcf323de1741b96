// child.c: starting and watching one child. The start is fork and exec with a pipe that tells a failed exec; the
// end is a pidfd and the end of its output. A child's grandchildren may hold the output open: after the child
// itself is gone we wait for them one second, no longer.
#include "base/child.h"
#include "base/clock.h"
#include "base/fault.h"
#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { KILL_AFTER_MS = 10000, LINGER_MS = 1000, READ_SIZE = 16384 };

struct child {
    struct loop *loop;
    pid_t pid;
    int pidfd, in, out, err;
    struct event *ev_exit, *ev_in, *ev_out, *ev_err, *ev_deadline, *ev_linger;
    struct str input;
    struct buf input_copy, out_buf, err_buf;
    size_t max_output;
    uint64_t dropped;
    int64_t started;
    bool exited, late, stopped, killed;
    int wait_status;
    void (*on_output)(void *arg, struct str piece);
    child_done *done;
    void *arg;
};

// What the child's process needs; all made before fork, since the child may only make system calls.
struct start {
    const struct child_spec *spec;
    char **env;
    int in, out, err, tell;
    pid_t parent;
};

extern char **environ;

// PATH, HOME, LANG, then what the caller gives.
static char **environment(struct arena *a, const char *const *more)
{
    static const char *const kept[] = {"PATH", "HOME",
#ifdef RUSUBAN_FAULTS
                                       "RUSUBAN_DIE_ONCE",
#endif
    };
    struct { char **at; size_t n, cap; } env = {0};
    for (size_t i = 0; i < ARRAY_LEN(kept); i++)
        if (getenv(kept[i]))
            vec_push(a, &env, str_zf(a, "%s=%s", kept[i], getenv(kept[i])));
    vec_push(a, &env, str_zf(a, "LANG=C.UTF-8"));
    for (; more && *more; more++)
        vec_push(a, &env, str_zdup(a, str_z(*more)));
    vec_push(a, &env, NULL);
    return env.at;
}

static void become(const struct start *s)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (int sig = 1; sig < NSIG; sig++)
        signal(sig, SIG_DFL);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != s->parent)     // the parent died before the promise was made
        _exit(127);
    if (dup2(s->in, 0) < 0 || dup2(s->out, 1) < 0 || dup2(s->err, 2) < 0)
        _exit(127);
    if (s->spec->dir && chdir(s->spec->dir) < 0) {
        int why = errno;
        ssize_t told = write(s->tell, &why, sizeof why);
        _exit(told ? 127 : 126);
    }
    if (s->tell != 3 && dup3(s->tell, 3, O_CLOEXEC) < 0)
        _exit(127);
    syscall(SYS_close_range, 4u, ~0u, 0u);
    environ = s->env;
    execvp(s->spec->argv[0], (char *const *)(uintptr_t)s->spec->argv);
    int why = errno;
    ssize_t told = write(3, &why, sizeof why);
    _exit(told ? 127 : 126);
}

// A descriptor between 0 and 2 would be overwritten by the child's dup2.
static int above_stdio(int fd)
{
    if (fd < 0 || fd > 3)
        return fd;
    int up = fcntl(fd, F_DUPFD_CLOEXEC, 4);
    close(fd);
    return up;
}

static bool pipe_high(int p[2])
{
    if (pipe2(p, O_CLOEXEC) < 0)
        return false;
    p[0] = above_stdio(p[0]);
    p[1] = above_stdio(p[1]);
    return p[0] >= 0 && p[1] >= 0;
}

// Forks and waits until exec worked or told why not.
static bool launch(struct start *s, pid_t *pid, struct err *e)
{
    int tell[2];
    if (fault_hit(FAULT_CHILD) || !pipe_high(tell))
        return err_set(e, ERR_IO, "start %s: %m", s->spec->argv[0]);
    s->tell = tell[1];
    s->parent = getpid();
    *pid = fork();
    if (*pid == 0)
        become(s);
    close(tell[1]);
    OWN_FD told = tell[0];
    if (*pid < 0)
        return err_set(e, ERR_IO, "start %s: %m", s->spec->argv[0]);
    int why = 0;
    ssize_t n;
    while ((n = read(told, &why, sizeof why)) < 0 && errno == EINTR)
        ;
    if (n != sizeof why)
        return true;
    waitpid(*pid, NULL, 0);
    errno = why;
    err_set(e, ERR_IO, "start %s: %m", s->spec->argv[0]);
    if (why == ENOENT)
        err_hint(e, "install %s, or see rusuban doctor", s->spec->argv[0]);
    return false;
}

static void drop_event(struct event **ev)
{
    if (*ev)
        event_free(*ev);
    *ev = NULL;
}

static void child_free(struct child *c)
{
    drop_event(&c->ev_exit);
    drop_event(&c->ev_in);
    drop_event(&c->ev_out);
    drop_event(&c->ev_err);
    drop_event(&c->ev_deadline);
    drop_event(&c->ev_linger);
    own_fd_close(&c->pidfd);
    own_fd_close(&c->in);
    own_fd_close(&c->out);
    own_fd_close(&c->err);
    buf_drop(&c->out_buf);
    buf_drop(&c->err_buf);
    buf_drop(&c->input_copy);
    free(c);
}

static void finish(struct child *c)
{
    struct child_result r = {
        .status = WIFEXITED(c->wait_status) ? WEXITSTATUS(c->wait_status) : -1,
        .signal = WIFSIGNALED(c->wait_status) ? WTERMSIG(c->wait_status) : 0,
        .late = c->late,
        .stopped = c->stopped,
        .out = buf_str(&c->out_buf),
        .err = buf_str(&c->err_buf),
        .dropped = c->dropped,
        .took_ms = tick_ms() - c->started,
    };
    child_done *done = c->done;
    void *arg = c->arg;
    done(arg, &r);
    child_free(c);
}

static void finish_if_over(struct child *c)
{
    if (c->exited && c->out < 0 && c->err < 0)
        finish(c);
}

static void on_linger(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct child *c = arg;
    drop_event(&c->ev_out);
    drop_event(&c->ev_err);
    own_fd_close(&c->out);
    own_fd_close(&c->err);
    finish_if_over(c);
}

static void on_gone(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct child *c = arg;
    if (waitpid(c->pid, &c->wait_status, WNOHANG) == 0)
        return;
    c->exited = true;
    drop_event(&c->ev_exit);
    drop_event(&c->ev_deadline);
    drop_event(&c->ev_in);
    c->ev_linger = loop_after(c->loop, LINGER_MS, on_linger, c);
    finish_if_over(c);
}

static void keep(struct child *c, struct buf *b, struct str piece)
{
    if (c->on_output) {
        c->on_output(c->arg, piece);
        return;
    }
    struct str fits = str_head(piece, c->max_output - b->n);
    buf_add(b, fits);
    c->dropped += piece.n - fits.n;
}

// Reads what is there; true while more may come.
static bool drain(struct child *c, int fd, struct buf *b)
{
    char part[READ_SIZE];
    ssize_t n = read(fd, part, sizeof part);
    if (n > 0)
        keep(c, b, (struct str){part, (size_t)n});
    return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

static void on_out(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    struct child *c = arg;
    if (drain(c, fd, &c->out_buf))
        return;
    drop_event(&c->ev_out);
    own_fd_close(&c->out);
    finish_if_over(c);
}

static void on_err(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    struct child *c = arg;
    if (drain(c, fd, &c->err_buf))
        return;
    drop_event(&c->ev_err);
    own_fd_close(&c->err);
    finish_if_over(c);
}

static void on_in(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    struct child *c = arg;
    ssize_t n = write(fd, c->input.p, c->input.n);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    c->input = n < 0 ? S("") : str_from(c->input, (size_t)n);
    if (c->input.n == 0) {
        drop_event(&c->ev_in);
        own_fd_close(&c->in);
    }
}

static void end_group(struct child *c, int sig)
{
    if (!c->exited && kill(-c->pid, sig) < 0)
        kill(c->pid, sig);
}

static void on_kill(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    end_group(arg, SIGKILL);
}

static void end_softly(struct child *c)
{
    if (c->killed || c->exited)
        return;
    c->killed = true;
    end_group(c, SIGTERM);
    drop_event(&c->ev_deadline);
    c->ev_deadline = loop_after(c->loop, KILL_AFTER_MS, on_kill, c);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct child *c = arg;
    c->late = true;
    end_softly(c);
}

void child_stop(struct child *c)
{
    c->stopped = true;
    end_softly(c);
}

pid_t child_pid(const struct child *c)
{
    return c->pid;
}

// The parent's and the child's ends of the three streams.
struct ends { int mine[3], theirs[3]; };

static void ends_close(struct ends *x)
{
    for (int i = 0; i < 3; i++) {
        own_fd_close(&x->mine[i]);
        own_fd_close(&x->theirs[i]);
    }
}

static bool ends_stdin(struct ends *x, const struct child_spec *spec)
{
    int p[2];
    if (spec->stdio > 0)
        x->theirs[0] = fcntl(spec->stdio, F_DUPFD_CLOEXEC, 4);
    else if (spec->input.n == 0)
        x->theirs[0] = above_stdio(open("/dev/null", O_RDONLY | O_CLOEXEC));
    else if (pipe_high(p)) {
        x->theirs[0] = p[0];
        x->mine[0] = p[1];
    }
    return x->theirs[0] >= 0;
}

static bool ends_make(struct ends *x, const struct child_spec *spec)
{
    *x = (struct ends){{-1, -1, -1}, {-1, -1, -1}};
    if (!ends_stdin(x, spec))
        return false;
    for (int i = 1; i < 3; i++) {
        int p[2];
        if (i == 1 && spec->stdio > 0) {
            x->theirs[1] = fcntl(spec->stdio, F_DUPFD_CLOEXEC, 4);
            continue;
        }
        if (!pipe_high(p))
            return false;
        x->mine[i] = p[0];
        x->theirs[i] = p[1];
    }
    return true;
}

static bool begin(const struct child_spec *spec, struct ends *x, pid_t *pid, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(4 << 20);
    if (!ends_make(x, spec))
        return err_set(e, ERR_IO, "start %s: %m", spec->argv[0]);
    struct start s = {.spec = spec, .env = environment(&a, spec->env), .in = x->theirs[0], .out = x->theirs[1],
                      .err = x->theirs[2]};
    if (!launch(&s, pid, e))
        return false;
    for (int i = 0; i < 3; i++)
        own_fd_close(&x->theirs[i]);
    return true;
}

static void watch(struct child *c, const struct child_spec *spec)
{
    for (int *fd = &c->in; fd <= &c->err; fd++)
        if (*fd >= 0)
            evutil_make_socket_nonblocking(*fd);
    if (c->in >= 0) {
        c->ev_in = event_new(loop_base(c->loop), c->in, EV_WRITE | EV_PERSIST, on_in, c);
        event_add(c->ev_in, NULL);
    }
    if (c->out >= 0)
        c->ev_out = loop_readable(c->loop, c->out, on_out, c);
    c->ev_err = loop_readable(c->loop, c->err, on_err, c);
    c->ev_exit = loop_readable(c->loop, c->pidfd, on_gone, c);
    if (spec->deadline_ms > 0)
        c->ev_deadline = loop_after(c->loop, spec->deadline_ms, on_deadline, c);
}

struct child *child_start(struct loop *l, const struct child_spec *spec, child_done *fn, void *arg, struct err *e)
{
    struct ends x;
    pid_t pid = -1;
    if (!begin(spec, &x, &pid, e)) {
        ends_close(&x);
        return NULL;
    }
    int pidfd = (int)syscall(SYS_pidfd_open, pid, 0u);
    if (pidfd < 0) {
        err_set(e, ERR_IO, "watch %s: %m", spec->argv[0]);
        kill(-pid, SIGKILL);
        waitpid(pid, NULL, 0);
        ends_close(&x);
        return NULL;
    }
    struct child *c = calloc(1, sizeof *c);
    assert(c);
    *c = (struct child){.loop = l, .pid = pid, .pidfd = pidfd, .in = x.mine[0], .out = x.mine[1], .err = x.mine[2],
                        .max_output = spec->max_output, .on_output = spec->on_output, .done = fn, .arg = arg,
                        .started = tick_ms(), .input_copy = buf_make(SIZE_MAX / 2),
                        .out_buf = buf_make(spec->max_output), .err_buf = buf_make(spec->max_output)};
    buf_add(&c->input_copy, spec->input);
    c->input = buf_str(&c->input_copy);
    watch(c, spec);
    return c;
}

struct waiting { struct loop *loop; struct arena *arena; struct child_result *result; };

static void on_done(void *arg, const struct child_result *r)
{
    struct waiting *w = arg;
    *w->result = *r;
    w->result->out = str_dup(w->arena, r->out);
    w->result->err = str_dup(w->arena, r->err);
    loop_stop(w->loop);
}

bool child_run(struct arena *a, const struct child_spec *spec, struct child_result *r, struct err *e)
{
    struct loop *l = loop_new(e);
    if (!l)
        return false;
    struct waiting w = {l, a, r};
    bool started = child_start(l, spec, on_done, &w, e) != NULL;
    if (started)
        loop_run(l);
    loop_free(l);
    return started && child_err(spec->argv[0], r, e);
}

bool child_ok(const struct child_result *r)
{
    return r->status == 0 && !r->late && !r->stopped;
}

bool child_err(const char *program, const struct child_result *r, struct err *e)
{
    if (child_ok(r))
        return true;
    struct str said = str_head(str_last_line(r->err), 400);
    char took[TIME_TEXT_MAX];
    if (r->late)
        return err_set(e, ERR_LATE, "%s was ended after %s, its deadline", program, took_text(r->took_ms, took));
    if (r->stopped)
        return err_set(e, ERR_STATE, "%s was stopped", program);
    if (r->status < 0)
        return err_set(e, ERR_PEER, "%s was ended by signal %d (%s)", program, r->signal, strsignal(r->signal));
    return err_set(e, ERR_PEER, "%s exited with %d%s" STR_F, program, r->status, said.n ? ": " : "", STR_A(said));
}

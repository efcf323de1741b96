// loop.c: libevent, with the three shapes of events we use.
#include "base/loop.h"
#include <assert.h>
#include <signal.h>
#include <stdlib.h>

enum { SIGNALS_MAX = 8 };

struct loop {
    struct event_base *base;
    struct event *signal[SIGNALS_MAX];
    int signals;
};

static struct loop *new_of(struct event_base *base, struct err *e)
{
    struct loop *l = calloc(1, sizeof *l);
    assert(l);
    l->base = base;
    if (!l->base) {
        free(l);
        err_set(e, ERR_IO, "start the event loop: %m");
        return NULL;
    }
    signal(SIGPIPE, SIG_IGN);
    return l;
}

struct loop *loop_new(struct err *e)
{
    return new_of(event_base_new(), e);
}

struct loop *loop_new_of_connections(struct err *e)
{
    struct event_config *c = event_config_new();
    assert(c);
    event_config_set_flag(c, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST);
    struct event_base *base = event_base_new_with_config(c);
    event_config_free(c);
    return new_of(base, e);
}

struct event_base *loop_base(struct loop *l)
{
    return l->base;
}

void loop_run(struct loop *l)
{
    event_base_loop(l->base, EVLOOP_NO_EXIT_ON_EMPTY);
}

void loop_stop(struct loop *l)
{
    event_base_loopbreak(l->base);
}

void loop_free(struct loop *l)
{
    for (int i = 0; i < l->signals; i++)
        event_free(l->signal[i]);
    event_base_free(l->base);
    free(l);
}

void loop_signal(struct loop *l, int sig, loop_fn *fn, void *arg)
{
    assert(l->signals < SIGNALS_MAX);
    struct event *ev = evsignal_new(l->base, sig, fn, arg);
    assert(ev);
    event_add(ev, NULL);
    l->signal[l->signals++] = ev;
}

static struct event *add(struct loop *l, int fd, short what, int64_t ms, loop_fn *fn, void *arg)
{
    struct timeval t = {ms / 1000, ms % 1000 * 1000};
    struct event *ev = event_new(l->base, fd, what, fn, arg);
    assert(ev);
    event_add(ev, ms >= 0 ? &t : NULL);
    return ev;
}

struct event *loop_after(struct loop *l, int64_t ms, loop_fn *fn, void *arg)
{
    return add(l, -1, 0, ms < 0 ? 0 : ms, fn, arg);
}

struct event *loop_every(struct loop *l, int64_t ms, loop_fn *fn, void *arg)
{
    return add(l, -1, EV_PERSIST, ms, fn, arg);
}

struct event *loop_readable(struct loop *l, int fd, loop_fn *fn, void *arg)
{
    return add(l, fd, EV_READ | EV_PERSIST, -1, fn, arg);
}

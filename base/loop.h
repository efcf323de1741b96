// loop.h: the event loop: one thread, one libevent base; callbacks get their object and return quickly.
//
//     struct loop *l = loop_new(e);
//     loop_signal(l, SIGTERM, on_term, self);
//     struct event *t = loop_after(l, 500, on_late, self);    // once; event_free() when done or to cancel
//     loop_run(l);                                            // until loop_stop()
#pragma once
#include "base/err.h"
#include <event2/event.h>

struct loop;
// libevent's own callback shape; fd and what matter only to loop_readable.
typedef void loop_fn(evutil_socket_t fd, short what, void *arg);

struct loop *loop_new(struct err *e) MUST_USE;
// For many connections: what they wait for is told to the kernel once a turn, where an answer would change it four times.
// Not for descriptors of which another process has a copy: closed here, they would go on to wake the loop.
struct loop *loop_new_of_connections(struct err *e) MUST_USE;
struct event_base *loop_base(struct loop *l);
void loop_run(struct loop *l);
void loop_stop(struct loop *l);
void loop_free(struct loop *l);

void loop_signal(struct loop *l, int signal, loop_fn *fn, void *arg);                   // lives as long as the loop
struct event *loop_after(struct loop *l, int64_t ms, loop_fn *fn, void *arg);           // caller frees
struct event *loop_every(struct loop *l, int64_t ms, loop_fn *fn, void *arg);           // caller frees
struct event *loop_readable(struct loop *l, int fd, loop_fn *fn, void *arg);            // persistent; caller frees

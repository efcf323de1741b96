// crew.h: threads beside the loop, for what takes long or waits: passwords, other servers.
//
//     struct crew *crew = crew_start(base, 2, 16, e);
//     job->work = work;                           // on a thread: touches nothing but the job
//     job->done = on_done;                        // from the loop, once
//     if (!crew_take(crew, job)) ...              // 16 wait already: try later
//
// A job belongs to its owner, who keeps it where it is until done() was called or crew_stop() returned. A job that may
// take long (.long_ones) is not waited for by crew_stop: it must lie in memory that nobody frees by then.
#pragma once
#include "base/base.h"
#include <event2/event.h>
#include <sys/queue.h>

enum { CREW_MAX = 4 };

struct crew_job {
    void (*work)(struct crew_job *job);
    void (*done)(struct crew_job *job);
    STAILQ_ENTRY(crew_job) next;
};

struct crew;
struct crew *crew_start(struct event_base *base, int threads, unsigned queue, bool long_ones, struct err *e) MUST_USE;
bool crew_take(struct crew *c, struct crew_job *job) MUST_USE;
// done() is called no more. What is being worked on is finished first, unless it may take long. False: somebody is left
// at work, until the process ends.
bool crew_stop(struct crew *c);

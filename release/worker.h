// worker.h: the role `releaser`: which releases run now, who woke us, and the order to stop.
#pragma once
#include "base/base.h"
#include "base/loop.h"
#include "release/remote.h"
#include "store/store.h"
#include <sys/queue.h>

struct run;
struct worker {
    struct loop *loop;
    struct db *db;
    const char *site_path, *data;
    struct remote *remote;
    char owner[33];             // 128 random bits in hex, new with every start
    bool stopping;
    struct event *tick, *wake;
    struct evdns_base *dns;     // made when a host's address is a name (health.c)
    int wake_fd, lock_fd;
    int64_t idle_since;
    LIST_HEAD(, run) runs;
    LIST_HEAD(, request) plans;     // in flight: their git works in the mirror that a fetch works in
    int diffs;                      // in flight: each is a git that reads all it compares
};

void worker_poke(struct worker *w);         // look again, soon
struct run *worker_run_of(struct worker *w, int64_t release_id);    // NULL when it does not run here

// requests.c, hook_in.c: rows that wait for us.
void requests_resume(struct worker *w);     // once, at the start
void requests_serve(struct worker *w);
void hooks_serve(struct worker *w);
bool requests_plan_runs(const struct worker *w, struct str service);

// pool_inner.h: the inside of the pool. Two kinds of things: kids (processes, idle or at work: kid.c) and askers
// (connections, reading, waiting, at work or leaving: asker.c). An asker at work has a kid and a kid at work has an
// asker (relay.c); pool.c says whose turn it is.
#pragma once
#include "base/loop.h"
#include "log/ask.h"
#include "sql/pool.h"
#include <event2/bufferevent.h>
#include <sys/queue.h>
#include <sys/types.h>

struct pool;
struct asker;

struct kid {
    struct pool *pool;
    struct asker *asker;            // NULL: idle
    pid_t pid;
    struct bufferevent *link;
    struct arena arena;
    const char *spill, *datasets;   // datasets: what it may read, as one text
    int spill_fd;
    LIST_ENTRY(kid) next;
};

enum asker_state { READING, WAITING, AT_WORK, LEAVING };

struct asker {
    struct pool *pool;
    enum asker_state state;
    struct bufferevent *link;
    struct event *timer;
    struct kid *kid;
    uid_t uid;
    struct arena arena;
    struct ask_job job;
    struct str frame;               // the job as it came
    size_t left;                    // bytes of the frame that is being relayed
    enum ask_type passing;
    uint64_t relayed;
    size_t unsent;                  // LEAVING: what it had not taken when we looked last
    bool heard, over;               // something came from the kid; its last frame did
    int tries;
    TAILQ_ENTRY(asker) next;
};

struct pool {
    const struct pool_settings *set;    // now
    struct pool_settings now;
    struct loop *loop;
    LIST_HEAD(, kid) kids;
    TAILQ_HEAD(, asker) askers;
    unsigned made;
    bool one, ending;
};

// pool.c: first come, first served, but nobody takes more than their share.
void pool_serve_waiting(struct pool *p);

// kid.c
// As many idle ones as are wanted, never more processes than are allowed.
void kids_keep_warm(struct pool *p);
// An idle one that may read what the lake holds now; those that know an older lake are let go. NULL: there is none.
struct kid *kid_take(struct pool *p, struct err *e);
void kids_let_go(struct pool *p);                           // idle ones: they know settings that are no more
// Kills it, whatever it does, and clears away what it left. The status says how it ended when it did so by itself.
int kid_end(struct kid *k);

// relay.c: gives it a kid, and relays until the answer is over
void asker_start(struct asker *q);

// asker.c
void asker_add(struct pool *p, int fd, uid_t uid);          // takes fd
void asker_timer(struct asker *q, int64_t ms, loop_fn *fn);     // instead of the one it has
// These three end it; it, and its kid, may be gone then.
void asker_leave(struct asker *q);                          // what was said already still goes out
void asker_refuse(struct asker *q, const struct err *e);
void asker_tell_end(struct asker *q, int status);           // its kid ended so

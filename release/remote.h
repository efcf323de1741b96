// remote.h: work on hosts: one ssh connection per host, held open by a master, and on it the verbs of host.sh, rsync,
// and tunnels. Errors come back with a kind: peer (not reachable, try again), io (no space), refused (a higher fence),
// conflict (a third hand), input (a person must mend something on the host), late.
//
//     struct remote *m = remote_new(loop, data_dir);
//     struct strs args = {0};
//     vec_push(a, &args, S("1482"));
//     struct task *t = remote_verb(m, host, &(struct verb){"switch", dir, fence, owner, args, 60000}, on_done, self);
//
// Nothing but the site file and checked numbers and hashes ever becomes a word here. Children run in DIR/run with
// relative names for key, known_hosts and sockets, so that deep data directories do not hit the 108 bytes of a socket
// name and blanks in paths never meet rsync's own splitting.
#pragma once
#include "base/base.h"
#include "base/child.h"
#include "base/loop.h"
#include "site/site.h"

struct remote;
struct task;        // one piece of work in flight

struct verb {
    const char *name;
    struct str dir;             // absolute, on the host
    int64_t fence;
    struct str owner;
    struct strs args;
    int64_t deadline_ms;
};

struct outcome {
    struct err err;             // kind ERR_NONE: it worked
    struct str out;             // what it printed; valid during the callback
    int64_t took_ms;
};
typedef void outcome_fn(void *arg, const struct outcome *o);

struct remote *remote_new(struct loop *l, const char *data_dir);
void remote_free(struct remote *m);
void remote_rest(struct remote *m);         // closes the connections that nobody uses

// Begins to connect, for work that comes soon. What fails is told to that work.
void remote_warm(struct remote *m, const struct host *h);

// fn is called once, from the loop, never from inside the call, also when the work could not even be begun.
struct task *remote_verb(struct remote *m, const struct host *h, const struct verb *v, outcome_fn *fn, void *arg);
// Makes the directory `to` on the host equal to the local directory `from` (rsync --delete).
enum copy_onto {
    ONTO_OURS,              // shares files with releases of ours: size and time tell, what differs is replaced
    ONTO_FOREIGN,           // with somebody else's: only the content tells
    ONTO_NOTHING,           // it is empty: files may be written under their own names
};
struct task *remote_copy(struct remote *m, const struct host *h, struct str from, struct str to, enum copy_onto onto,
                         outcome_fn *fn, void *arg);
// The same as a dry run that compares checksums: out lists what differs, one path a line.
struct task *remote_compare(struct remote *m, const struct host *h, struct str from, struct str to, outcome_fn *fn,
                            void *arg);
// Connects the socket `stdio`, which is the task's to close from now on, to address:port as the host sees it (ssh -W).
// Runs until the other end closes.
struct task *remote_tunnel(struct remote *m, const struct host *h, struct str address, int port, int stdio,
                           outcome_fn *fn, void *arg);
void task_stop(struct task *t);             // fn is still called, with ERR_STATE

// The options every ssh of ours gets, relative to DIR/run.
void remote_words(struct arena *a, const struct host *h, struct strs *argv);
// dir of a service on a host: the host's root, then deploy_to.
struct str remote_dir(struct arena *a, const struct host *h, struct str path);
// What host.sh printed for claim and state.
struct host_state {
    int64_t current, fence, free_bytes, free_inodes, time_s;    // current: 0 none, -1 something else
    VEC(int64_t) receipts;      // lowest first
};
bool host_state_parse(struct arena *a, struct str text, struct host_state *out, struct err *e) MUST_USE;

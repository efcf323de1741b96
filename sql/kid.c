// kid.c: processes that answer: ready before anybody asks, killed when their question is over.
#include "sql/pool_inner.h"
#include "base/file.h"
#include "base/say.h"
#include "sql/child.h"
#include "sql/known.h"
#include "sql/lease.h"
#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static struct kid *kid_born(struct pool *p, struct err *e)
{
    struct kid *k = calloc(1, sizeof *k);
    assert(k);
    *k = (struct kid){.pool = p, .arena = arena_make(4 << 20), .spill_fd = -1};
    struct child_plan plan = {.parent = getpid(), .lake = p->set->lake, .timezone = p->set->timezone,
                              .memory = p->set->memory, .deadline_ms = p->set->deadline_ms};
    int ends[2] = {-1, -1};
    k->datasets = known_datasets(&k->arena, p->set->lake, &plan.datasets);
    if (!spill_make(&k->arena, p->set->lake, p->made++, &k->spill, &k->spill_fd, e)
        || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
        if (!e->kind)
            err_set(e, ERR_IO, "a socket: %m");
        goto failed;
    }
    plan.spill = k->spill;
    plan.socket = ends[1];
    // Signals wait: in the young process they would run our handlers, which write into our loop.
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    k->pid = fork();
    if (k->pid == 0)
        child_become(&plan);
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (k->pid < 0) {
        err_set(e, ERR_IO, "fork: %m");
        goto failed;
    }
    setpgid(k->pid, k->pid);
    close(ends[1]);
    evutil_make_socket_nonblocking(ends[0]);
    k->link = bufferevent_socket_new(loop_base(p->loop), ends[0], BEV_OPT_CLOSE_ON_FREE);
    assert(k->link);
    LIST_INSERT_HEAD(&p->kids, k, next);
    return k;
failed:
    own_fd_close(&ends[0]);
    own_fd_close(&ends[1]);
    own_fd_close(&k->spill_fd);
    arena_drop(&k->arena);
    free(k);
    return NULL;
}

int kid_end(struct kid *k)
{
    int status = 0;
    struct err e = {0};
    if (kill(-k->pid, SIGKILL) < 0)
        kill(k->pid, SIGKILL);
    while (waitpid(k->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (!tree_remove(k->spill, &e))
        say_err("sql.spill", &e);
    if (k->asker)
        k->asker->kid = NULL;
    LIST_REMOVE(k, next);
    bufferevent_free(k->link);
    own_fd_close(&k->spill_fd);
    arena_drop(&k->arena);
    free(k);
    return status;
}

static int count_kids(const struct pool *p, bool idle)
{
    const struct kid *k;
    int n = 0;
    LIST_FOREACH(k, &p->kids, next)
        n += idle == !k->asker;
    return n;
}

void kids_keep_warm(struct pool *p)
{
    struct err e = {0};
    int idle = count_kids(p, true), busy = count_kids(p, false);
    for (; !p->ending && idle < p->set->warm && idle + busy < p->set->children; idle++)
        if (!kid_born(p, &e)) {
            say_err("sql.child", &e);
            return;
        }
}

void kids_let_go(struct pool *p)
{
    for (struct kid *k = LIST_FIRST(&p->kids), *after; k; k = after) {
        after = LIST_NEXT(k, next);
        if (!k->asker)
            kid_end(k);
    }
}

struct kid *kid_take(struct pool *p, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(4 << 20);
    struct strs names = {0};
    const char *now = known_datasets(&a, p->set->lake, &names);
    for (struct kid *k = LIST_FIRST(&p->kids), *after; k; k = after) {
        after = LIST_NEXT(k, next);
        if (k->asker)
            continue;
        if (strcmp(k->datasets, now) == 0)
            return k;
        kid_end(k);
    }
    return kid_born(p, e);
}

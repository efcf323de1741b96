// pool.c: see pool.h. Whose turn it is, who comes, and the end.
#include "sql/pool_inner.h"
#include "base/file.h"
#include "base/say.h"
#include "sql/lease.h"
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

// ---- turns ----

static int at_work(const struct pool *p, struct str person)
{
    const struct asker *q;
    int n = 0;
    TAILQ_FOREACH(q, &p->askers, next)
        n += q->state == AT_WORK && (!person.p || str_eq(q->job.person, person));
    return n;
}

void pool_serve_waiting(struct pool *p)
{
    struct asker *q;
    if (p->ending)
        return;
again:
    TAILQ_FOREACH(q, &p->askers, next) {
        if (at_work(p, (struct str){0}) >= p->set->children)
            break;
        if (q->state == WAITING && at_work(p, q->job.person) < POOL_EACH) {
            asker_start(q);
            goto again;         // the list may have changed
        }
    }
    kids_keep_warm(p);
}

// ---- the pool ----

static void look_at_settings(struct pool *p)
{
    if (!p->set->fresh || !p->set->fresh(p->set->arg, &p->now))
        return;
    say("sql.settings", KV("children", p->now.children), KV("warm", p->now.warm), KV("memory", p->now.memory),
        KV("deadline_ms", p->now.deadline_ms), KV("timezone", p->now.timezone));
    kids_let_go(p);
    kids_keep_warm(p);
}

static void on_connect(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    struct ucred who;
    socklen_t n = sizeof who;
    int got = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
    if (got < 0)
        return;
    look_at_settings(arg);
    if (getsockopt(got, SOL_SOCKET, SO_PEERCRED, &who, &n) < 0)
        close(got);
    else
        asker_add(arg, got, who.uid);
}

static void on_end(int sig, short what, void *arg)
{
    (void)sig, (void)what;
    struct pool *p = arg;
    p->ending = true;
    loop_stop(p->loop);
}

static bool pool_open(struct pool *p, const struct pool_settings *s, struct err *e)
{
    *p = (struct pool){.now = *s, .loop = loop_new(e)};
    p->set = &p->now;
    LIST_INIT(&p->kids);
    TAILQ_INIT(&p->askers);
    signal(SIGPIPE, SIG_IGN);
    if (!p->loop || !spill_sweep(s->lake, e))
        return false;
    loop_signal(p->loop, SIGTERM, on_end, p);
    loop_signal(p->loop, SIGINT, on_end, p);
    return true;
}

static void pool_close(struct pool *p)
{
    p->ending = true;
    while (!LIST_EMPTY(&p->kids))
        kid_end(LIST_FIRST(&p->kids));
}

static bool listen_at(const char *path, int *fd, struct err *e)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof at.sun_path)
        return err_set(e, ERR_INPUT, "%s is too long for a socket; choose a shorter data directory", path);
    strcpy(at.sun_path, path);
    unlink(path);
    *fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    mode_t before = umask(0177);
    bool ok = *fd >= 0 && bind(*fd, (struct sockaddr *)&at, sizeof at) == 0 && listen(*fd, 64) == 0;
    umask(before);
    return ok || err_set(e, ERR_IO, "listen at %s: %m", path);
}

bool pool_serve(const struct pool_settings *s, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct pool p;
    OWN_FD lock = -1, fd = -1;
    const char *run = str_zf(&a, "%s/run", s->data);
    if (!dir_make(run, 0700, e) || !file_lock(str_zf(&a, "%s/sql.lock", run), &lock, e))
        return e->kind == ERR_STATE ? err_in(e, "another rusuban-sql answers for %s", s->data) : false;
    if (!pool_open(&p, s, e) || !listen_at(str_zf(&a, "%s/sql.sock", run), &fd, e))
        return false;
    say("sql.start", KV("lake", s->lake), KV("children", s->children), KV("warm", s->warm));
    struct event *connect = loop_readable(p.loop, fd, on_connect, &p);
    kids_keep_warm(&p);
    loop_run(p.loop);
    event_free(connect);
    pool_close(&p);
    unlink(str_zf(&a, "%s/sql.sock", run));
    return true;
}

bool pool_one(const struct pool_settings *s, int socket, struct err *e)
{
    struct pool p;
    if (!pool_open(&p, s, e))
        return false;
    p.one = true;
    asker_add(&p, socket, geteuid());
    loop_run(p.loop);
    pool_close(&p);
    return true;
}

// pool.c: see pool.h. Two kinds of things: kids (processes, idle or at work) and askers (connections, reading, waiting, at
// work or leaving). An asker at work has a kid and a kid at work has an asker.
#include "sql/pool.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/loop.h"
#include "base/say.h"
#include "log/ask.h"
#include "sql/child.h"
#include "sql/known.h"
#include "sql/lease.h"
#include <assert.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { READ_JOB_MS = 10000, WHOLE_MAX = 1 << 20, RELAY_HIGH = 4 << 20, RELAY_LOW = 512 << 10, LEAVE_MS = 30000 };
static const uint64_t answer_max = UINT64_C(2) << 30;

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
    bool heard, over;               // something came from the kid; its last frame did
    int tries;
    TAILQ_ENTRY(asker) next;
};

struct pool {
    const struct pool_settings *set;
    struct loop *loop;
    LIST_HEAD(, kid) kids;
    TAILQ_HEAD(, asker) askers;
    unsigned made;
    bool one, ending;
};

static void serve_waiting(struct pool *p);

// ---- kids ----

static struct kid *kid_born(struct pool *p, struct err *e)
{
    struct kid *k = calloc(1, sizeof *k);
    assert(k);
    *k = (struct kid){.pool = p, .arena = arena_make(4 << 20), .spill_fd = -1};
    struct child_plan plan = {.parent = getpid(), .lake = p->set->lake, .timezone = p->set->timezone, .memory = p->set->memory,
                              .deadline_ms = p->set->deadline_ms};
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

// Kills it, whatever it does, and clears away what it left. The status says how it ended when it did so by itself.
static int kid_end(struct kid *k)
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

// As many idle ones as are wanted, never more processes than are allowed.
static void keep_warm(struct pool *p)
{
    struct err e = {0};
    int idle = count_kids(p, true), busy = count_kids(p, false);
    for (; !p->ending && idle < p->set->warm && idle + busy < p->set->children; idle++)
        if (!kid_born(p, &e)) {
            say_err("sql.child", &e);
            return;
        }
}

// An idle one that may read what the lake holds now; those that know an older lake are let go.
static struct kid *kid_take(struct pool *p, struct err *e)
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

// ---- askers ----

static void asker_free(struct asker *q)
{
    struct pool *p = q->pool;
    if (q->kid)
        kid_end(q->kid);
    if (q->timer)
        event_free(q->timer);
    TAILQ_REMOVE(&p->askers, q, next);
    bufferevent_free(q->link);
    arena_drop(&q->arena);
    free(q);
    if (p->one)
        loop_stop(p->loop);
    else
        serve_waiting(p);
}

static void set_timer(struct asker *q, int64_t ms, loop_fn *fn)
{
    if (q->timer)
        event_free(q->timer);
    q->timer = loop_after(q->pool->loop, ms, fn, q);
}

static void on_too_slow(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    asker_free(arg);
}

static void on_written(struct bufferevent *link, void *arg)
{
    struct asker *q = arg;
    if (q->state == LEAVING && evbuffer_get_length(bufferevent_get_output(link)) == 0)
        asker_free(q);
    else if (q->kid)
        bufferevent_enable(q->kid->link, EV_READ);
}

// What was said already still goes out.
static void leave(struct asker *q)
{
    q->state = LEAVING;
    if (q->kid)
        kid_end(q->kid);
    bufferevent_setwatermark(q->link, EV_WRITE, 0, 0);
    set_timer(q, LEAVE_MS, on_too_slow);
    if (evbuffer_get_length(bufferevent_get_output(q->link)) == 0)
        bufferevent_trigger(q->link, EV_WRITE, BEV_TRIG_DEFER_CALLBACKS | BEV_TRIG_IGNORE_WATERMARKS);
    if (!q->pool->one)
        serve_waiting(q->pool);
}

static void refuse(struct asker *q, const struct err *e)
{
    OWN_BUF struct buf payload = buf_make(8192), frame = buf_make(9000);
    ask_fail_put(&payload, e);
    ask_put(&frame, ASK_FAIL, buf_str(&payload));
    if (q->left)                        // in the middle of a frame nothing more can be said
        bufferevent_disable(q->link, EV_WRITE);
    else
        bufferevent_write(q->link, frame.p, frame.n);
    if (q->state == AT_WORK && !q->pool->one)
        say("sql.failed", KV("person", q->job.person), KV("query", str_head(q->job.query, 2000)), KV("why", e->text));
    if (q->left)
        asker_free(q);
    else
        leave(q);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct asker *q = arg;
    struct err e = {0};
    char took[TIME_TEXT_MAX];
    err_set(&e, ERR_LATE, "the question took longer than %s and was ended", took_text(q->pool->set->deadline_ms, took));
    err_hint(&e, "ask for less time with --day, --from, --to; log.sql.deadline in the site file is how long it may take");
    refuse(q, &e);
}

static void tell_end(struct asker *q, int status)
{
    struct err e = {0};
    bool memory = WIFSIGNALED(status) && (WTERMSIG(status) == SIGABRT || WTERMSIG(status) == SIGSEGV);
    if (memory)
        err_set(&e, ERR_LIMIT, "the question needed more memory than the %lld MB that each may use, and its process was ended",
                (long long)(q->pool->set->memory >> 20));
    else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
        err_set(&e, ERR_LATE, "the question used up its time of the processor and was ended");
    else
        err_set(&e, ERR_PEER, "the process that answered was ended%s%s", WIFSIGNALED(status) ? " by signal " : "",
                WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "");
    refuse(q, &e);
}

// ---- from the kid to the asker ----

// A frame of usual size is passed on whole, so that there is always room for a last word.
static bool is_whole(struct evbuffer *in, size_t n)
{
    return n > WHOLE_MAX || evbuffer_get_length(in) >= ASK_HEAD + n;
}

// Only what a kid may say.
static bool may_pass(enum ask_type type)
{
    return type >= ASK_NOTE && type <= ASK_FAIL;
}

static bool next_head(struct asker *q, struct evbuffer *in, struct evbuffer *out)
{
    char head[ASK_HEAD];
    if (evbuffer_get_length(in) < ASK_HEAD)
        return false;
    evbuffer_copyout(in, head, ASK_HEAD);
    size_t n = ask_head_read(head, &q->passing);
    if (n != SIZE_MAX && !is_whole(in, n))
        return false;
    q->left = n;
    if (n == SIZE_MAX || !may_pass(q->passing) || q->over) {
        struct err e = {0};
        q->left = 0;
        err_set(&e, ERR_PEER, "the process that answered said something that is no answer");
        refuse(q, &e);
        return false;
    }
    q->heard = true;
    q->over = q->passing == ASK_END || q->passing == ASK_FAIL;
    evbuffer_remove_buffer(in, out, ASK_HEAD);
    return true;
}

// Rows and bytes as the kid says; for the log only.
static void note_end(struct asker *q, struct evbuffer *in)
{
    char text[64];
    struct ask_end end;
    ev_ssize_t n = evbuffer_copyout(in, text, sizeof text);
    if (n == 25 && !q->pool->one && ask_end_read((struct str){text, 25}, &end))
        say("sql.done", KV("person", q->job.person), KV("query", str_head(q->job.query, 2000)), KV("rows", end.rows),
            KV("bytes", end.bytes), KV("took_ms", end.ms));
}

// false: the asker has its answer, or was refused; it, and its kid, may be gone.
static bool relay(struct kid *k)
{
    struct asker *q = k->asker;
    struct bufferevent *link = k->link;
    struct evbuffer *in = bufferevent_get_input(link), *out = bufferevent_get_output(q->link);
    while (q->left || next_head(q, in, out)) {
        size_t n = evbuffer_get_length(in) < q->left ? evbuffer_get_length(in) : q->left;
        if (q->passing == ASK_END && n == q->left)
            note_end(q, in);
        evbuffer_remove_buffer(in, out, n);
        q->left -= n;
        q->relayed += n;
        if (q->left || (q->over && !q->left))
            break;
    }
    if (q->state != AT_WORK)
        return false;
    if (q->over && !q->left) {
        leave(q);
        return false;
    }
    if (q->relayed > answer_max) {
        struct err e = {0};
        err_set(&e, ERR_LIMIT, "the answer is larger than 2 GiB");
        refuse(q, &e);
        return false;
    }
    if (evbuffer_get_length(out) > RELAY_HIGH)
        bufferevent_disable(link, EV_READ);
    return true;
}

static void on_kid_read(struct bufferevent *link, void *arg)
{
    (void)link;
    relay(arg);
}

static void start(struct asker *q);

static void on_kid_event(struct bufferevent *link, short what, void *arg)
{
    (void)what;
    struct kid *k = arg;
    struct asker *q = k->asker;
    if (evbuffer_get_length(bufferevent_get_input(link)) && q->left == 0 && !relay(k))
        return;
    int status = kid_end(k);
    if (!q->heard && q->tries++ == 0)       // it had died while it was idle
        start(q);
    else
        tell_end(q, status);
}

// ---- from the asker to the kid ----

static void start(struct asker *q)
{
    struct err e = {0};
    struct kid *k = kid_take(q->pool, &e);
    q->state = AT_WORK;
    if (!k) {
        refuse(q, &e);
        return;
    }
    OWN_BUF struct buf setup = buf_make(ASK_MAX), frame = buf_make(ASK_MAX + ASK_HEAD);
    known_store(q->pool->set->data, &setup);
    ask_put(&frame, ASK_SETUP, buf_str(&setup));
    q->kid = k;
    k->asker = q;
    bufferevent_setcb(k->link, on_kid_read, NULL, on_kid_event, k);
    bufferevent_setwatermark(k->link, EV_READ, 0, RELAY_HIGH);
    bufferevent_write(k->link, frame.p, frame.n);
    bufferevent_write(k->link, q->frame.p, q->frame.n);
    bufferevent_enable(k->link, EV_READ | EV_WRITE);
    set_timer(q, q->pool->set->deadline_ms, on_deadline);
    keep_warm(q->pool);
}

static int at_work(const struct pool *p, struct str person)
{
    const struct asker *q;
    int n = 0;
    TAILQ_FOREACH(q, &p->askers, next)
        n += q->state == AT_WORK && (!person.p || str_eq(q->job.person, person));
    return n;
}

// First come, first served, but nobody takes more than their share.
static void serve_waiting(struct pool *p)
{
    struct asker *q;
    if (p->ending)
        return;
again:
    TAILQ_FOREACH(q, &p->askers, next) {
        if (at_work(p, (struct str){0}) >= p->set->children)
            break;
        if (q->state == WAITING && at_work(p, q->job.person) < POOL_EACH) {
            start(q);
            goto again;         // the list may have changed
        }
    }
    keep_warm(p);
}

static void too_many(struct asker *q)
{
    struct err e = {0};
    err_set(&e, ERR_STATE, "%d questions wait already", POOL_WAITING);
    err_hint(&e, "ask again in a moment");
    refuse(q, &e);
}

static int count_waiting(const struct pool *p)
{
    const struct asker *q;
    int n = 0;
    TAILQ_FOREACH(q, &p->askers, next)
        n += q->state == WAITING;
    return n;
}

static bool take_job(struct asker *q, struct str frame, struct err *e)
{
    q->frame = str_dup(&q->arena, frame);
    if (!ask_job_read(&q->arena, str_from(q->frame, ASK_HEAD), &q->job, e))
        return false;
    bool believed = q->uid == geteuid() || q->uid == 0;
    if (!believed || !q->job.person.n)
        q->job.person = str_f(&q->arena, "uid:%u", (unsigned)q->uid);
    return true;
}

static void on_job(struct asker *q, struct evbuffer *in)
{
    struct err e = {0};
    struct ask_frame f;
    size_t have = evbuffer_get_length(in);
    if (have < ASK_HEAD)
        return;
    struct str text = {(const char *)evbuffer_pullup(in, -1), have};
    size_t n = ask_cut(text, &f, &e);
    if (n == SIZE_MAX || f.type != ASK_JOB || have > ASK_JOB_MAX + ASK_HEAD) {
        err_set(&e, ERR_INPUT, "this is no question, or one of more than 1 MB");
        refuse(q, &e);
    } else if (n && !take_job(q, str_head(text, n), &e)) {
        refuse(q, &e);
    } else if (n) {
        evbuffer_drain(in, n);
        bool full = count_waiting(q->pool) >= POOL_WAITING;
        q->state = WAITING;
        event_free(q->timer);
        q->timer = NULL;
        if (full)
            too_many(q);
        else
            serve_waiting(q->pool);
    }
}

static void on_asker_read(struct bufferevent *link, void *arg)
{
    struct asker *q = arg;
    struct evbuffer *in = bufferevent_get_input(link);
    char head[ASK_HEAD];
    enum ask_type type;
    if (q->state == READING)
        on_job(q, in);
    else if (q->state == AT_WORK && evbuffer_get_length(in) >= ASK_HEAD) {
        evbuffer_remove(in, head, ASK_HEAD);
        if (ask_head_read(head, &type) != 0 || type != ASK_GO)
            asker_free(q);
        else
            bufferevent_write(q->kid->link, head, ASK_HEAD);
    }
}

static void on_asker_event(struct bufferevent *link, short what, void *arg)
{
    (void)link;
    if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR))
        asker_free(arg);        // and the kid that worked for it
}

static void asker_add(struct pool *p, int fd, uid_t uid)
{
    struct asker *q = calloc(1, sizeof *q);
    assert(q);
    *q = (struct asker){.pool = p, .uid = uid, .arena = arena_make(16 << 20)};
    evutil_make_socket_nonblocking(fd);
    q->link = bufferevent_socket_new(loop_base(p->loop), fd, BEV_OPT_CLOSE_ON_FREE);
    assert(q->link);
    bufferevent_setcb(q->link, on_asker_read, on_written, on_asker_event, q);
    bufferevent_setwatermark(q->link, EV_READ, 0, ASK_JOB_MAX + 2 * ASK_HEAD);
    bufferevent_setwatermark(q->link, EV_WRITE, RELAY_LOW, 0);
    bufferevent_enable(q->link, EV_READ | EV_WRITE);
    TAILQ_INSERT_TAIL(&p->askers, q, next);
    set_timer(q, READ_JOB_MS, on_too_slow);
}

// ---- the pool ----

static void on_connect(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    struct ucred who;
    socklen_t n = sizeof who;
    int got = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
    if (got < 0)
        return;
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
    *p = (struct pool){.set = s, .loop = loop_new(e)};
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
    keep_warm(&p);
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

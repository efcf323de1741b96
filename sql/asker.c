// asker.c: a connection: it says its question, waits, hears the answer, and leaves.
#include "sql/pool_inner.h"
#include "base/say.h"
#include <assert.h>
#include <event2/buffer.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { READ_JOB_MS = 10000, RELAY_LOW = 512 << 10, LEAVE_MS = 30000 };

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
        pool_serve_waiting(p);
}

void asker_timer(struct asker *q, int64_t ms, loop_fn *fn)
{
    if (q->timer)
        event_free(q->timer);
    q->timer = loop_after(q->pool->loop, ms, fn, q);
}

// Who leaves may take its time for the rest, as long as it takes any of it.
static void on_too_slow(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct asker *q = arg;
    size_t left = evbuffer_get_length(bufferevent_get_output(q->link));
    if (q->state != LEAVING || left >= q->unsent) {
        asker_free(q);
        return;
    }
    q->unsent = left;
    asker_timer(q, LEAVE_MS, on_too_slow);
}

static void on_written(struct bufferevent *link, void *arg)
{
    struct asker *q = arg;
    if (q->state == LEAVING && evbuffer_get_length(bufferevent_get_output(link)) == 0)
        asker_free(q);
    else if (q->kid)
        bufferevent_enable(q->kid->link, EV_READ);
}

void asker_leave(struct asker *q)
{
    q->state = LEAVING;
    if (q->kid)
        kid_end(q->kid);
    bufferevent_setwatermark(q->link, EV_WRITE, 0, 0);
    q->unsent = evbuffer_get_length(bufferevent_get_output(q->link));
    asker_timer(q, LEAVE_MS, on_too_slow);
    if (evbuffer_get_length(bufferevent_get_output(q->link)) == 0)
        bufferevent_trigger(q->link, EV_WRITE, BEV_TRIG_DEFER_CALLBACKS | BEV_TRIG_IGNORE_WATERMARKS);
    if (!q->pool->one)
        pool_serve_waiting(q->pool);
}

void asker_refuse(struct asker *q, const struct err *e)
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
        asker_leave(q);
}

void asker_tell_end(struct asker *q, int status)
{
    struct err e = {0};
    bool memory = WIFSIGNALED(status) && (WTERMSIG(status) == SIGABRT || WTERMSIG(status) == SIGSEGV);
    if (memory)
        err_set(&e, ERR_LIMIT, "the question needed more memory than the %lld MB that each may use,"
                " and its process was ended", (long long)(q->pool->set->memory >> 20));
    else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
        err_set(&e, ERR_LATE, "the question used up its time of the processor and was ended");
    else
        err_set(&e, ERR_PEER, "the process that answered was ended%s%s", WIFSIGNALED(status) ? " by signal " : "",
                WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "");
    asker_refuse(q, &e);
}

// ---- its question ----

static void too_many(struct asker *q)
{
    struct err e = {0};
    err_set(&e, ERR_STATE, "%d questions wait already", POOL_WAITING);
    err_hint(&e, "ask again in a moment");
    asker_refuse(q, &e);
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

// Who asks can tell a long wait from a pool that hangs.
static void tell_heard(struct asker *q)
{
    char head[ASK_HEAD];
    ask_head_put(head, ASK_HEARD, 0);
    bufferevent_write(q->link, head, sizeof head);
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
        asker_refuse(q, &e);
    } else if (n && !take_job(q, str_head(text, n), &e)) {
        asker_refuse(q, &e);
    } else if (n) {
        evbuffer_drain(in, n);
        bool full = count_waiting(q->pool) >= POOL_WAITING;
        q->state = WAITING;
        event_free(q->timer);
        q->timer = NULL;
        if (full) {
            too_many(q);
            return;
        }
        tell_heard(q);
        pool_serve_waiting(q->pool);
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

void asker_add(struct pool *p, int fd, uid_t uid)
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
    asker_timer(q, READ_JOB_MS, on_too_slow);
}

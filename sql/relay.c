// relay.c: a question goes to a kid, and what that says to its asker, frame by frame, as far as it is an answer.
#include "sql/pool_inner.h"
#include "base/clock.h"
#include "base/say.h"
#include "sql/known.h"
#include <event2/buffer.h>

enum { WHOLE_MAX = 1 << 20, RELAY_HIGH = 4 << 20 };
static const uint64_t answer_max = UINT64_C(2) << 30;

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
        asker_refuse(q, &e);
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
        asker_leave(q);
        return false;
    }
    if (q->relayed > answer_max) {
        struct err e = {0};
        err_set(&e, ERR_LIMIT, "the answer is larger than 2 GiB");
        asker_refuse(q, &e);
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

static void on_kid_event(struct bufferevent *link, short what, void *arg)
{
    (void)what;
    struct kid *k = arg;
    struct asker *q = k->asker;
    if (evbuffer_get_length(bufferevent_get_input(link)) && q->left == 0 && !relay(k))
        return;
    int status = kid_end(k);
    if (!q->heard && q->tries++ == 0)       // it had died while it was idle
        asker_start(q);
    else
        asker_tell_end(q, status);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct asker *q = arg;
    struct err e = {0};
    char took[TIME_TEXT_MAX];
    err_set(&e, ERR_LATE, "the question took longer than %s and was ended", took_text(q->pool->set->deadline_ms, took));
    err_hint(&e, "ask for less time with --day, --from, --to;"
                 " log.sql.deadline in the site file is how long it may take");
    asker_refuse(q, &e);
}

void asker_start(struct asker *q)
{
    struct err e = {0};
    struct kid *k = kid_take(q->pool, &e);
    q->state = AT_WORK;
    if (!k) {
        asker_refuse(q, &e);
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
    asker_timer(q, q->pool->set->deadline_ms, on_deadline);
    kids_keep_warm(q->pool);
}

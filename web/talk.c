// talk.c: sending a question and receiving its answer, blocking, with poll.
#include "web/talk.h"
#include "base/clock.h"
#include "web/far.h"
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

static bool wait_for(struct talk *t, short what, struct err *e)
{
    for (;;) {
        int64_t left = t->until_ms - tick_ms();
        struct pollfd p = {.fd = t->fd, .events = what};
        int n = left > 0 ? poll(&p, 1, (int)left) : 0;
        if (n > 0)
            return true;
        if (n == 0)
            return err_set(e, ERR_LATE, "the server did not answer in time");
        if (errno != EINTR)
            return err_set(e, ERR_IO, "wait for the server: %m");
    }
}

static bool broke(struct talk *t, struct err *e)
{
    t->broke = true;
    return err_set(e, ERR_PEER, "the server ended the connection before it answered");
}

static bool again(void)
{
    return errno == EAGAIN || errno == EINTR;
}

// A server that refuses may answer and close before it has read everything: then the answer is worth reading.
bool talk_send(struct talk *t, struct str text, struct err *e)
{
    while (text.n) {
        short what = POLLOUT;
        if (!t->tls && !wait_for(t, what, e))
            return false;
        ssize_t n = t->tls ? far_write(t->tls, text, &what) : send(t->fd, text.p, text.n, MSG_NOSIGNAL);
        if (n < 0 && !again())
            return true;
        if (n < 0 && t->tls && !wait_for(t, what, e))
            return false;
        text = str_from(text, n > 0 ? (size_t)n : 0);
    }
    return true;
}

// A peer that always has something ready never waits, so the clock is asked here too.
int talk_receive(struct talk *t, struct buf *b, struct err *e)
{
    char part[16384];
    for (;;) {
        short what = POLLIN;
        if (tick_ms() >= t->until_ms)
            return err_set(e, ERR_LATE, "the server did not answer in time") - 1;
        if (!t->tls && !wait_for(t, what, e))
            return -1;
        ssize_t n = t->tls ? far_read(t->tls, part, sizeof part, &what) : recv(t->fd, part, sizeof part, 0);
        if (n < 0 && again() && (!t->tls || wait_for(t, what, e)))
            continue;
        if (n < 0 && again())
            return -1;
        if (n < 0)
            return broke(t, e) - 1;
        buf_add(b, (struct str){part, (size_t)n});
        return n > 0;
    }
}

static bool receive_head(struct talk *t, struct buf *b, struct answer_head *h, size_t *end, struct err *e)
{
    while (!(*end = answer_head_end(buf_str(b)))) {
        int got = talk_receive(t, b, e);
        if (got < 0)
            return false;
        if (got == 0)
            return broke(t, e);
        if (b->n > ANSWER_HEAD_MAX)
            return err_set(e, ERR_LIMIT, "the head of the answer is larger than %d bytes", ANSWER_HEAD_MAX);
    }
    return answer_head(str_head(buf_str(b), *end), h, e);
}

static bool too_large(const struct talk *t, struct err *e)
{
    return err_set(e, ERR_LIMIT, "the answer is larger than %zu bytes", t->max);
}

// To its length, or to the end of the connection.
static bool receive_body(struct talk *t, struct buf *b, const struct answer_head *h, size_t end, struct err *e)
{
    int got = 1;
    if (h->length > (int64_t)t->max)
        return too_large(t, e);
    while (got && !b->failed && (h->length < 0 || b->n - end < (size_t)h->length)) {
        got = talk_receive(t, b, e);
        if (got < 0)
            return false;
    }
    if (b->failed)
        return too_large(t, e);
    return h->length < 0 || b->n - end >= (size_t)h->length || broke(t, e);
}

// Put together from the start each time that something came which may be the end: bounded, and short in practice.
static bool receive_chunks(struct talk *t, struct buf *b, size_t end, struct buf *body, struct err *e)
{
    bool whole = false;
    for (;;) {
        buf_clear(body);
        if (str_ends(buf_str(b), S("\r\n\r\n")) && !answer_unchunk(str_from(buf_str(b), end), body, &whole, e))
            return false;
        if (whole)
            return true;
        int got = talk_receive(t, b, e);
        if (got < 0)
            return false;
        if (b->failed)
            return too_large(t, e);
        if (got == 0)
            return broke(t, e);
    }
}

bool talk_ask(struct arena *a, struct talk *t, struct str text, struct answer *out, struct err *e)
{
    OWN_BUF struct buf b = buf_make(t->max + ANSWER_HEAD_MAX), pieces = buf_make(t->max + ANSWER_HEAD_MAX);
    struct answer_head h;
    size_t end;
    if (!talk_send(t, text, e) || !receive_head(t, &b, &h, &end, e))
        return false;
    if (h.chunked && !t->chunks)
        return err_set(e, ERR_PEER, "the server's answer is chunked");
    if (!(h.chunked ? receive_chunks(t, &b, end, &pieces, e) : receive_body(t, &b, &h, end, e)))
        return false;
    struct str body = h.chunked ? buf_str(&pieces) : str_from(buf_str(&b), end);
    out->status = h.status;
    out->body = str_dup(a, h.length >= 0 ? str_head(body, (size_t)h.length) : body);
    return true;
}

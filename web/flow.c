// flow.c: see flow.h.
#include "web/flow.h"
#include "base/clock.h"
#include "web/client_inner.h"
#include "web/talk.h"
#include <string.h>

enum { CONNECT_MS = 30000, REFUSAL_MAX = 1 << 20 };

void flow_close(struct flow *f)
{
    far_close(&f->far);
    buf_drop(&f->in);
    buf_drop(&f->body);
}

static bool said_slow(struct flow *f, int64_t since)
{
    if (!f->wish.slow_ms || f->slow_said || tick_ms() - since >= f->wish.quiet_ms)
        return false;
    f->slow_said = true;
    f->wish.slow(f->wish.arg);
    return true;
}

static int receive(struct flow *f, struct err *e)
{
    int64_t since = tick_ms();
    int got;
    do {
        int64_t wait_ms = f->wish.slow_ms && !f->slow_said ? f->wish.slow_ms : f->wish.quiet_ms;
        struct talk t = {.fd = f->far.fd, .tls = f->far.tls, .until_ms = tick_ms() + wait_ms};
        got = talk_receive(&t, &f->in, e);
    } while (got < 0 && e->kind == ERR_LATE && said_slow(f, since));
    f->slow_said = f->slow_said || (got > 0 && f->head.status);
    return f->in.failed ? err_set(e, ERR_LIMIT, "the answer comes faster than it is read") - 1 : got;
}

static void used(struct buf *b, size_t n)
{
    memmove(b->p, b->p + n, b->n - n);
    buf_cut(b, b->n - n);
}

static bool ended_early(struct err *e)
{
    return err_set(e, ERR_PEER, "the server ended the connection in the middle of its answer");
}

// From the octets into the body. *over: nothing more belongs to it.
static bool unpack(struct flow *f, bool *over, struct err *e)
{
    size_t n = f->in.n;
    if (f->head.chunked && !answer_pieces(&f->pieces, buf_str(&f->in), &n, &f->body, e))
        return false;
    if (!f->head.chunked) {
        n = f->left >= 0 && (int64_t)n > f->left ? (size_t)f->left : n;
        buf_add(&f->body, str_head(buf_str(&f->in), n));
        f->left -= f->left >= 0 ? (int64_t)n : 0;
    }
    if (n)
        used(&f->in, n);
    *over = f->head.chunked ? f->pieces.at == PIECES_END : f->left == 0;
    return !f->body.failed || err_set(e, ERR_LIMIT, "a line of the answer is longer than %d MB", FLOW_LINE_MAX >> 20);
}

// More of the body. 1: some came; 0: it is over; -1: failed.
static int more(struct flow *f, struct err *e)
{
    size_t before = f->body.n;
    bool over;
    for (;;) {
        if (!unpack(f, &over, e))
            return -1;
        if (f->body.n > before || over)
            return f->body.n > before;
        int got = receive(f, e);
        if (got < 0)
            return -1;
        if (got == 0)
            return f->head.chunked || f->left > 0 ? ended_early(e) - 1 : 0;
    }
}

// ---- the begin ----

static bool read_head(struct flow *f, struct err *e)
{
    size_t end;
    while (!(end = answer_head_end(buf_str(&f->in)))) {
        int got = receive(f, e);
        if (got < 0)
            return false;
        if (got == 0)
            return err_set(e, ERR_PEER, "the server ended the connection before it answered");
        if (f->in.n > ANSWER_HEAD_MAX + (64 << 10))
            return err_set(e, ERR_LIMIT, "the head of the answer is larger than %d bytes", ANSWER_HEAD_MAX);
    }
    if (!answer_head(str_head(buf_str(&f->in), end), &f->head, e))
        return false;
    f->left = f->head.length;
    used(&f->in, end);
    return true;
}

static bool refuse(struct flow *f, struct str object, struct err *e)
{
    f->refused = str_dup(f->arena, object);
    return client_refused(f->refused, f->head.status, e);
}

static bool read_refusal(struct flow *f, struct err *e)
{
    int got;
    while ((got = more(f, e)) > 0 && f->body.n < REFUSAL_MAX)
        continue;
    return got >= 0 && refuse(f, str_head(buf_str(&f->body), REFUSAL_MAX), e);
}

static bool ask(struct flow *f, struct err *e)
{
    const struct flow_wish *w = &f->wish;
    OWN_BUF struct buf text = buf_make((8 << 10) + w->body.n);
    struct wish wish = {.data = w->data, .method = w->method, .path = w->path, .body = w->body};
    int64_t until = tick_ms() + CONNECT_MS;
    if (!client_text(f->arena, &text, &wish, e) || !client_connect(f->arena, w->data, until, &f->far, e))
        return false;
    struct talk t = {.fd = f->far.fd, .tls = f->far.tls, .until_ms = until};
    return talk_send(&t, buf_str(&text), e);
}

bool flow_open(struct arena *a, const struct flow_wish *w, struct flow *out, struct err *e)
{
    *out = (struct flow){.wish = *w, .far = {.fd = -1}, .arena = a, .in = buf_make(ANSWER_HEAD_MAX + (1 << 20)),
                         .body = buf_make(FLOW_LINE_MAX)};
    return ask(out, e) && read_head(out, e) && (out->head.status < 400 || read_refusal(out, e));
}

// ---- lines ----

static int told(struct flow *f, struct str line, struct err *e)
{
    return str_starts(line, S("{\"error\":")) ? refuse(f, line, e) - 1 : 1;
}

// What was taken is moved away only when more is wanted: many lines come at once.
int flow_line(struct flow *f, struct str *line, struct err *e)
{
    size_t seen = 0;
    for (;;) {
        struct str rest = str_from(buf_str(&f->body), f->taken);
        const char *end = rest.n > seen ? memchr(rest.p + seen, '\n', rest.n - seen) : NULL;
        if (end) {
            *line = str_head(rest, (size_t)(end - rest.p));
            f->taken += line->n + 1;
            return told(f, *line, e);
        }
        seen = rest.n;
        if (f->taken)
            used(&f->body, f->taken);
        f->taken = 0;
        int got = more(f, e);
        if (got <= 0)
            return got == 0 && f->body.n ? ended_early(e) - 1 : got;
    }
}

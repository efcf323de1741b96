// tail_feed.c: the topic tail:NAME: durable lines as they come, read from the log server's socket without waiting.
//
// Where the log server does not run, or goes away, the page is told so and the tail goes on when it is back. A tail
// that has nothing to tell says every few seconds that it is there, and the number that the next line will have.
#include "base/clock.h"
#include "log/log.h"
#include "log/tail_lines.h"
#include "log/tail_name.h"
#include "log/wire.h"
#include "web/listen.h"
#include <assert.h>
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    PIECE = 64 << 10,
    PIECES = 8,                 // at one look; what is more the log server skips and counts
    AGAIN_MS = 2000,            // between tries to reach it
    SIGN_MS = 5000,             // of life
};

struct tailing {
    struct tail_name *name;
    char *data;
    int fd;                     // -1: away
    int64_t again;              // tick of the next try
    int64_t said;               // tick when something was told last
    struct buf in;              // frames, the last of them perhaps not whole
    struct tail_lines lines;
    struct feed *to;            // while it is looked at
};

static void tell(void *arg, struct str json)
{
    struct tailing *t = arg;
    feed_tell(t->to, json);
    t->said = tick_ms();
}

static void tell_state(struct tailing *t, const char *state, const char *why)
{
    OWN_BUF struct buf b = buf_make(4096);
    json_object(&b, KV("state", state), KV("line", t->lines.next), KV("why", why ? V(why) : V_NULL));
    if (!b.failed)
        tell(t, buf_str(&b));
}

static void part(struct tailing *t)
{
    tail_lines_flush(&t->lines);
    own_fd_close(&t->fd);
    t->fd = -1;
    t->again = tick_ms() + AGAIN_MS;
    buf_clear(&t->in);
}

// ---- the log server ----

static void put_frame(struct buf *b, enum frame_type type, struct str payload)
{
    size_t at = frame_open(b, type, 0);
    buf_add(b, payload);
    frame_close(b, at);
}

// A hello and the question, which a socket that was just made has room for.
static bool ask(struct tailing *t, struct err *e)
{
    OWN_BUF struct buf hello = buf_make(4096), what = buf_make(8192), b = buf_make(16 << 10);
    struct wire_hello m = {.version = PROTOCOL, .host = S("person"), .build = S("import tail")};
    randombytes_buf(m.boot, sizeof m.boot);
    wire_hello_put(&hello, &m);
    put_frame(&b, FRAME_HELLO, buf_str(&hello));
    buf_addf(&what, "tail %s\n%s", t->name->dataset, t->name->where);
    put_frame(&b, FRAME_ASK, buf_str(&what));
    assert(!hello.failed && !what.failed && !b.failed);
    return send(t->fd, b.p, b.n, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)b.n
        || err_set(e, ERR_PEER, "the log server does not listen");
}

static bool reach(struct tailing *t, struct err *e)
{
    if (!connect_unix(t->data, "log.sock", &t->fd, e)) {
        t->fd = -1;
        return err_set(e, ERR_PEER, "the log server does not run");
    }
    return ask(t, e);
}

static bool take_frames(struct tailing *t, struct err *e)
{
    struct frame f;
    size_t used = 0, n;
    while ((n = frame_cut(str_from(buf_str(&t->in), used), &f, e)) != 0) {
        struct err why;
        if (n == SIZE_MAX)
            return false;
        used += n;
        if (f.type == FRAME_ERROR)
            return wire_error_read(f.payload, &why, e) && err_set(e, ERR_PEER, "%s", why.text);
        if (f.type == FRAME_ANSWER)
            tail_lines_take(&t->lines, f.payload, tick_ms());
    }
    memmove(t->in.p, t->in.p + used, t->in.n - used);
    buf_cut(&t->in, t->in.n - used);
    return true;
}

static bool read_more(struct tailing *t, struct err *e)
{
    static char piece[PIECE];
    for (int i = 0; i < PIECES; i++) {
        ssize_t n = read(t->fd, piece, sizeof piece);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return true;
        if (n <= 0)
            return err_set(e, ERR_PEER, "the log server ended");
        buf_add(&t->in, (struct str){piece, (size_t)n});
        if (t->in.failed || !take_frames(t, e))
            return t->in.failed ? err_set(e, ERR_PEER, "the log server says too much at once") : false;
    }
    return true;
}

// ---- the topic ----

static void go_away(struct tailing *t, const struct err *e)
{
    part(t);
    tell_state(t, "away", e->text);
}

static void look(void *arg, struct feed *to)
{
    struct tailing *t = arg;
    struct err e = {0};
    t->to = to;
    if (t->fd < 0 && tick_ms() < t->again)
        return;
    if (t->fd < 0) {
        if (!reach(t, &e)) {
            go_away(t, &e);
            return;
        }
        tell_state(t, "following", NULL);
    }
    if (!read_more(t, &e)) {
        go_away(t, &e);
        return;
    }
    tail_lines_flush(&t->lines);
    if (tick_ms() - t->said > SIGN_MS)
        tell_state(t, "following", NULL);
}

static bool open_tail(struct ask *q, struct str name, void **arg, struct err *e)
{
    struct tail_name *n = tail_name_find(name);
    if (!n) {
        err_set(e, ERR_NOT_FOUND, "there is no tail of that name any more");
        return err_hint(e, "POST /api/v1/log/tail gives a new one");
    }
    struct tailing *t = calloc(1, sizeof *t);
    assert(t);
    *t = (struct tailing){.name = n, .data = strdup(q->data), .fd = -1, .lines = tail_lines_make(tell, t),
                          .in = buf_make(FRAME_MAX + FRAME_HEAD + PIECE)};
    assert(t->data);
    tail_name_follow(n);
    *arg = t;
    return true;
}

static void close_tail(void *arg)
{
    struct tailing *t = arg;
    own_fd_close(&t->fd);
    tail_lines_drop(&t->lines);
    buf_drop(&t->in);
    tail_name_leave(t->name);
    free(t->data);
    free(t);
}

const struct bulk log_bulks[] = {
    {"tail", "lines of a log as they come; POST /log/tail gives the name", LOG_READ, open_tail, look, close_tail},
    {0}};

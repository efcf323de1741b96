// sink_test.c: the log server of agent_test.c (sink.h).
#include "log/sink.h"
#include "base/test.h"
#include "log/tailfile.h"
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void sink_send(struct sink *s, enum frame_type type, struct str payload)
{
    char head[FRAME_HEAD] = {0};
    uint32_t n = (uint32_t)payload.n;
    memcpy(head, &n, 4);
    head[4] = (char)type;
    if (!s->b)
        return;
    bufferevent_write(s->b, head, sizeof head);
    bufferevent_write(s->b, payload.p, payload.n);
}

static struct sink_stream *of_id(struct sink *s, uint64_t id)
{
    return id >= 1 && id <= s->n ? &s->stream[id - 1] : NULL;
}

static void on_hello(struct sink *s)
{
    OWN_BUF struct buf b = buf_make(FRAME_MAX);
    struct wire_welcome w = {.fence = 1, .window = s->window, .config = str_z(s->config)};
    s->hellos++;
    wire_welcome_put(&b, &w);
    sink_send(s, FRAME_WELCOME, buf_str(&b));
}

static void on_open(struct sink *s, struct str payload)
{
    OWN_BUF struct buf b = buf_make(FRAME_MAX);
    static struct wire_streams m;
    struct wire_open o;
    struct err e;
    CHECK(wire_open_read(payload, &o, &e));
    m = (struct wire_streams){.dataset = o.dataset, .path = o.path, .horizon_us = s->horizon_us, .n = s->n};
    for (size_t i = 0; i < s->n; i++) {
        m.at[i] = s->stream[s->n - 1 - i].s;
        m.at[i].done = s->stream[s->n - 1 - i].why;
    }
    wire_streams_put(&b, &m);
    sink_send(s, FRAME_STREAMS, buf_str(&b));
}

static void on_claim(struct sink *s, struct str payload)
{
    OWN_BUF struct buf b = buf_make(64);
    struct wire_claim c;
    struct err e;
    CHECK(wire_claim_read(payload, &c, &e) && s->n < SINK_STREAMS);
    struct sink_stream *t = c.id ? of_id(s, c.id) : &s->stream[s->n++];
    if (!t) {
        s->wrong++;
        return;
    }
    if (c.id == 0)
        *t = (struct sink_stream){.s = {.id = s->n}};
    t->claims++;
    t->why = 0;
    t->s.dev = c.dev;
    t->s.inode = c.inode;
    if (c.head_n > t->s.head_n) {
        t->s.head_n = c.head_n;
        memcpy(t->s.head, c.head, sizeof c.head);
    }
    if (s->closes) {
        wire_window_put(&b, 0);
        sink_send(s, FRAME_WINDOW, buf_str(&b));
        buf_clear(&b);
    }
    wire_stream_put(&b, &(struct wire_stream){t->s.id, t->s.offset});
    sink_send(s, FRAME_STREAM, buf_str(&b));
}

static void tell_offset(struct sink *s, enum frame_type type, const struct sink_stream *t)
{
    OWN_BUF struct buf b = buf_make(64);
    wire_offsets_put(&b, &(struct wire_offsets){.at = {{t->s.id, t->s.offset}}, .n = 1});
    sink_send(s, type, buf_str(&b));
}

static void count_text(struct sink *s, struct str text)
{
    while (text.n) {
        struct str line = str_cut(&text, '\n');
        uint64_t n;
        struct str head = str_cut(&line, '\t');
        if (str_starts(head, S("n:")) && str_u64(str_from(head, 2), &n) && n < SINK_LINES)
            s->seen[n]++;
        else
            s->others++;
    }
}

static void take_block(struct sink *s, struct sink_stream *t, uint8_t flags, const struct block *b, struct str payload)
{
    char *text = malloc(b->clear_n + 1);
    unsigned char tail[TAIL_HASH];
    struct err e = {0};
    uint32_t lines = 0;
    if (!block_text(payload, b, flags & BLOCK_STORED, text, &e))
        s->wrong++;
    for (uint32_t i = 0; i < b->clear_n; i++)
        lines += text[i] == '\n';
    if (lines != (flags & (BLOCK_LONG | BLOCK_TORN) ? 0 : b->lines) || b->lines == 0)
        s->wrong++;
    tail_hash((struct str){text, b->clear_n}, tail);
    if (b->policy == 0 && !(flags & BLOCK_LONG) && b->clear_n >= TAIL_BYTES && memcmp(tail, b->tail, sizeof tail) != 0)
        s->wrong++;
    if (b->policy == 0 && !(flags & BLOCK_LONG) && b->clear_n != b->raw_n)
        s->wrong++;
    t->torn += flags & BLOCK_TORN ? 1 : 0;
    t->long_lines += flags & BLOCK_LONG ? 1 : 0;
    count_text(s, (struct str){text, b->clear_n});
    memcpy(t->s.tail, b->tail, sizeof tail);
    t->s.offset += b->raw_n;
    free(text);
}

static void on_block(struct sink *s, uint8_t flags, struct str payload)
{
    struct block b;
    struct err e;
    CHECK(block_read(payload, &b, &e));
    struct sink_stream *t = of_id(s, b.stream);
    s->blocks++;
    if (!t || t->why) {
        s->wrong++;
        return;
    }
    if (b.start == t->s.offset)
        take_block(s, t, flags, &b, payload);
    else if (b.start + b.raw_n > t->s.offset) {
        s->rewinds++;
        tell_offset(s, FRAME_REWIND, t);
        return;
    }
    if (!s->no_acks)
        tell_offset(s, FRAME_ACK, t);
}

static void on_done(struct sink *s, struct str payload)
{
    struct wire_done d;
    struct err e;
    CHECK(wire_done_read(payload, &d, &e));
    struct sink_stream *t = of_id(s, d.stream);
    if (!t || t->why || d.size < t->s.offset || (d.why == DONE_ROTATED && d.size != t->s.offset)) {
        s->wrong++;
        return;
    }
    t->why = d.why;
    t->size = d.size;
}

static void on_frame(struct sink *s, const struct frame *f)
{
    struct err e;
    switch ((int)f->type) {
    case FRAME_HELLO:   on_hello(s);                        break;
    case FRAME_OPEN:    on_open(s, f->payload);             break;
    case FRAME_CLAIM:   on_claim(s, f->payload);            break;
    case FRAME_BLOCK:   on_block(s, f->flags, f->payload);  break;
    case FRAME_DONE:    on_done(s, f->payload);             break;
    case FRAME_STATUS:
        s->statuses++;
        CHECK(wire_status_read(f->payload, &s->status, &e));
        break;
    default:
        s->wrong++;
    }
}

static void on_read(struct bufferevent *b, void *arg)
{
    struct sink *s = arg;
    struct evbuffer *in = bufferevent_get_input(b);
    struct err e;
    for (;;) {
        struct frame f;
        size_t all = evbuffer_get_length(in);
        size_t n = frame_cut((struct str){(char *)evbuffer_pullup(in, -1), all}, &f, &e);
        if (n == 0 || s->b != b)
            return;
        CHECK(n != SIZE_MAX);
        on_frame(s, &f);
        if (s->b == b)
            evbuffer_drain(in, n);
    }
}

static void on_event(struct bufferevent *b, short what, void *arg)
{
    struct sink *s = arg;
    (void)what;
    if (s->b == b)
        s->b = NULL;
    bufferevent_free(b);
}

static void on_accept(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *a, int n, void *arg)
{
    struct sink *s = arg;
    (void)l, (void)a, (void)n;
    sink_hang_up(s);
    s->b = bufferevent_socket_new(loop_base(s->loop), fd, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(s->b, on_read, NULL, on_event, s);
    bufferevent_enable(s->b, EV_READ | EV_WRITE);
}

void sink_open(struct sink *s, struct loop *l, const char *dir)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    s->loop = l;
    snprintf(s->path, sizeof s->path, "%s/sink", dir);
    memcpy(un.sun_path, s->path, strnlen(s->path, sizeof un.sun_path - 1));
    unlink(s->path);
    s->listener = evconnlistener_new_bind(loop_base(l), on_accept, s, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 8,
                                          (struct sockaddr *)&un, sizeof un);
    CHECK(s->listener);
}

void sink_hang_up(struct sink *s)
{
    if (s->b)
        bufferevent_free(s->b);
    s->b = NULL;
}

void sink_close(struct sink *s)
{
    sink_hang_up(s);
    if (s->listener)
        evconnlistener_free(s->listener);
    s->listener = NULL;
}

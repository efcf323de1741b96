// gate.c: one connection: the observer of its octets, and its way through HEAD, BODY, BUSY and REFUSED.
#include "base/clock.h"
#include "web/gate_inner.h"
#include <assert.h>
#include <event2/buffer.h>
#include <string.h>
#include <sys/socket.h>

enum {
    BODIES_OCTETS_MAX = 64 << 20,   // of all bodies being received at once, in all connections
    FRAMING_MAX = 16 << 10,         // what chunk sizes and trailers may add to a body before it is refused
};

// What evhttp would say of its own is a page for browsers; here whoever asks with curl reads it, as any other error.
#define TOO_LARGE "{\"error\":{\"code\":\"limit\",\"message\":\"the body is larger than this route takes\"," \
    "\"hint\":null,\"lang\":\"en\",\"place\":null,\"details\":[],\"retry_after_s\":null,\"request\":\"\"}}"

static const struct refusal { int status; const char *text, *json; } refusals[] = {
    {400, "HTTP/1.1 400 Bad Request\r\n", ""},
    {408, "HTTP/1.1 408 Request Timeout\r\n", ""},
    {413, "HTTP/1.1 413 Content Too Large\r\nContent-Type: application/json\r\nCache-Control: no-store\r\n"
          "X-Content-Type-Options: nosniff\r\n", TOO_LARGE},
    {431, "HTTP/1.1 431 Request Header Fields Too Large\r\n", ""},
    {503, "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n", ""},
    {505, "HTTP/1.1 505 HTTP Version Not Supported\r\n", ""},
};

void gate_enter(struct gate *g, enum state state, int64_t ms)
{
    g->state = state;
    g->deadline_ms = tick_ms() + ms;
}

bool gate_let_go(const struct gate *g)
{
    bufferevent_event_cb on_event;
    bufferevent_getcb(g->bev, NULL, NULL, &on_event, NULL);
    return !on_event;
}

static void drain(struct gate *g)
{
    struct evbuffer *in = bufferevent_get_input(g->bev);
    evbuffer_drain(in, evbuffer_get_length(in));
}

void gate_uncount(struct gate *g)
{
    g->door->guard->unsent -= g->unsent;
    g->unsent = 0;
    g->uncounted = true;
}

void gate_share(struct gate *g)
{
    gate_uncount(g);
}

void gate_hang_up(struct gate *g)
{
    gate_uncount(g);
    g->deadline_ms = tick_ms() + LINGER_MS;
    bufferevent_enable(g->bev, EV_READ);
    shutdown(bufferevent_getfd(g->bev), SHUT_RDWR);
}

// Nothing of what is refused reaches evhttp.
void gate_refuse(struct gate *g, int status)
{
    gate_body_over(g);
    drain(g);
    gate_enter(g, REFUSED, LINGER_MS);
    for (size_t i = 0; i < ARRAY_LEN(refusals) && !g->wrote; i++)
        if (refusals[i].status == status) {
            char text[600];
            struct buf b = {.p = text, .cap = sizeof text, .max = sizeof text - 1};     // never grows
            buf_addf(&b, "%sConnection: close\r\nContent-Length: %zu\r\n\r\n%s", refusals[i].text,
                      strlen(refusals[i].json), refusals[i].json);
            (void)!send(g->fd, b.p, b.n, MSG_NOSIGNAL | MSG_DONTWAIT);
        }
    shutdown(g->fd, SHUT_WR);
}

// Receiving bodies takes turns where the door says so: this one begins now, or waits unread.
static void turn_take(struct gate *g)
{
    struct door *d = g->door;
    if (!d->bodies_max)
        return;
    if (d->bodies >= d->bodies_max) {
        g->waiting = true;
        bufferevent_disable(g->bev, EV_READ);
        return;
    }
    g->reading = true;
    d->bodies++;
}

void gate_body_over(struct gate *g)
{
    g->door->guard->body_octets -= g->body;
    g->body = 0;
    g->waiting = false;
    if (!g->reading)
        return;
    g->reading = false;
    g->door->bodies--;
    guard_next_body(g->door);
}

// Octets.

static void take_body(struct gate *g, size_t n)
{
    struct guard *w = g->door->guard;
    g->body += n;
    w->body_octets += n;
    if (g->body > g->door->body_max + FRAMING_MAX)
        gate_refuse(g, 413);
    else if (w->body_octets > BODIES_OCTETS_MAX)
        gate_refuse(g, 503);
}

static void take_head(struct gate *g, const char *p, size_t n)
{
    if (!g->head.octets)
        gate_enter(g, HEAD, HEAD_MS);
    size_t used;
    int verdict = head_take(&g->head, p, n, &used);
    if (verdict > 1) {
        gate_refuse(g, verdict);
    } else if (verdict == 1 && g->head.length > g->door->body_max) {
        gate_refuse(g, 413);
    } else if (verdict == 1) {
        gate_enter(g, BODY, BODY_MS);
        turn_take(g);
        take_body(g, n - used);
    }
}

static void take(struct gate *g, const char *p, size_t n)
{
    if (g->state == HEAD)
        take_head(g, p, n);
    else if (g->state == BODY)
        take_body(g, n);
}

// The last n octets of what evhttp is about to read.
static void take_added(struct gate *g, struct evbuffer *in, size_t n)
{
    struct evbuffer_ptr at;
    evbuffer_ptr_set(in, &at, evbuffer_get_length(in) - n, EVBUFFER_PTR_SET);
    while (n && g->state != REFUSED) {
        struct evbuffer_iovec v;
        if (evbuffer_peek(in, (ev_ssize_t)n, &at, &v, 1) < 1 || !v.iov_len)
            break;
        size_t piece = v.iov_len < n ? v.iov_len : n;
        take(g, v.iov_base, piece);
        n -= piece;
        if (n && g->state != REFUSED)
            evbuffer_ptr_set(in, &at, piece, EVBUFFER_PTR_ADD);
    }
}

// Runs on every piece that was read, before evhttp's own callback does.
static void on_input(struct evbuffer *in, const struct evbuffer_cb_info *info, void *arg)
{
    struct gate *g = arg;
    struct door *d = g->door;
    if (!info->n_added)
        return;
    if (g->fd < 0) {
        guard_learn(d->guard, g);
        if (d->per_address && guard_beside(g) > d->per_address)
            gate_refuse(g, 503);
    }
    if (g->state == BUSY)
        g->last = true;
    if (g->state == BUSY || g->state == REFUSED || gate_let_go(g))
        drain(g);
    else
        take_added(g, in, info->n_added);
}

static void on_output(struct evbuffer *out, const struct evbuffer_cb_info *info, void *arg)
{
    (void)out;
    struct gate *g = arg;
    g->wrote |= info->n_added > 0;
    if (!g->uncounted) {
        g->unsent += info->n_added - info->n_deleted;
        g->door->guard->unsent += info->n_added - info->n_deleted;
    }
    if (info->n_deleted && g->state == BUSY)
        g->deadline_ms = tick_ms() + OUTPUT_MS;
}

void gate_watch(struct gate *g)
{
    evbuffer_add_cb(bufferevent_get_input(g->bev), on_input, g);
    evbuffer_add_cb(bufferevent_get_output(g->bev), on_output, g);
}

// Requests.

// evhttp asks before it frees the request whether the connection ends, by looking at the answer's head.
static void on_complete(struct evhttp_request *req, void *arg)
{
    struct gate *g = arg;
    if (evbuffer_get_length(bufferevent_get_input(g->bev)))
        g->last = true;
    drain(g);
    g->head = (struct head){0};
    g->wrote = false;
    gate_enter(g, HEAD, IDLE_MS);
    if (!gate_last(g))
        return;
    evhttp_add_header(evhttp_request_get_output_headers(req), "Connection", "close");
    gate_enter(g, REFUSED, LINGER_MS);      // behind a CONNECT evhttp would go on reading even so
    shutdown(g->fd, SHUT_WR);
}

struct gate *gate_busy(struct door *d, struct evhttp_request *req)
{
    struct evhttp_connection *con = evhttp_request_get_connection(req);
    int fd = bufferevent_getfd(evhttp_connection_get_bufferevent(con));
    assert(fd >= 0 && (size_t)fd < d->guard->by_fd_n && d->guard->by_fd[fd]);
    struct gate *g = d->guard->by_fd[fd];
    // Octets behind the request: a second one, which we do not take. There is nothing to smuggle into an ended stream.
    if (g->state != BODY || evbuffer_get_length(bufferevent_get_input(g->bev)))
        g->last = true;
    gate_body_over(g);
    drain(g);
    guard_relieve(d->guard);
    gate_enter(g, BUSY, OUTPUT_MS);
    evhttp_request_set_on_complete_cb(req, on_complete, g);
    return g;
}

void gate_expect(struct gate *g, int64_t ms)
{
    if (g->state == BUSY)
        gate_enter(g, BUSY, ms);
}

// evhttp stops reading when it has a request and starts again with the first byte of the answer, then without a
// callback for octets, as here: it takes those that come in between for a bug of its own and ends the process. Its own
// timeouts would end an answer of more than 50 s, during which no client says anything; ours are those of the gate.
void gate_mind(struct gate *g)
{
    bufferevent_data_cb on_write;
    bufferevent_event_cb on_event;
    void *arg;
    bufferevent_getcb(g->bev, NULL, &on_write, &on_event, &arg);
    bufferevent_setcb(g->bev, NULL, on_write, on_event, arg);
    bufferevent_set_timeouts(g->bev, NULL, NULL);
    bufferevent_enable(g->bev, EV_READ);
}

void gate_make_last(struct gate *g)
{
    g->last = true;
}

bool gate_last(const struct gate *g)
{
    return g->last || g->door->guard->closing;
}

struct address gate_address(const struct gate *g)
{
    return g->address;
}

bool gate_uid(const struct gate *g, unsigned *uid)
{
    *uid = g->uid;
    return g->uid_known;
}

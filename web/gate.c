// gate.c: one connection each: the observer of its octets, its state and deadline, and the sweep over all of them.
//
// libevent frees a connection without telling anybody when no request was completed. So the gate holds a reference
// of its own to the bufferevent; the sweep notices that evhttp let go (its callbacks are gone) and lets go too. That
// also means that a socket lives up to a second longer than its connection, and is read empty meanwhile: without
// that the kernel would send a reset, which may destroy the answer before the client has read it.
#include "web/gate.h"
#include "base/clock.h"
#include "web/head.h"
#include <assert.h>
#include <event2/buffer.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>

enum { IDLE_MS = 30000, HEAD_MS = 10000, BODY_MS = 30000, OUTPUT_MS = 30000, LINGER_MS = 1000 };
enum {
    BODIES_OCTETS_MAX = 64 << 20,   // of all bodies being received at once, in all connections
    FRAMING_MAX = 16 << 10,         // what chunk sizes and trailers may add to a body before it is refused
    SWEEP_EARLY_AT = 3000,          // connections inside; above it those that evhttp let go are freed sooner
    SWEEP_EARLY_STEP = 256,
};

enum state { HEAD, BODY, BUSY, REFUSED };

struct gate {
    TAILQ_ENTRY(gate) next;
    struct door *door;
    struct bufferevent *bev;
    int fd;                     // -1 until the first octet: evhttp sets it after gate_admit
    enum state state;
    int64_t deadline_ms;
    struct head head;
    size_t body;                // octets since the head ended
    struct address address;
    bool reading, waiting;      // this body is one of the door's bodies_max, or waits to become one
    bool wrote;                 // evhttp has answered something since the head began
    bool last;                  // close after this answer
};

struct guard {
    TAILQ_HEAD(, gate) gates;
    struct gate **by_fd;
    size_t by_fd_n, inside, body_octets, sweep_early_at;
    bool closing;
};

static const struct refusal { int status; const char *text; } refusals[] = {
    {400, "HTTP/1.1 400 Bad Request\r\n"},
    {408, "HTTP/1.1 408 Request Timeout\r\n"},
    {413, "HTTP/1.1 413 Content Too Large\r\n"},
    {431, "HTTP/1.1 431 Request Header Fields Too Large\r\n"},
    {503, "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n"},
    {505, "HTTP/1.1 505 HTTP Version Not Supported\r\n"},
};

struct guard *guard_new(void)
{
    struct guard *w = calloc(1, sizeof *w);
    assert(w);
    TAILQ_INIT(&w->gates);
    w->sweep_early_at = SWEEP_EARLY_AT;
    return w;
}

size_t guard_inside(const struct guard *w)
{
    return w->inside;
}

static void enter(struct gate *g, enum state state, int64_t ms)
{
    g->state = state;
    g->deadline_ms = tick_ms() + ms;
}

// Receiving bodies takes turns: whoever waits longest is next.

static void turn_take(struct gate *g)
{
    struct door *d = g->door;
    if (d->bodies_max && d->bodies >= d->bodies_max) {
        g->waiting = true;
        bufferevent_disable(g->bev, EV_READ);
        return;
    }
    g->reading = true;
    d->bodies++;
}

static void turn_pass(struct door *d)
{
    struct gate *g;
    TAILQ_FOREACH(g, &d->guard->gates, next)
        if (g->door == d && g->waiting) {
            g->waiting = false;
            g->reading = true;
            d->bodies++;
            enter(g, BODY, BODY_MS);
            bufferevent_enable(g->bev, EV_READ);
            return;
        }
}

static void body_over(struct gate *g)
{
    g->door->guard->body_octets -= g->body;
    g->body = 0;
    g->waiting = false;
    if (!g->reading)
        return;
    g->reading = false;
    g->door->bodies--;
    turn_pass(g->door);
}

// Ending.

static void drain(struct gate *g)
{
    struct evbuffer *in = bufferevent_get_input(g->bev);
    evbuffer_drain(in, evbuffer_get_length(in));
}

// evhttp sees the end of the stream and frees the connection.
static void hang_up(struct gate *g)
{
    g->deadline_ms = tick_ms() + LINGER_MS;
    bufferevent_enable(g->bev, EV_READ);
    shutdown(bufferevent_getfd(g->bev), SHUT_RDWR);
}

// Nothing of what is refused reaches evhttp. When evhttp has begun to say something itself, that stands alone.
static void refuse(struct gate *g, int status)
{
    body_over(g);
    drain(g);
    enter(g, REFUSED, LINGER_MS);
    for (size_t i = 0; i < ARRAY_LEN(refusals) && !g->wrote; i++)
        if (refusals[i].status == status) {
            char text[160];
            struct buf b = {.p = text, .cap = sizeof text, .max = sizeof text - 1};     // never grows
            buf_addf(&b, "%sConnection: close\r\nContent-Length: 0\r\n\r\n", refusals[i].text);
            (void)!send(g->fd, b.p, b.n, MSG_NOSIGNAL | MSG_DONTWAIT);
        }
    shutdown(g->fd, SHUT_WR);
}

static bool let_go(const struct gate *g)
{
    bufferevent_event_cb on_event;
    bufferevent_getcb(g->bev, NULL, NULL, &on_event, NULL);
    return !on_event;
}

static void gate_free(struct gate *g)
{
    struct guard *w = g->door->guard;
    body_over(g);
    if (g->fd >= 0)
        w->by_fd[g->fd] = NULL;
    TAILQ_REMOVE(&w->gates, g, next);
    w->inside--;
    g->door->inside--;
    bufferevent_decref(g->bev);     // the last reference: closes the socket
    free(g);
}

// Octets.

static struct address peer_of(int fd)
{
    struct address a = {0};
    struct sockaddr_storage ss;
    socklen_t n = sizeof ss;
    if (getpeername(fd, (struct sockaddr *)&ss, &n) < 0)
        return a;
    if (ss.ss_family == AF_INET) {
        memcpy(a.at, "\0\0\0\0\0\0\0\0\0\0\xFF\xFF", 12);
        memcpy(a.at + 12, &((struct sockaddr_in *)&ss)->sin_addr, 4);
    } else if (ss.ss_family == AF_INET6) {
        memcpy(a.at, &((struct sockaddr_in6 *)&ss)->sin6_addr, 16);
    }
    return a;
}

static bool is_beside(const struct gate *g, const struct gate *other)
{
    return other->door == g->door && other->fd >= 0 && memcmp(&other->address, &g->address, sizeof g->address) == 0
        && other->state != REFUSED && !let_go(other);
}

static unsigned from_same_address(const struct gate *g)
{
    unsigned n = 0;
    struct gate *other;
    TAILQ_FOREACH(other, &g->door->guard->gates, next)
        n += is_beside(g, other);
    return n;
}

// The first octets: only now the socket is known. false: one too many from this address.
static bool meet(struct gate *g)
{
    struct guard *w = g->door->guard;
    g->fd = bufferevent_getfd(g->bev);
    assert(g->fd >= 0);
    if ((size_t)g->fd >= w->by_fd_n) {
        size_t n = (size_t)g->fd * 2 + 64;
        w->by_fd = realloc(w->by_fd, n * sizeof *w->by_fd);
        assert(w->by_fd);
        memset(w->by_fd + w->by_fd_n, 0, (n - w->by_fd_n) * sizeof *w->by_fd);
        w->by_fd_n = n;
    }
    w->by_fd[g->fd] = g;
    if (!g->door->is_unix)
        g->address = peer_of(g->fd);
    return !g->door->per_address || from_same_address(g) <= g->door->per_address;
}

static void take_body(struct gate *g, size_t n)
{
    struct guard *w = g->door->guard;
    g->body += n;
    w->body_octets += n;
    if (g->body > g->door->body_max + FRAMING_MAX)
        refuse(g, 413);
    else if (w->body_octets > BODIES_OCTETS_MAX)
        refuse(g, 503);
}

static void take_head(struct gate *g, const char *p, size_t n)
{
    if (!g->head.octets)
        enter(g, HEAD, HEAD_MS);
    size_t used;
    int verdict = head_take(&g->head, p, n, &used);
    if (verdict > 1) {
        refuse(g, verdict);
    } else if (verdict == 1) {
        enter(g, BODY, BODY_MS);
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

// Runs on every piece that was read, before evhttp's own callback does.
static void on_input(struct evbuffer *in, const struct evbuffer_cb_info *info, void *arg)
{
    struct gate *g = arg;
    if (!info->n_added)
        return;
    if (g->fd < 0 && !meet(g))
        refuse(g, 503);
    if (g->state == BUSY)
        g->last = true;
    if (g->state == BUSY || g->state == REFUSED || let_go(g)) {
        drain(g);
        return;
    }
    size_t left = info->n_added;
    struct evbuffer_ptr at;
    evbuffer_ptr_set(in, &at, evbuffer_get_length(in) - left, EVBUFFER_PTR_SET);
    while (left && g->state != REFUSED) {
        struct evbuffer_iovec v;
        if (evbuffer_peek(in, (ev_ssize_t)left, &at, &v, 1) < 1)
            break;
        size_t n = v.iov_len < left ? v.iov_len : left;
        take(g, v.iov_base, n);
        left -= n;
        if (left && g->state != REFUSED)
            evbuffer_ptr_set(in, &at, n, EVBUFFER_PTR_ADD);
    }
}

static void on_output(struct evbuffer *out, const struct evbuffer_cb_info *info, void *arg)
{
    (void)out;
    struct gate *g = arg;
    g->wrote |= info->n_added > 0;
    if (info->n_deleted && g->state == BUSY)
        g->deadline_ms = tick_ms() + OUTPUT_MS;
}

// Doors.

static void sweep_early(struct guard *w)
{
    struct gate *g, *behind;
    for (g = TAILQ_FIRST(&w->gates); g; g = behind) {
        behind = TAILQ_NEXT(g, next);
        if (let_go(g))
            gate_free(g);
    }
    w->sweep_early_at = w->inside + SWEEP_EARLY_STEP > SWEEP_EARLY_AT ? w->inside + SWEEP_EARLY_STEP : SWEEP_EARLY_AT;
}

struct bufferevent *gate_admit(struct event_base *base, void *arg)
{
    struct door *d = arg;
    struct guard *w = d->guard;
    if (w->inside >= w->sweep_early_at)
        sweep_early(w);
    struct gate *g = calloc(1, sizeof *g);
    struct bufferevent *bev = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
    assert(g && bev);   // NULL here would make evhttp open an ungated connection
    *g = (struct gate){.door = d, .bev = bev, .fd = -1};
    enter(g, HEAD, IDLE_MS);
    bufferevent_incref(bev);
    evbuffer_add_cb(bufferevent_get_input(bev), on_input, g);
    evbuffer_add_cb(bufferevent_get_output(bev), on_output, g);
    TAILQ_INSERT_TAIL(&w->gates, g, next);
    w->inside++;
    if (++d->inside >= d->max && d->max && d->listener)
        evconnlistener_disable(d->listener);    // the kernel queues the next ones
    return bev;
}

static void late(struct gate *g)
{
    bool idle = g->state == HEAD && !g->head.octets;
    if (g->state == REFUSED || g->state == BUSY || idle || g->fd < 0)
        hang_up(g);
    else
        refuse(g, 408);
}

void guard_sweep(struct guard *w)
{
    int64_t now = tick_ms();
    struct gate *g, *behind;
    for (g = TAILQ_FIRST(&w->gates); g; g = behind) {
        behind = TAILQ_NEXT(g, next);
        struct door *d = g->door;
        if (let_go(g))
            gate_free(g);
        else if (now >= g->deadline_ms)
            late(g);
        if (d->listener && !w->closing && d->inside < d->max)
            evconnlistener_enable(d->listener);
    }
}

void guard_close(struct guard *w)
{
    w->closing = true;
    struct gate *g;
    TAILQ_FOREACH(g, &w->gates, next) {
        g->last = true;
        if (g->state == HEAD && !g->head.octets)
            hang_up(g);
    }
}

void guard_free(struct guard *w)
{
    while (!TAILQ_EMPTY(&w->gates))
        gate_free(TAILQ_FIRST(&w->gates));
    free(w->by_fd);
    free(w);
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
    enter(g, HEAD, IDLE_MS);
    if (!gate_last(g))
        return;
    evhttp_add_header(evhttp_request_get_output_headers(req), "Connection", "close");
    enter(g, REFUSED, LINGER_MS);   // for CONNECT evhttp would go on reading even so
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
    body_over(g);
    drain(g);
    enter(g, BUSY, OUTPUT_MS);
    evhttp_request_set_on_complete_cb(req, on_complete, g);
    return g;
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
    struct ucred peer;
    socklen_t n = sizeof peer;
    if (!g->door->is_unix || getsockopt(g->fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) < 0)
        return false;
    *uid = peer.uid;
    return true;
}

// guard.c: all connections together: who comes in, who is late, who is gone.
//
// libevent frees a connection without telling anybody when no request was completed. So the gate holds a reference
// of its own to the bufferevent; the sweep notices that evhttp let go (its callbacks are gone) and lets go too. That
// also means that a socket lives up to a second longer than its connection, and is read empty meanwhile: without
// that the kernel would send a reset, which may destroy the answer before the client has read it. Its place at the
// door does not wait for that: while a door is full, a look every few milliseconds gives it to the next one.
#include "base/clock.h"
#include "base/say.h"
#include "web/gate_inner.h"
#include <assert.h>
#include <event2/event.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
    SWEEP_EARLY_AT = 3000,          // connections inside; above it those that evhttp let go are freed sooner
    SWEEP_EARLY_STEP = 256,
    ROOM_MS = 5,                    // between looks for a place, while a door is full
    SWEEP_MS = 1000, SWEEP_SLACK_MS = 250,
};

struct guard *guard_new(void)
{
    struct guard *w = calloc(1, sizeof *w);
    assert(w);
    TAILQ_INIT(&w->gates);
    w->sweep_early_at = SWEEP_EARLY_AT;
    return w;
}

size_t guard_unsent(const struct guard *w)
{
    return w->unsent;
}

void guard_relieve(struct guard *w)
{
    while (w->unsent > UNSENT_ALL_MAX) {
        struct gate *g, *most = TAILQ_FIRST(&w->gates);
        TAILQ_FOREACH(g, &w->gates, next)
            if (g->unsent > most->unsent)
                most = g;
        say("web.unread", KV("unsent_bytes", most->unsent));
        gate_hang_up(most);
    }
}

size_t guard_inside(const struct guard *w)
{
    return w->inside;
}

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

static bool uid_of(int fd, unsigned *uid)
{
    struct ucred peer;
    socklen_t n = sizeof peer;
    bool known = getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) == 0;
    *uid = known ? peer.uid : UINT_MAX;
    return known;
}

void guard_learn(struct guard *w, struct gate *g)
{
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
    if (g->door->is_unix)
        g->uid_known = uid_of(g->fd, &g->uid);
    else
        g->address = peer_of(g->fd);
}

struct address address_network(struct address a)
{
    static const uint8_t four[12] = {[10] = 0xff, [11] = 0xff};
    if (memcmp(a.at, four, sizeof four) != 0)
        memset(a.at + 8, 0, 8);
    return a;
}

static bool is_beside(const struct gate *g, const struct gate *other)
{
    struct address one = address_network(g->address), two = address_network(other->address);
    return other->door == g->door && other->fd >= 0 && memcmp(&one, &two, sizeof one) == 0
        && other->state != REFUSED && !gate_let_go(other);
}

unsigned guard_beside(const struct gate *g)
{
    const struct door *d = g->door;
    unsigned n = 0;
    struct gate *other;
    if (d->is_proxy && d->is_proxy(d->arg, g->address))
        return 1;
    TAILQ_FOREACH(other, &d->guard->gates, next)
        n += is_beside(g, other);
    return n;
}

void guard_next_body(struct door *d)
{
    struct gate *g;
    TAILQ_FOREACH(g, &d->guard->gates, next)
        if (g->door == d && g->waiting) {
            g->waiting = false;
            g->reading = true;
            d->bodies++;
            gate_enter(g, BODY, BODY_MS);
            bufferevent_enable(g->bev, EV_READ);
            return;
        }
}

static void leave(struct gate *g)
{
    struct door *d = g->door;
    if (g->left)
        return;
    g->left = true;
    gate_uncount(g);
    d->inside--;
    if (!d->full)
        return;
    d->full = false;
    door_open_again(d);
}

static void gate_free(struct gate *g)
{
    struct guard *w = g->door->guard;
    gate_body_over(g);
    leave(g);
    if (g->fd >= 0)
        w->by_fd[g->fd] = NULL;
    TAILQ_REMOVE(&w->gates, g, next);
    w->inside--;
    bufferevent_decref(g->bev);     // the last reference: closes the socket
    free(g);
}

static void sweep_early(struct guard *w)
{
    struct gate *g, *behind;
    for (g = TAILQ_FIRST(&w->gates); g; g = behind) {
        behind = TAILQ_NEXT(g, next);
        if (gate_let_go(g))
            gate_free(g);
    }
    size_t next = w->inside + SWEEP_EARLY_STEP;
    w->sweep_early_at = next > SWEEP_EARLY_AT ? next : SWEEP_EARLY_AT;
}

// Whether a door is full still.
static bool look_for_room(struct guard *w)
{
    struct gate *g;
    bool full = false;
    TAILQ_FOREACH(g, &w->gates, next)
        if (gate_let_go(g))
            leave(g);
    TAILQ_FOREACH(g, &w->gates, next)
        full |= g->door->full;
    return full;
}

static void on_room(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    static const struct timeval soon = {.tv_usec = ROOM_MS * 1000};
    struct guard *w = arg;
    if (look_for_room(w))
        event_add(w->room, &soon);
}

// The kernel queues the next ones.
static void pause_door(struct door *d, struct event_base *base)
{
    struct guard *w = d->guard;
    d->full = true;
    evconnlistener_disable(d->listener);
    if (!w->room)
        w->room = evtimer_new(base, on_room, w);
    assert(w->room);
    event_active(w->room, EV_TIMEOUT, 0);       // some may have left already
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
    gate_enter(g, HEAD, IDLE_MS);
    bufferevent_incref(bev);
    gate_watch(g);
    TAILQ_INSERT_TAIL(&w->gates, g, next);
    w->inside++;
    if (++d->inside >= d->max && d->max && d->listener)
        pause_door(d, base);
    return bev;
}

static bool is_idle(const struct gate *g)
{
    return g->state == HEAD && !g->head.octets;
}

static void late(struct gate *g)
{
    if (g->state == REFUSED || g->state == BUSY || is_idle(g))
        gate_hang_up(g);
    else
        gate_refuse(g, 408);
}

// Time in which we did not run: stopped, or starved by others on this machine.
static int64_t lost_ms(struct guard *w, int64_t now)
{
    int64_t late_ms = w->swept_at ? now - w->swept_at - SWEEP_MS : 0;
    w->swept_at = now;
    return late_ms > SWEEP_SLACK_MS ? late_ms : 0;
}

void guard_sweep(struct guard *w)
{
    int64_t now = tick_ms(), lost = lost_ms(w, now);
    struct gate *g, *behind;
    for (g = TAILQ_FIRST(&w->gates); g; g = behind) {
        behind = TAILQ_NEXT(g, next);
        g->deadline_ms += lost;
        if (gate_let_go(g))
            gate_free(g);
        else if (now >= g->deadline_ms)
            late(g);
    }
}

void door_open_again(struct door *d)
{
    if (d->listener && !d->full && !d->guard->closing && d->inside < d->max)
        evconnlistener_enable(d->listener);
}

void guard_close(struct guard *w)
{
    w->closing = true;
    struct gate *g;
    TAILQ_FOREACH(g, &w->gates, next)
        if (is_idle(g))
            gate_hang_up(g);
}

void guard_free(struct guard *w)
{
    w->closing = true;          // the listeners are gone
    while (!TAILQ_EMPTY(&w->gates))
        gate_free(TAILQ_FIRST(&w->gates));
    if (w->room)
        event_free(w->room);
    free(w->by_fd);
    free(w);
}

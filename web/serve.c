// serve.c: the role: three listeners on one loop, and how it ends. SIGTERM stops the listening, lets the answers in
// flight go out, and ends; what it has promised by then is in the store.
#include "base/clock.h"
#include "base/file.h"
#include "base/loop.h"
#include "base/say.h"
#include "store/chain.h"
#include "web/act.h"
#include "web/head.h"
#include "web/listen.h"
#include "web/live.h"
#include "web/oidc.h"
#include "web/origin.h"
#include "web/request.h"
#include "web/strict.h"
#include <assert.h>
#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <sys/resource.h>
#include <unistd.h>

enum { HEAD_EVERY_MS = 10 * 60 * 1000 };
enum { SWEEP_MS = 1000, CLOSING_SWEEP_MS = 50, CLOSING_MS = 5000, FILES_WANTED = 8192, HOOKS_A_MINUTE = 30 };

static const struct door doors[PORTALS] = {
    [PORTAL_SOCKET] = {.is_unix = true, .max = 2000, .body_max = 64 << 10},
    [PORTAL_API] = {.max = 4000, .per_address = 64, .body_max = 64 << 10},
    [PORTAL_HOOKS] = {.max = 20, .bodies_max = 4, .body_max = 4 << 20},
};

struct role {
    struct web web;
    struct loop *loop;
    struct event *sweep;
    int64_t closing_until;      // 0: serving
    int64_t head_at;            // when the head of the audit log was told last (tick), and which
    int64_t head_seq;
};

// Into the system's log, out of reach of whoever can write the store: a chain that was cut off or written anew does not
// have this head. Told when it changed.
static void tell_head(struct role *role)
{
    struct chain_head head;
    struct err e;
    if (role->head_at && tick_ms() - role->head_at < HEAD_EVERY_MS)
        return;
    role->head_at = tick_ms();
    if (!chain_head(role->web.db, &head, &e))
        say_err("audit.head", &e);
    else if (head.seq != role->head_seq)
        say("audit.head", KV("seq", head.seq), KV("hash", head.hash));
    role->head_seq = head.seq;
}

// Once a second; while closing more often, to be gone soon.
static void on_sweep(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct role *role = arg;
    guard_sweep(role->web.guard);
    refusals_sweep(&role->web, tick_ms());
    tell_head(role);
    for (size_t i = 0; i < PORTALS; i++)
        door_open_again(&role->web.portals[i].door);
    if (role->closing_until && (!guard_inside(role->web.guard) || tick_ms() > role->closing_until))
        loop_stop(role->loop);
}

static void stop_listening(struct web *w)
{
    for (size_t i = 0; i < PORTALS; i++)
        if (w->portals[i].door.listener) {
            evconnlistener_disable(w->portals[i].door.listener);    // evhttp_free closes it
            w->portals[i].door.listener = NULL;
        }
}

static void on_term(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct role *role = arg;
    if (role->closing_until) {
        loop_stop(role->loop);
        return;
    }
    role->closing_until = tick_ms() + CLOSING_MS;
    stop_listening(&role->web);
    guard_close(role->web.guard);
    live_end(role->web.live);
    event_free(role->sweep);
    role->sweep = loop_every(role->loop, CLOSING_SWEEP_MS, on_sweep, role);
}

// Descriptors ran out: the sweep opens the listener again.
static void on_accept_error(struct evconnlistener *listener, void *arg)
{
    (void)arg;
    evconnlistener_disable(listener);
    say("web.accept", KV("error", "no descriptor left for a new connection"));
}

static void on_libevent(int severity, const char *message)
{
    if (severity >= EVENT_LOG_WARN)
        say("web.libevent", KV("error", message));
}

static bool open_portal(struct role *role, enum portal_kind kind, int fd, struct err *e)
{
    struct portal *p = &role->web.portals[kind];
    struct event_base *base = loop_base(role->loop);
    *p = (struct portal){.kind = kind, .web = &role->web, .door = doors[kind]};
    p->door.guard = role->web.guard;
    p->door.is_proxy = origin_is_proxy;
    p->door.arg = &role->web;
    p->http = evhttp_new(base);
    p->door.listener = evconnlistener_new(base, NULL, NULL, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, fd);
    if (!p->http || !p->door.listener || !evhttp_bind_listener(p->http, p->door.listener)) {
        close(fd);
        return err_set(e, ERR_IO, "start listening: %m");
    }
    evconnlistener_set_error_cb(p->door.listener, on_accept_error);
    evhttp_set_bevcb(p->http, gate_admit, &p->door);
    evhttp_set_gencb(p->http, request_take, p);
    evhttp_set_allowed_methods(p->http, UINT16_MAX);        // strict.c has the better words
    evhttp_set_default_content_type(p->http, NULL);         // else text/html
    evhttp_set_max_headers_size(p->http, HEAD_MAX);
    evhttp_set_max_body_size(p->http, (ev_ssize_t)p->door.body_max);
    return true;
}

static bool open_portals(struct role *role, struct err *e)
{
    struct web *w = &role->web;
    const struct site *s = w->fresh.good;
    int fd;
    w->listen_host = str_dup(&w->arena, host_name(s->web.listen));
    if (!listen_unix(w->data, "web.sock", &fd, e) || !open_portal(role, PORTAL_SOCKET, fd, e))
        return false;
    if (!listen_tcp(s->web.listen, s->web.plain_ok, &fd, e) || !open_portal(role, PORTAL_API, fd, e))
        return err_in(e, "web: listen");
    if (!listen_tcp(s->web.hooks, s->web.plain_ok, &fd, e) || !open_portal(role, PORTAL_HOOKS, fd, e))
        return err_in(e, "web: hooks");
    say("web.listening", KV("socket", str_f(&w->arena, "%s/run/web.sock", w->data)), KV("api", s->web.listen),
        KV("hooks", s->web.hooks));
    return true;
}

static void close_portals(struct role *role)
{
    struct web *w = &role->web;
    hashers_stop(w->hashers);
    oidc_free(w->oidc);
    requests_drop(w);
    for (size_t i = 0; i < PORTALS; i++)
        if (w->portals[i].http)
            evhttp_free(w->portals[i].http);
    live_free(w->live);
    guard_free(w->guard);
    event_base_loop(loop_base(role->loop), EVLOOP_NONBLOCK);    // libevent frees and closes from the loop
    unlink(str_zf(&w->arena, "%s/run/web.sock", w->data));
}

static void raise_file_limit(void)
{
    struct rlimit r;
    if (getrlimit(RLIMIT_NOFILE, &r) < 0 || r.rlim_cur >= FILES_WANTED)
        return;
    r.rlim_cur = r.rlim_max < FILES_WANTED ? r.rlim_max : FILES_WANTED;
    (void)setrlimit(RLIMIT_NOFILE, &r);     // fewer connections then: on_accept_error
}

static bool serve(struct role *role, struct err *e)
{
    role->loop = loop_new_of_connections(e);
    if (!role->loop)
        return false;
    event_set_log_callback(on_libevent);
    role->web.guard = guard_new();
    role->web.turned = event_new(loop_base(role->loop), -1, 0, request_turned, &role->web);
    assert(role->web.turned);
    loop_signal(role->loop, SIGTERM, on_term, role);
    loop_signal(role->loop, SIGINT, on_term, role);
    role->sweep = loop_every(role->loop, SWEEP_MS, on_sweep, role);
    role->web.hashers = hashers_start(loop_base(role->loop), e);
    role->web.live = role->web.hashers ? live_new(&role->web, role->loop, e) : NULL;
    role->web.oidc = role->web.live ? oidc_new(loop_base(role->loop), e) : NULL;
    bool ok = role->web.oidc && open_portals(role, e);
    if (ok)
        loop_run(role->loop);
    refusals_sweep(&role->web, INT64_MAX);
    event_free(role->sweep);
    close_portals(role);
    event_free(role->web.turned);
    loop_free(role->loop);
    return ok;
}

bool web_run(const struct web_call *call, struct err *e)
{
    OWN_DB struct db *db = NULL;
    OWN_FD lock = -1;
    struct role role = {.web = {.data = call->data, .owner = geteuid(), .arena = arena_make(64 << 20),
                                .fresh.path = call->site, .bulks = call->bulks, .hooks.per_minute = HOOKS_A_MINUTE,
                                .strangers.slots = REFUSALS_NETWORKS}};
    struct web *w = &role.web;
    TAILQ_INIT(&w->pending);
    TAILQ_INIT(&w->relays);
    say_role("web");
    raise_file_limit();
    bool ok = sodium_init() >= 0 || err_set(e, ERR_IO, "libsodium does not start");
    ok = ok && store_open(call->data, &db, e);
    ok = ok && (file_lock(str_zf(&w->arena, "%s/run/web.lock", call->data), &lock, e)
                || err_in(e, "another web role serves this directory"));
    w->db = db;
    w->requests = randombytes_random();
    w->router = router_make(&w->arena, call->tables, call->shapes);
    w->fresh.kept = fresh_kept(&w->arena, call->data);
    fresh_look(&w->fresh);
    if (ok && !w->fresh.site && fresh_recall(&w->fresh))
        say_err("site.mistake", &w->fresh.err);
    else if (ok && !w->fresh.site) {
        *e = w->fresh.err;
        ok = false;
    }
    if (ok)
        refusals_recall(db);
    ok = ok && serve(&role, e);
    fresh_drop(&w->fresh);
    arena_drop(&w->spare);
    arena_drop(&w->arena);
    return ok;
}

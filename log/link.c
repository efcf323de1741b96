// link.c: see link.h.
#include "log/link.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/say.h"
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/util.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>

enum {
    RETRY_FIRST_MS = 100, RETRY_LAST_MS = 30000,
    GREETING_MS = 10000,            // from the first try to welcome
    SILENT_PEER_MS = 20000,         // TCP: what we sent stays unconfirmed
    STEADY_MS = 10000,              // a connection that held for so long makes the pauses short again
};

struct link {
    struct loop *loop;
    struct link_spec spec;
    struct ssl_ctx_st *tls;
    struct bufferevent *b;
    struct event *timer;            // the pause, or the end of our patience with a greeting
    unsigned char boot[16];
    bool up, failing, connected;    // connected: the other side answered, though it did not greet yet
    int64_t pause_ms, up_tick;
    struct err failure;
    char where[300], said[1200];    // the reason that was said last
};

static void begin(struct link *l);

static void on_pause_over(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    begin(arg);
}

static void set_timer(struct link *l, int64_t ms, loop_fn *fn)
{
    if (l->timer)
        event_free(l->timer);
    l->timer = fn ? loop_after(l->loop, ms, fn, l) : NULL;
}

static int64_t next_pause(struct link *l)
{
    int64_t first = l->spec.retry_ms ? l->spec.retry_ms : RETRY_FIRST_MS, pause;
    if (l->up_tick && tick_ms() - l->up_tick >= STEADY_MS)
        l->pause_ms = 0;
    l->pause_ms = l->pause_ms ? l->pause_ms * 2 : first;
    if (l->pause_ms > RETRY_LAST_MS)
        l->pause_ms = RETRY_LAST_MS;
    pause = l->pause_ms / 2 + randombytes_uniform((uint32_t)l->pause_ms);
    return pause;
}

static void say_down(struct link *l, const struct err *e)
{
    if (str_eq(str_z(e->text), str_z(l->said)))
        return;
    snprintf(l->said, sizeof l->said, "%s", e->text);
    say("log.agent.disconnected", KV("server", l->where), KV("why", e->text), KV("hint", e->hint));
}

static void hang_up(struct link *l, const struct err *e)
{
    bool was_up = l->up;
    if (l->b)
        bufferevent_free(l->b);
    l->b = NULL;
    l->up = l->failing = l->connected = false;
    say_down(l, e);
    set_timer(l, next_pause(l), on_pause_over);
    l->up_tick = 0;
    if (was_up)
        l->spec.down(l->spec.arg);
}

// ---- why there is no connection ----

#define WHAT_IT_IS  "is that address the log server's (log.listen in its site file)? Then its own log says more"
#define WHERE_IT_IS "is the address right, and does every firewall on the way let this port through?"
#define MAKE_TOKEN  "make a token on the log server: rusuban log enroll HOST; then here --token FILE"

static const struct { bool socket; int error; const char *text, *hint; } ways[] = {
    {false, ECONNREFUSED, "connection refused: nobody listens at",
     "on the log server: does rusuban run, and does log.listen in its site file say this address and port?"},
    {false, ETIMEDOUT, "no answer from", WHERE_IT_IS},
    {false, EHOSTUNREACH, "there is no way to", WHERE_IT_IS},
    {false, ENETUNREACH, "there is no way to", WHERE_IT_IS},
    {true, ENOENT, "there is no log server at",
     "rusuban serve makes that socket; the log server of another machine: --server HOST:PORT --token FILE"},
    {true, ECONNREFUSED, "nobody listens at", "the log server ended without a word; start it: rusuban serve"},
    {true, EACCES, "this user may not use", "be the user of rusuban serve, or go by --server HOST:PORT --token FILE"},
};

// A connection that ended before it was one, or before the other side said who it is. error: errno, if it is any.
static void no_greeting(const struct link *l, int error, struct err *e)
{
    bool socket = l->spec.socket != NULL;
    for (size_t i = 0; !l->connected && i < ARRAY_LEN(ways); i++)
        if (ways[i].socket == socket && ways[i].error == error) {
            err_set(e, ERR_PEER, "%s %s", ways[i].text, l->where);
            err_hint(e, "%s", ways[i].hint);
            return;
        }
    err_set(e, ERR_PEER, "%s ended the connection before it greeted", l->where);
    if (!socket && !l->spec.token)
        err_hint(e, "without a token there is no TLS, and log.listen takes nothing else; " MAKE_TOKEN);
    else
        err_hint(e, WHAT_IT_IS);
}

static void ended(const struct link *l, int error, struct err *e)
{
    if (!l->up)
        no_greeting(l, error, e);
    else if (error == ETIMEDOUT || error == EHOSTUNREACH || error == ENETUNREACH)
        err_set(e, ERR_PEER, "the network to %s is cut: %s", l->where, strerror(error));
    else
        err_set(e, ERR_PEER, "the server ended the connection");
}

static void on_greeting_late(evutil_socket_t fd, short what, void *arg)
{
    struct link *l = arg;
    struct err e = {0};
    (void)fd, (void)what;
    if (l->connected) {
        err_set(&e, ERR_LATE, "%s took the connection and did not greet within %d s", l->where, GREETING_MS / 1000);
        err_hint(&e, l->spec.token || l->spec.socket ? WHAT_IT_IS : MAKE_TOKEN);
    } else {
        err_set(&e, ERR_LATE, "%s does not answer within %d s", l->where, GREETING_MS / 1000);
        err_hint(&e, WHERE_IT_IS);
    }
    hang_up(l, &e);
}

// ---- frames in ----

static bool take_welcome(struct link *l, const struct frame *f, struct err *e)
{
    struct wire_welcome w;
    if (f->type != FRAME_WELCOME)
        return err_set(e, ERR_PEER, "the server began with a frame of type %d", f->type);
    if (!wire_welcome_read(f->payload, &w, e))
        return false;
    set_timer(l, 0, NULL);
    l->up = true;
    l->up_tick = tick_ms();
    l->said[0] = 0;
    say("log.agent.connected", KV("server", l->where));
    l->spec.up(l->spec.arg, &w);
    return true;
}

static bool told_why(const struct frame *f, struct err *e)
{
    struct err said;
    if (wire_error_read(f->payload, &said, e)) {
        *e = said;
        e->kind = ERR_PEER;
        err_in(e, "the server says");
    }
    return false;
}

static bool take_frame(struct link *l, const struct frame *f, struct err *e)
{
    if (f->type == FRAME_ERROR)
        return told_why(f, e);
    if (f->type == FRAME_PING)
        return true;
    if (!l->up)
        return take_welcome(l, f, e);
    if (f->type == FRAME_WELCOME)
        return err_set(e, ERR_PEER, "a second welcome");
    l->spec.frame(l->spec.arg, f);
    return true;
}

static void on_read(struct bufferevent *b, void *arg)
{
    struct link *l = arg;
    struct evbuffer *in = bufferevent_get_input(b);
    struct err e = {0};
    while (l->b && !l->failing) {
        struct frame f;
        size_t have = evbuffer_get_length(in), n;
        char head[FRAME_HEAD];
        if (evbuffer_copyout(in, head, sizeof head) < (ev_ssize_t)sizeof head)
            return;
        uint32_t want;
        memcpy(&want, head, sizeof want);
        n = want <= FRAME_MAX ? FRAME_HEAD + (size_t)want : FRAME_HEAD;
        if (have < n)
            return;
        n = frame_cut((struct str){(char *)evbuffer_pullup(in, (ev_ssize_t)n), n}, &f, &e);
        if (n == SIZE_MAX || !take_frame(l, &f, &e)) {
            hang_up(l, &e);
            return;
        }
        if (l->b && !l->failing)
            evbuffer_drain(in, n);
    }
}

static void on_write(struct bufferevent *b, void *arg)
{
    struct link *l = arg;
    (void)b;
    if (l->up)
        l->spec.room(l->spec.arg);
}

static void say_hello(struct link *l)
{
    OWN_BUF struct buf b = buf_make(4096);
    const struct token *t = l->spec.token;
    struct wire_hello h = {.version = PROTOCOL, .host = t ? str_z(t->host) : l->spec.host, .build = S(RUSUBAN_VERSION)};
    if (t)
        h.secret = (struct str){(const char *)t->secret, sizeof t->secret};
    memcpy(h.boot, l->boot, sizeof h.boot);
    wire_hello_put(&b, &h);
    link_send(l, FRAME_HELLO, buf_str(&b));
    sodium_memzero(b.p, b.n);
}

// A peer that is gone without a word is noticed by what it does not confirm; we send a status every 2 s.
static void watch_peer(int fd)
{
    int ms = SILENT_PEER_MS, on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof ms);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static void on_event(struct bufferevent *b, short what, void *arg)
{
    struct link *l = arg;
    struct err e = {0};
    int error = EVUTIL_SOCKET_ERROR();          // TLS tells a refused connection as an end, and errno why
    if (what & BEV_EVENT_CONNECTED) {
        l->connected = true;
        watch_peer(bufferevent_getfd(b));
        say_hello(l);
        return;
    }
    int dns = bufferevent_socket_get_dns_error(b);
    if (what & BEV_EVENT_ERROR && dns) {
        err_set(&e, ERR_PEER, "%s: %s", l->where, evutil_gai_strerror(dns));
        err_hint(&e, "does this machine know that name? An address does, too");
    } else if (!(what & BEV_EVENT_ERROR) || tls_why(b, &e)) {
        ended(l, error, &e);
    } else if (!e.hint[0] && !l->up) {
        err_hint(&e, WHAT_IT_IS);
    }
    hang_up(l, &e);
}

// ---- making it ----

static bool connect_unix(struct link *l, struct err *e)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    if ((size_t)snprintf(un.sun_path, sizeof un.sun_path, "%s", l->spec.socket) >= sizeof un.sun_path)
        return err_set(e, ERR_INPUT, "the path of the socket %s is too long", l->spec.socket);
    if (bufferevent_socket_connect(l->b, (struct sockaddr *)&un, sizeof un) == 0)
        return true;
    no_greeting(l, errno, e);
    return false;
}

static bool split(const char *server, char *name, size_t size, int *port)
{
    const char *colon = strrchr(server, ':');
    struct str host = colon ? (struct str){server, (size_t)(colon - server)} : S("");
    uint64_t n;
    if (host.n >= 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
        host = (struct str){host.p + 1, host.n - 2};
    if (!host.n || host.n >= size || !str_u64(str_z(colon + 1), &n) || n == 0 || n > 65535)
        return false;
    snprintf(name, size, STR_F, STR_A(host));
    *port = (int)n;
    return true;
}

static bool connect_tcp(struct link *l, struct err *e)
{
    char name[256];
    int port;
    if (!split(l->spec.server, name, sizeof name, &port))
        return err_set(e, ERR_INPUT, "%s is no HOST:PORT", l->spec.server);
    return bufferevent_socket_connect_hostname(l->b, NULL, AF_UNSPEC, name, port) == 0
           || err_set(e, ERR_PEER, "connect to %s: %m", l->spec.server);
}

static void begin_connected(struct link *l)
{
    int fd = l->spec.fd;
    l->spec.fd = -1;
    evutil_make_socket_nonblocking(fd);
    l->b = bufferevent_socket_new(loop_base(l->loop), fd, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(l->b, on_read, on_write, on_event, l);
    bufferevent_enable(l->b, EV_READ | EV_WRITE);
    say_hello(l);
}

static void begin(struct link *l)
{
    struct err e = {0};
    if (l->spec.fd > 0)
        begin_connected(l);
    if (l->spec.fd)
        return;
    struct event_base *base = loop_base(l->loop);
    set_timer(l, GREETING_MS, on_greeting_late);
    l->b = l->spec.token ? tls_connect(base, l->tls, l->spec.token->pin, &e)
                         : bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
    if (l->b) {
        bufferevent_setcb(l->b, on_read, on_write, on_event, l);
        bufferevent_setwatermark(l->b, EV_READ, 0, FRAME_HEAD + FRAME_MAX);
        bufferevent_setwatermark(l->b, EV_WRITE, LINK_ROOM / 2, 0);
        bufferevent_enable(l->b, EV_READ | EV_WRITE);
    }
    // A failure inside connect has been told to on_event already, and has freed l->b.
    if (!l->b || (!(l->spec.socket ? connect_unix(l, &e) : connect_tcp(l, &e)) && l->b))
        hang_up(l, &e);
}

static bool is_loopback(const char *server)
{
    char name[256];
    int port;
    struct in_addr v4;
    struct in6_addr v6;
    if (!split(server, name, sizeof name, &port))
        return false;
    return (inet_pton(AF_INET, name, &v4) == 1 && ntohl(v4.s_addr) >> 24 == 127)
           || (inet_pton(AF_INET6, name, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6));
}

static bool may_speak(const struct link_spec *s, struct err *e)
{
    char name[256];
    int port;
    if (s->socket || s->fd)
        return true;
    if (!split(s->server, name, sizeof name, &port))
        return err_set(e, ERR_INPUT, "--server: expected HOST:PORT, got \"%s\"", s->server);
    if (s->token || is_loopback(s->server))
        return true;
    err_set(e, ERR_INPUT, "--server: %s is not on this machine, and without a token there is no TLS", s->server);
    return err_hint(e, "on the log server: rusuban log enroll HOST; then here --token FILE");
}

// Of the machine, so that the server can tell an agent that was started again from another machine under the same name.
static void boot_id(unsigned char out[16])
{
    OWN_ARENA struct arena a = arena_make(64 << 10);
    char hex[32];
    size_t n = 0;
    struct str text;
    struct err e;
    randombytes_buf(out, 16);
    if (!file_read(&a, "/proc/sys/kernel/random/boot_id", 100, &text, &e))
        return;
    for (size_t i = 0; i < text.n && n < sizeof hex; i++)
        if (text.p[i] != '-')
            hex[n++] = text.p[i];
    unsigned char id[16];
    if (hex_decode((struct str){hex, n}, id, sizeof id))
        memcpy(out, id, sizeof id);
}

struct link *link_new(struct loop *loop, const struct link_spec *spec, struct err *e)
{
    if (!may_speak(spec, e))
        return NULL;
    struct link *l = calloc(1, sizeof *l);
    *l = (struct link){.loop = loop, .spec = *spec};
    boot_id(l->boot);
    snprintf(l->where, sizeof l->where, "%s", spec->socket ? spec->socket : spec->server ? spec->server : "-");
    if (spec->token && !(l->tls = tls_client(e))) {
        free(l);
        return NULL;
    }
    l->timer = loop_after(loop, 0, on_pause_over, l);
    return l;
}

void link_free(struct link *l)
{
    if (l->b)
        bufferevent_free(l->b);
    set_timer(l, 0, NULL);
    tls_free(l->tls);
    free(l);
}

bool link_up(const struct link *l)
{
    return l->up && !l->failing;
}

size_t link_waiting(const struct link *l)
{
    return l->b ? evbuffer_get_length(bufferevent_get_output(l->b)) : 0;
}

void link_send(struct link *l, enum frame_type type, struct str payload)
{
    char head[FRAME_HEAD] = {0};
    uint32_t n = (uint32_t)payload.n;
    assert(payload.n <= FRAME_MAX);
    memcpy(head, &n, sizeof n);
    head[4] = (char)type;
    if (!l->b)
        return;
    bufferevent_write(l->b, head, sizeof head);
    bufferevent_write(l->b, payload.p, payload.n);
}

void link_send_frame(struct link *l, struct str frame)
{
    if (l->b)
        bufferevent_write(l->b, frame.p, frame.n);
}

static void on_fail(evutil_socket_t fd, short what, void *arg)
{
    struct link *l = arg;
    struct err e = l->failure;
    (void)fd, (void)what;
    hang_up(l, &e);
}

// Not at once: the caller stands inside a frame of the connection that ends. While it is up the timer has nothing to
// do.
void link_fail(struct link *l, const struct err *e)
{
    if (l->failing || !l->up)
        return;
    l->failing = true;
    l->failure = *e;
    set_timer(l, 0, on_fail);
}

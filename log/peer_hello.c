// peer_hello.c: who is at the other end, whether they may speak, and what they are told to follow.
#include "log/inner.h"
#include "base/clock.h"
#include "base/say.h"
#include "log/token.h"
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    ALIVE_MS = 5000,                    // an agent is heard every STATUS_MS
    SETTLED_MS = 1000,
};

static bool may_speak(struct peer *p, const struct wire_hello *m, struct err *e)
{
    struct ucred who;
    socklen_t n = sizeof who;
    if (!p->local)
        return token_check(p->server->db, m->host, m->secret, e);
    if (getsockopt(bufferevent_getfd(p->bev), SOL_SOCKET, SO_PEERCRED, &who, &n) < 0)
        return err_set(e, ERR_DENIED, "who is there cannot be found out: %m");
    return who.uid == geteuid() || who.uid == 0
        || err_set(e, ERR_DENIED, "only the server's own user may use this socket");
}

static bool another_speaks(const struct peer *p, const struct peer *q, struct err *e)
{
    char since[TIME_TEXT_MAX];
    err_set(e, ERR_CONFLICT, "another agent speaks for host %s (since %s, from %s)", p->host,
            time_local(q->since_ms, NULL, false, since), q->from);
    return err_hint(e, "end one of the two, or give each host a token of its own: rusuban log enroll HOST");
}

// Who is replaced hears it, where it can still hear anything.
static void give_way(struct peer *q, const struct peer *p)
{
    struct err e;
    say("log.agent.gone", KV("host", q->host), KV("why", "it connected again"), KV("from", p->from));
    err_set(&e, ERR_STATE, "an agent that came later, from %s, speaks for host %s now", p->from, p->host);
    err_hint(&e, "if that was not this agent itself: give each host a token of its own: rusuban log enroll HOST");
    peer_dismiss(q, &e);
}

// The newest connection of a host is its agent, for one whose network was cut comes back before we know of the cut.
// Two machines with one name would take turns for ever, and so would two agents of one machine (rival.h).
static bool replace_older(struct peer *p, struct err *e)
{
    struct peer *q;
    LIST_FOREACH(q, &p->server->peers, next) {
        if (q == p || !q->greeted || q->ending || q->imports || strcmp(q->host, p->host) != 0)
            continue;
        bool alive = tick_ms() - q->heard < ALIVE_MS;
        bool other_machine = memcmp(q->boot, p->boot, sizeof p->boot) != 0 && tick_ms() - q->born > SETTLED_MS;
        if (alive && (other_machine || !rivals_turn(&p->server->rivals, p->host, tick_ms())))
            return another_speaks(p, q, e);
        give_way(q, p);
    }
    return true;
}

static bool welcome(struct peer *p, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    OWN_BUF struct buf b = buf_make(FRAME_MAX);
    struct str config = config_for(&a, p->server, str_z(p->host), p->imports, e);
    if (e->kind)
        return false;
    p->window = peer_window(p->server);
    wire_welcome_put(&b, &(struct wire_welcome){.now_us = now_ms() * 1000, .fence = p->id, .window = p->window,
                                                .config = config});
    peer_send(p, FRAME_WELCOME, buf_str(&b));
    return true;
}

bool peer_on_hello(struct peer *p, struct str payload, struct err *e)
{
    struct wire_hello m;
    if (p->greeted)
        return err_set(e, ERR_PEER, "a second hello");
    if (!wire_hello_read(payload, &m, e))
        return false;
    if (m.host.n == 0 || m.host.n >= sizeof p->host || !str_plain(m.host, "._-"))
        return err_set(e, ERR_PEER, "a host without a name");
    memcpy(p->host, m.host.p, m.host.n);
    memcpy(p->boot, m.boot, sizeof p->boot);
    if (!may_speak(p, &m, e))
        return false;
    p->imports = p->local && str_starts(m.build, S("import"));      // persons, and what they bring: here only
    if (!p->imports && !replace_older(p, e))
        return false;
    if (!p->imports)
        rivals_welcome(&p->server->rivals, p->host, p->from);
    p->greeted = true;
    p->since_ms = p->heard_ms = now_ms();
    p->looked = tick_ms();
    bufferevent_setwatermark(p->bev, EV_READ, 0, 2 * FRAME_MAX);
    if (!p->imports)
        say("log.agent", KV("host", p->host), KV("from", p->from), KV("build", m.build));
    return welcome(p, e);
}

void peer_configs(struct log_server *s)
{
    struct peer *p;
    LIST_FOREACH(p, &s->peers, next) {
        OWN_ARENA struct arena a = arena_make(1 << 20);
        OWN_BUF struct buf b = buf_make(FRAME_MAX);
        struct err e;
        if (!p->greeted || p->ending)
            continue;
        struct str config = config_for(&a, s, str_z(p->host), p->imports, &e);
        if (e.kind)
            continue;
        wire_welcome_put(&b, &(struct wire_welcome){.now_us = now_ms() * 1000, .fence = p->id, .window = p->window,
                                                    .config = config});
        peer_send(p, FRAME_CONFIG, buf_str(&b));
    }
}

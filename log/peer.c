// peer.c: one connection to the log server, an agent's, an import's or a person's, frame by frame.
//
// Who it is stands in peer_hello.c, what it says of its files in peer_streams.c, their lines in peer_blocks.c.
#include "log/inner.h"
#include "base/clock.h"
#include "base/say.h"
#include "log/tail.h"
#include "log/token.h"
#include <arpa/inet.h>
#include <assert.h>
#include <event2/buffer.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CAUGHT_MS = 1000 };

void peer_send(struct peer *p, enum frame_type type, struct str payload)
{
    unsigned char head[FRAME_HEAD] = {0};
    uint32_t n = (uint32_t)payload.n;
    memcpy(head, &n, sizeof n);
    head[4] = (unsigned char)type;
    bufferevent_write(p->bev, head, sizeof head);
    bufferevent_write(p->bev, payload.p, payload.n);
}

void peer_drop(struct peer *p, const char *why)
{
    if (p->greeted && !p->imports && !p->ending)        // else it was said when its end began
        say("log.agent.gone", KV("host", p->host), KV("why", why));
    tail_end(p);
    for (struct asked *a; (a = STAILQ_FIRST(&p->asked));)
        peer_unask(p, a);
    LIST_REMOVE(p, next);
    p->server->peers_n--;
    bufferevent_free(p->bev);
    free(p->status_text);
    free(p);
}

struct peer *peer_find(struct log_server *s, uint64_t id)
{
    struct peer *p;
    LIST_FOREACH(p, &s->peers, next)
        if (p->id == id)
            return p;
    return NULL;
}

void peer_note_refusal(struct peer *p, const struct err *e, bool twin)
{
    struct rival new = {.twin = twin, .at_ms = now_ms()};
    memcpy(new.host, p->host, sizeof new.host);
    memcpy(new.from, p->from, sizeof new.from);
    snprintf(new.why, sizeof new.why, "%.*s", (int)sizeof new.why - 1, e->text);
    memcpy(new.hint, e->hint, sizeof new.hint);
    rivals_refused(&p->server->rivals, &new);
}

void peer_dismiss(struct peer *p, const struct err *e)
{
    OWN_BUF struct buf b = buf_make(4096);
    wire_error_put(&b, e);
    peer_send(p, FRAME_ERROR, buf_str(&b));
    p->ending = true;
    p->born = tick_ms();
    bufferevent_disable(p->bev, EV_READ);
}

bool peer_refuse(struct peer *p, const struct err *e)
{
    if (p->ending)
        return false;
    say("log.refused", KV("host", p->host), KV("from", p->from), KV("why", e->text), KV("hint", e->hint));
    if (!p->imports)
        peer_note_refusal(p, e, e->kind == ERR_CONFLICT);
    peer_dismiss(p, e);
    return false;
}

// ---- what is said beside ----

// For a release that looks at its canary. What the host's clock says of times that are still to come here is not
// believed.
static void tell_caught(struct peer *p)
{
    int64_t now_us = now_ms() * 1000, until_us = p->status.until_us;
    if (!p->server->traffic_wanted || p->server->full || p->imports || until_us <= 0
        || (p->caught && tick_ms() - p->caught < CAUGHT_MS))
        return;
    struct job *j = job_new(JOB_CAUGHT);
    j->caught = calloc(1, sizeof *j->caught);
    assert(j->caught);
    *j->caught = (struct caught){.at_us = p->status.now_us, .until_us = until_us < now_us ? until_us : now_us,
                                 .wants = tables_wants(p->server->tables)};
    memcpy(j->caught->host, p->host, sizeof j->caught->host);
    p->caught = tick_ms();
    journal_put(p->server->journal, j);
}

static bool on_status(struct peer *p, struct str payload, struct err *e)
{
    char *text = malloc(payload.n + 1);
    assert(text);
    memcpy(text, payload.p, payload.n);
    free(p->status_text);
    p->status_text = text;
    if (!wire_status_read((struct str){text, payload.n}, &p->status, e))
        return false;
    tell_caught(p);
    return true;
}

static bool on_ask(struct peer *p, struct str what, struct err *e)
{
    if (!p->local)
        return err_set(e, ERR_DENIED, "questions are answered on the Unix socket only");
    if (str_eq(what, S("status"))) {
        OWN_BUF struct buf b = buf_make(FRAME_MAX - 1024);
        report_json(p->server, &b);
        peer_send(p, FRAME_ANSWER, buf_str(&b));
        return true;
    }
    bool others = str_starts(what, S("elsewhere "));
    if (others || str_starts(what, S("alike "))) {
        OWN_BUF struct buf b = buf_make(FRAME_MAX - 1024);
        struct wire_claim m;
        if (!wire_claim_read(str_from(what, others ? 10 : 6), &m, e))
            return false;
        report_alike(p->server, str_z(p->host), others, &m, &b);
        peer_send(p, FRAME_ANSWER, buf_str(&b));
        return true;
    }
    if (str_starts(what, S("streams "))) {
        OWN_BUF struct buf b = buf_make(FRAME_MAX - 1024);
        if (!report_streams(p->server, str_from(what, 8), &b, e))
            return false;
        peer_send(p, FRAME_ANSWER, buf_str(&b));
        return true;
    }
    if (str_starts(what, S("tail ")))
        return tail_begin(p, str_from(what, 5), e);
    return err_set(e, ERR_PEER, "a question that this server does not know");
}

static bool on_frame(struct peer *p, const struct frame *f, struct err *e)
{
    p->heard_ms = now_ms();
    p->heard = tick_ms();
    if (f->type == FRAME_HELLO)
        return peer_on_hello(p, f->payload, e);
    if (!p->greeted)
        return err_set(e, ERR_PEER, "no hello came first");
    switch (f->type) {
    case FRAME_OPEN:    return peer_on_open(p, f->payload, e);
    case FRAME_CLAIM:   return peer_on_claim(p, f->payload, e);
    case FRAME_DONE:    return peer_on_done(p, f->payload, e);
    case FRAME_STATUS:  return on_status(p, f->payload, e);
    case FRAME_ASK:     return on_ask(p, f->payload, e);
    case FRAME_PING:    peer_send(p, FRAME_PING, S("")); return true;
    case FRAME_ERROR:   return true;
    default:
        return err_set(e, ERR_PEER, "a frame of type %d, which is not an agent's to send", (int)f->type);
    }
}

// What waits in memory has bounds, whoever sends: a peer that has enough of ours to do with is not read, until answers
// went out (peer_answers) or it read what we said (the write callback). Nobody's questions wait for somebody else's
// blocks.
static bool has_enough(const struct peer *p, enum frame_type type)
{
    return p->waiting >= ASKED_MAX || evbuffer_get_length(bufferevent_get_output(p->bev)) > OUTPUT_MAX
           || (type == FRAME_BLOCK && p->server->in_flight > 2 * (size_t)WINDOW_ALL);
}

// One frame off the input; false: there is no whole one, or the connection is ending.
static bool take_frame(struct peer *p)
{
    struct evbuffer *in = bufferevent_get_input(p->bev);
    char head[FRAME_HEAD];
    struct err e;
    uint32_t n;
    if (p->ending || evbuffer_copyout(in, head, sizeof head) < (ev_ssize_t)sizeof head)
        return false;
    memcpy(&n, head, sizeof n);
    if (n > (p->greeted ? FRAME_MAX : HELLO_BYTES)) {
        err_set(&e, ERR_PEER, "a frame of %u bytes: that is not our protocol", n);
        return peer_refuse(p, &e);
    }
    if (evbuffer_get_length(in) < FRAME_HEAD + n || has_enough(p, (enum frame_type)head[4]))
        return false;
    char *whole = malloc((size_t)n + 1);
    assert(whole);
    evbuffer_drain(in, sizeof head);
    evbuffer_remove(in, whole, n);
    struct frame f = {(enum frame_type)head[4], (uint8_t)head[5], {whole, n}};
    bool ok;
    if (f.type == FRAME_BLOCK && p->greeted) {
        p->heard = tick_ms();
        return peer_on_block(p, f.flags, f.payload, &e) || peer_refuse(p, &e);
    }
    ok = on_frame(p, &f, &e);
    free(whole);
    return ok || peer_refuse(p, &e);
}

void peer_read(struct peer *p)
{
    while (take_frame(p))
        ;
}

static void on_read(struct bufferevent *bev, void *arg)
{
    (void)bev;
    peer_read(arg);
}

static bool token_stands(struct peer *p, struct err *e)
{
    if (p->local || tick_ms() - p->looked < TOKEN_MS)
        return true;
    p->looked = tick_ms();
    return token_alive(p->server->db, str_z(p->host), p->since_ms, e);
}

void peer_look_after(struct peer *p)
{
    struct err e;
    if ((!p->greeted || p->ending) && tick_ms() - p->born > HELLO_MS)
        peer_drop(p, "it said nothing");
    else if (p->greeted && !p->imports && !p->server->full && tick_ms() - p->heard > SILENT_MS)
        peer_drop(p, "it fell silent");
    else if (p->greeted && !p->ending && !token_stands(p, &e))
        peer_refuse(p, &e);
}

static void on_event(struct bufferevent *bev, short what, void *arg)
{
    struct err e = {0};
    if (what & BEV_EVENT_CONNECTED)
        return;
    bool tls = (what & BEV_EVENT_ERROR) && !tls_why(bev, &e);
    struct peer *p = arg;
    struct log_server *s = p->server;
    if (tls && !p->greeted) {
        err_hint(&e, "what comes to log.listen must be an agent with a token: rusuban log enroll HOST");
        peer_note_refusal(p, &e, false);
    }
    peer_drop(p, tls ? e.text : what & BEV_EVENT_EOF ? "the connection was closed" : "the connection broke");
    peer_windows(s);
}

// Who comes takes the place of who has been here longest without saying who he is: silence keeps no agent out.
static void drop_a_stranger(struct log_server *s)
{
    struct peer *p, *oldest = NULL;
    LIST_FOREACH(p, &s->peers, next)
        if (!p->greeted)
            oldest = p;             // newcomers stand first
    if (oldest)
        peer_drop(oldest, "it said nothing");
}

static void note_from(struct peer *p, int fd)
{
    struct sockaddr_storage at = {0};
    const struct sockaddr_in *v4 = (struct sockaddr_in *)&at;
    const struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&at;
    struct ucred who = {0};
    socklen_t n = p->local ? sizeof who : sizeof at;
    if (p->local && getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) == 0)
        snprintf(p->from, sizeof p->from, "this machine, process %d", (int)who.pid);
    else if (!p->local && getpeername(fd, (struct sockaddr *)&at, &n) == 0)
        inet_ntop(at.ss_family, at.ss_family == AF_INET6 ? (const void *)&v6->sin6_addr : &v4->sin_addr, p->from,
                  sizeof p->from);
}

void peer_accept(struct log_server *s, int fd, bool local)
{
    struct err e;
    struct bufferevent *bev = NULL;
    if (s->peers_n >= PEERS_MAX)
        drop_a_stranger(s);
    if (s->peers_n < PEERS_MAX)
        bev = local || !s->tls ? bufferevent_socket_new(loop_base(s->loop), fd, BEV_OPT_CLOSE_ON_FREE)
                               : tls_accept(loop_base(s->loop), s->tls, fd, &e);
    if (!bev) {
        close(fd);
        return;
    }
    struct peer *p = calloc(1, sizeof *p);
    assert(p);
    p->server = s;
    p->bev = bev;
    p->local = local;
    note_from(p, fd);
    p->id = ++s->next_peer;
    p->born = p->heard = tick_ms();
    STAILQ_INIT(&p->asked);
    LIST_INSERT_HEAD(&s->peers, p, next);
    s->peers_n++;
    bufferevent_setcb(bev, on_read, on_read, on_event, p);
    bufferevent_setwatermark(bev, EV_READ, 0, 2 * HELLO_BYTES);         // more when we know who it is
    bufferevent_setwatermark(bev, EV_WRITE, OUTPUT_MAX / 2, 0);
    bufferevent_set_max_single_read(bev, 256 << 10);
    bufferevent_enable(bev, EV_READ | EV_WRITE);
}

// peer.c: one connection to the log server, an agent's, an import's or a person's, frame by frame.
//
// An agent asks what we know of a path, claims its files, and sends blocks that join end to start. What it asks for goes
// through the writer's queue too (an echo), so that the answer says what is durable, and nothing that is still on its way.
#include "log/inner.h"
#include "base/clock.h"
#include "base/say.h"
#include "log/tail.h"
#include "log/token.h"
#include <assert.h>
#include <event2/buffer.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { ANSWERS_AT_ONCE = 512, SWAPS_MAX = 3, SWAP_MS = 60000 };

void peer_send(struct peer *p, enum frame_type type, struct str payload)
{
    unsigned char head[FRAME_HEAD] = {0};
    uint32_t n = (uint32_t)payload.n;
    memcpy(head, &n, sizeof n);
    head[4] = (unsigned char)type;
    bufferevent_write(p->bev, head, sizeof head);
    bufferevent_write(p->bev, payload.p, payload.n);
}

static void forget_asked(struct peer *p, struct asked *a)
{
    STAILQ_REMOVE(&p->asked, a, asked, next);
    free((char *)(uintptr_t)a->open.path.p);
    free(a);
}

void peer_drop(struct peer *p, const char *why)
{
    if (p->greeted && !p->imports)
        say("log.agent.gone", KV("host", p->host), KV("why", why));
    tail_end(p);
    for (struct asked *a; (a = STAILQ_FIRST(&p->asked));)
        forget_asked(p, a);
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

// Says why, and ends the connection once that was read or 10 s went by.
static bool refuse(struct peer *p, const struct err *e)
{
    OWN_BUF struct buf b = buf_make(4096);
    if (p->ending)
        return false;
    wire_error_put(&b, (uint16_t)e->kind, str_z(e->text));
    peer_send(p, FRAME_ERROR, buf_str(&b));
    say("log.refused", KV("host", p->host), KV("why", e->text));
    p->ending = true;
    p->born = tick_ms();
    bufferevent_disable(p->bev, EV_READ);
    return false;
}

// ---- windows ----

static bool disk_past_limit(const struct log_server *s)
{
    struct statvfs v;
    const struct site *site = s->fresh.good;
    if (!site || statvfs(s->tables->lake, &v) < 0 || v.f_blocks == 0)
        return false;
    double used = (double)(v.f_blocks - v.f_bfree), usable = used + (double)v.f_bavail;
    return used * 100 > usable * site->log.stop_at;
}

static uint32_t window_of(const struct log_server *s)
{
    if (s->full || s->stopping)
        return 0;
    size_t share = WINDOW_ALL / (s->peers_n ? s->peers_n : 1);
    return (uint32_t)(share > WINDOW_ONE ? WINDOW_ONE : share < WINDOW_LEAST ? WINDOW_LEAST : share);
}

void peer_windows(struct log_server *s)
{
    bool full = journal_full(s->journal) || disk_past_limit(s);
    if (full != s->full)
        say(full ? "log.closed" : "log.open", KV("lake", s->tables->lake),
            KV("why", journal_full(s->journal) ? "no room for the write-ahead log" : "the disk is past stop_at"));
    s->full = full;
    uint32_t window = window_of(s);
    struct peer *p;
    LIST_FOREACH(p, &s->peers, next) {
        if (!p->greeted || p->ending || p->window == window)
            continue;
        OWN_BUF struct buf b = buf_make(64);
        wire_window_put(&b, window);
        peer_send(p, FRAME_WINDOW, buf_str(&b));
        p->window = window;
    }
}

// ---- hello ----

static bool may_speak(struct peer *p, const struct wire_hello *m, struct err *e)
{
    struct ucred who;
    socklen_t n = sizeof who;
    if (!p->local)
        return token_check(p->server->db, m->host, m->secret, e);
    if (getsockopt(bufferevent_getfd(p->bev), SOL_SOCKET, SO_PEERCRED, &who, &n) < 0)
        return err_set(e, ERR_DENIED, "who is there cannot be found out: %m");
    return who.uid == geteuid() || who.uid == 0 || err_set(e, ERR_DENIED, "only the server's own user may use this socket");
}

// The newest connection of a host is its agent. Two machines with one name would take turns for ever.
static bool replace_older(struct peer *p, struct err *e)
{
    struct peer *q, *later;
    for (q = LIST_FIRST(&p->server->peers); q; q = later) {
        later = LIST_NEXT(q, next);
        if (q == p || !q->greeted || q->ending || q->imports || strcmp(q->host, p->host) != 0)
            continue;
        bool other_machine = memcmp(q->boot, p->boot, sizeof p->boot) != 0;
        if (other_machine && now_ms() - q->heard_ms < 5000 && now_ms() - q->since_ms > 1000) {
            err_set(e, ERR_CONFLICT, "another machine ships logs as %s at this moment", p->host);
            return err_hint(e, "enroll each machine under its own name");
        }
        peer_drop(q, "it connected again");
    }
    return true;
}

static bool welcome(struct peer *p, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    OWN_BUF struct buf b = buf_make(FRAME_MAX);
    struct str config = config_for(&a, p->server, str_z(p->host), e);
    if (e->kind)
        return false;
    p->window = window_of(p->server);
    wire_welcome_put(&b, &(struct wire_welcome){.now_us = now_ms() * 1000, .fence = p->id, .window = p->window,
                                                .config = config});
    peer_send(p, FRAME_WELCOME, buf_str(&b));
    return true;
}

static bool on_hello(struct peer *p, struct str payload, struct err *e)
{
    struct wire_hello m;
    if (p->greeted)
        return err_set(e, ERR_PEER, "a second hello");
    if (!wire_hello_read(payload, &m, e) || !may_speak(p, &m, e))
        return false;
    if (m.host.n == 0 || m.host.n >= sizeof p->host || !str_plain(m.host, "._-"))
        return err_set(e, ERR_PEER, "a host without a name");
    memcpy(p->host, m.host.p, m.host.n);
    memcpy(p->boot, m.boot, sizeof p->boot);
    p->imports = p->local && str_starts(m.build, S("import"));      // persons, and what they bring: here only
    if (!p->imports && !replace_older(p, e))
        return false;
    p->greeted = true;
    p->since_ms = p->heard_ms = now_ms();
    p->looked = tick_ms();
    bufferevent_setwatermark(p->bev, EV_READ, 0, 2 * FRAME_MAX);
    if (!p->imports)
        say("log.agent", KV("host", p->host), KV("build", m.build));
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
        struct str config = config_for(&a, s, str_z(p->host), &e);
        if (e.kind)
            continue;
        wire_welcome_put(&b, &(struct wire_welcome){.now_us = now_ms() * 1000, .fence = p->id, .window = p->window,
                                                    .config = config});
        peer_send(p, FRAME_CONFIG, buf_str(&b));
    }
}

// ---- streams ----

static void read_frames(struct peer *p);

// Answered once it, and all before it, is durable.
static void put_waiting(struct peer *p, struct job *j)
{
    j->peer = p->id;
    p->waiting++;
    journal_put(p->server->journal, j);
}

static bool on_open(struct peer *p, struct str payload, struct err *e)
{
    struct wire_open m;
    if (!wire_open_read(payload, &m, e))
        return false;
    if (!tables_set(p->server->tables, m.dataset) || m.path.n == 0 || m.path.n > PATH_BYTES_MAX)
        return err_set(e, ERR_PEER, "an open of no dataset or path of ours");
    struct asked *a = calloc(1, sizeof *a);
    char *path = strndup(m.path.p, m.path.n);
    assert(a && path);
    a->open = (struct wire_open){m.dataset, {path, m.path.n}};
    STAILQ_INSERT_TAIL(&p->asked, a, next);
    put_waiting(p, job_new(JOB_ECHO));
    return true;
}

static void answer_open(struct peer *p)
{
    struct asked *a = STAILQ_FIRST(&p->asked);
    OWN_BUF struct buf b = buf_make(FRAME_MAX);
    if (!a)
        return;
    struct wire_streams m = {.dataset = a->open.dataset, .path = a->open.path,
                             .horizon_us = (now_ms() - (int64_t)HORIZON_DAYS * 86400000) * 1000};
    streams_untake(&p->server->streams, str_z(p->host), m.dataset, m.path);
    uint64_t before = UINT64_MAX;
    do {
        streams_of(&p->server->streams, str_z(p->host), m.dataset, m.path, before, &m);
        before = m.n ? m.at[m.n - 1].id : 0;
        buf_clear(&b);
        wire_streams_put(&b, &m);
        peer_send(p, FRAME_STREAMS, buf_str(&b));
    } while (m.more);
    forget_asked(p, a);
}

static struct stream *stream_of(struct peer *p, uint64_t id, struct err *e)
{
    struct stream *s = streams_find(&p->server->streams, id);
    if (s && strcmp(s->host, p->host) == 0)
        return s;
    err_set(e, ERR_PEER, "stream %llu is none of this host", (unsigned long long)id);
    return NULL;
}

static bool may_begin(const struct peer *p, uint16_t dataset)
{
    return host_writes(p->server->fresh.good, str_z(tables_set(p->server->tables, dataset)->rows->name), str_z(p->host));
}

static bool on_claim(struct peer *p, struct str payload, struct err *e)
{
    struct wire_claim m;
    if (!wire_claim_read(payload, &m, e))
        return false;
    if (!tables_set(p->server->tables, m.dataset) || (m.imported && !p->imports))
        return err_set(e, ERR_PEER, "a claim of no dataset of ours, or of an import by an agent");
    struct stream *s = m.id ? stream_of(p, m.id, e) : NULL;
    if (m.id && (!s || s->dataset != m.dataset))
        return s ? err_set(e, ERR_PEER, "a claim of a stream of another dataset") : false;
    // A web host that was broken into does not write into the audit's dataset. What it began when it might, it may finish.
    if (!s && !p->local && !may_begin(p, m.dataset))
        return err_set(e, ERR_DENIED, "the site's file gives dataset \"%s\" nothing from %s",
                       tables_set(p->server->tables, m.dataset)->rows->name, p->host);
    if (!s)
        s = streams_twin(&p->server->streams, str_z(p->host), &m);
    if (s)
        stream_claimed(&p->server->streams, s, &m);
    else if (!(s = streams_new(&p->server->streams, str_z(p->host), &m, e)))
        return false;
    struct job *j = job_new(JOB_STREAM);
    j->stream = s;
    put_waiting(p, j);
    return true;
}

static void answer_claim(struct peer *p, const struct answer *a)
{
    OWN_BUF struct buf b = buf_make(64);
    struct stream *s = streams_find(&p->server->streams, a->stream);
    if (s && s->imported)
        stream_untake(&p->server->streams, s);
    wire_stream_put(&b, &(struct wire_stream){a->stream, a->offset});
    peer_send(p, FRAME_STREAM, buf_str(&b));
}

// ---- blocks ----

static void send_offset(struct peer *p, enum frame_type type, uint64_t stream, uint64_t offset)
{
    OWN_BUF struct buf b = buf_make(64);
    wire_offsets_put(&b, &(struct wire_offsets){.at = {{stream, offset}}, .n = 1});
    peer_send(p, type, buf_str(&b));
}

// Takes the payload (malloc'ed).
static bool on_block(struct peer *p, uint8_t flags, struct str payload, struct err *e)
{
    struct job *j = job_new(JOB_BLOCK);
    uint64_t offset;
    j->record = payload;
    j->flags = flags;
    j->peer = p->id;
    bool ok = block_read(payload, &j->block, e) && (j->stream = stream_of(p, j->block.stream, e)) != NULL;
    if (ok && p->in_flight > 2 * (size_t)WINDOW_ONE)
        ok = err_set(e, ERR_PEER, "the agent sends more than its window");
    if (!ok) {
        job_free(j);
        return false;
    }
    j->cost = j->block.clear_n + payload.n;
    uint64_t end = j->block.start + j->block.raw_n;
    switch (stream_take(&p->server->streams, j->stream, j->block.start, end, &offset)) {
    case TAKE_IT:
        p->in_flight += j->block.clear_n;
        p->server->in_flight += j->block.clear_n;
        j->ticket = j->block.clear_n;
        journal_put(p->server->journal, j);
        return true;
    case TAKE_KNOWN:
        if (end <= offset)
            send_offset(p, FRAME_ACK, j->block.stream, offset);
        break;
    case TAKE_REWIND:
        send_offset(p, FRAME_REWIND, j->block.stream, offset);
        break;
    case TAKE_NEVER:
        err_set(e, ERR_PEER, "stream %llu has ended", (unsigned long long)j->block.stream);
        ok = false;
    }
    job_free(j);
    return ok;
}

static void flush_acks(struct peer *p)
{
    OWN_BUF struct buf b = buf_make(16 << 10);
    if (!p->acks.n)
        return;
    wire_offsets_put(&b, &p->acks);
    peer_send(p, FRAME_ACK, buf_str(&b));
    p->acks.n = 0;
}

static void add_ack(struct peer *p, uint64_t stream, uint64_t offset)
{
    for (size_t i = 0; i < p->acks.n; i++)
        if (p->acks.at[i].id == stream) {
            p->acks.at[i].offset = offset;
            return;
        }
    if (p->acks.n == STREAMS_MAX)
        flush_acks(p);
    p->acks.at[p->acks.n++] = (struct wire_stream){stream, offset};
}

static void answer_block(struct peer *p, const struct answer *a)
{
    struct err e;
    struct stream *s = streams_find(&p->server->streams, a->stream);
    p->in_flight -= a->ticket < p->in_flight ? a->ticket : p->in_flight;
    if (a->broken) {
        err_set(&e, ERR_PEER, "a block arrived damaged");
        refuse(p, &e);
    } else if (a->rewind) {
        if (s)
            stream_untake(&p->server->streams, s);
        send_offset(p, FRAME_REWIND, a->stream, a->offset);
    } else {
        add_ack(p, a->stream, a->offset);
    }
}

void peer_answers(struct log_server *s)
{
    struct answer got[ANSWERS_AT_ONCE];
    struct peer *p = NULL;
    for (size_t n; (n = journal_answers(s->journal, got, ANSWERS_AT_ONCE));)
        for (size_t i = 0; i < n; i++) {
            if (!p || p->id != got[i].peer)
                p = peer_find(s, got[i].peer);
            if (got[i].kind == JOB_BLOCK)
                s->in_flight -= got[i].ticket;
            else if (p)
                p->waiting--;
            if (!p || p->ending)
                continue;
            if (got[i].kind == JOB_BLOCK)
                answer_block(p, &got[i]);
            else if (got[i].kind == JOB_STREAM)
                answer_claim(p, &got[i]);
            else if (got[i].kind == JOB_ECHO)
                answer_open(p);
        }
    LIST_FOREACH(p, &s->peers, next) {
        flush_acks(p);
        if (p->greeted)
            read_frames(p);         // what waited until we had room for it
    }
}

static bool on_done(struct peer *p, struct str payload, struct err *e)
{
    struct wire_done m;
    if (!wire_done_read(payload, &m, e))
        return false;
    struct stream *s = stream_of(p, m.stream, e);
    if (!s)
        return false;
    if (s->why)
        return true;            // said before a connection broke
    struct job *j = job_new(JOB_DONE);
    j->stream = s;
    j->size = m.size;
    j->why = m.why;
    if (m.why != DONE_ROTATED && m.why != DONE_IMPORTED)
        say("log.unproven", KV("host", p->host), KV("path", s->path), KV("acked", s->written), KV("size", m.size));
    put_waiting(p, j);
    if (m.why == DONE_IMPORTED)
        lake_seal_now(p->server->lake);
    return true;
}

// ---- what is said beside ----

static bool on_status(struct peer *p, struct str payload, struct err *e)
{
    char *text = malloc(payload.n + 1);
    assert(text);
    memcpy(text, payload.p, payload.n);
    free(p->status_text);
    p->status_text = text;
    return wire_status_read((struct str){text, payload.n}, &p->status, e);
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
    if (str_starts(what, S("alike "))) {
        OWN_BUF struct buf b = buf_make(FRAME_MAX - 1024);
        struct wire_claim m;
        if (!wire_claim_read(str_from(what, 6), &m, e))
            return false;
        report_alike(p->server, str_z(p->host), &m, &b);
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
        return on_hello(p, f->payload, e);
    if (!p->greeted)
        return err_set(e, ERR_PEER, "no hello came first");
    switch (f->type) {
    case FRAME_OPEN:    return on_open(p, f->payload, e);
    case FRAME_CLAIM:   return on_claim(p, f->payload, e);
    case FRAME_DONE:    return on_done(p, f->payload, e);
    case FRAME_STATUS:  return on_status(p, f->payload, e);
    case FRAME_ASK:     return on_ask(p, f->payload, e);
    case FRAME_PING:    peer_send(p, FRAME_PING, S("")); return true;
    case FRAME_ERROR:   return true;
    default:            return err_set(e, ERR_PEER, "a frame of type %d, which is not an agent's to send", (int)f->type);
    }
}

// What waits in memory has bounds, whoever sends: a peer that has enough of ours to do with is not read, until answers went out
// (peer_answers) or it read what we said (the write callback). Nobody's questions wait for somebody else's blocks.
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
        return refuse(p, &e);
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
        return on_block(p, f.flags, f.payload, &e) || refuse(p, &e);
    }
    ok = on_frame(p, &f, &e);
    free(whole);
    return ok || refuse(p, &e);
}

static void read_frames(struct peer *p)
{
    while (take_frame(p))
        ;
}

static void on_read(struct bufferevent *bev, void *arg)
{
    (void)bev;
    read_frames(arg);
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
        refuse(p, &e);
}

static void on_event(struct bufferevent *bev, short what, void *arg)
{
    struct err e = {0};
    if (what & BEV_EVENT_CONNECTED)
        return;
    bool tls = (what & BEV_EVENT_ERROR) && !tls_why(bev, &e);
    struct peer *p = arg;
    struct log_server *s = p->server;
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

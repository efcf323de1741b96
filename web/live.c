// live.c: the streams, and who hears what.
#include "web/live_inner.h"
#include "base/clock.h"
#include "base/say.h"
#include "web/relay.h"
#include "web/reply.h"
#include "web/rights.h"
#include "web/who.h"
#include <assert.h>
#include <event2/http.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    BEHIND_MAX = 1000,          // events that are sent again; fetching a page anew is cheaper than more
    BATCH = 200,                // events at a time: then the loop turns, and sockets are written to
    LIFE_MS = 3600 * 1000,      // of a stream: whoever comes back is asked again who he is
    LOOK_MS = 1000,             // between looks for events, and for who is still welcome
    BEAT_MS = 15000,            // between comments, by the clock: a starved process looks less often
    UNSURE_MAX = 15,            // looks at which the store may fail to say who is welcome
    WELCOME_MS = 50,            // many changes of rights are one look
    ARENA_MAX = 16 << 20,
};

// Listeners.

static void leave(struct listener *s)
{
    feeds_leave(s);
    TAILQ_REMOVE(&s->live->listeners, s, next);
    s->live->n--;
    free(s);
}

// evhttp has let go of the connection; the request is ours to end.
static void on_close(struct evhttp_connection *con, void *arg)
{
    (void)con;
    struct listener *s = arg;
    evhttp_send_reply_end(s->ev);
    leave(s);
}

static void hang_up(struct listener *s)
{
    s->gone = true;
    gate_hang_up(s->gate);
}

bool listener_is_of(const struct listener *s, const struct who *who)
{
    return s->way == who->way && s->uid == who->uid && s->account == who->account && s->session == who->session
        && s->token == who->token_id;
}

void listener_tell(struct listener *s, struct blob *b)
{
    if (s->gone)
        return;
    if (evbuffer_get_length(s->out) + blob_size(b) <= UNSENT_MAX) {
        blob_send(b, s->out);
        return;
    }
    say("web.slow", KV("unsent_bytes", evbuffer_get_length(s->out)));
    hang_up(s);
}

static void tell_all(struct live *l, struct blob *b)
{
    struct listener *s;
    TAILQ_FOREACH(s, &l->listeners, next)
        listener_tell(s, b);
}

static struct blob *resync(int64_t seq)
{
    OWN_BUF struct buf data = buf_make(256);
    json_object(&data, KV("seq", seq));
    return blob_sse(seq, S("resync"), buf_str(&data));
}

// What they hear.

// A topic that is not here is for admins.
static bool may_hear(const struct listener *s, struct str topic)
{
    static const char *const seen[] = {"release", "host", "lock", "alarm", "house", "site", "people"};
    for (size_t i = 0; i < ARRAY_LEN(seen); i++)
        if (str_eq(topic, str_z(seen[i])))
            return standing_has(s->role, SEE);
    return standing_has(s->role, ADMIN);
}

static void pass_on(struct live *l, const struct event *x)
{
    struct listener *s;
    OWN_BLOB struct blob *b = blob_event(x);
    TAILQ_FOREACH(s, &l->listeners, next)
        if (may_hear(s, x->topic))
            listener_tell(s, b);
}

static void look_again(struct live *l)
{
    static const struct timeval now = {0};
    event_add(l->again, &now);
}

static void look(struct live *l)
{
    OWN_ARENA struct arena a = arena_make(ARENA_MAX);
    struct events all = {0};
    struct err e = {0};
    if (!event_after(&a, l->web->db, l->seq, BATCH, &all, &e)) {
        say_err("web.live", &e);
        return;
    }
    if (all.n && all.at[0].seq != l->seq + 1) {
        OWN_BLOB struct blob *b = resync(all.at[0].seq - 1);
        tell_all(l, b);
    }
    for (size_t i = 0; i < all.n; i++)
        pass_on(l, &all.at[i]);
    if (all.n)
        l->seq = all.at[all.n - 1].seq;
    if (all.n == BATCH)
        look_again(l);
}

static void on_again(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct live *l = arg;
    if (l->n)
        look(l);
}

static void on_wake(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    struct live *l = arg;
    wake_drain(l->wake_fd);
    on_again(fd, what, arg);
}

// Sessions and tokens end, and people get other roles, while their pages are open.
static bool is_welcome(struct listener *s, struct err *e)
{
    const struct who who = {.way = s->way, .account = s->account, .session = s->session, .token_id = s->token};
    return tick_ms() - s->began_ms <= LIFE_MS && who_standing(s->live->web, &who, &s->role, e);
}

// A store that cannot be asked for a moment is no reason to send somebody away.
static bool may_stay(struct listener *s)
{
    struct err e;
    e.kind = ERR_NONE;
    if (s->way == WAY_SOCKET || is_welcome(s, &e)) {
        s->unsure = 0;
        return true;
    }
    if (e.kind == ERR_NONE || ++s->unsure > UNSURE_MAX)
        return false;
    say_err("web.live", &e);
    return true;
}

// The answer is whole: a browser asks again, is told why not, and notes no broken connection.
static void finish(struct listener *s)
{
    evhttp_connection_set_closecb(evhttp_request_get_connection(s->ev), NULL, NULL);
    evhttp_send_reply_end(s->ev);
    leave(s);
}

static void ask_who_is_there(struct live *l)
{
    struct listener *s, *behind;
    for (s = TAILQ_FIRST(&l->listeners); s; s = behind) {
        behind = TAILQ_NEXT(s, next);
        if (!s->gone && !may_stay(s))
            finish(s);
    }
    relays_ask_who(l->web);
}

static void on_welcome(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    ask_who_is_there(arg);
}

void live_ask_who(struct live *l)
{
    static const struct timeval soon = {.tv_usec = WELCOME_MS * 1000};
    if (l && !event_pending(l->welcome, EV_TIMEOUT, NULL))
        event_add(l->welcome, &soon);
}

static void on_look(evutil_socket_t fd, short what, void *arg)
{
    struct live *l = arg;
    siteword_look(&l->site, l->web);
    on_again(fd, what, arg);
    ask_who_is_there(l);
    if (tick_ms() - l->beat_at < BEAT_MS)
        return;
    l->beat_at = tick_ms();
    OWN_BLOB struct blob *b = blob_make(S(": hb\n\n"));
    tell_all(l, b);
}

// A new stream.

static bool missed(struct live *l, struct listener *s, int64_t from, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(ARENA_MAX);
    struct events all = {0};
    int64_t first, last;
    if (!event_ends(l->web->db, &first, &last, e))
        return false;
    bool held = from <= l->seq && from >= first - 1 && l->seq - from <= BEHIND_MAX;
    if (held && !event_after(&a, l->web->db, from, BEHIND_MAX, &all, e))
        return false;
    size_t octets = 0;
    for (size_t i = 0; i < all.n; i++)
        octets += all.at[i].body.n;
    if (!held || octets > UNSENT_MAX / 4) {
        OWN_BLOB struct blob *b = resync(l->seq);
        listener_tell(s, b);
        return true;
    }
    for (size_t i = 0; i < all.n && all.at[i].seq <= l->seq; i++) {
        OWN_BLOB struct blob *b = blob_event(&all.at[i]);
        if (may_hear(s, all.at[i].topic))
            listener_tell(s, b);
    }
    return true;
}

static void hello(struct listener *s, int64_t seq)
{
    unsigned char random[STREAM_ID / 2];
    char now[TIME_TEXT_MAX];
    OWN_BUF struct buf data = buf_make(1024);
    randombytes_buf(random, sizeof random);
    hex_encode(random, sizeof random, s->id);
    json_object(&data, KV("stream", ((struct str){s->id, STREAM_ID})), KV("seq", seq), KV("build", RUSUBAN_VERSION),
                KV("now", time_text(now_ms(), now)));
    OWN_BLOB struct blob *b = blob_sse(seq, S("hello"), buf_str(&data));
    listener_tell(s, b);
}

static struct listener *join(struct live *l, struct request *r)
{
    struct evhttp_connection *con = evhttp_request_get_connection(r->ev);
    struct bufferevent *bev = evhttp_connection_get_bufferevent(con);
    struct listener *s = calloc(1, sizeof *s);
    assert(s);
    const struct who *who = &r->ask.who;
    *s = (struct listener){.live = l, .ev = r->ev, .out = bufferevent_get_output(bev), .gate = r->gate,
                           .way = who->way, .role = who->role, .uid = who->uid, .account = who->account,
                           .session = who->session, .token = who->token_id, .began_ms = tick_ms()};
    reply_begin(r, "text/event-stream");
    // A browser's lines are more than everything else that a stream needs to be kept, and nobody reads them any more.
    evhttp_clear_headers(evhttp_request_get_input_headers(r->ev));
    evhttp_clear_headers(evhttp_request_get_output_headers(r->ev));
    evhttp_connection_set_closecb(con, on_close, s);
    gate_share(r->gate);
    TAILQ_INSERT_TAIL(&l->listeners, s, next);
    l->n++;
    return s;
}

static size_t beside(const struct live *l, const struct who *who)
{
    const struct listener *s;
    size_t n = 0;
    TAILQ_FOREACH(s, &l->listeners, next)
        n += !s->gone && listener_is_of(s, who);
    return n;
}

static bool there_is_room(const struct live *l, struct ask *q, struct err *e)
{
    if (l->ending) {
        q->retry_after_s = 1;
        return err_set(e, ERR_STATE, "the server is ending");
    }
    q->retry_after_s = 30;
    q->http = 429;
    if (q->who.way != WAY_SOCKET && beside(l, &q->who) >= STREAMS_EACH)
        return err_set(e, ERR_LIMIT, "%d streams of yours are open; the tabs of a browser share one", STREAMS_EACH);
    if (l->n < STREAMS_MAX) {
        q->retry_after_s = q->http = 0;
        return true;
    }
    return err_set(e, ERR_LIMIT, "%d streams are open, more than that we do not serve", STREAMS_MAX);
}

// Where the browser was: by the header when it comes back by itself, by the query when another tab goes on for it.
static int64_t heard(const struct ask *q)
{
    const struct live_in *in = q->in;
    int64_t seq;
    return str_i64(ask_header(q, "last-event-id"), &seq) && seq > 0 ? seq : in->after;
}

bool live_get(struct ask *q, struct err *e)
{
    struct request *r = request_of(q);
    struct live *l = r->web->live;
    int64_t from = heard(q), first;
    if (!there_is_room(l, q, e))
        return false;
    if (r->head_only)
        return true;
    if (l->n)
        look(l);
    else if (!event_ends(q->db, &first, &l->seq, e))
        return false;
    struct listener *s = join(l, r);
    r->taken = true;
    hello(s, from ? from : l->seq);
    struct err why = {0};
    if (from && !missed(l, s, from, &why)) {
        say_err("web.live", &why);      // it comes back and asks again
        hang_up(s);
    }
    return true;
}

// The role.

struct live *live_new(struct web *w, struct loop *loop, struct err *e)
{
    struct live *l = calloc(1, sizeof *l);
    assert(l);
    *l = (struct live){.web = w, .loop = loop, .wake_fd = -1, .beat_at = tick_ms()};
    TAILQ_INIT(&l->listeners);
    TAILQ_INIT(&l->feeds);
    if (!wake_listen(w->data, "web", &l->wake_fd, e)) {
        free(l);
        return NULL;
    }
    l->wake = loop_readable(loop, l->wake_fd, on_wake, l);
    l->look = loop_every(loop, LOOK_MS, on_look, l);
    l->again = evtimer_new(loop_base(loop), on_again, l);
    l->welcome = evtimer_new(loop_base(loop), on_welcome, l);
    assert(l->again && l->welcome);
    siteword_look(&l->site, w);
    return l;
}

void live_end(struct live *l)
{
    struct listener *s;
    l->ending = true;
    while ((s = TAILQ_FIRST(&l->listeners)))
        finish(s);
}

void live_free(struct live *l)
{
    if (!l)
        return;
    assert(TAILQ_EMPTY(&l->listeners) && TAILQ_EMPTY(&l->feeds));
    event_free(l->wake);
    event_free(l->look);
    event_free(l->again);
    event_free(l->welcome);
    close(l->wake_fd);
    free(l);
}

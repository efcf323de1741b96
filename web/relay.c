// relay.c: see relay.h. Three sides: the role that answers (a socket, read only while nothing waits to be sent), the
// client (evhttp's connection, whose gate closes it when it takes nothing for too long), and the handler's `take`
// between them.
#include "web/relay.h"
#include "web/act.h"
#include "web/reply.h"
#include "web/rights.h"
#include "web/rows.h"
#include "web/who.h"
#include <assert.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { PIECE = 64 << 10, TAKE_MS = 30000 };

struct relay {
    TAILQ_ENTRY(relay) next;
    struct request *request;
    struct row_source *source;
    int fd;
    struct event *readable, *writable, *late;
    struct buf in;
    size_t asked;               // bytes of the question that are sent
    bool heard, began, broken;  // something came; something was sent; the client is being cut off
    bool whole;                 // the client was given all of it
};

static const char *const types[] = {[ROWS_OBJECT] = "application/json", [ROWS_LINES] = "application/x-ndjson",
                                    [ROWS_CSV] = "text/csv; charset=utf-8"};

// ---- the end ----

static void let_role_go(struct relay *f)
{
    struct event **events[] = {&f->readable, &f->writable, &f->late};
    for (size_t i = 0; i < ARRAY_LEN(events); i++)
        if (*events[i]) {
            event_free(*events[i]);
            *events[i] = NULL;
        }
    own_fd_close(&f->fd);
    f->fd = -1;
}

static void relay_free(struct relay *f)
{
    struct request *r = f->request;
    let_role_go(f);
    if (f->source->told && !(r->ask.route->flags & R_QUIET))
        act_over(r, f->whole, f->source->told(&r->ask, f->source->self));
    TAILQ_REMOVE(&r->web->relays, f, next);
    request_free(r);
    buf_drop(&f->in);
    free(f);
}

static void forget_client(struct relay *f)
{
    evhttp_connection_set_closecb(evhttp_request_get_connection(f->request->ev), NULL, NULL);
}

// The client left, or we cut it off, or the role ends. evhttp keeps a request that it was interrupted in for us to free,
// but not one of a server that ends.
static void on_left(struct evhttp_connection *con, void *arg)
{
    (void)con;
    struct relay *f = arg;
    if (!evhttp_request_get_connection(f->request->ev))
        evhttp_request_free(f->request->ev);
    relay_free(f);
}

static void on_sent(struct evhttp_connection *con, void *arg);

// Test builds hold the lines against what the row says of them; of rows the first of each piece, for there are many.
#ifdef RUSUBAN_FAULTS
static void lines_check(const struct relay *f)
{
    struct err e = {0};
    struct str rest = buf_str(&f->request->out);
    for (bool first = true; f->source->form == ROWS_LINES && rest.n; first = false) {
        struct str line = str_cut(&rest, '\n');
        bool failed = str_starts(line, S("{\"error\":"));
        if (!failed && (first || line.p[0] == '{') && !reply_is_as_described(f->request, line, &e)) {
            fprintf(stderr, "a line is not as described: %s\n", e.text);
            abort();
        }
    }
}
#else
static void lines_check(const struct relay *f)
{
    (void)f;
}
#endif

static void send_piece(struct relay *f)
{
    lines_check(f);
    struct evbuffer *piece = evbuffer_new();
    assert(piece);
    evbuffer_add(piece, f->request->out.p, f->request->out.n);
    buf_clear(&f->request->out);
    if (!f->began) {
        reply_begin(f->request, types[f->source->form]);
        f->began = true;
    }
    gate_expect(f->request->gate, TAKE_MS);
    evhttp_send_reply_chunk_with_cb(f->request->ev, piece, on_sent, f);
    evbuffer_free(piece);
}

static void finish(struct relay *f)
{
    forget_client(f);
    if (!f->began && f->source->form == ROWS_OBJECT) {
        reply_object(f->request, buf_str(&f->request->out), f->request->ask.status);
    } else {
        send_piece(f);
        evhttp_send_reply_end(f->request->ev);
    }
    relay_free(f);
}

static void fail(struct relay *f, const struct err *e)
{
    struct request *r = f->request;
    let_role_go(f);
    if (!f->began) {
        forget_client(f);
        reply_error(r, e);
        relay_free(f);
        return;
    }
    buf_clear(&r->out);
    int status = error_object(&r->out, r, e);
    reply_log(r, status, e);
    if (f->source->form == ROWS_LINES) {
        buf_addc(&r->out, '\n');
        finish(f);
    } else {
        f->broken = true;
        gate_hang_up(r->gate);          // on_left frees us
    }
}

// A store that cannot say who this is ends nothing.
static bool may_go_on(const struct relay *f)
{
    enum standing role;
    struct err e;
    e.kind = ERR_NONE;
    bool known = who_standing(f->request->web, &f->request->ask.who, &role, &e);
    return known ? standing_has(role, f->request->ask.route->right) : e.kind != ERR_NONE;
}

void relays_ask_who(struct web *w)
{
    struct relay *f, *behind;
    for (f = TAILQ_FIRST(&w->relays); f; f = behind) {
        struct err e = {0};
        behind = TAILQ_NEXT(f, next);
        if (f->broken || may_go_on(f))
            continue;
        err_set(&e, ERR_DENIED, STR_F " may not have this answer any more", STR_A(f->request->ask.who.name));
        fail(f, &e);
    }
}

static bool unreachable(struct request *r, const char *how, struct err *e)
{
    r->ask.http = 503;
    r->ask.code = "unreachable";
    err_set(e, ERR_PEER, "the role %s %s", r->ask.rows->role, how);
    return err_hint(e, "everything else works on; rusuban status shows which roles run");
}

// ---- the role ----

static void await(struct relay *f, int64_t ms)
{
    struct timeval t = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
    evtimer_add(f->late, &t);
    gate_expect(f->request->gate, ms + TAKE_MS);
}

static void on_late(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct relay *f = arg;
    struct err e = {0};
    unreachable(f->request, f->heard ? "fell silent in the middle of its answer" : "does not answer", &e);
    fail(f, &e);
}

// Called with everything that came; false: the relay is gone, or going.
static bool take(struct relay *f)
{
    struct err e = {0};
    struct ask *q = &f->request->ask;
    size_t used = 0;
    enum rows_step step = f->source->take(q, f->source->self, buf_str(&f->in), &used, &e);
    assert(used <= f->in.n);
    if (used) {
        memmove(f->in.p, f->in.p + used, f->in.n - used);
        buf_cut(&f->in, f->in.n - used);
    }
    if (step != ROWS_FAILED && !buf_ok(q->out, &e))
        step = ROWS_FAILED;
    if (step == ROWS_FAILED) {
        fail(f, &e);
    } else if (step == ROWS_DONE) {
        f->whole = true;
        finish(f);
    }
    return step == ROWS_MORE;
}

static void on_ended(struct relay *f)
{
    struct err e = {0};
    unreachable(f->request, f->heard ? "ended in the middle of its answer" : "ended before it answered", &e);
    fail(f, &e);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    struct relay *f = arg;
    static char piece[PIECE];
    struct err e = {0};
    ssize_t n = read(fd, piece, sizeof piece);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        on_ended(f);
        return;
    }
    f->heard = true;
    buf_add(&f->in, (struct str){piece, (size_t)n});
    if (f->in.failed) {
        err_set(&e, ERR_PEER, "the role %s said too much at once", f->source->role);
        fail(f, &e);
    } else if (take(f)) {
        if (f->source->form != ROWS_OBJECT && f->request->out.n) {
            event_del(f->readable);
            evtimer_del(f->late);
            send_piece(f);
        } else
            await(f, f->source->wait_ms);
    }
}

static void on_sent(struct evhttp_connection *con, void *arg)
{
    (void)con;
    struct relay *f = arg;
    if (f->broken)
        return;
    event_add(f->readable, NULL);
    await(f, f->source->wait_ms);
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    struct relay *f = arg;
    struct str rest = str_from(f->source->ask, f->asked);
    ssize_t n = send(fd, rest.p, rest.n, MSG_NOSIGNAL | MSG_DONTWAIT);
    bool shut = n < 0 && errno != EAGAIN && errno != EINTR;     // it may have said why: that is read
    f->asked += n > 0 ? (size_t)n : 0;
    if (shut || f->asked == f->source->ask.n)
        event_del(f->writable);
}

static bool reach(struct request *r, int *fd, struct err *e)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    const char *path = str_zf(&r->arena, "%s/run/%s", r->web->data, r->ask.rows->socket);
    if (strlen(path) >= sizeof at.sun_path)
        return err_set(e, ERR_IO, "the data directory's name is too long for a socket");
    strcpy(at.sun_path, path);
    *fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (*fd < 0)
        return err_set(e, ERR_IO, "a socket: %m");
    // A Unix socket is connected at once or, when too many wait at it, not at all.
    if (connect(*fd, (struct sockaddr *)&at, sizeof at) == 0)
        return true;
    unreachable(r, errno == EAGAIN ? "is too busy to listen" : "does not run", e);
    own_fd_close(fd);
    return false;
}

// One person's readers, however slow, leave room for the others.
static bool there_is_room(struct request *r, struct err *e)
{
    const struct relay *f;
    int all = 0, own = 0;
    TAILQ_FOREACH(f, &r->web->relays, next) {
        const struct who *who = &f->request->ask.who;
        all++;
        own += who->way == r->ask.who.way && str_eq(who->name, r->ask.who.name);
    }
    if (all < RELAYS_MAX && own < RELAYS_EACH)
        return true;
    r->ask.http = 429;
    r->ask.retry_after_s = 1;
    return own >= RELAYS_EACH
        ? err_set(e, ERR_LIMIT, "%d answers of other roles are on their way to you already", RELAYS_EACH)
        : err_set(e, ERR_LIMIT, "%d answers of other roles are on their way already", RELAYS_MAX);
}

bool relay_begin(struct request *r, struct err *e)
{
    int fd = -1;
    if (!there_is_room(r, e) || !reach(r, &fd, e))
        return false;
    struct evhttp_connection *con = evhttp_request_get_connection(r->ev);
    struct event_base *base = evhttp_connection_get_base(con);
    struct relay *f = calloc(1, sizeof *f);
    assert(f);
    *f = (struct relay){.request = r, .source = r->ask.rows, .fd = fd};
    f->in = buf_make(f->source->piece_max + PIECE);
    f->readable = event_new(base, fd, EV_READ | EV_PERSIST, on_readable, f);
    f->writable = event_new(base, fd, EV_WRITE | EV_PERSIST, on_writable, f);
    f->late = evtimer_new(base, on_late, f);
    assert(f->readable && f->writable && f->late);
    r->ask.site = NULL;
    TAILQ_INSERT_TAIL(&r->web->relays, f, next);
    event_add(f->readable, NULL);
    event_add(f->writable, NULL);
    evhttp_connection_set_closecb(con, on_left, f);
    gate_mind(r->gate);
    await(f, f->source->hear_ms);
    return true;
}

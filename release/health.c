// health.c: GET the health path until `in_a_row` answers in a row are as expected, or the time is over.
//
// One request a connection, HTTP/1.1 with Connection: close; only the status line is read (RFC 9112 section 4). The
// connection is made from here (via: direct) or, through ssh -W, from the host itself (via: ssh).
#include "base/clock.h"
#include "base/say.h"
#include "release/run.h"
#include "release/status_line.h"
#include <arpa/inet.h>
#include <assert.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/dns.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ANSWER_MS = 10000, LINE_MAX_BYTES = 1024 };

struct probe {
    struct lane *lane;
    struct arena arena;
    struct bufferevent *conn;
    struct event *next, *deadline;
    struct task *tunnel;        // via: ssh; its end comes after the connection's
    int in_a_row, asked;
    bool over;                  // told already; waits for the tunnel's end
    char last[300];             // what the last answer was, for the sentence
    char noted[300];            // what of it the journal has
};

static void ask(struct probe *p);

static void drop_event(struct event **ev)
{
    if (*ev)
        event_free(*ev);
    *ev = NULL;
}

static void hang_up(struct probe *p)
{
    if (p->conn)
        bufferevent_free(p->conn);
    p->conn = NULL;
}

static void free_if_quiet(struct probe *p)
{
    if (!p->over || p->tunnel)
        return;
    arena_drop(&p->arena);
    free(p);
}

static void finish(struct probe *p, const struct err *err, struct str detail)
{
    struct lane *l = p->lane;
    struct str kept = str_dup(&l->run->arena, detail);
    hang_up(p);
    drop_event(&p->next);
    drop_event(&p->deadline);
    p->over = true;
    if (p->tunnel)
        task_stop(p->tunnel);
    free_if_quiet(p);
    lane_done(l, err, kept);
}

static void on_next(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct probe *p = arg;
    drop_event(&p->next);
    ask(p);
}

// Who watches sees what a sick host says, not only that it is being asked. Written when it changes, which is rare.
static void note(struct probe *p)
{
    struct err e = {0};
    if (p->in_a_row || strcmp(p->last, p->noted) == 0)
        return;
    memcpy(p->noted, p->last, sizeof p->noted);
    if (!journal_note(p->lane->run->worker->db, &p->lane->intent, str_z(p->last), &e))
        say_err("release.journal", &e);
}

static void again(struct probe *p)
{
    note(p);
    hang_up(p);
    if (!p->next)
        p->next = loop_after(p->lane->run->worker->loop, p->lane->run->svc->health.every_ms, on_next, p);
}

static void judge(struct probe *p, int status)
{
    const struct service *svc = p->lane->run->svc;
    struct err none = {0};
    snprintf(p->last, sizeof p->last, "answered %d, not %d", status, svc->health.expect);
    p->in_a_row = status == svc->health.expect ? p->in_a_row + 1 : 0;
    if (p->in_a_row >= svc->health.in_a_row)
        finish(p, &none, str_f(&p->arena, STR_F " %d, %d in a row", STR_A(svc->health.path), status, p->in_a_row));
    else
        again(p);
}

static void on_read(struct bufferevent *conn, void *arg)
{
    struct probe *p = arg;
    struct evbuffer *in = bufferevent_get_input(conn);
    size_t n;
    char *line = evbuffer_readln(in, &n, EVBUFFER_EOL_CRLF);
    int status;
    if (!line && evbuffer_get_length(in) < LINE_MAX_BYTES)
        return;
    if (line && status_line_parse((struct str){line, n}, &status))
        judge(p, status);
    else {
        snprintf(p->last, sizeof p->last, "did not answer in HTTP");
        p->in_a_row = 0;
        again(p);
    }
    free(line);
}

static void on_event(struct bufferevent *conn, short what, void *arg)
{
    struct probe *p = arg;
    if (what & BEV_EVENT_CONNECTED)
        return;
    int why = EVUTIL_SOCKET_ERROR(), dns = bufferevent_socket_get_dns_error(conn);
    snprintf(p->last, sizeof p->last, "%s", dns ? evutil_gai_strerror(dns)
             : what & BEV_EVENT_TIMEOUT ? "did not answer in time"
             : what & BEV_EVENT_ERROR && why ? evutil_socket_error_to_string(why) : "closed the connection");
    p->in_a_row = 0;
    again(p);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct probe *p = arg;
    const struct service *svc = p->lane->run->svc;
    struct err e = {0};
    char took[TIME_TEXT_MAX];
    err_set(&e, ERR_CHECK, "GET " STR_F " on port %d was not healthy within %s: %s", STR_A(svc->health.path),
            svc->health.port, took_text(svc->health.timeout_ms, took), p->last[0] ? p->last : "no answer");
    finish(p, &e, S(""));
}

// ssh's master keeps to itself why the far sshd refused: to connect failed there, or it may not be asked for at all.
static void note_tunnel(struct probe *p, const char *said)
{
    const struct lane *l = p->lane;
    if (strstr(said, "open refused by peer") || strstr(said, "administratively prohibited"))
        snprintf(p->last, sizeof p->last,
                 "nobody listens on " STR_F ":%d as the host itself sees it, or ssh may not forward "
                 "there (AllowTcpForwarding in its sshd; restrict,port-forwarding before our key)",
                 STR_A(l->there->host->address), l->run->svc->health.port);
    else
        snprintf(p->last, sizeof p->last, "%.290s", said);
}

static void on_tunnel_over(void *arg, const struct outcome *o)
{
    struct probe *p = arg;
    p->tunnel = NULL;
    if (!p->over && o->err.kind != ERR_NONE) {
        note_tunnel(p, o->err.text);
        p->in_a_row = 0;
        again(p);
    }
    free_if_quiet(p);
}

static int open_tunnel(struct probe *p)
{
    struct lane *l = p->lane;
    int pair[2];
    if (p->tunnel || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return -1;
    p->tunnel = remote_tunnel(l->run->worker->remote, l->there->host, l->there->host->address, l->run->svc->health.port,
                              pair[1], on_tunnel_over, p);
    return pair[0];
}

static void send_request(struct probe *p)
{
    const struct service *svc = p->lane->run->svc;
    struct str host = svc->health.host.n ? svc->health.host : p->lane->there->host->address;
    evbuffer_add_printf(bufferevent_get_output(p->conn),
                        "GET " STR_F " HTTP/1.1\r\nHost: " STR_F "\r\nUser-Agent: rusuban/" RUSUBAN_VERSION
                        "\r\nAccept: */*\r\nConnection: close\r\n\r\n", STR_A(svc->health.path), STR_A(host));
}

// A name must not be looked up by a call that waits. NULL for an address in figures, which needs no asking.
static struct evdns_base *resolver(struct worker *w, const char *address)
{
    unsigned char ignored[16];
    if (inet_pton(AF_INET, address, ignored) == 1 || inet_pton(AF_INET6, address, ignored) == 1)
        return NULL;
    if (!w->dns)
        w->dns = evdns_base_new(loop_base(w->loop),
                                EVDNS_BASE_INITIALIZE_NAMESERVERS | EVDNS_BASE_DISABLE_WHEN_INACTIVE);
    return w->dns;
}

static bool connect_direct(struct probe *p)
{
    struct lane *l = p->lane;
    char address[300];
    snprintf(address, sizeof address, STR_F, STR_A(l->there->host->address));
    return bufferevent_socket_connect_hostname(p->conn, resolver(l->run->worker, address), AF_UNSPEC, address,
                                               l->run->svc->health.port) == 0;
}

static void ask(struct probe *p)
{
    struct run *r = p->lane->run;
    bool ssh = r->svc->health.via == VIA_SSH;
    int fd = ssh ? open_tunnel(p) : -1;
    if (ssh && fd < 0) {
        again(p);       // the last tunnel has not ended yet
        return;
    }
    if (fd >= 0)
        evutil_make_socket_nonblocking(fd);
    p->conn = bufferevent_socket_new(loop_base(r->worker->loop), fd, BEV_OPT_CLOSE_ON_FREE);
    assert(p->conn);
    bufferevent_setcb(p->conn, on_read, NULL, on_event, p);
    struct timeval t = {ANSWER_MS / 1000, 0};
    bufferevent_set_timeouts(p->conn, &t, &t);
    send_request(p);
    bufferevent_enable(p->conn, EV_READ | EV_WRITE);
    if (!ssh && !connect_direct(p)) {
        snprintf(p->last, sizeof p->last, "cannot connect");
        again(p);
    }
}

bool effect_health(struct lane *l, struct err *e)
{
    (void)e;
    struct probe *p = calloc(1, sizeof *p);
    assert(p);
    p->lane = l;
    p->arena = arena_make(1 << 20);
    l->effect = p;
    p->deadline = loop_after(l->run->worker->loop, l->run->svc->health.timeout_ms, on_deadline, p);
    p->next = loop_after(l->run->worker->loop, 0, on_next, p);
    return true;
}

// door.c: where agents come in: the Unix socket, and the address that the site file says, also when it comes to say
// another one. Who is inside stays inside then.
#include "log/inner.h"
#include "base/clock.h"
#include "base/say.h"
#include "log/tls.h"
#include "web/listen.h"
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { AGAIN_MS = 10000 };              // an address that could not be had is tried again

static void accept_all(struct log_server *s, int fd, bool local)
{
    for (int k; (k = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;)
        peer_accept(s, k, local);
}

static void on_unix(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    accept_all(arg, (int)fd, true);
}

static void on_tcp(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    accept_all(arg, (int)fd, false);
}

static void shut(struct log_server *s)
{
    if (s->tcp_event)
        event_free(s->tcp_event);
    if (s->tcp_fd >= 0)
        close(s->tcp_fd);
    s->tcp_event = NULL;
    s->tcp_fd = -1;
    s->listens[0] = 0;
}

// What was open before is shut once the new one is open.
static bool open_at(struct log_server *s, struct str address, struct err *e)
{
    int fd;
    if (!s->tls && !(s->tls = tls_server(s->data, e)))
        return false;
    if (!listen_tcp(address, true, &fd, e))
        return false;
    shut(s);
    s->tcp_fd = fd;
    s->tcp_event = loop_readable(s->loop, fd, on_tcp, s);
    snprintf(s->listens, sizeof s->listens, STR_F, STR_A(address));
    return true;
}

static const char *port_of(const char *address)
{
    const char *colon = strrchr(address, ':');
    return colon ? colon : "";
}

// 0.0.0.0:7073 is in the way of 10.0.1.5:7073. What cannot be had leaves the old one open.
static bool move_to(struct log_server *s, struct str address, struct err *e)
{
    char before[sizeof s->listens], to[sizeof s->listens];
    struct err ignored;
    memcpy(before, s->listens, sizeof before);
    snprintf(to, sizeof to, STR_F, STR_A(address));
    if (open_at(s, address, e))
        return true;
    if (!before[0] || strcmp(port_of(before), port_of(to)) != 0)
        return false;
    shut(s);
    if (open_at(s, address, e))
        return true;
    if (!open_at(s, str_z(before), &ignored))
        say_err("log.listen", &ignored);
    return false;
}

void door_look(struct log_server *s)
{
    const struct site *site = s->fresh.good;
    struct str want = site ? site->log.listen : str_z(s->listens);
    struct err e;
    if (str_eq(want, str_z(s->listens))) {
        s->listen_trouble[0] = 0;
        return;
    }
    if (s->listen_trouble[0] && tick_ms() - s->listen_tried < AGAIN_MS)
        return;
    s->listen_tried = tick_ms();
    if (!want.n)
        shut(s);
    if (want.n && !move_to(s, want, &e)) {
        if (!str_eq(str_head(str_z(e.text), sizeof s->listen_trouble - 1), str_z(s->listen_trouble)))
            say("log.listen", KV("error", e.text), KV("hint", e.hint), KV("listens", V_OPT(str_z(s->listens))));
        snprintf(s->listen_trouble, sizeof s->listen_trouble, "%.*s", (int)sizeof s->listen_trouble - 1, e.text);
        return;
    }
    s->listen_trouble[0] = 0;
    say("log.listen", KV("listens", V_OPT(want)));
}

// An address that cannot be had, perhaps not yet, keeps nobody of this machine out.
bool door_open(struct log_server *s, struct err *e)
{
    if (!listen_unix(s->data, "log.sock", &s->unix_fd, e))
        return false;
    s->unix_event = loop_readable(s->loop, s->unix_fd, on_unix, s);
    door_look(s);
    return true;
}

// guard_test.c: places at a door, without the sweep that would free them a second later.
#include "base/clock.h"
#include "base/test.h"
#include "web/gate.h"
#include "web/listen.h"
#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <sys/socket.h>
#include <unistd.h>

static void answer(struct evhttp_request *req, void *arg)
{
    struct gate *g = gate_busy(arg, req);
    gate_make_last(g);
    evhttp_add_header(evhttp_request_get_output_headers(req), "Connection", "close");
    evhttp_send_reply(req, 204, "No Content", NULL);
}

static struct evconnlistener *listen_here(struct event_base *base, struct sockaddr_in *in)
{
    int fd = -1;
    struct err e;
    socklen_t n = sizeof *in;
    CHECK(listen_tcp(S("127.0.0.1:0"), false, &fd, &e) && getsockname(fd, (struct sockaddr *)in, &n) == 0);
    return evconnlistener_new(base, NULL, NULL, LEV_OPT_CLOSE_ON_FREE, 0, fd);
}

// Whether something came back within two seconds of turning the loop.
static bool is_answered(struct event_base *base, const struct sockaddr_in *in)
{
    OWN_FD fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct str request = S("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    char part[256];
    ssize_t n = -1;
    CHECK(connect(fd, (const struct sockaddr *)in, sizeof *in) == 0);
    CHECK(send(fd, request.p, request.n, MSG_NOSIGNAL) == (ssize_t)request.n);
    for (int64_t until = tick_ms() + 2000; n <= 0 && tick_ms() < until; usleep(500)) {
        event_base_loop(base, EVLOOP_NONBLOCK);
        n = recv(fd, part, sizeof part, MSG_DONTWAIT);
    }
    return n > 0;
}

TEST(a_connection_that_is_over_makes_room_at_a_full_door)
{
    struct event_base *base = event_base_new();
    struct evhttp *http = evhttp_new(base);
    struct sockaddr_in in;
    struct door door = {.guard = guard_new(), .max = 2, .body_max = 1024};
    door.listener = listen_here(base, &in);
    CHECK(evhttp_bind_listener(http, door.listener));
    evhttp_set_bevcb(http, gate_admit, &door);
    evhttp_set_gencb(http, answer, &door);
    for (int i = 0; i < 7; i++)
        CHECK(is_answered(base, &in));
    CHECK(guard_inside(door.guard) >= 2);       // their sockets stay for a while, so that answers are read
    evhttp_free(http);
    guard_free(door.guard);
    event_base_loop(base, EVLOOP_NONBLOCK);
    event_base_free(base);
}

TEST(a_door_that_is_full_lets_nobody_in)
{
    struct event_base *base = event_base_new();
    struct evhttp *http = evhttp_new(base);
    struct sockaddr_in in;
    struct door door = {.guard = guard_new(), .max = 2, .body_max = 1024};
    int idle[2];
    door.listener = listen_here(base, &in);
    CHECK(evhttp_bind_listener(http, door.listener));
    evhttp_set_bevcb(http, gate_admit, &door);
    evhttp_set_gencb(http, answer, &door);
    for (size_t i = 0; i < ARRAY_LEN(idle); i++) {
        idle[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        CHECK(connect(idle[i], (struct sockaddr *)&in, sizeof in) == 0);
    }
    CHECK(!is_answered(base, &in));
    close(idle[0]);
    CHECK(is_answered(base, &in));
    close(idle[1]);
    evhttp_free(http);
    guard_free(door.guard);
    event_base_loop(base, EVLOOP_NONBLOCK);
    event_base_free(base);
}

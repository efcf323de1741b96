// guard_test.c: places at a door, without the sweep that would free them a second later.
#include "base/test.h"
#include "web/gate.h"
#include "web/listen.h"
#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
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

static int call(const struct sockaddr_in *in)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(connect(fd, (const struct sockaddr *)in, sizeof *in) == 0);
    return fd;
}

// The status that comes back within so many turns of the loop; 0: none.
static int status_of(struct event_base *base, int fd)
{
    struct str request = S("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    char part[256];
    ssize_t n = -1;
    CHECK(send(fd, request.p, request.n, MSG_NOSIGNAL) == (ssize_t)request.n);
    for (int turns = 0; n <= 0 && turns < 1500; turns++) {
        event_base_loop(base, EVLOOP_NONBLOCK);
        n = recv(fd, part, sizeof part - 1, MSG_DONTWAIT);
        usleep(n <= 0 ? 1000 : 0);
    }
    part[n > 0 ? n : 0] = 0;
    return n > 12 ? atoi(part + 9) : 0;
}

static int ask(struct event_base *base, const struct sockaddr_in *in)
{
    OWN_FD fd = call(in);
    return status_of(base, fd);
}

struct house {
    struct event_base *base;
    struct evhttp *http;
    struct door door;
    struct sockaddr_in in;
};

static void house_open(struct house *h, struct door door)
{
    *h = (struct house){.base = event_base_new(), .door = door};
    h->http = evhttp_new(h->base);
    h->door.guard = guard_new();
    h->door.body_max = 1024;
    h->door.listener = listen_here(h->base, &h->in);
    CHECK(evhttp_bind_listener(h->http, h->door.listener));
    evhttp_set_bevcb(h->http, gate_admit, &h->door);
    evhttp_set_gencb(h->http, answer, &h->door);
}

static void house_close(struct house *h)
{
    evhttp_free(h->http);
    guard_free(h->door.guard);
    event_base_loop(h->base, EVLOOP_NONBLOCK);
    event_base_free(h->base);
}

TEST(a_connection_that_is_over_makes_room_at_a_full_door)
{
    struct house h;
    house_open(&h, (struct door){.max = 2});
    for (int i = 0; i < 7; i++)
        CHECK_INT(ask(h.base, &h.in), 204);
    CHECK(guard_inside(h.door.guard) >= 2);     // their sockets stay for a while, so that answers are read
    house_close(&h);
}

TEST(a_door_that_is_full_lets_nobody_in_until_somebody_leaves)
{
    struct house h;
    house_open(&h, (struct door){.max = 2});
    int idle[] = {call(&h.in), call(&h.in)}, third = call(&h.in);
    CHECK_INT(status_of(h.base, third), 0);
    close(idle[0]);
    CHECK_INT(status_of(h.base, third), 204);
    close(idle[1]);
    close(third);
    house_close(&h);
}

static bool everybody_is(void *arg, struct address from)
{
    (void)from;
    return *(const bool *)arg;
}

TEST(one_network_has_so_many_connections_unless_a_proxy_brings_those_of_many)
{
    for (int proxy = 0; proxy < 2; proxy++) {
        struct house h;
        bool is_proxy = proxy;
        house_open(&h, (struct door){.per_address = 2, .is_proxy = everybody_is, .arg = &is_proxy});
        int fd[] = {call(&h.in), call(&h.in), call(&h.in)};
        for (size_t i = 0; i < ARRAY_LEN(fd); i++)
            CHECK(send(fd[i], "G", 1, MSG_NOSIGNAL) == 1);
        for (int turns = 0; turns < 20; turns++, usleep(1000))
            event_base_loop(h.base, EVLOOP_NONBLOCK);
        char part[64] = "";
        ssize_t n = recv(fd[2], part, sizeof part - 1, MSG_DONTWAIT);
        CHECK_INT(n > 12 ? atoi(part + 9) : 0, proxy ? 0 : 503);
        for (size_t i = 0; i < ARRAY_LEN(fd); i++)
            close(fd[i]);
        house_close(&h);
    }
}

static void answer_much(struct evhttp_request *req, void *arg)
{
    static char text[16 << 20];
    (void)gate_busy(arg, req);
    struct evbuffer *body = evbuffer_new();
    evbuffer_add(body, text, sizeof text);
    evhttp_send_reply(req, 200, "OK", body);
    evbuffer_free(body);
}

TEST(who_leaves_most_unread_is_hung_up_on_before_memory_ends)
{
    struct house h;
    int fd[24];
    struct str request = S("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    house_open(&h, (struct door){0});
    evhttp_set_gencb(h.http, answer_much, &h.door);
    size_t most = 0;
    for (size_t i = 0; i < ARRAY_LEN(fd); i++) {
        fd[i] = call(&h.in);
        CHECK(send(fd[i], request.p, request.n, MSG_NOSIGNAL) == (ssize_t)request.n);
        for (int turns = 0; turns < 10; turns++, usleep(500))
            event_base_loop(h.base, EVLOOP_NONBLOCK);
        most = guard_unsent(h.door.guard) > most ? guard_unsent(h.door.guard) : most;
    }
    CHECK(most > UNSENT_ALL_MAX / 2 && most <= UNSENT_ALL_MAX + (17 << 20));
    evhttp_set_gencb(h.http, answer, &h.door);
    CHECK_INT(ask(h.base, &h.in), 204);
    for (size_t i = 0; i < ARRAY_LEN(fd); i++)
        close(fd[i]);
    for (int turns = 0; turns < 50; turns++, usleep(500))
        event_base_loop(h.base, EVLOOP_NONBLOCK);
    guard_sweep(h.door.guard);
    CHECK_INT(guard_unsent(h.door.guard), 0);
    house_close(&h);
}

TEST(a_network_is_an_address_of_ipv4_and_64_bits_of_ipv6)
{
    const struct address four = {{[10] = 0xff, 0xff, 192, 0, 2, 7}}, six = {{0x20, 1, 0xd, 0xb8, [15] = 9}};
    struct address same = address_network(four), cut = address_network(six);
    CHECK(memcmp(&same, &four, sizeof same) == 0);
    CHECK(cut.at[3] == 0xb8 && cut.at[15] == 0);
}

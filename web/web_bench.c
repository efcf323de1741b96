// web_bench.c: the two ends of bench/web: clients that ask as fast as they are answered and pages that are open, and as
// the rival a plain evhttp which does the least that can be called the same: it knows two paths and checks nothing.
//
//     web_bench rival DIR                         # listens on DIR/web.sock
//     web_bench load DIR TARGET CLIENTS MS        # prints answers a second
//     web_bench streams DIR N                     # opens N, says "open"; for each byte on stdin it sets or lifts a
//                                                 # lock and prints the microseconds until all have heard of it
#include "base/base.h"
#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { STREAMS = 2000 };

static int64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static struct sockaddr_un place(const char *dir)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX, .sun_path = "web.sock"};
    if (chdir(dir) < 0)
        die(dir);
    return un;
}

// The rival.

static struct evhttp_request *streams[STREAMS];
static size_t streams_n;

static void on_ping(struct evhttp_request *q, void *arg)
{
    (void)arg;
    struct evbuffer *b = evbuffer_new();
    evhttp_add_header(evhttp_request_get_output_headers(q), "Content-Type", "application/json");
    evbuffer_add_printf(b, "{\"ok\":true,\"version\":\"%s\"}", RUSUBAN_VERSION);
    evhttp_send_reply(q, 200, "OK", b);
    evbuffer_free(b);
}

static void on_live(struct evhttp_request *q, void *arg)
{
    (void)arg;
    struct evbuffer *b = evbuffer_new();
    if (streams_n < STREAMS)
        streams[streams_n++] = q;
    evhttp_add_header(evhttp_request_get_output_headers(q), "Content-Type", "text/event-stream");
    evhttp_send_reply_start(q, 200, "OK");
    evbuffer_add_printf(b, "id: 1\nevent: hello\ndata: {}\n\n");
    evhttp_send_reply_chunk(q, b);
    evbuffer_free(b);
}

static int rival(const char *dir)
{
    struct sockaddr_un un = place(dir);
    struct event_base *base = event_base_new();
    struct evhttp *http = evhttp_new(base);
    struct evconnlistener *l = evconnlistener_new_bind(base, NULL, NULL, LEV_OPT_CLOSE_ON_FREE, 1024,
                                                       (struct sockaddr *)&un, sizeof un);
    if (!l || !evhttp_bind_listener(http, l))
        die("listen");
    evhttp_set_cb(http, "/api/v1/ping", on_ping, NULL);
    evhttp_set_cb(http, "/api/v1/live", on_live, NULL);
    return event_base_dispatch(base);
}

// Clients.

static int dial(const struct sockaddr_un *un)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (const struct sockaddr *)un, sizeof *un) < 0)
        die("connect");
    return fd;
}

static void say_to(int fd, const char *text, size_t n)
{
    if (write(fd, text, n) != (ssize_t)n)
        die("write");
}

struct client { int fd; char answer[4096]; size_t n; };

// The octets of the whole answer, 0 while it is not whole.
static size_t whole(const struct client *c)
{
    struct str s = {c->answer, c->n};
    ptrdiff_t end = str_find(s, S("\r\n\r\n")), at = str_find(s, S("Content-Length: "));
    if (end < 0)
        return 0;
    if (at < 0 || !str_starts(s, S("HTTP/1.1 200 ")))
        die("not an answer");
    size_t all = (size_t)end + 4 + strtoul(c->answer + at + 16, NULL, 10);
    return c->n >= all ? all : 0;
}

static int load(const char *dir, const char *target, int clients, int ms)
{
    struct sockaddr_un un = place(dir);
    struct client *all = calloc((size_t)clients, sizeof *all);
    struct epoll_event ready[64];
    int ep = epoll_create1(EPOLL_CLOEXEC);
    char text[400];
    int n = snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", target);
    int64_t answers = 0, began = now_us(), until = began + (int64_t)ms * 1000;
    for (int i = 0; i < clients; i++) {
        all[i].fd = dial(&un);
        epoll_ctl(ep, EPOLL_CTL_ADD, all[i].fd, &(struct epoll_event){.events = EPOLLIN, .data.ptr = &all[i]});
        say_to(all[i].fd, text, (size_t)n);
    }
    while (now_us() < until) {
        int k = epoll_wait(ep, ready, 64, 100);
        for (int i = 0; i < k; i++) {
            struct client *c = ready[i].data.ptr;
            ssize_t got = read(c->fd, c->answer + c->n, sizeof c->answer - c->n);
            if (got <= 0)
                die("closed");
            c->n += (size_t)got;
            if (!whole(c))
                continue;
            c->n = 0;
            answers++;
            say_to(c->fd, text, (size_t)n);
        }
    }
    printf("%lld\n", (long long)(answers * 1000000 / (now_us() - began)));
    return 0;
}

// Until each has heard something more.
static void hear_all(struct pollfd *at, int n)
{
    static char part[65536];
    int left = n;
    bool *heard = calloc((size_t)n, sizeof *heard);
    while (left) {
        if (poll(at, (nfds_t)n, 20000) <= 0)
            die("a stream is silent");
        for (int i = 0; i < n; i++) {
            if (!(at[i].revents & (POLLIN | POLLHUP)))
                continue;
            ssize_t got = read(at[i].fd, part, sizeof part);
            if (got <= 0)
                die("a stream ended");
            // A comment is no event, and neither is the head.
            if (!heard[i] && memmem(part, (size_t)got, "event: ", 7)) {
                heard[i] = true;
                left--;
            }
        }
    }
    free(heard);
}

// Sets the lock of the service web, or lifts it.
static void change(int fd, int nth)
{
    static const char lock[] = "{\"service\":\"web\",\"reason\":\"bench\"}";
    const char *body = nth % 2 ? "" : lock;
    char text[600];
    int n = snprintf(text, sizeof text, "POST /api/v1/locks%s HTTP/1.1\r\nHost: localhost\r\n"
                     "Idempotency-Key: bench-%016d\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                     nth % 2 ? "/web/lift" : "", nth, strlen(body), body);
    say_to(fd, text, (size_t)n);
}

static int stay_open(const char *dir, int n)
{
    struct sockaddr_un un = place(dir);
    struct pollfd *at = calloc((size_t)n, sizeof *at);
    char byte, answer[4096];
    int doing = dial(&un);
    struct str ask = S("GET /api/v1/live HTTP/1.1\r\nHost: localhost\r\n\r\n");
    for (int i = 0; i < n; i++) {
        at[i] = (struct pollfd){.fd = dial(&un), .events = POLLIN};
        say_to(at[i].fd, ask.p, ask.n);
    }
    hear_all(at, n);
    puts("open");
    fflush(stdout);
    for (int nth = 0; read(0, &byte, 1) == 1; nth++) {
        int64_t began = now_us();
        change(doing, nth);
        hear_all(at, n);
        printf("%lld\n", (long long)(now_us() - began));
        fflush(stdout);
        if (read(doing, answer, sizeof answer) <= 0 || memcmp(answer, "HTTP/1.1 20", 11) != 0)
            die("the change was refused");
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct rlimit files = {8192, 8192};
    setrlimit(RLIMIT_NOFILE, &files);
    signal(SIGPIPE, SIG_IGN);
    if (argc == 3 && strcmp(argv[1], "rival") == 0)
        return rival(argv[2]);
    if (argc == 6 && strcmp(argv[1], "load") == 0)
        return load(argv[2], argv[3], atoi(argv[4]), atoi(argv[5]));
    if (argc == 4 && strcmp(argv[1], "streams") == 0)
        return stay_open(argv[2], atoi(argv[3]));
    fputs("usage: web_bench rival DIR | load DIR TARGET CLIENTS MS | streams DIR N\n", stderr);
    return 2;
}

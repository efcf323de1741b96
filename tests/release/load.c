// load.c: visitors for load.sh: some clients that ask for a page again and again, each time over a new connection.
//
//     load ADDRESS PORT CLIENTS PAUSE_MS SECONDS FILE
//
// One thread, epoll, nothing blocks: a client that waited for a slow answer would not see what the others meet
// meanwhile. A client has one request under way; after its end it pauses. No request begins after SECONDS, or once
// stdin is closed. Each request becomes one line of FILE, tab between the fields:
//
//     BEGAN ENDED STATUS HOST A B RELEASE      times in ms since 1970
//
// STATUS is 200 for a whole answer with a page like "a:5 b:5 release:5"; other HTTP statuses as they are; "refused",
// "reset", "short", "late" or "strange" for what is none. HOST comes from the header X-Host, "-" when there is none.
#define _GNU_SOURCE     // strcasestr
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

enum { CLIENTS_MAX = 64, ANSWER_MAX = 8192, LATE_MS = 20000, TICK_MS = 2 };

struct client {
    int fd;                     // -1: pauses
    bool sent;
    int64_t began, next;        // wall clock; tick
    size_t n;
    char answer[ANSWER_MAX + 1];
};

static struct client clients[CLIENTS_MAX];
static int poller, count, pause_ms;
static struct sockaddr_in where;
static FILE *out;

static int64_t clock_ms(clockid_t which)
{
    struct timespec t;
    clock_gettime(which, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

// ---- an answer ----

// The value of a header, or NULL. Its name in any case: a balancer may write it small.
static const char *header(const struct client *c, const char *name, char *value, size_t size)
{
    const char *end = strstr(c->answer, "\r\n\r\n"), *at = strcasestr(c->answer, name);
    if (!end || !at || at > end)
        return NULL;
    at += strlen(name);
    snprintf(value, size, "%.*s", (int)strcspn(at, "\r"), at);
    return value;
}

static bool whole(const struct client *c)
{
    char length[32];
    const char *end = strstr(c->answer, "\r\n\r\n");
    if (!end)
        return false;
    // Without a length the answer ends with the connection, and its last line tells whether all of it came.
    return header(c, "\r\nContent-Length: ", length, sizeof length)
        ? strtoul(length, NULL, 10) == c->n - (size_t)(end + 4 - c->answer) : c->answer[c->n - 1] == '\n';
}

static void hang_up(struct client *c, const char *status)
{
    char host[64], a[32] = "-", b[32] = "-", release[32] = "-", code[8];
    if (!status && (sscanf(c->answer, "HTTP/1.%*c %7s", code) != 1 || !whole(c)))
        status = c->n ? "short" : "reset";
    if (!status) {
        const char *page = strstr(c->answer, "a:");
        bool ok = strcmp(code, "200") == 0;
        status = code;
        if (ok && (!page || sscanf(page, "a:%31s b:%31s release:%31s", a, b, release) != 3))
            status = "strange";
    }
    if (!header(c, "\r\nX-Host: ", host, sizeof host))
        strcpy(host, "-");
    fprintf(out, "%lld\t%lld\t%s\t%s\t%s\t%s\t%s\n", (long long)c->began, (long long)clock_ms(CLOCK_REALTIME), status,
            host, a, b, release);
    close(c->fd);
    c->fd = -1;
    c->next = clock_ms(CLOCK_MONOTONIC) + pause_ms;
}

static void receive(struct client *c)
{
    ssize_t k = read(c->fd, c->answer + c->n, ANSWER_MAX - c->n);
    if (k < 0 && errno == EAGAIN)
        return;
    if (k < 0) {
        hang_up(c, errno == ECONNREFUSED ? "refused" : "reset");
        return;
    }
    c->n += (size_t)k;
    c->answer[c->n] = 0;
    if (k == 0)
        hang_up(c, NULL);
    else if (c->n == ANSWER_MAX)
        hang_up(c, "strange");
}

static void on_event(struct client *c, uint32_t what)
{
    static const char question[] = "GET /page HTTP/1.1\r\nHost: kotori\r\nConnection: close\r\n\r\n";
    int why = 0;
    socklen_t size = sizeof why;
    if (!c->sent && (what & (EPOLLOUT | EPOLLERR | EPOLLHUP))) {
        getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &why, &size);
        if (why || write(c->fd, question, sizeof question - 1) != sizeof question - 1) {
            hang_up(c, "refused");
            return;
        }
        c->sent = true;
        struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
        epoll_ctl(poller, EPOLL_CTL_MOD, c->fd, &e);
    } else if (c->sent) {
        receive(c);
    }
}

static void ask(struct client *c)
{
    c->n = 0;
    c->answer[0] = 0;
    c->sent = false;
    c->began = clock_ms(CLOCK_REALTIME);
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->fd < 0) {
        perror("load: socket");
        exit(1);
    }
    struct epoll_event e = {.events = EPOLLOUT, .data.ptr = c};
    epoll_ctl(poller, EPOLL_CTL_ADD, c->fd, &e);
    if (connect(c->fd, (const struct sockaddr *)&where, sizeof where) < 0 && errno != EINPROGRESS)
        hang_up(c, "refused");
}

// ---- all of them ----

static bool told_to_stop(void)
{
    char c[64];
    ssize_t n = read(0, c, sizeof c);
    return n == 0;
}

static bool begin_and_end(bool stopping)
{
    int64_t now = clock_ms(CLOCK_MONOTONIC), wall = clock_ms(CLOCK_REALTIME);
    bool busy = false;
    for (int i = 0; i < count; i++) {
        struct client *c = &clients[i];
        if (c->fd >= 0 && wall - c->began > LATE_MS)
            hang_up(c, "late");
        if (c->fd < 0 && !stopping && now >= c->next)
            ask(c);
        busy = busy || c->fd >= 0;
    }
    return busy;
}

static void run(int64_t until)
{
    bool stopping = false;
    while (begin_and_end(stopping) || !stopping) {
        struct epoll_event events[CLIENTS_MAX];
        int n = epoll_wait(poller, events, CLIENTS_MAX, TICK_MS);
        for (int i = 0; i < n; i++)
            on_event(events[i].data.ptr, events[i].events);
        stopping = stopping || told_to_stop() || clock_ms(CLOCK_MONOTONIC) > until;
    }
}

int main(int argc, char **argv)
{
    if (argc != 7 || (count = atoi(argv[3])) < 1 || count > CLIENTS_MAX
        || inet_pton(AF_INET, argv[1], &where.sin_addr) != 1) {
        fprintf(stderr, "usage: load ADDRESS PORT CLIENTS PAUSE_MS SECONDS FILE\n");
        return 2;
    }
    where.sin_family = AF_INET;
    where.sin_port = htons((uint16_t)atoi(argv[2]));
    pause_ms = atoi(argv[4]);
    poller = epoll_create1(EPOLL_CLOEXEC);
    out = fopen(argv[6], "w");
    if (poller < 0 || !out || fcntl(0, F_SETFL, O_NONBLOCK) < 0) {
        perror("load");
        return 1;
    }
    int64_t now = clock_ms(CLOCK_MONOTONIC);
    for (int i = 0; i < count; i++) {
        clients[i].fd = -1;
        clients[i].next = now + i * pause_ms / count;
    }
    run(now + atoi(argv[5]) * 1000LL);
    return fclose(out) == 0 ? 0 : 1;
}

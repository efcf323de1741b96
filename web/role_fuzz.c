// role_fuzz.c: any octets on a connection to the whole role: gate, evhttp, router, fields, answers. Every connection ends,
// every answer begins as one, what the gate would not let pass is not acted on, and whether the first request is does not
// depend on how the octets are cut.
//
// The role runs on a thread of this process, so that its code is watched; the first two bytes of an input say where it
// goes and how it is cut.
#include "base/clock.h"
#include "base/file.h"
#include "base/say.h"
#include "web/head.h"
#include "web/web.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ANSWER_MAX = 1 << 20, END_MS = 60000 };

static void must(bool ok)
{
    if (!ok)
        abort();
}

// Handlers that keep nothing, so that the same question has the same answer.

struct wish { struct str name, note; int64_t keep; bool fail; struct strs hosts; struct pairs params; };
static const struct field wish_in[] = {
    {"name", F_STR, offsetof(struct wish, name), .required = true, .low = 1, .high = 20, .help = "a name"},
    {"note", F_STR, offsetof(struct wish, note), .help = "a note", .text = TEXT_LINES},
    {"keep", F_INT, offsetof(struct wish, keep), .low = 1, .high = 50, .help = "a number"},
    {"fail", F_BOOL, offsetof(struct wish, fail), .help = "fail"},
    {"hosts", F_STRS, offsetof(struct wish, hosts), .high = 3, .help = "texts"},
    {"params", F_PAIRS, offsetof(struct wish, params), .high = 3, .help = "values"},
};

static bool show(struct ask *q, struct err *e)
{
    const struct wish *w = q->in;
    if (w->fail)
        return ask_wrong(q, e, "fail", "", "as \"" STR_F "\" wished", STR_A(w->name));
    json_object(q->out, KV("name", w->name), KV("note", w->note), KV("keep", w->keep), KV("hosts", w->hosts.n),
                KV("given", ask_param(q, "given")));
    return true;
}

static bool hook(struct ask *q, struct err *e)
{
    (void)e;
    json_object(q->out, KV("name", ask_param(q, "name")), KV("bytes", q->body.n));
    return true;
}

#define WISH FIELDS(wish_in), .in_size = sizeof(struct wish)
static const struct route play[] = {
    {GET, "/things", SEE, WISH, .flags = R_PAGE, .run = show, .help = "h"},
    {GET, "/things/{given}", PUBLIC, WISH, .run = show, .help = "h"},
    {POST, "/things", PUBLIC, WISH, .flags = R_QUIET, .run = show, .help = "h"},
    {PUT, "/things/{given}", ADMIN, WISH, .flags = R_QUIET, .run = show, .help = "h"},
    {DELETE, "/things/{given}", ADMIN, .in_size = sizeof(struct wish), .flags = R_QUIET, .run = show, .help = "h"},
    {POST, "/hook/{name}", HOOK, .flags = R_HOOK | R_QUIET, .run = hook, .help = "h"},
    {0}};

// The role.

static char dir[] = "/tmp/role-fuzz-XXXXXX", data_dir[64], site_file[64];
static uint16_t ports[3];           // 0: the socket; the API; hooks

static void *serve(void *arg)
{
    (void)arg;
    static const struct route *const tables[] = {play, NULL};
    struct err e = {0};
    if (!web_run(&(struct web_call){.site = site_file, .data = data_dir, .tables = tables}, &e))
        fprintf(stderr, "%s\n", e.text);
    abort();                        // it runs until we end
}

static uint16_t port_that_is_free(void)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof in;
    OWN_FD fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(fd >= 0 && bind(fd, (struct sockaddr *)&in, n) == 0 && getsockname(fd, (struct sockaddr *)&in, &n) == 0);
    return ntohs(in.sin_port);
}

static int dial(unsigned where)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(ports[where]),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    (void)snprintf(un.sun_path, sizeof un.sun_path, "%s/run/web.sock", data_dir);
    int fd = socket(where ? AF_INET : AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const struct sockaddr *at = where ? (struct sockaddr *)&in : (struct sockaddr *)&un;
    if (fd >= 0 && connect(fd, at, where ? sizeof in : sizeof un) == 0)
        return fd;
    close(fd);
    return -1;
}

static void end(void)
{
    struct err ignored;
    (void)!tree_remove(dir, &ignored);
}

static void begin(void)
{
    static pthread_t thread;
    char text[200];
    struct err e;
    must(mkdtemp(dir) != NULL && atexit(end) == 0);
    (void)snprintf(data_dir, sizeof data_dir, "%s/data", dir);
    (void)snprintf(site_file, sizeof site_file, "%s/site.yaml", dir);
    for (size_t i = 1; i < ARRAY_LEN(ports); i++)
        ports[i] = port_that_is_free();
    (void)snprintf(text, sizeof text, "site: kotori\ntimezone: UTC\nweb: {listen: 127.0.0.1:%u, hooks: 127.0.0.1:%u}\n",
                   ports[1], ports[2]);
    must(file_write(site_file, str_z(text), 0600, &e));
    say_into(open("/dev/null", O_WRONLY | O_CLOEXEC));
    must(pthread_create(&thread, NULL, serve, NULL) == 0);
    for (unsigned i = 0; i < ARRAY_LEN(ports); i++)
        for (int fd = -1; fd < 0; close(fd))
            if ((fd = dial(i)) < 0)
                poll(NULL, 0, 20);
}

// One connection.

struct heard { char *at; size_t n; bool broken; };      // broken: hung up on with octets of ours unread

static bool take(int fd, struct heard *h)
{
    ssize_t n = recv(fd, h->at + h->n, ANSWER_MAX - h->n, MSG_DONTWAIT);
    h->broken |= n < 0 && errno != EAGAIN;
    h->n += n > 0 ? (size_t)n : 0;
    return n > 0 || (n < 0 && errno == EAGAIN);
}

// Sends in pieces of `piece` octets, says that there is no more, and hears to the end.
static void talk(unsigned where, struct str s, size_t piece, struct heard *h)
{
    OWN_FD fd = dial(where);
    int64_t until = tick_ms() + END_MS;
    bool sending = true;
    h->n = 0;
    h->broken = false;
    must(fd >= 0);
    for (bool open = true; open && h->n < ANSWER_MAX;) {
        struct pollfd p = {.fd = fd, .events = (short)(POLLIN | (sending ? POLLOUT : 0))};
        int ready = poll(&p, 1, END_MS);
        must(tick_ms() < until && (ready > 0 || (ready < 0 && errno == EINTR)));     // it ends; libFuzzer's alarm rings
        if (ready < 0)
            continue;
        if (p.revents & POLLOUT) {
            ssize_t n = s.n ? send(fd, s.p, s.n < piece ? s.n : piece, MSG_DONTWAIT | MSG_NOSIGNAL) : 0;
            s = str_from(s, n > 0 ? (size_t)n : 0);
            sending = s.n && (n > 0 || errno == EAGAIN);
            if (!sending)
                shutdown(fd, SHUT_WR);
        }
        if (p.revents & (POLLIN | POLLHUP | POLLERR))
            open = take(fd, h);
    }
    struct linger none = {.l_onoff = 1};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
}

static int first_status(const struct heard *h)
{
    int status = 0;
    if (h->n < 13)
        return 0;
    must(memcmp(h->at, "HTTP/1.1 ", 9) == 0);
    for (size_t i = 9; i < 12; i++) {
        must(h->at[i] >= '0' && h->at[i] <= '9');
        status = status * 10 + h->at[i] - '0';
    }
    must(status >= 200 && status < 600);
    return status;
}

static bool gate_lets_pass(struct str s)
{
    struct head h = {0};
    size_t used;
    return head_take(&h, s.p, s.n, &used) == 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool begun;
    static struct heard whole, cut;
    if (!begun) {
        begin();
        whole.at = malloc(ANSWER_MAX);
        cut.at = malloc(ANSWER_MAX);
        begun = true;
    }
    if (size < 3)
        return 0;
    struct str s = {(const char *)data + 2, size - 2};
    unsigned where = data[0] % ARRAY_LEN(ports);
    talk(where, s, s.n, &whole);
    talk(where, s, 1 + data[1], &cut);
    int status = first_status(&whole), again = first_status(&cut);
    must(gate_lets_pass(s) || status == 0 || status >= 400);
    must(gate_lets_pass(s) || again == 0 || again >= 400);
    bool known = status && again && !whole.broken && !cut.broken;
    // Two that refuse may be in a race, of which either has a status of its own.
    must(!known || status == again || (status >= 400 && again >= 400));
    return 0;
}

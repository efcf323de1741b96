// serve_test.c: the whole role in a child process, asked as its users ask it.
#include "base/clock.h"
#include "base/file.h"
#include "base/say.h"
#include "base/test.h"
#include "web/client.h"
#include "web/listen.h"
#include "web/web.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BIG = 6 << 20 };

// Routes of the play: rows of the table `role` stand for what a capability would write.

struct wish { struct str name; bool fail; };
static const struct field wish_in[] = {
    {"name", F_STR, offsetof(struct wish, name), .required = true, .low = 1, .high = 20, .help = "what to add"},
    {"fail", F_BOOL, offsetof(struct wish, fail), .help = "fail after adding it"},
};

static bool add(struct ask *q, struct err *e)
{
    const struct wish *w = q->in;
    if (!sql_do(q->db, e, "insert into role (name, pid, state, since) values (?, 0, 'up', 0)", VALS(V(w->name))))
        return false;
    if (w->fail)
        return ask_wrong(q, e, "name", "another name", "name: " STR_F " is not welcome", STR_A(w->name));
    q->status = 201;
    json_object(q->out, KV("added", w->name), KV("by", q->who.name));
    return true;
}

static bool count(struct ask *q, struct err *e)
{
    int64_t n;
    if (!ask_site(q, e) || !sql_int(q->db, e, &n, "select count(*) from role", NO_VALS))
        return false;
    json_object(q->out, KV("n", n), KV("site", q->site->name));
    return true;
}

static bool big(struct ask *q, struct err *e)
{
    (void)e;
    buf_addz(q->out, "{\"x\":\"");
    buf_addn(q->out, 'x', BIG);
    buf_addz(q->out, "\"}");
    return true;
}

static bool hook(struct ask *q, struct err *e)
{
    (void)e;
    q->status = 202;
    json_object(q->out, KV("name", ask_param(q, "name")), KV("bytes", q->body.n), KV("sign", ask_header(q, "X-Sign")));
    return true;
}

static const struct route play[] = {
    {GET, "/things", SEE, .run = count, .help = "how many"},
    {POST, "/things", ADMIN, FIELDS(wish_in), .in_size = sizeof(struct wish), .flags = R_KEYED, .run = add,
     .help = "one more"},
    {GET, "/big", SEE, .run = big, .help = "6 MiB"},
    {POST, "/hook/{name}", HOOK, .flags = R_HOOK, .run = hook, .help = "a forge calls"},
    {0}};

// The stage.

struct stage {
    pid_t pid;
    char data[300], site[300];
    int api, hooks;         // ports
};

static int free_port(void)
{
    int fd;
    struct err e;
    struct sockaddr_in in;
    socklen_t n = sizeof in;
    if (!listen_tcp(S("127.0.0.1:0"), false, &fd, &e) || getsockname(fd, (struct sockaddr *)&in, &n) < 0)
        return 0;
    close(fd);
    return ntohs(in.sin_port);
}

static void write_site(const struct stage *s, const char *more)
{
    char text[400];
    struct err e;
    snprintf(text, sizeof text, "site: kotori\ntimezone: UTC\nweb: {listen: 127.0.0.1:%d, hooks: 127.0.0.1:%d}\n%s",
             s->api, s->hooks, more);
    CHECK(file_write(s->site, str_z(text), 0600, &e));
}

static int run_role(const struct stage *s, struct err *e)
{
    const struct route *tables[] = {play, NULL};
    if (web_run(&(struct web_call){.site = s->site, .data = s->data, .tables = tables}, e))
        return 0;
    say_err("test.role", e);
    return err_row(e->kind)->exit;
}

static bool ask(const struct stage *s, struct arena *a, const char *method, const char *path, const char *body,
                struct answer *r, struct err *e)
{
    return api_ask(a, s->data, method, path, str_z(body), r, e);
}

static struct stage start_stage(void)
{
    struct stage s = {.api = free_port(), .hooks = free_port()};
    struct err e = {0};
    snprintf(s.data, sizeof s.data, "%s/data", test_dir());
    snprintf(s.site, sizeof s.site, "%s/site.yaml", test_dir());
    write_site(&s, "");
    fflush(stdout);
    s.pid = fork();
    if (s.pid == 0)
        _exit(run_role(&s, &e));
    return s;
}

// Until it answers; 0 when it ended before, as when another program took one of its ports meanwhile.
static int up(const struct stage *s)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct answer r = {0};
    struct err e;
    for (int64_t until = tick_ms() + 60000; !ask(s, &a, "GET", "/api/v1/ping", "", &r, &e) && tick_ms() < until;) {
        if (waitpid(s->pid, NULL, WNOHANG) == s->pid)
            return 0;
        usleep(20000);
    }
    return r.status;
}

static struct stage open_stage(void)
{
    struct stage s = start_stage();
    int status = up(&s);
    for (int tries = 0; status == 0 && tries < 3; tries++) {
        s = start_stage();
        status = up(&s);
    }
    CHECK_INT(status, 200);
    return s;
}

static int ended(pid_t pid)
{
    int status = 0;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void close_stage(struct stage *s)
{
    kill(s->pid, SIGTERM);
    CHECK_INT(ended(s->pid), 0);
}

// A raw exchange with a listener; reads to the end of the stream.
static struct str raw(struct arena *a, int port, struct str text)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    OWN_BUF struct buf b = buf_make(16 << 20);
    OWN_FD fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct timeval patience = {10, 0};
    char part[4096];
    ssize_t n;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(fd, (struct sockaddr *)&in, sizeof in) < 0)
        return S("no connection");
    n = send(fd, text.p, text.n, MSG_NOSIGNAL);
    while ((n = recv(fd, part, sizeof part, 0)) > 0)
        buf_add(&b, (struct str){part, (size_t)n});
    return str_dup(a, buf_str(&b));
}

TEST(a_request_that_fails_leaves_nothing_and_one_that_works_is_answered)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct stage s = open_stage();
    struct answer r;
    struct err e = {0};
    CHECK(!ask(&s, &a, "POST", "/api/v1/things", "{\"name\":\"x\",\"fail\":true}", &r, &e));
    CHECK_INT(e.kind, ERR_INPUT);
    CHECK_STR(str_z(e.text), S("name: x is not welcome"));
    CHECK_STR(str_z(e.hint), S("another name"));
    CHECK(ask(&s, &a, "POST", "/api/v1/things", "{\"name\":\"x\"}", &r, &e) && r.status == 201);
    CHECK(ask(&s, &a, "GET", "/api/v1/things", "", &r, &e));
    CHECK_STR(r.body, S("{\"n\":1,\"site\":\"kotori\"}"));
    CHECK(!ask(&s, &a, "POST", "/api/v1/things", "{\"name\":\"x\"}", &r, &e));
    CHECK_INT(e.kind, ERR_CONFLICT);
    CHECK(!ask(&s, &a, "GET", "/api/v1/thing", "", &r, &e));
    CHECK_INT(e.kind, ERR_NOT_FOUND);
    CHECK_STR(str_z(e.hint), S("did you mean /api/v1/things?"));
    close_stage(&s);
}

// The client never sends one key twice by itself, so this one speaks HTTP.
// One request on a connection of its own; all octets that came back.
static struct str exchanged(struct arena *a, const struct stage *s, struct str request)
{
    OWN_FD fd = -1;
    struct err e;
    OWN_BUF struct buf b = buf_make(1 << 20);
    char part[4096];
    ssize_t n;
    if (!connect_unix(s->data, "web.sock", &fd, &e))
        return S("no connection");
    CHECK(fd_write_all(fd, request, &e));
    for (struct pollfd p = {.fd = fd, .events = POLLIN};
         poll(&p, 1, 10000) > 0 && (n = read(fd, part, sizeof part)) > 0;)
        buf_add(&b, (struct str){part, (size_t)n});
    return str_dup(a, buf_str(&b));
}

static struct str post_keyed(struct arena *a, const struct stage *s, const char *key, const char *body)
{
    return exchanged(a, s, str_f(a, "POST /api/v1/things HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                                 "Idempotency-Key: %s\r\nContent-Type: application/json\r\n"
                                 "Content-Length: %zu\r\n\r\n%s",
                                 key, strlen(body), body));
}

TEST(the_same_key_acts_once_and_gets_the_same_answer)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct stage s = open_stage();
    const char *key = "0123456789abcdef";
    struct str first = post_keyed(&a, &s, key, "{\"name\":\"x\"}");
    struct str second = post_keyed(&a, &s, key, "{\"name\":\"x\"}");
    struct str other = post_keyed(&a, &s, key, "{\"name\":\"y\"}");
    CHECK(str_starts(first, S("HTTP/1.1 201 ")) && str_find(first, S("Idempotent-Replay")) < 0);
    CHECK(str_starts(second, S("HTTP/1.1 201 ")) && str_find(second, S("Idempotent-Replay: true\r\n")) > 0);
    CHECK_STR(str_from(second, second.n - 20), str_from(first, first.n - 20));
    CHECK(str_starts(other, S("HTTP/1.1 409 ")) && str_find(other, S("\"code\":\"key_reused\"")) > 0);
    CHECK(str_starts(post_keyed(&a, &s, "short", "{\"name\":\"y\"}"), S("HTTP/1.1 400 ")));
    struct answer r;
    struct err e;
    CHECK(ask(&s, &a, "GET", "/api/v1/things", "", &r, &e));
    CHECK_STR(r.body, S("{\"n\":1,\"site\":\"kotori\"}"));
    close_stage(&s);
}

static struct str get_with(struct arena *a, const struct stage *s, const char *path, const char *header)
{
    return exchanged(a, s, str_f(a, "GET /api/v1%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s\r\n", path,
                                 header));
}

TEST(who_has_an_answer_already_gets_304_until_it_changes)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct stage s = open_stage();
    struct answer r;
    struct err e = {0};
    struct str first = get_with(&a, &s, "/things", "");
    ptrdiff_t at = str_find(first, S("\r\nETag: "));
    CHECK(at > 0 && str_find(first, S("Cache-Control: private, no-cache\r\n")) > 0);
    struct str rest = str_from(first, (size_t)at + 8), tag = str_cut(&rest, '\r');
    const struct { struct str list; bool known; } rows[] = {
        {tag, true}, {str_f(&a, "\"x\", W/" STR_F, STR_A(tag)), true}, {S("*"), true}, {S("\"x\""), false}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct str header = str_f(&a, "If-None-Match: " STR_F "\r\n", STR_A(rows[i].list));
        struct str got = get_with(&a, &s, "/things", header.p);
        CHECK(str_starts(got, rows[i].known ? S("HTTP/1.1 304 Not Modified\r\n") : S("HTTP/1.1 200 OK\r\n")));
        CHECK(!rows[i].known || str_ends(got, S("\r\n\r\n")));
    }
    CHECK(ask(&s, &a, "POST", "/api/v1/things", "{\"name\":\"y\"}", &r, &e));
    struct str same = str_f(&a, "If-None-Match: " STR_F "\r\n", STR_A(tag));
    CHECK(str_starts(get_with(&a, &s, "/things", same.p), S("HTTP/1.1 200 OK\r\n")));
    struct str wrong = get_with(&a, &s, "/thing", "If-None-Match: *\r\n");
    CHECK(str_starts(wrong, S("HTTP/1.1 404 ")) && str_find(wrong, S("Cache-Control: no-store\r\n")) > 0);
    close_stage(&s);
}

TEST(the_site_file_is_read_again_when_it_changes)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct stage s = open_stage();
    struct answer r;
    struct err e = {0};
    write_site(&s, "servces: {}\n");
    CHECK(!ask(&s, &a, "GET", "/api/v1/things", "", &r, &e));
    CHECK_INT(e.kind, ERR_STATE);
    CHECK(strstr(e.text, "servces"));
    CHECK(ask(&s, &a, "GET", "/api/v1/ping", "", &r, &e));
    write_site(&s, "# mended\n");
    CHECK(ask(&s, &a, "GET", "/api/v1/things", "", &r, &e));
    CHECK(unlink(s.site) == 0);
    CHECK(!ask(&s, &a, "GET", "/api/v1/things", "", &r, &e));
    close_stage(&s);
}

TEST(strangers_reach_hooks_and_nothing_else)
{
    OWN_ARENA struct arena a = arena_make(32 << 20);
    struct stage s = open_stage();
    struct str api = raw(&a, s.api, S("GET /api/v1/things HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
    CHECK(str_starts(api, S("HTTP/1.1 401 ")) && str_find(api, S("\"code\":\"signed_out\"")) > 0);
    struct str called = raw(&a, s.hooks, S("POST /hook/web HTTP/1.1\r\nHost: localhost\r\nX-Sign: abc\r\n"
                                           "Connection: close\r\nContent-Length: 3\r\n\r\n\1\2\3"));
    CHECK(str_starts(called, S("HTTP/1.1 202 ")));
    CHECK(str_find(called, S("{\"name\":\"web\",\"bytes\":3,\"sign\":\"abc\"}")) > 0);
    CHECK(
        str_starts(raw(&a, s.hooks, S("POST /hook/web HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4194305\r\n\r\n")),
                   S("HTTP/1.1 413 ")));
    CHECK(str_starts(raw(&a, s.api, S("POST /hook/web HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")),
                     S("HTTP/1.1 401 ")));
    close_stage(&s);
}

TEST(a_body_that_is_too_large_is_refused_in_the_words_of_the_api)
{
    OWN_ARENA struct arena a = arena_make(32 << 20);
    struct stage s = open_stage();
    char *large = NEW_N(&a, char, 90000);
    memset(large, 'x', 90000 - 1);
    const char *head = "POST /api/v1/things HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    const struct str asked[] = {
        str_f(&a, "%sContent-Length: 65537\r\n\r\n", head),
        str_f(&a, "%scontent-length: 89999\r\n\r\n%s", head, large),
    };
    for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
        struct str said = raw(&a, s.api, asked[i]);
        ptrdiff_t at = str_find(said, S("\r\n\r\n"));
        CHECK(str_starts(said, S("HTTP/1.1 413 ")) && at > 0);
        OWN_JSON *j = json_loadb(said.p + at + 4, said.n - (size_t)at - 4, 0, NULL);
        CHECK_STR(str_z(json_string_value(json_object_get(json_object_get(j, "error"), "code"))), S("limit"));
        CHECK_INT(json_object_size(json_object_get(j, "error")), 8);
    }
    close_stage(&s);
}

TEST(the_thirty_first_hook_of_a_minute_has_to_wait)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct stage s = open_stage();
    // As proxies on this machine pass them on; the caller may have written an address of its own before theirs.
    struct str calls[] = {
        S("POST /hook/web HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 203.0.113.9, 192.0.2.7\r\n"
          "Connection: close\r\n\r\n"),
        S("POST /hook/web HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 203.0.113.8\r\n"
          "X-Forwarded-For: 192.0.2.7\r\nConnection: close\r\n\r\n")};
    struct str other = S("POST /hook/web HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 192.0.2.8\r\n"
                         "Connection: close\r\n\r\n");
    struct str here = S("POST /hook/web HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    for (int i = 0; i < 30; i++)
        CHECK(str_starts(raw(&a, s.hooks, calls[i % 2]), S("HTTP/1.1 202 ")));
    struct str late = raw(&a, s.hooks, calls[1]);
    CHECK(str_starts(late, S("HTTP/1.1 429 ")) && str_find(late, S("\r\nRetry-After: ")) > 0);
    CHECK(str_starts(raw(&a, s.hooks, other), S("HTTP/1.1 202 ")));
    for (int i = 0; i < 31; i++)
        CHECK(str_starts(raw(&a, s.hooks, here), S("HTTP/1.1 202 ")));
    close_stage(&s);
}

// Sends the head of a hook call whose body of two octets is still to come.
static int begin_call(int port)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct err e;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(connect(fd, (struct sockaddr *)&in, sizeof in) == 0);
    CHECK(fd_write_all(fd, S("POST /hook/web HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n"), &e));
    return fd;
}

static bool answers(int fd, int within_ms)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, within_ms) == 1;
}

TEST(four_bodies_are_received_at_once_and_the_fifth_waits_for_its_turn)
{
    struct stage s = open_stage();
    int fd[5];
    struct err e;
    for (size_t i = 0; i < ARRAY_LEN(fd); i++) {
        fd[i] = begin_call(s.hooks);
        usleep(20000);      // so that they come in this order
    }
    CHECK(fd_write_all(fd[4], S("ab"), &e));
    CHECK(!answers(fd[4], 200));
    CHECK(fd_write_all(fd[0], S("ab"), &e));
    CHECK(answers(fd[0], 5000));
    CHECK(answers(fd[4], 5000));
    close(fd[1]);           // one that gives up makes room too
    int sixth = begin_call(s.hooks);
    CHECK(fd_write_all(sixth, S("ab"), &e));
    CHECK(answers(sixth, 5000));
    close(sixth);
    for (size_t i = 0; i < ARRAY_LEN(fd); i++)
        if (i != 1)
            close(fd[i]);
    close_stage(&s);
}

TEST(an_answer_in_flight_goes_out_after_sigterm)
{
    struct stage s = open_stage();
    struct str get = S("GET /api/v1/big HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    OWN_FD fd = -1;
    struct err e;
    static char part[65536];
    size_t all = 0;
    ssize_t n;
    CHECK(connect_unix(s.data, "web.sock", &fd, &e) && fd_write_all(fd, get, &e));
    struct pollfd p = {.fd = fd, .events = POLLIN};
    CHECK(poll(&p, 1, 10000) == 1);         // the answer has begun and does not fit the socket
    kill(s.pid, SIGTERM);
    usleep(100000);
    while (poll(&p, 1, 10000) > 0 && (n = read(fd, part, sizeof part)) > 0)
        all += (size_t)n;
    CHECK(all > BIG);
    CHECK_INT(ended(s.pid), 0);
}

TEST(a_second_sigterm_does_not_wait)
{
    struct stage s = open_stage();
    OWN_FD fd = -1;
    struct err e;
    CHECK(connect_unix(s.data, "web.sock", &fd, &e));
    CHECK(fd_write_all(fd, S("GET /api/v1/big HTTP/1.1\r\nHost: localhost\r\n\r\n"), &e));
    struct pollfd p = {.fd = fd, .events = POLLIN};
    CHECK(poll(&p, 1, 10000) == 1);
    int64_t began = tick_ms();
    kill(s.pid, SIGTERM);
    usleep(200000);
    CHECK(waitpid(s.pid, NULL, WNOHANG) == 0);
    kill(s.pid, SIGTERM);
    CHECK_INT(ended(s.pid), 0);
    CHECK(tick_ms() - began < 3000);
}

TEST(one_directory_has_one_web_role)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct stage s = open_stage();
    struct err e = {0};
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
        run_role(&s, &e);
        _exit(e.kind == ERR_STATE ? 0 : 1);
    }
    CHECK_INT(ended(pid), 0);
    struct answer r;
    CHECK(ask(&s, &a, "GET", "/api/v1/ping", "", &r, &e));
    close_stage(&s);
}

TEST(another_user_of_this_machine_has_no_right)
{
    if (geteuid() != 0)     // only root can become somebody else
        return;
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct stage s = open_stage();
    char path[400];
    snprintf(path, sizeof path, "%s/run/web.sock", s.data);
    struct stat st;
    CHECK(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600);
    chmod(test_dir(), 0711), chmod(s.data, 0711), chmod(path, 0666);
    snprintf(path, sizeof path, "%s/run", s.data);
    chmod(path, 0755);
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        struct answer r = {0};
        struct err e = {0};
        if (setgid(65534) < 0 || setuid(65534) < 0)
            _exit(2);
        bool ok = ask(&s, &a, "GET", "/api/v1/ping", "", &r, &e);
        _exit(!ok && r.status == 403 && e.kind == ERR_DENIED ? 0 : 1);
    }
    CHECK_INT(ended(pid), 0);
    close_stage(&s);
}

TEST(nobody_answers_is_told_with_the_way_out)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct answer r;
    struct err e = {0};
    CHECK(!api_ask(&a, test_dir(), "GET", "/api/v1/ping", S(""), &r, &e));
    CHECK_INT(e.kind, ERR_PEER);
    CHECK_STR(str_z(e.hint), S("start it: rusuban serve"));
}

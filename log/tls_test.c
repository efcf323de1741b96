#include "base/loop.h"
#include "base/test.h"
#include "log/token.h"
#include <arpa/inet.h>
#include <event2/buffer.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

// Two ends of a TLS connection in one loop.
struct pair {
    struct loop *l;
    struct ssl_ctx_st *server, *client;
    struct bufferevent *in, *out;
    struct err why;
    char got[64];
    size_t got_n;
};

static void on_read(struct bufferevent *b, void *arg)
{
    struct pair *p = arg;
    p->got_n = bufferevent_read(b, p->got, sizeof p->got);
    loop_stop(p->l);
}

static void on_event(struct bufferevent *b, short what, void *arg)
{
    struct pair *p = arg;
    if (!(what & (BEV_EVENT_ERROR | BEV_EVENT_EOF)))
        return;
    if (b == p->out && tls_why(b, &p->why))
        err_set(&p->why, ERR_PEER, "the connection ended");
    if (b == p->out)
        loop_stop(p->l);
}

static void on_late(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    loop_stop(arg);
}

static void converse(const char *data_dir, const unsigned char *pin, struct pair *p)
{
    int fd[2];
    struct err e = {0};
    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fd) == 0);
    p->l = loop_new(&e);
    p->server = tls_server(data_dir, &e);
    p->client = tls_client(&e);
    CHECK_STR(str_z(e.text), S(""));
    p->in = tls_accept(loop_base(p->l), p->server, fd[0], &e);
    p->out = tls_connect(loop_base(p->l), p->client, pin, &e);
    bufferevent_setfd(p->out, fd[1]);
    bufferevent_setcb(p->in, on_read, NULL, on_event, p);
    bufferevent_setcb(p->out, NULL, NULL, on_event, p);
    bufferevent_enable(p->in, EV_READ | EV_WRITE);
    bufferevent_enable(p->out, EV_READ | EV_WRITE);
    bufferevent_write(p->out, "secret", 6);
    struct event *late = loop_after(p->l, 5000, on_late, p->l);
    loop_run(p->l);
    event_free(late);
    bufferevent_free(p->in);
    bufferevent_free(p->out);
    tls_free(p->server);
    tls_free(p->client);
    loop_free(p->l);
}

TEST(who_knows_the_servers_key_is_heard_and_the_file_is_for_nobody_else)
{
    unsigned char pin[TLS_PIN], again[TLS_PIN];
    struct err e = {0};
    struct pair p = {0};
    struct stat st;
    char path[512];
    CHECK(tls_pin(test_dir(), pin, &e));
    CHECK(tls_pin(test_dir(), again, &e));
    CHECK(memcmp(pin, again, sizeof pin) == 0);
    converse(test_dir(), pin, &p);
    CHECK_STR(((struct str){p.got, p.got_n}), S("secret"));
    snprintf(path, sizeof path, "%s/keys/log-tls.pem", test_dir());
    CHECK(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600);
    CHECK(chmod(path, 0644) == 0);
    CHECK(!tls_pin(test_dir(), pin, &e));
    CHECK_INT(e.kind, ERR_STATE);
}

TEST(a_server_with_another_key_hears_nothing)
{
    unsigned char pin[TLS_PIN];
    struct err e = {0};
    struct pair p = {0};
    CHECK(tls_pin(test_dir(), pin, &e));
    pin[31] ^= 1;
    converse(test_dir(), pin, &p);
    CHECK_INT(p.got_n, 0);
    CHECK(strstr(p.why.text, "another key"));
}

TEST(a_token_is_good_until_the_next_one_or_its_end)
{
    OWN_DB struct db *db = NULL;
    OWN_BUF struct buf one = buf_make(TOKEN_TEXT_MAX), two = buf_make(TOKEN_TEXT_MAX);
    unsigned char pin[TLS_PIN] = {7};
    struct token t, u;
    struct err e = {0};
    CHECK(store_open(test_dir(), &db, &e));
    CHECK(token_make(db, S("app1"), pin, &one, &e));
    CHECK(token_read(buf_str(&one), &t, &e));
    CHECK_STR(str_z(t.host), S("app1"));
    CHECK(memcmp(t.pin, pin, sizeof pin) == 0);
    struct str secret = {(char *)t.secret, sizeof t.secret};
    CHECK(token_check(db, S("app1"), secret, &e));
    CHECK(!token_check(db, S("app2"), secret, &e));
    CHECK_INT(e.kind, ERR_DENIED);
    CHECK(!token_check(db, S("app1"), str_head(secret, 31), &e));
    CHECK(!token_check(db, S("app1"), S(""), &e));
    CHECK(token_make(db, S("app1"), pin, &two, &e));
    CHECK(!token_check(db, S("app1"), secret, &e));
    CHECK(token_read(buf_str(&two), &u, &e));
    secret = (struct str){(char *)u.secret, sizeof u.secret};
    CHECK(token_check(db, S("app1"), secret, &e));
    CHECK(token_alive(db, S("app1"), INT64_MAX, &e));
    CHECK(!token_alive(db, S("app1"), 1, &e));
    CHECK(token_revoke(db, S("app1"), &e));
    CHECK(!token_alive(db, S("app1"), INT64_MAX, &e));
    CHECK(!token_check(db, S("app1"), secret, &e));
    CHECK(!token_revoke(db, S("app1"), &e));
    CHECK_INT(e.kind, ERR_NOT_FOUND);
}

TEST(what_is_no_token_is_told_so)
{
    static const char *const rows[] = {"", "rsl1.", "rsl1.AAAA", "rsl2.AAAA", "rsl1.!!!!", "password"};
    OWN_BUF struct buf b = buf_make(4096);
    struct token t;
    struct err e = {0};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CHECK(!token_read(str_z(rows[i]), &t, &e));
        CHECK_INT(e.kind, ERR_INPUT);
    }
    buf_addz(&b, "rsl1.");
    buf_addn(&b, 'A', 300);
    CHECK(!token_read(buf_str(&b), &t, &e));
}

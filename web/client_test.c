// client_test.c: the client against servers that misbehave.
#include "base/file.h"
#include "base/test.h"
#include "web/client.h"
#include "web/listen.h"
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

// Reads one request and answers it with a canned text; tells the request's key in *key.
static void serve_one(int listener, struct str text, char key[64])
{
    struct pollfd p = {.fd = listener, .events = POLLIN};
    static char part[65536];
    if (poll(&p, 1, 5000) != 1)
        _exit(9);
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    ssize_t n = read(fd, part, sizeof part - 1);
    part[n > 0 ? n : 0] = 0;
    const char *at = strstr(part, "Idempotency-Key: ");
    snprintf(key, 64, "%.32s", at ? at + 17 : "");
    struct err e;
    if (!fd_write_all(fd, text, &e))
        _exit(8);
    close(fd);
}

// A server in a child: one answer a connection, in order. Its exit status: 0 when all connections sent one key.
static pid_t serve(const struct str *answers, size_t n)
{
    char path[400], first[64] = "", key[64] = "";
    struct err e;
    int fd = -1;
    snprintf(path, sizeof path, "%s/run", test_dir());
    CHECK(dir_make(path, 0700, &e) && listen_unix(test_dir(), "web.sock", &fd, &e));
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        bool same = true;
        for (size_t i = 0; i < n; i++) {
            serve_one(fd, answers[i], key);
            same = same && (i == 0 || strcmp(first, key) == 0);
            memcpy(first, key, sizeof first);
        }
        _exit(same ? 0 : 1);
    }
    close(fd);
    return pid;
}

static int ended(pid_t pid)
{
    int status = 0;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool post(struct arena *a, struct answer *r, struct err *e)
{
    return api_ask(a, test_dir(), "POST", "/api/v1/x", S("{}"), r, e);
}

TEST(a_broken_connection_is_tried_again_once_with_the_same_key)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct answer r;
    struct err e = {0};
    pid_t pid = serve((struct str[]){S(""), S("HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}")}, 2);
    CHECK(post(&a, &r, &e) && r.status == 201);
    CHECK_INT(ended(pid), 0);
    pid = serve((struct str[]){S("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{"), S("HTTP/1.1 200")}, 2);
    CHECK(!post(&a, &r, &e));
    CHECK_INT(e.kind, ERR_PEER);
    CHECK_INT(ended(pid), 0);
}

static const struct { struct str answer; enum err_kind kind; const char *text, *hint; } rows[] = {
    {S("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n"), ERR_LIMIT, NULL, ""},
    {S("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"), ERR_PEER,
     "the server refused the request with status 503", ""},
    {S("HTTP/1.1 413 Too Large\r\n\r\n<html>"), ERR_LIMIT, "the server refused the request with status 413", ""},
    {S("HTTP/1.1 400 Bad Request\r\n\r\n<html>"), ERR_INPUT, "the server refused the request with status 400", ""},
    {S("SSH-2.0-OpenSSH\r\n\r\n"), ERR_PEER, "the server's answer is not HTTP: no status line", ""},
    {S("HTTP/1.1 423 Locked\r\n\r\n{\"error\":{\"code\":\"locked\",\"message\":\"locked by Kato\",\"hint\":\"wait\"}}"),
     ERR_LOCKED, "locked by Kato", "wait"},
    {S("HTTP/1.1 409 Conflict\r\n\r\n{\"error\":{\"code\":\"key_reused\",\"message\":\"m\",\"hint\":null}}"), ERR_STATE,
     "m", ""},
    {S("HTTP/1.1 400 Bad Request\r\n\r\n{\"error\":{\"code\":\"input\",\"message\":\"a; and 1 more mistake\","
       "\"details\":[{\"message\":\"a\"},{\"message\":\"b\"}]}}"), ERR_INPUT, "a; b", ""},
    {S("HTTP/1.1 418 Teapot\r\n\r\n{\"error\":{\"code\":\"unheard_of\",\"message\":\"m\"}}"), ERR_INPUT, "m", ""},
};

TEST(an_error_of_the_api_becomes_the_error_it_was)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct answer r;
        struct err e = {0};
        pid_t pid = serve(&rows[i].answer, 1);
        CHECK(!post(&a, &r, &e));
        CHECK_INT(e.kind, rows[i].kind);
        if (rows[i].text)
            CHECK_STR(str_z(e.text), str_z(rows[i].text));
        CHECK_STR(str_z(e.hint), str_z(rows[i].hint));
        CHECK_INT(ended(pid), 0);
    }
}

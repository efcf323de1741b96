// listen_test.c: where the role may listen, and that deep directories do not stop it.
#include "base/file.h"
#include "base/test.h"
#include "web/listen.h"
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct { const char *address; bool plain_ok; enum err_kind kind; } rows[] = {
    {"127.0.0.1:0", false, ERR_NONE},
    {"127.0.0.9:0", false, ERR_NONE},
    {"0.0.0.0:0", false, ERR_INPUT},
    {"192.0.2.1:80", false, ERR_INPUT},
    {"[::]:0", false, ERR_INPUT},
    {"0.0.0.0:0", true, ERR_NONE},
    {"127.0.0.1", false, ERR_INPUT},
    {"127.0.0.1:", false, ERR_INPUT},
    {"127.0.0.1:65536", false, ERR_INPUT},
    {"127.0.0.1:-1", false, ERR_INPUT},
    {"localhost:80", false, ERR_INPUT},
    {"::1:80", false, ERR_INPUT},
    {"[::1:80", false, ERR_INPUT},
    {"[::1]80", false, ERR_INPUT},
    {"", false, ERR_INPUT},
};

TEST(only_loopback_is_listened_on_unless_told_otherwise)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        OWN_FD fd = -1;
        struct err e = {0};
        bool ok = listen_tcp(str_z(rows[i].address), rows[i].plain_ok, &fd, &e);
        if (ok != (rows[i].kind == ERR_NONE) || e.kind != rows[i].kind)
            test_failed(__FILE__, __LINE__, "%s: %s", rows[i].address, ok ? "listens" : e.text);
    }
}

TEST(a_socket_in_a_deep_directory_is_reached_and_belongs_to_its_owner_alone)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    char *data = str_zf(&a, "%s/%0100d/%0100d", test_dir(), 1, 2);
    OWN_FD server = -1, again = -1, client = -1;
    struct err e = {0};
    struct stat st;
    CHECK(!connect_unix(data, "web.sock", &client, &e) && e.kind == ERR_NOT_FOUND);
    CHECK(dir_make(str_zf(&a, "%s/run", data), 0700, &e));
    CHECK(listen_unix(data, "web.sock", &server, &e));
    CHECK(stat(str_zf(&a, "%s/run/web.sock", data), &st) == 0 && (st.st_mode & 0777) == 0600);
    CHECK(connect_unix(data, "web.sock", &client, &e));
    struct pollfd p = {.fd = server, .events = POLLIN};
    CHECK(poll(&p, 1, 1000) == 1);
    own_fd_close(&server);
    CHECK(listen_unix(data, "web.sock", &again, &e));       // what a dead process left is replaced
}

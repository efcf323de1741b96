// listen.c: binding and connecting. A Unix socket's address holds 107 bytes, work trees may be deeper: the directory
// is opened and the address goes through /proc/self/fd.
#include "web/listen.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 1024 };

static bool open_run(const char *data, int *dir, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(64 << 10);
    const char *path = str_zf(&a, "%s/run", data);
    *dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return *dir >= 0 || err_set(e, errno == ENOENT ? ERR_NOT_FOUND : errno == EACCES ? ERR_DENIED : ERR_IO,
                                 "open %s: %m", path);
}

static bool unix_address(int dir, const char *name, struct sockaddr_un *out)
{
    *out = (struct sockaddr_un){.sun_family = AF_UNIX};
    int n = snprintf(out->sun_path, sizeof out->sun_path, "/proc/self/fd/%d/%s", dir, name);
    return n > 0 && (size_t)n < sizeof out->sun_path;
}

static int stream_socket(int family)
{
    return socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

static bool bind_listen(int fd, const void *address, socklen_t n, struct str shown, struct err *e)
{
    if (bind(fd, address, n) == 0 && listen(fd, BACKLOG) == 0)
        return true;
    err_set(e, ERR_IO, "listen on " STR_F ": %m", STR_A(shown));
    return errno == EADDRINUSE ? err_hint(e, "another program has this port: see ss -ltnp") : false;
}

bool listen_unix(const char *data, const char *name, int *fd, struct err *e)
{
    OWN_FD dir = -1;
    struct sockaddr_un un;
    if (!open_run(data, &dir, e))
        return false;
    OWN_FD s = stream_socket(AF_UNIX);
    if (s < 0 || !unix_address(dir, name, &un))
        return err_set(e, ERR_IO, "make the socket %s: %m", name);
    if (unlinkat(dir, name, 0) < 0 && errno != ENOENT)
        return err_set(e, ERR_IO, "remove the old socket %s: %m", name);
    mode_t before = umask(0177);
    bool ok = bind_listen(s, &un, sizeof un, str_z(name), e);
    umask(before);
    if (ok)
        *fd = fd_give(&s);
    return ok;
}

bool connect_unix(const char *data, const char *name, int *fd, struct err *e)
{
    OWN_FD dir = -1;
    struct sockaddr_un un;
    if (!open_run(data, &dir, e))
        return false;
    OWN_FD s = stream_socket(AF_UNIX);
    if (s < 0 || !unix_address(dir, name, &un))
        return err_set(e, ERR_IO, "make a socket: %m");
    if (connect(s, (struct sockaddr *)&un, sizeof un) < 0)
        return err_set(e, errno == EACCES ? ERR_DENIED : errno == EAGAIN ? ERR_LATE : ERR_NOT_FOUND,
                       "connect to %s/run/%s: %m", data, name);
    *fd = fd_give(&s);
    return true;
}

struct place { struct sockaddr_storage at; socklen_t n; bool loopback; };

static bool place_parse(struct str address, struct place *out)
{
    char host[64];
    struct str port = address;
    bool six = str_starts(address, S("["));
    struct str name = six ? (str_cut(&port, '['), str_cut(&port, ']')) : str_cut(&port, ':');
    uint64_t number;
    if (six && !str_starts(port, S(":")))
        return false;
    if (!str_u64(six ? str_from(port, 1) : port, &number) || number > 65535 || name.n >= sizeof host)
        return false;
    memcpy(host, name.p, name.n);
    host[name.n] = 0;
    *out = (struct place){0};
    struct sockaddr_in *v4 = (struct sockaddr_in *)&out->at;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&out->at;
    if (six && inet_pton(AF_INET6, host, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons((uint16_t)number);
        out->n = sizeof *v6;
        out->loopback = IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
    } else if (!six && inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons((uint16_t)number);
        out->n = sizeof *v4;
        out->loopback = ntohl(v4->sin_addr.s_addr) >> 24 == 127;
    }
    return out->n > 0;
}

bool listen_tcp(struct str address, bool plain_ok, int *fd, struct err *e)
{
    struct place place;
    int on = 1;
    if (!place_parse(address, &place))
        return err_set(e, ERR_INPUT, "\"" STR_F "\" is not an address and port", STR_A(address));
    if (!place.loopback && !plain_ok) {
        err_set(e, ERR_INPUT, "listening on " STR_F " would send passwords in plain text over the network",
                STR_A(address));
        return err_hint(e, "listen on 127.0.0.1 behind the edge, which speaks TLS; or say web: {plain_ok: true}");
    }
    OWN_FD s = stream_socket(place.at.ss_family);
    if (s < 0 || setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0)
        return err_set(e, ERR_IO, "make a socket: %m");
    if (!bind_listen(s, &place.at, place.n, address, e))
        return false;
    *fd = fd_give(&s);
    return true;
}

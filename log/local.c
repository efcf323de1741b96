// local.c: see local.h.
#include "log/local.h"
#include "base/clock.h"
#include "base/file.h"
#include "web/listen.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sodium.h>
#include <sys/socket.h>
#include <unistd.h>

enum { WELCOME_MS = 10000 };

static bool wait_for(int fd, short what, int64_t until, struct err *e)
{
    for (;;) {
        int64_t left = until < 0 ? -1 : until - tick_ms();
        struct pollfd p = {.fd = fd, .events = what};
        int n = poll(&p, 1, left < 0 && until >= 0 ? 0 : (int)left);
        if (n > 0)
            return true;
        if (n == 0)
            return err_set(e, ERR_LATE, "the log server does not answer");
        if (errno != EINTR)
            return err_set(e, ERR_IO, "wait for the log server: %m");
    }
}

static bool send_all(int fd, struct str s, struct err *e)
{
    while (s.n) {
        ssize_t n = send(fd, s.p, s.n, MSG_NOSIGNAL);       // a server that went away is an error, not our end
        if (n > 0)
            s = str_from(s, (size_t)n);
        else if (n < 0 && errno == EAGAIN && wait_for(fd, POLLOUT, -1, e))
            continue;
        else if (n < 0 && errno != EINTR)
            return err_set(e, ERR_PEER, "the log server went away: %m");
    }
    return true;
}

bool local_send_frame(int fd, struct str frame, struct err *e)
{
    return send_all(fd, frame, e);
}

bool local_send(int fd, enum frame_type type, struct str payload, struct err *e)
{
    unsigned char head[FRAME_HEAD] = {0};
    uint32_t n = (uint32_t)payload.n;
    memcpy(head, &n, sizeof n);
    head[4] = (unsigned char)type;
    return send_all(fd, (struct str){(const char *)head, sizeof head}, e) && send_all(fd, payload, e);
}

// Exactly n more bytes into room.
static bool fill(int fd, size_t n, int64_t until, struct buf *room, struct err *e)
{
    size_t at = room->n;
    buf_addn(room, 0, n);
    if (room->failed)
        return err_set(e, ERR_PEER, "the log server's answer is longer than it may be");
    for (size_t got = 0; got < n;) {
        ssize_t k = read(fd, room->p + at + got, n - got);
        if (k > 0)
            got += (size_t)k;
        else if (k == 0)
            return err_set(e, ERR_PEER, "the log server closed the connection");
        else if (errno == EAGAIN) {
            if (!wait_for(fd, POLLIN, until, e))
                return false;
        } else if (errno != EINTR) {
            return err_set(e, ERR_PEER, "the log server went away: %m");
        }
    }
    return true;
}

bool local_next(int fd, int64_t ms, struct buf *room, struct frame *out, struct err *e)
{
    int64_t until = ms < 0 ? -1 : tick_ms() + ms;
    struct err said;
    uint32_t n;
    buf_clear(room);
    if (!fill(fd, FRAME_HEAD, until, room, e))
        return false;
    memcpy(&n, room->p, sizeof n);
    if (n > FRAME_MAX)
        return err_set(e, ERR_PEER, "what answers there is no log server");
    if (!fill(fd, n, until, room, e) || frame_cut(buf_str(room), out, e) == SIZE_MAX)
        return false;
    if (out->type != FRAME_ERROR)
        return true;
    if (wire_error_read(out->payload, &said, e))
        *e = said;
    return false;
}

static bool connect_within(const char *data, struct str host, const char *build, int64_t ms, int *fd,
                           struct buf *room, struct err *e)
{
    OWN_BUF struct buf b = buf_make(4096);
    struct frame f;
    OWN_FD s = -1;
    if (!connect_unix(data, "log.sock", &s, e)) {
        err_set(e, ERR_PEER, "the log server of %s does not run", data);
        return err_hint(e, "start it: rusuban serve (or only this part: rusuban serve logserver)");
    }
    struct wire_hello hello = {.version = PROTOCOL, .host = host, .build = str_z(build)};
    randombytes_buf(hello.boot, sizeof hello.boot);
    wire_hello_put(&b, &hello);
    if (!local_send(s, FRAME_HELLO, buf_str(&b), e) || !local_next(s, ms, room, &f, e))
        return false;
    if (f.type != FRAME_WELCOME)
        return err_set(e, ERR_PEER, "what answers there is no log server");
    *fd = fd_give(&s);
    return true;
}

bool local_connect(const char *data, struct str host, const char *build, int *fd, struct buf *room, struct err *e)
{
    return connect_within(data, host, build, WELCOME_MS, fd, room, e);
}

bool local_ask(const char *data, const char *what, int64_t ms, struct buf *room, struct str *out, struct err *e)
{
    OWN_FD fd = -1;
    struct frame f;
    int64_t until = tick_ms() + ms;
    if (!connect_within(data, S("person"), "import status", ms, &fd, room, e)
        || !local_send(fd, FRAME_ASK, str_z(what), e))
        return false;
    do
        if (!local_next(fd, until > tick_ms() ? until - tick_ms() : 0, room, &f, e))
            return false;
    while (f.type != FRAME_ANSWER);
    *out = f.payload;
    return true;
}

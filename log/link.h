// link.h: an agent's connection to the log server: made, greeted, lost and made again, with pauses that grow and are
// never the same for two agents.
//
//     struct link_spec spec = {.socket = "/var/lib/rusuban/run/log.sock", .host = S("app1"), .up = on_up,
//                              .frame = on_frame, .down = on_down, .room = on_room, .arg = self};
//     struct link *l = link_new(loop, &spec, e);
//     link_send(l, FRAME_OPEN, buf_str(&payload));
//
// Changes are said once: connected, and why not (again only when the reason is another one).
#pragma once
#include "base/loop.h"
#include "log/token.h"
#include "log/wire.h"

struct link_spec {
    const char *socket;                 // a Unix socket; or NULL and
    const char *server;                 // HOST:PORT, TLS with a token, plain without (loopback only)
    int fd;                             // or a socket that is connected already, used once; 0: none
    const struct token *token;          // borrowed, as all texts
    struct str host;                    // without a token: what we say we are
    int64_t retry_ms;                   // the first pause; 0: the usual one
    void (*up)(void *arg, const struct wire_welcome *w);
    void (*frame)(void *arg, const struct frame *f);        // every frame but welcome, ping and error
    void (*down)(void *arg);                                // only after up
    void (*room)(void *arg);                                // what was sent has left, more may follow
    void *arg;
};

enum { LINK_ROOM = 2 << 20 };           // bytes on their way out beyond which nobody should send blocks

struct link;
// ERR_INPUT when such a server must not be spoken to without TLS.
struct link *link_new(struct loop *l, const struct link_spec *spec, struct err *e);
void link_free(struct link *l);
bool link_up(const struct link *l);
size_t link_waiting(const struct link *l);              // bytes that have not left yet
void link_send(struct link *l, enum frame_type type, struct str payload);
void link_send_frame(struct link *l, struct str frame);     // whole frames
// The other side did what cannot be: ends the connection and begins again after a pause. May be called inside `frame`.
void link_fail(struct link *l, const struct err *e);

// local.h: a program on this machine that speaks with the log server over its Unix socket, waiting for each answer.
//
//     OWN_FD fd = -1;
//     if (!local_connect(data, S("app1"), "status", &fd, e) || !local_send(fd, FRAME_ASK, S("status"), e))
//         return false;
//     struct frame f;
//     OWN_BUF struct buf room = buf_make(FRAME_MAX + FRAME_HEAD);
//     if (!local_next(fd, 5000, &room, &f, e)) ...
#pragma once
#include "log/wire.h"

// Connects, says hello and waits for the welcome, whose payload stays in *room. ERR_PEER with the way out as its hint
// when nobody is there.
bool local_connect(const char *data, struct str host, const char *build, int *fd, struct buf *room,
                   struct err *e) MUST_USE;
bool local_send(int fd, enum frame_type type, struct str payload, struct err *e) MUST_USE;
bool local_send_frame(int fd, struct str frame, struct err *e) MUST_USE;        // a whole one
// The next frame; its payload stays in room until the next call. ERR_LATE after ms; ms < 0: waits. A FRAME_ERROR
// becomes *e.
bool local_next(int fd, int64_t ms, struct buf *room, struct frame *out, struct err *e) MUST_USE;
// All of this for one question of a person: "status", within ms. *out lies in room.
bool local_ask(const char *data, const char *what, int64_t ms, struct buf *room, struct str *out,
               struct err *e) MUST_USE;

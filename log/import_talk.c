// import_talk.c: what the log server says while a file is on its way.
#include "log/import_inner.h"
#include "log/local.h"
#include <poll.h>

static void acked(struct one *o, uint64_t offset)
{
    if (offset > o->acked)
        o->acked = offset;
    while (o->flight_n && o->flight[o->flight_at].end <= o->acked) {
        o->flying -= o->flight[o->flight_at].bytes;
        o->flight_at = (o->flight_at + 1) % FLIGHT_MAX;
        o->flight_n--;
    }
}

bool import_on_frame(struct import *im, struct one *o, const struct frame *f, struct err *e)
{
    struct wire_offsets m;
    if (f->type == FRAME_WINDOW)
        return wire_window_read(f->payload, &im->window, e);
    if (f->type != FRAME_ACK && f->type != FRAME_REWIND)
        return true;
    if (!wire_offsets_read(f->payload, &m, e))
        return false;
    for (size_t i = 0; i < m.n; i++) {
        if (m.at[i].id != o->id)
            continue;
        acked(o, m.at[i].offset);
        if (f->type == FRAME_REWIND) {
            o->rewind = true;
            o->rewound = m.at[i].offset;
        }
    }
    return true;
}

bool import_spoken(const struct import *im)
{
    struct pollfd p = {.fd = im->fd, .events = POLLIN};
    return poll(&p, 1, 0) > 0;
}

bool import_hear(struct import *im, struct one *o, struct err *e)
{
    struct frame f;
    return local_next(im->fd, ANSWER_MS, &im->room, &f, e) && import_on_frame(im, o, &f, e);
}

bool import_hear_until(struct import *im, struct one *o, enum frame_type type, struct frame *f, struct err *e)
{
    do
        if (!local_next(im->fd, ANSWER_MS, &im->room, f, e) || (f->type != type && !import_on_frame(im, o, f, e)))
            return false;
    while (f->type != type);
    return true;
}

json_t *import_ask(struct import *im, struct one *o, struct str what, struct err *e)
{
    struct frame f;
    json_error_t why;
    if (!local_send(im->fd, FRAME_ASK, what, e) || !import_hear_until(im, o, FRAME_ANSWER, &f, e))
        return NULL;
    json_t *j = json_loadb(f.payload.p, f.payload.n, 0, &why);
    if (!j)
        err_set(e, ERR_PEER, "the log server's answer is no JSON: %s", why.text);
    return j;
}

// import_ship.c: the lines of one file become blocks, as many as the window allows, until the server has them.
#include "log/import_inner.h"
#include "base/clock.h"
#include "base/fault.h"
#include "log/local.h"
#include "log/ltsv.h"
#include "log/pack.h"
#include "log/policy.h"
#include <string.h>

static bool wait_for_room(struct import *im, struct one *o, size_t bytes, struct err *e)
{
    while (import_spoken(im))
        if (!import_hear(im, o, e))
            return false;
    while (!o->rewind && (o->flight_n == FLIGHT_MAX || im->window == 0
                          || (o->flying && o->flying + bytes > im->window))) {
        struct frame f;
        if (!local_next(im->fd, im->window ? ANSWER_MS : -1, &im->room, &f, e) || !import_on_frame(im, o, &f, e))
            return false;
    }
    return true;
}

static bool send_block(struct import *im, struct one *o, const struct cut *c, struct str text, struct err *e)
{
    if (!wait_for_room(im, o, text.n, e))
        return false;
    if (o->rewind)
        return true;
    if (c->start >= o->counted)         // else it is sent for the second time
        import_count(im, c, text);
    o->counted = c->start + c->raw_n > o->counted ? c->start + c->raw_n : o->counted;
    struct str frame = packer_block(im->packer, c, text, o->id, policy_version(o->policy), now_ms() * 1000);
    if (!local_send_frame(im->fd, frame, e))
        return false;
    size_t slot = (o->flight_at + o->flight_n++) % FLIGHT_MAX;
    o->flight[slot].end = o->sent = c->start + c->raw_n;
    o->flight[slot].bytes = text.n;
    o->flying += text.n;
    fault_die_at("import:block");
    return true;
}

// Lines under the policy, LTSV_SLACK bytes before and behind them.
static size_t convert(struct import *im, struct one *o, struct str lines, struct str *out)
{
    buf_clear(&im->clear);
    im->clear.max = LTSV_SLACK + BLOCK_MAX;
    buf_addn(&im->clear, '\n', LTSV_SLACK);
    size_t taken = policy_apply(o->policy, lines, &im->clear);
    size_t n = im->clear.n - LTSV_SLACK;
    im->clear.max += LTSV_SLACK;
    buf_addn(&im->clear, 0, LTSV_SLACK);
    *out = (struct str){im->clear.p + LTSV_SLACK, n};
    return taken;
}

static bool send_cut(struct import *im, struct one *o, const struct cut *c, struct err *e)
{
    struct str text;
    if (policy_plain(o->policy))
        return send_block(im, o, c, c->text, e);
    if (c->flags) {
        convert(im, o, c->text, &text);
        return send_block(im, o, c, text, e);
    }
    for (size_t at = 0, taken; at < c->text.n && !o->rewind; at += taken) {
        taken = convert(im, o, str_from(c->text, at), &text);
        struct cut part = cut_part(c, at, taken);
        if (!send_block(im, o, &part, text, e))
            return false;
    }
    return true;
}

// The last line of a file may lack its line break. Where the format says where a line ends, it is whole all the same.
static void end_line(const struct one *o, struct cut *c)
{
    if (!(c->flags & BLOCK_TORN) || o->format == FORMAT_LTSV)
        return;
    memset((char *)(uintptr_t)c->text.p + c->text.n, '\n', 1);
    c->text.n++;
    c->flags = 0;
}

static bool go_back(struct one *o, struct err *e)
{
    unsigned char tail[TAIL_HASH];
    if (strcmp(o->name, "-") == 0)
        return err_set(e, ERR_PEER, "the log server asks for lines of standard input again, which are gone");
    o->rewind = false;
    o->flying = o->flight_n = 0;
    o->sent = o->rewound;
    return import_open_text(o, NULL, e) && chunks_go(o->text, o->rewound, tail, e);
}

static bool until_durable(struct import *im, struct one *o, struct err *e)
{
    while (o->acked < o->sent && !o->rewind)
        if (!import_hear(im, o, e))
            return false;
    return true;
}

static void tell_progress(struct import *im, const struct one *o)
{
    if (im->spec->progress)
        im->spec->progress(im->spec->arg, o->name, chunks_eaten(o->text));
}

bool import_ship(struct import *im, struct one *o, struct err *e)
{
    struct err damage = {0}, *at_end = &damage;
    for (;;) {
        struct cut c = {0};
        if (o->rewind && !go_back(o, e))
            return false;
        bool more = chunks_next(o->text, &c, at_end) && c.raw_n;
        end_line(o, &c);
        if (more ? !send_cut(im, o, &c, e) : !until_durable(im, o, e))
            return false;
        tell_progress(im, o);
        if (!more && !o->rewind)
            break;
    }
    if (!damage.kind)
        return true;
    *e = damage;
    return err_hint(e, "the %llu bytes before are imported; import a whole copy, and it goes on behind them",
                    (unsigned long long)o->acked);
}

// The answer to an open comes when everything that was sent before is durable.
bool import_finish(struct import *im, struct one *o, struct err *e)
{
    OWN_BUF struct buf b = buf_make(4096);
    struct frame f;
    wire_done_put(&b, &(struct wire_done){.stream = o->id, .size = o->sent, .why = DONE_IMPORTED});
    if (!local_send(im->fd, FRAME_DONE, buf_str(&b), e))
        return false;
    buf_clear(&b);
    wire_open_put(&b, &(struct wire_open){.dataset = im->id, .path = o->path});
    return local_send(im->fd, FRAME_OPEN, buf_str(&b), e) && import_hear_until(im, o, FRAME_STREAMS, &f, e);
}

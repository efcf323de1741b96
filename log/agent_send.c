// agent_send.c: whose turn it is, how much may be on its way, and the lines themselves.
#include "log/agent_inner.h"
#include "base/clock.h"
#include "log/pack.h"
#include "log/policy.h"

enum {
    LEAST_ROOM = 2 * 64 << 10,          // a block is never cut smaller than two of the longest lines
    TURN_BYTES = 4 << 20,               // read in one turn of the loop
};

static uint64_t flight(const struct agent *a)
{
    uint64_t n = 0;
    for (const struct follow *fo = a->talk.follows; fo; fo = fo->next) {
        n += fo->live ? source_flight(fo->live) : 0;
        for (const struct source *s = fo->older; s; s = s->next)
            n += source_flight(s);
    }
    return n;
}

// The live file and the backlog take turns, or one would starve the other.
static struct source *work_of(struct follow *fo)
{
    struct source *live = fo->live && source_works(fo->live) ? fo->live : NULL, *old = fo->older;
    while (old && !source_works(old))
        old = old->next;
    if (live && old)
        return fo->turn++ & 1 ? live : old;
    return live ? live : old;
}

static struct source *next_work(struct agent *a)
{
    struct follow *fo = a->turn ? a->turn : a->talk.follows;
    for (size_t i = 0; i < a->follows_n; i++) {
        struct source *s = work_of(fo);
        fo = fo->next ? fo->next : a->talk.follows;
        if (s) {
            a->turn = fo;
            return s;
        }
    }
    return NULL;
}

static void send_part(struct agent *a, struct source *s, const struct cut *c, struct str text, uint32_t policy)
{
    link_send_frame(a->talk.link, packer_block(a->packer, c, text, s->id, policy, now_ms() * 1000));
}

// Lines that grow by a policy may need more than one block.
static void send_cut(struct agent *a, struct source *s, const struct cut *c)
{
    struct policy *p = s->follow->owner;
    if (policy_plain(p)) {
        send_part(a, s, c, c->text, policy_version(p));
        return;
    }
    for (size_t at = 0, taken; at < c->text.n; at += taken) {
        buf_clear(&a->clear);
        a->clear.failed = false;
        taken = policy_apply(p, str_from(c->text, at), &a->clear);
        taken = c->flags ? c->text.n : taken;
        struct cut part = cut_part(c, at, taken);
        send_part(a, s, &part, buf_str(&a->clear), policy_version(p));
    }
}

static size_t ship(struct agent *a, struct source *s, size_t room)
{
    struct err e = {0};
    struct cut c;
    size_t max = room < BLOCK_MAX ? room : BLOCK_MAX;
    switch (tailfile_next(s->f, s->ending, max, a->room, &c, &e)) {
    case TAIL_LINES:
        s->ending = false;
        send_cut(a, s, &c);
        return c.raw_n;
    case TAIL_WAIT:
        s->waited = s->f->size;
        return 0;
    case TAIL_AGAIN:
        return TURN_BYTES;
    case TAIL_TRUNCATED:
        source_is_cut(s);
        return 0;
    case TAIL_FAILED:
        source_failed(s, &e);
        return 0;
    }
    return 0;
}

// How many bytes may be read now; 0: wait for acks or for what is on its way out.
static size_t room_now(const struct agent *a)
{
    uint64_t out = flight(a);
    if (!link_up(a->talk.link) || a->window == 0 || link_waiting(a->talk.link) >= LINK_ROOM)
        return 0;
    if (out == 0)
        return a->window > LEAST_ROOM ? a->window : LEAST_ROOM;
    return a->window >= out + LEAST_ROOM ? a->window - (size_t)out : 0;
}

void agent_pump(struct agent *a)
{
    size_t done = 0, room;
    struct source *s;
    while (done < TURN_BYTES && (room = room_now(a)) && (s = next_work(a))) {
        if (s->state == SOURCE_GOING)
            done += source_go(s) ? TURN_BYTES : 0;
        else
            done += ship(a, s, room);
    }
    if (done >= TURN_BYTES)             // others in this loop come first
        event_active(a->more, EV_TIMEOUT, 0);
}

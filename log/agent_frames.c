// agent_frames.c: what the log server says, and what follows from it.
#include "log/agent_inner.h"

static void ask_new_ones(struct agent *a)
{
    for (struct follow *fo = a->talk.follows; fo; fo = fo->next) {
        agent_watch(a, fo->dir);
        if (!fo->heard)
            follow_ask(fo);
    }
}

static bool on_streams(struct agent *a, struct str payload, struct err *e)
{
    static struct wire_streams m;       // 24 KiB
    if (!wire_streams_read(payload, &m, e))
        return false;
    struct follow *fo = agent_find(a, m.dataset, m.path);
    if (!fo)                            // the site changed meanwhile
        return true;
    if (!follow_streams(fo, &m, e))
        return false;
    agent_tick(a);
    return true;
}

static bool on_stream(struct agent *a, struct str payload, struct err *e)
{
    struct wire_stream m;
    struct talk *t = &a->talk;
    if (!wire_stream_read(payload, &m, e))
        return false;
    if (t->claims_n == 0)
        return err_set(e, ERR_PEER, "an answer to a claim that nobody made");
    struct source *s = t->claims[t->claim_at];
    t->claim_at = (t->claim_at + 1) % SOURCES_MAX;
    t->claims_n--;
    return !s || follow_answer(s, m.id, m.offset, e);
}

typedef bool offset_fn(struct follow *fo, uint64_t id, uint64_t offset);

static bool on_offsets(struct agent *a, struct str payload, offset_fn *fn, struct err *e)
{
    static struct wire_offsets m;
    if (!wire_offsets_read(payload, &m, e))
        return false;
    for (size_t i = 0; i < m.n; i++)
        for (struct follow *fo = a->talk.follows; fo; fo = fo->next)
            if (fn(fo, m.at[i].id, m.at[i].offset))
                break;
    return true;
}

static bool take_config(struct agent *a, struct str payload, struct err *e)
{
    struct wire_welcome w;
    if (!wire_welcome_read(payload, &w, e) || !agent_configure(a, w.config, e))
        return false;
    a->window = w.window;
    ask_new_ones(a);
    return true;
}

static bool take(struct agent *a, const struct frame *f, struct err *e)
{
    switch (f->type) {
    case FRAME_STREAMS:
        return on_streams(a, f->payload, e);
    case FRAME_STREAM:
        return on_stream(a, f->payload, e);
    case FRAME_ACK:
        return on_offsets(a, f->payload, follow_acked, e);
    case FRAME_REWIND:
        return on_offsets(a, f->payload, follow_rewound, e);
    case FRAME_WINDOW:
        return wire_window_read(f->payload, &a->window, e);
    case FRAME_CONFIG:
        return take_config(a, f->payload, e);
    default:
        return err_set(e, ERR_PEER, "a frame of type %d, which only agents send", f->type);
    }
}

void agent_on_frame(void *arg, const struct frame *f)
{
    struct agent *a = arg;
    struct err e = {0};
    if (!take(a, f, &e))
        link_fail(a->talk.link, &e);
    else
        agent_pump(a);
}

void agent_on_up(void *arg, const struct wire_welcome *w)
{
    struct agent *a = arg;
    struct err e = {0};
    a->window = w->window;
    if (!agent_configure(a, w->config, &e)) {
        link_fail(a->talk.link, &e);
        return;
    }
    ask_new_ones(a);
    agent_tick(a);
}

void agent_on_down(void *arg)
{
    struct agent *a = arg;
    a->talk.claims_n = 0;
    a->window = 0;
    for (struct follow *fo = a->talk.follows; fo; fo = fo->next)
        follow_down(fo);
}

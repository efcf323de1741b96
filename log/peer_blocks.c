// peer_blocks.c: blocks that join end to start, how many bytes of them may be on their way, and what is said once they
// are durable.
#include "log/inner.h"
#include "base/say.h"
#include <sys/statvfs.h>

enum { ANSWERS_AT_ONCE = 512 };

// ---- windows ----

static bool disk_past_limit(const struct log_server *s)
{
    struct statvfs v;
    const struct site *site = s->fresh.good;
    if (!site || statvfs(s->tables->lake, &v) < 0 || v.f_blocks == 0)
        return false;
    double used = (double)(v.f_blocks - v.f_bfree), usable = used + (double)v.f_bavail;
    return used * 100 > usable * site->log.stop_at;
}

uint32_t peer_window(const struct log_server *s)
{
    if (s->full || s->stopping)
        return 0;
    size_t share = WINDOW_ALL / (s->peers_n ? s->peers_n : 1);
    return (uint32_t)(share > WINDOW_ONE ? WINDOW_ONE : share < WINDOW_LEAST ? WINDOW_LEAST : share);
}

void peer_windows(struct log_server *s)
{
    bool full = journal_full(s->journal) || disk_past_limit(s);
    if (full != s->full)
        say(full ? "log.closed" : "log.open", KV("lake", s->tables->lake),
            KV("why", journal_full(s->journal) ? "no room for the write-ahead log" : "the disk is past stop_at"));
    s->full = full;
    uint32_t window = peer_window(s);
    struct peer *p;
    LIST_FOREACH(p, &s->peers, next) {
        if (!p->greeted || p->ending || p->window == window)
            continue;
        OWN_BUF struct buf b = buf_make(64);
        wire_window_put(&b, window);
        peer_send(p, FRAME_WINDOW, buf_str(&b));
        p->window = window;
    }
}

// ---- blocks ----

static void send_offset(struct peer *p, enum frame_type type, uint64_t stream, uint64_t offset)
{
    OWN_BUF struct buf b = buf_make(64);
    wire_offsets_put(&b, &(struct wire_offsets){.at = {{stream, offset}}, .n = 1});
    peer_send(p, type, buf_str(&b));
}

// Takes the payload (malloc'ed).
bool peer_on_block(struct peer *p, uint8_t flags, struct str payload, struct err *e)
{
    struct job *j = job_new(JOB_BLOCK);
    uint64_t offset;
    j->record = payload;
    j->flags = flags;
    j->peer = p->id;
    bool ok = block_read(payload, &j->block, e) && (j->stream = peer_stream(p, j->block.stream, e)) != NULL;
    if (ok && p->in_flight > 2 * (size_t)WINDOW_ONE)
        ok = err_set(e, ERR_PEER, "the agent sends more than its window");
    if (!ok) {
        job_free(j);
        return false;
    }
    j->cost = j->block.clear_n + payload.n;
    uint64_t end = j->block.start + j->block.raw_n;
    switch (stream_take(&p->server->streams, j->stream, j->block.start, end, &offset)) {
    case TAKE_IT:
        p->in_flight += j->block.clear_n;
        p->server->in_flight += j->block.clear_n;
        p->server->came += j->block.clear_n;
        j->ticket = j->block.clear_n;
        journal_put(p->server->journal, j);
        return true;
    case TAKE_KNOWN:
        if (end <= offset)
            send_offset(p, FRAME_ACK, j->block.stream, offset);
        break;
    case TAKE_REWIND:
        send_offset(p, FRAME_REWIND, j->block.stream, offset);
        break;
    case TAKE_NEVER:
        err_set(e, ERR_PEER, "stream %llu has ended", (unsigned long long)j->block.stream);
        ok = false;
    }
    job_free(j);
    return ok;
}

// ---- answers ----

static void flush_acks(struct peer *p)
{
    OWN_BUF struct buf b = buf_make(16 << 10);
    if (!p->acks.n)
        return;
    wire_offsets_put(&b, &p->acks);
    peer_send(p, FRAME_ACK, buf_str(&b));
    p->acks.n = 0;
}

static void add_ack(struct peer *p, uint64_t stream, uint64_t offset)
{
    for (size_t i = 0; i < p->acks.n; i++)
        if (p->acks.at[i].id == stream) {
            p->acks.at[i].offset = offset;
            return;
        }
    if (p->acks.n == STREAMS_MAX)
        flush_acks(p);
    p->acks.at[p->acks.n++] = (struct wire_stream){stream, offset};
}

static void answer_block(struct peer *p, const struct answer *a)
{
    struct err e;
    struct stream *s = streams_find(&p->server->streams, a->stream);
    p->in_flight -= a->ticket < p->in_flight ? a->ticket : p->in_flight;
    if (a->broken) {
        err_set(&e, ERR_PEER, "a block arrived damaged");
        peer_refuse(p, &e);
    } else if (a->rewind) {
        if (s)
            stream_untake(&p->server->streams, s);
        send_offset(p, FRAME_REWIND, a->stream, a->offset);
    } else {
        add_ack(p, a->stream, a->offset);
    }
}

void peer_answers(struct log_server *s)
{
    struct answer got[ANSWERS_AT_ONCE];
    struct peer *p = NULL;
    for (size_t n; (n = journal_answers(s->journal, got, ANSWERS_AT_ONCE));)
        for (size_t i = 0; i < n; i++) {
            if (!p || p->id != got[i].peer)
                p = peer_find(s, got[i].peer);
            if (got[i].kind == JOB_BLOCK)
                s->in_flight -= got[i].ticket;
            else if (p)
                p->waiting--;
            if (!p || p->ending)
                continue;
            if (got[i].kind == JOB_BLOCK)
                answer_block(p, &got[i]);
            else if (got[i].kind == JOB_STREAM)
                peer_answer_claim(p, &got[i]);
            else if (got[i].kind == JOB_ECHO)
                peer_answer_open(p);
        }
    LIST_FOREACH(p, &s->peers, next) {
        flush_acks(p);
        if (p->greeted)
            peer_read(p);           // what waited until we had room for it
    }
}

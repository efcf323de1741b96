// recover.c: after a crash, or an end: streams from the write-ahead log, and its blocks once more through the readers,
// from where files end.
#include "log/inner.h"
#include "base/say.h"
#include "log/ltsv.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COMMIT_LINES = 1000000 };

struct replay { struct log_server *s; uint64_t lines, blocks, since_commit, last; };

static uint64_t mark_all(struct log_server *s, uint64_t lsn, bool commit)
{
    uint64_t number = ++s->replayed_mark;
    for (size_t i = 0; i < s->readers_n; i++) {
        struct job *j = job_new(JOB_MARK);
        j->mark = (struct mark){.lsn = lsn, .commit = commit, .number = number};
        queue_put(&s->queue[i], j);
    }
    return number;
}

static bool replay_block(struct replay *r, const struct wal_record *w, struct err *e)
{
    struct block b;
    if (!block_read(w->payload, &b, e))
        return false;
    struct stream *s = streams_find(&r->s->streams, b.stream);
    struct set *set = tables_set(r->s->tables, w->dataset);
    if (!s || !set)
        return err_set(e, ERR_CHECK, "record %llu of the write-ahead log is of a stream that is not known",
                       (unsigned long long)w->lsn);
    stream_wrote(&r->s->streams, s, b.start + b.raw_n, b.tail, w->received_us);
    if (w->lsn < set->rows->done && w->lsn < set->bad->done)
        return true;
    struct job *j = job_new(JOB_BLOCK);
    j->stream = s;
    j->flags = w->flags;
    j->lsn = w->lsn;
    j->received_us = w->received_us;
    j->block = b;
    j->cost = b.clear_n;
    j->room = malloc((size_t)b.clear_n + 2 * LTSV_SLACK);
    assert(j->room);
    memset(j->room, '\n', LTSV_SLACK);
    memset(j->room + LTSV_SLACK + b.clear_n, 0, LTSV_SLACK);
    j->clear = j->room + LTSV_SLACK;
    if (!block_text(w->payload, &b, w->flags & BLOCK_STORED, j->room + LTSV_SLACK, e)) {
        job_free(j);
        return false;
    }
    j->block.packed = (struct str){0};
    r->blocks++;
    r->lines += b.lines;
    r->since_commit += job_lines(j);
    queue_put(&r->s->queue[s->id % r->s->readers_n], j);
    return true;
}

static bool replay_done(struct replay *r, const struct wal_record *w, struct err *e)
{
    struct bytes b = bytes_of(w->payload);
    struct stream *s = streams_find(&r->s->streams, bytes_u64(&b));
    uint64_t size = bytes_u64(&b);
    uint8_t why = bytes_u8(&b);
    struct set *set = tables_set(r->s->tables, w->dataset);
    if (!bytes_done(&b) || !s || !set)
        return err_set(e, ERR_CHECK, "record %llu of the write-ahead log ends a stream that is not known",
                       (unsigned long long)w->lsn);
    if (s->why)
        return true;
    stream_ended(&r->s->streams, s, size, why, w->received_us);
    if (w->lsn < set->rows->done)
        return true;
    struct job *j = job_new(JOB_DONE);
    j->stream = s;
    j->size = size;
    j->why = why;
    queue_put(&r->s->queue[s->id % r->s->readers_n], j);
    return true;
}

static bool on_record(void *arg, const struct wal_record *w, struct err *e)
{
    struct replay *r = arg;
    r->last = w->lsn;
    if (r->since_commit >= COMMIT_LINES) {
        mark_all(r->s, w->lsn, true);
        r->since_commit = 0;
    }
    switch (w->kind) {
    case WAL_STREAM:
    case WAL_STREAMS:   return streams_read(&r->s->streams, w->payload, e);
    case WAL_BLOCK:     return replay_block(r, w, e);
    case WAL_DONE:      return replay_done(r, w, e);
    default:            return true;
    }
}

bool recover(struct log_server *s, struct err *e)
{
    struct replay r = {.s = s};
    uint64_t done = lake_done(s->lake);
    // From the beginning of the segment: its first record says which streams there are.
    uint64_t from = done ? (done & ~(uint64_t)(WAL_SEGMENT - 1)) | WAL_HEAD : 0;
    if (!wal_replay(s->wal, from, on_record, &r, e))
        return false;
    // Also when nothing was read again: what readers see may name files that leave (lake_open.c).
    if (r.last)
        mark_all(s, r.last + 8, false);
    if (r.blocks)
        say("log.recovered", KV("blocks", r.blocks), KV("lines", r.lines), KV("from", done));
    return true;
}

// journal.c: see journal.h.
#include "log/journal.h"
#include "base/clock.h"
#include "base/say.h"
#include "log/ltsv.h"
#include "log/pace.h"
#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    GROUP_BYTES = 1 << 20,              // of a commit: the knee of the disks measured
    FULL_RETRY_MS = 200,
    COMMIT_LINES = 1000000,             // a commit comes earlier after so many
    AHEAD_LINES = 2000000,              // and the writer waits for the lake after so many
    MARKS_AHEAD = 2,
    ANSWERS = 1 << 14,
};

struct journal {
    struct journal_spec spec;
    pthread_t thread;
    struct queue in;
    struct jobs group;                  // added, not durable yet
    pthread_mutex_t lock;               // of answers
    struct answer *answers;
    size_t answers_n, answers_cap;
    atomic_bool full, want_commit;
    atomic_ullong marks_done, durable_lsn;
    atomic_llong bytes;
    uint64_t mark;                      // number of the last one
    uint64_t forgotten;
    int64_t hot_at, commit_at;          // ticks of the last marks
    uint64_t lines;                     // since the last commit
    bool fresh, uncommitted;            // blocks went on to readers since the last mark, the last commit
    bool stopping;
};

static int64_t now_us(void)
{
    return now_ms() * 1000;
}

// The kernel may have dropped the page that it could not write: nothing that we know of this log is certain any more.
static void give_up(const struct err *e)
{
    say_err("log.journal.failed", e);
    _exit(1);
}

static void ring(struct journal *w)
{
    uint64_t one = 1;
    ssize_t n = write(w->spec.bell, &one, sizeof one);
    (void)n;
}

static void answer(struct journal *w, struct answer a)
{
    pthread_mutex_lock(&w->lock);
    if (w->answers_n == w->answers_cap) {
        w->answers_cap = w->answers_cap * 2 + 256;
        w->answers = realloc(w->answers, w->answers_cap * sizeof *w->answers);
        assert(w->answers);
    }
    w->answers[w->answers_n++] = a;
    pthread_mutex_unlock(&w->lock);
}

// ---- marks ----

static uint64_t ahead(struct journal *w)
{
    return w->mark - atomic_load(&w->marks_done);
}

static void mark(struct journal *w, bool commit)
{
    w->mark++;
    for (size_t i = 0; i < w->spec.n; i++) {
        struct job *j = job_new(JOB_MARK);
        j->mark = (struct mark){.lsn = wal_end(w->spec.wal), .commit = commit, .number = w->mark};
        queue_put(&w->spec.readers[i], j);
    }
    w->hot_at = tick_ms();
    w->fresh = false;
    if (commit) {
        w->commit_at = w->hot_at;
        w->lines = 0;
        w->uncommitted = false;
        atomic_store(&w->want_commit, false);
    }
}

static bool commit_is_due(struct journal *w)
{
    return w->uncommitted && (w->lines >= COMMIT_LINES || atomic_load(&w->want_commit)
                              || tick_ms() - w->commit_at >= pace_ms(PACE_COMMIT));
}

static void beat(struct journal *w)
{
    if (ahead(w) >= MARKS_AHEAD)
        return;
    if (commit_is_due(w))
        mark(w, true);
    else if (w->fresh && tick_ms() - w->hot_at >= pace_ms(PACE_HOT))
        mark(w, false);
}

static void forget(struct journal *w)
{
    struct err e;
    uint64_t lsn = atomic_load(&w->durable_lsn);
    if (lsn > w->forgotten && !wal_forget(w->spec.wal, lsn, &e))
        give_up(&e);
    w->forgotten = lsn;
    atomic_store(&w->bytes, wal_bytes(w->spec.wal));
}

// The lake is behind (a full disk, say): what readers hold in memory is all they may hold.
static void wait_for_lake(struct journal *w)
{
    while (w->lines >= AHEAD_LINES) {
        beat(w);
        usleep(5000);
    }
}

// ---- records ----

static void set_full(struct journal *w, bool full)
{
    if (atomic_exchange(&w->full, full) == full)
        return;
    say(full ? "log.full" : "log.room", KV("wal_bytes", wal_bytes(w->spec.wal)));
    ring(w);
}

static void finish_group(struct journal *w);

// Waits while there is no room: the disk may be given some at any time, and files of the lake that are done with go,
// too.
static uint64_t add(struct journal *w, const struct wal_record *r)
{
    struct err e;
    uint64_t lsn;
    while (!wal_add(w->spec.wal, r, &lsn, &e)) {
        if (e.kind != ERR_LIMIT)
            give_up(&e);
        set_full(w, true);
        finish_group(w);
        beat(w);
        forget(w);
        usleep(FULL_RETRY_MS * 1000);
    }
    set_full(w, false);
    return lsn;
}

static bool unpack(struct job *j, struct err *e)
{
    j->room = malloc((size_t)j->block.clear_n + 2 * LTSV_SLACK);
    assert(j->room);
    memset(j->room, '\n', LTSV_SLACK);
    char *clear = j->room + LTSV_SLACK;
    memset(clear + j->block.clear_n, 0, LTSV_SLACK);
    j->clear = clear;
    return block_text(j->record, &j->block, j->flags & BLOCK_STORED, clear, e);
}

static void tell_about(struct journal *w, const struct job *j, uint64_t offset, bool rewind, bool broken)
{
    answer(w, (struct answer){.kind = j->kind, .peer = j->peer, .ticket = j->ticket, .rewind = rewind, .broken = broken,
                              .stream = j->stream ? j->stream->id : 0, .offset = offset});
}

// Blocks join end to start. One behind a damaged one does not, and is not taken either.
static void take_block(struct journal *w, struct job *j)
{
    struct err e;
    struct stream *s = j->stream;
    uint64_t end = j->block.start + j->block.raw_n;
    bool joins = j->block.start == s->written && !s->why;
    if (!joins || !unpack(j, &e)) {
        tell_about(w, j, s->written, true, joins);
        if (joins)
            say_err("log.block.damaged", &e);
        job_free(j);
        return;
    }
    j->lsn = add(w, &(struct wal_record){.kind = WAL_BLOCK, .flags = j->flags, .dataset = s->dataset,
                                         .received_us = j->received_us, .payload = j->record});
    stream_wrote(w->spec.streams, s, end, j->block.tail, j->received_us);
    w->lines += job_lines(j);
    STAILQ_INSERT_TAIL(&w->group, j, next);
}

static void take_stream(struct journal *w, struct job *j)
{
    OWN_BUF struct buf b = buf_make(8 << 10);
    stream_reopened(w->spec.streams, j->stream);
    stream_put(w->spec.streams, &b, j->stream);
    assert(!b.failed);
    add(w, &(struct wal_record){.kind = WAL_STREAM, .dataset = j->stream->dataset, .received_us = j->received_us,
                                .payload = buf_str(&b)});
    STAILQ_INSERT_TAIL(&w->group, j, next);
}

// Two may be on their way before the first is durable. Whoever claims the stream again opens it in between.
static void take_done(struct journal *w, struct job *j)
{
    if (j->stream->why) {
        tell_about(w, j, j->stream->written, false, false);
        job_free(j);
        return;
    }
    OWN_BUF struct buf b = buf_make(64);
    put_u64(&b, j->stream->id);
    put_u64(&b, j->size);
    put_u8(&b, j->why);
    j->lsn = add(w, &(struct wal_record){.kind = WAL_DONE, .dataset = j->stream->dataset, .received_us = j->received_us,
                                         .payload = buf_str(&b)});
    stream_ended(w->spec.streams, j->stream, j->size, j->why, j->received_us);
    STAILQ_INSERT_TAIL(&w->group, j, next);
}

static void take(struct journal *w, struct job *j)
{
    switch (j->kind) {
    case JOB_BLOCK:     take_block(w, j);           break;
    case JOB_STREAM:    take_stream(w, j);          break;
    case JOB_DONE:      take_done(w, j);            break;
    case JOB_STOP:      w->stopping = true;         // fall through
    default:            STAILQ_INSERT_TAIL(&w->group, j, next);
    }
}

static struct queue *reader_of(struct journal *w, const struct stream *s)
{
    return &w->spec.readers[s->id % w->spec.n];
}

static void pass_on(struct journal *w, struct job *j)
{
    if (j->kind == JOB_CAUGHT) {                // all blocks before it went on; any reader takes it to the next mark
        w->fresh = true;
        queue_put(&w->spec.readers[0], j);
        return;
    }
    if (j->kind != JOB_BLOCK && j->kind != JOB_DONE) {
        job_free(j);
        return;
    }
    w->fresh = w->uncommitted = true;
    free((char *)(uintptr_t)j->record.p);       // the clear text is enough from here on
    j->record = (struct str){0};
    queue_put(reader_of(w, j->stream), j);
}

static void finish_group(struct journal *w)
{
    struct err e;
    if (!wal_commit(w->spec.wal, &e))
        give_up(&e);
    struct job *j;
    STAILQ_FOREACH(j, &w->group, next)
        if (j->kind != JOB_STOP && j->kind != JOB_CAUGHT)
            tell_about(w, j, j->kind == JOB_BLOCK ? j->block.start + j->block.raw_n
                             : j->stream ? j->stream->written : 0, false, false);
    ring(w);
    while ((j = STAILQ_FIRST(&w->group))) {
        STAILQ_REMOVE_HEAD(&w->group, next);
        pass_on(w, j);
    }
}

static int64_t patience(struct journal *w)
{
    int64_t hot = pace_ms(PACE_HOT);
    if (!w->fresh && !w->uncommitted)
        return hot;
    int64_t left = w->hot_at + hot - tick_ms();
    return left < 5 ? 5 : left > hot ? hot : left;
}

static void *run(void *arg)
{
    struct journal *w = arg;
    while (!w->stopping) {
        struct job *j = queue_take(&w->in, patience(w));
        for (; j; j = wal_waiting(w->spec.wal) < GROUP_BYTES && !w->stopping ? queue_take(&w->in, 0) : NULL)
            take(w, j);
        finish_group(w);
        beat(w);
        forget(w);
        wait_for_lake(w);
    }
    mark(w, true);
    for (size_t i = 0; i < w->spec.n; i++)
        queue_put(&w->spec.readers[i], job_new(JOB_STOP));
    return NULL;
}

// ---- for the others ----

struct journal *journal_start(const struct journal_spec *spec)
{
    struct journal *w = calloc(1, sizeof *w);
    assert(w);
    w->spec = *spec;
    w->mark = spec->mark;
    atomic_store(&w->marks_done, spec->mark);
    w->hot_at = w->commit_at = tick_ms();
    w->fresh = w->uncommitted = true;           // what was replayed
    STAILQ_INIT(&w->group);
    queue_make(&w->in, SIZE_MAX);
    pthread_mutex_init(&w->lock, NULL);
    int failed = pthread_create(&w->thread, NULL, run, w);
    assert(!failed);
    return w;
}

void journal_put(struct journal *w, struct job *j)
{
    j->received_us = now_us();
    queue_put(&w->in, j);
}

size_t journal_answers(struct journal *w, struct answer *out, size_t max)
{
    pthread_mutex_lock(&w->lock);
    size_t n = w->answers_n < max ? w->answers_n : max;
    if (n) {
        memcpy(out, w->answers, n * sizeof *out);
        memmove(w->answers, w->answers + n, (w->answers_n - n) * sizeof *out);
    }
    w->answers_n -= n;
    pthread_mutex_unlock(&w->lock);
    return n;
}

bool journal_full(struct journal *w)
{
    return atomic_load(&w->full);
}

void journal_done(struct journal *w, uint64_t mark_number, uint64_t lsn)
{
    atomic_store(&w->marks_done, mark_number);
    if (lsn)
        atomic_store(&w->durable_lsn, lsn);
}

void journal_want_commit(struct journal *w)
{
    atomic_store(&w->want_commit, true);
}

int64_t journal_bytes(struct journal *w)
{
    return atomic_load(&w->bytes);
}

void journal_stop(struct journal *w)
{
    queue_put(&w->in, job_new(JOB_STOP));
    pthread_join(w->thread, NULL);
    struct err e;
    if (!wal_commit(w->spec.wal, &e))
        give_up(&e);
}

void journal_free(struct journal *w)
{
    queue_drop(&w->in);
    pthread_mutex_destroy(&w->lock);
    free(w->answers);
    free(w);
}

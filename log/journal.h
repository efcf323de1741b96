// journal.h: the writer: the one thread that owns the write-ahead log of the log server.
//
// Whatever waits in its queue becomes records and one fdatasync; then agents are answered, and blocks go on to the
// readers. It also gives the beat: marks, at which readers hand over what they read so that it becomes visible (twice a
// second) or durable in files of its own (each minute). While the disk is full it waits with the job in its hand, and
// says so.
#pragma once
#include "log/job.h"
#include "log/wal.h"

// What agents are told, in the order in which things became durable.
struct answer {
    enum job_kind kind;
    uint64_t peer, ticket, stream, offset;
    bool rewind, broken;        // of a block: send again from offset; the block was damaged: the connection must end
};

struct journal_spec {
    struct wal *wal;            // replayed; belongs to the writer from now on
    struct streams *streams;
    struct queue *readers;      // a stream's blocks go to readers[id % n]
    size_t n;
    int bell;                   // eventfd: rung when there are answers, or when `full` changed
    uint64_t mark;              // number of the last mark that was made already
};

struct journal;
struct journal *journal_start(const struct journal_spec *spec);
void journal_put(struct journal *w, struct job *j);             // never waits; the windows of agents are the limit
size_t journal_answers(struct journal *w, struct answer *out, size_t max);
bool journal_full(struct journal *w);
// From the lake: marks up to this number are done with, and records below lsn are in files.
void journal_done(struct journal *w, uint64_t mark, uint64_t lsn);
void journal_want_commit(struct journal *w);                    // from a reader: too many hours are open
int64_t journal_bytes(struct journal *w);                       // of the write-ahead log
// Makes everything durable in files, and ends the thread and the readers. The lake may still say what it is done with
// until it has ended, too; then it may be freed.
void journal_stop(struct journal *w);
void journal_free(struct journal *w);

// job.h: what goes from thread to thread in the log server, and the queues between them.
//
// loop -> writer (write-ahead log) -> reader of the stream (columns) -> lake (files). A queue holds a bounded number of
// bytes: whoever is faster waits, down to the agents, whose windows are what is left.
#pragma once
#include "log/stream.h"
#include <sys/queue.h>

enum job_kind {
    JOB_BLOCK,          // lines of a stream
    JOB_STREAM,         // a stream was made, or its head became longer: answer the claim when it is durable
    JOB_DONE,           // a stream ends
    JOB_ECHO,           // nothing: answered when all before it is durable
    JOB_CAUGHT,         // until when a host's lines are complete: for the next mark
    JOB_MARK,           // for readers: hand over what was read before it
    JOB_STOP,
};

// A mark is at one place of the write-ahead log for all readers: all that they read before it came from records below
// lsn.
struct mark { uint64_t lsn; bool commit; uint64_t number; };

// What a host's agent said of itself: everything written before until_us had come when this was put into the writer's
// queue.
struct caught {
    struct caught *next;
    char host[64];
    int64_t at_us, until_us;    // at_us: when it said so
    unsigned wants;             // tables_wants at that moment
};

struct job {
    STAILQ_ENTRY(job) next;
    enum job_kind kind;
    size_t cost;                // bytes that the queue counts
    struct stream *stream;
    uint64_t peer, ticket;      // whom to answer, and what the answer is for
    uint8_t flags;              // of the block
    uint64_t lsn;
    int64_t received_us;
    struct str record;          // the payload of the write-ahead log's record; malloc'ed, or empty
    struct block block;         // of JOB_BLOCK; packed is borrowed from record
    char *room;                 // malloc'ed; the clear text is in it with slack at both ends
    const char *clear;
    uint64_t size;              // JOB_DONE
    uint8_t why;
    struct mark mark;
    struct caught *caught;      // JOB_CAUGHT; malloc'ed
};
STAILQ_HEAD(jobs, job);

struct job *job_new(enum job_kind kind);
void job_free(struct job *j);
// Of an unpacked block: how many lines it has, whatever its sender said. What we keep in memory is counted in them.
uint64_t job_lines(const struct job *j);

struct queue {
    pthread_mutex_t lock;
    pthread_cond_t more, less;
    struct jobs jobs;
    size_t bytes, max_bytes;
    size_t n;
};

void queue_make(struct queue *q, size_t max_bytes);
void queue_drop(struct queue *q);
void queue_put(struct queue *q, struct job *j);         // waits for room; a job that costs nothing never waits
// NULL: nothing came for so long. ms < 0: waits for ever; 0: does not wait.
struct job *queue_take(struct queue *q, int64_t ms);

// stream.h: the streams that a server knows. A stream is one life of one file on one host: what was rotated away, or
// cut off and begun again, is another one.
//
// The table is shared by the loop, which talks to agents, and the writer, which makes offsets durable: every call
// locks. A stream is freed only weeks after it ended, when nobody has a pointer to it any more.
//
//     struct stream *s = streams_find(t, id);
//     if (stream_take(s, start, end) == TAKE_IT) ...
#pragma once
#include "log/wire.h"
#include <pthread.h>

struct stream {
    uint64_t id;
    uint16_t dataset;
    char host[64], path[PATH_BYTES_MAX + 1];
    uint64_t dev, inode;
    uint32_t head_n;
    unsigned char head[16], tail[16];   // tail: of the bytes before `written`
    bool imported;
    uint8_t why;                // enum done_why; 0: it lives
    uint64_t size;              // when done: how long the file was
    uint64_t taken;             // blocks up to here were accepted from the agent
    uint64_t written;           // blocks up to here are records of the write-ahead log
    int64_t touched_us;         // last record
};

struct streams {
    pthread_mutex_t lock;
    struct stream **at;         // by id
    size_t n, cap;
    size_t bytes;               // of all as records
    uint64_t next_id;
    int64_t believed_us;        // on two other days after it something was written
};

// All streams stand at the beginning of each segment of the write-ahead log, so what they are there is what has bounds:
// 60,000 files with paths of 80 bytes. One host, whatever happens on it, leaves the others three quarters.
enum { STREAMS_BYTES_MAX = 12 << 20, STREAMS_HOST_MAX = 3 << 20, STREAMS_PUT = 4 << 20,
       HORIZON_DAYS = 30, FORGET_DAYS = 35 };

void streams_make(struct streams *t);
void streams_drop(struct streams *t);
struct stream *streams_find(struct streams *t, uint64_t id);            // NULL when unknown
// ERR_LIMIT when there are too many, of that host or of all. The claim's texts are copied.
struct stream *streams_new(struct streams *t, struct str host, const struct wire_claim *c, struct err *e) MUST_USE;
// Those of a file's path on a host with ids below `before`, the newest first; STREAMS_MAX of them, and whether there
// are more.
void streams_of(struct streams *t, struct str host, uint16_t dataset, struct str path, uint64_t before,
                struct wire_streams *out);
// Copies of those of that dataset and host, or of all others than it, with this head, from whatever path, the newest
// first. For imports.
size_t streams_alike(struct streams *t, struct str host, bool others, const struct wire_claim *c, struct stream *out,
                     size_t max);

// Copies of those of a dataset with ids above `after`, by id.
size_t streams_after(struct streams *t, uint16_t dataset, uint64_t after, struct stream *out, size_t max);

// A living stream of the very file of a claim, with the same head: whoever claims it as new did not hear the answer,
// and no line comes twice. NULL: none; imports have none.
struct stream *streams_twin(struct streams *t, struct str host, const struct wire_claim *c);

enum take { TAKE_IT, TAKE_KNOWN, TAKE_REWIND, TAKE_NEVER };
// The rule for a block: start == taken: take it (and it is taken); end <= taken: known; else: rewind to *offset.
enum take stream_take(struct streams *t, struct stream *s, uint64_t start, uint64_t end, uint64_t *offset);
// What was taken and not written comes again: all of a file's path, or one stream.
void streams_untake(struct streams *t, struct str host, uint16_t dataset, struct str path);
void stream_untake(struct streams *t, struct stream *s);

// A claim of a known stream: the head may have become longer, the inode another one (a copy).
void stream_claimed(struct streams *t, struct stream *s, const struct wire_claim *c);

// Payloads of the write-ahead log. stream_put: one stream. The writer calls these; at_us is the record's time.
void stream_put(struct streams *t, struct buf *b, const struct stream *s);
// Those with ids above *after, as many as have room in STREAMS_PUT bytes; *after is the last of them then. true: there
// are more.
bool streams_put(struct streams *t, uint64_t *after, struct buf *b);
// One or many: made or overwritten.
bool streams_read(struct streams *t, struct str payload, struct err *e) MUST_USE;
void stream_wrote(struct streams *t, struct stream *s, uint64_t end, const unsigned char tail[16], int64_t at_us);
void stream_ended(struct streams *t, struct stream *s, uint64_t size, uint8_t why, int64_t at_us);
// Who claims a stream that ended has a file that grew again. An import stays done.
void stream_reopened(struct streams *t, struct stream *s);
// Done ones that nobody will ask for any more: older than FORGET_DAYS by the clock, and other streams were written to
// on HORIZON_DAYS different days since. A clock that jumps makes a day or two, so it makes nobody forget.
void streams_forget(struct streams *t, int64_t now_us);
// Files that were last changed before it, and are no stream, are none of ours. It does not go back with the clock, or
// what was forgotten would be read again.
int64_t streams_horizon(struct streams *t, int64_t now_us);

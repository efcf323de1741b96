// wal.h: the write-ahead log: what was acknowledged survives kill -9, power loss and a full disk.
//
// Segments of 64 MiB hold records of 8-byte multiples. A record's number (LSN) is its place, segment << 26 | offset,
// and stands in it, so old bytes of a segment that is used again are never mistaken for new ones. A record is there or
// it is not: one checksum over head and payload. Records below an LSN that somebody else made durable are forgotten.
//
//     struct wal *w = wal_open(dir, streams_now, self, e);
//     wal_replay(w, from_lsn, on_record, self, e);        // once, before anything is added
//     wal_add(w, &record, &lsn, e);                       // not durable yet
//     wal_commit(w, e);                                   // durable; acknowledge now
//     wal_forget(w, lsn, e);                              // all below is elsewhere
//
// One thread at a time. After wal_commit failed nothing may be tried again: the kernel may have dropped what it could
// not write (lwn.net/Articles/752063, "PostgreSQL's fsync() surprise"), so the process must end and read what is there.
//
// Layout, little-endian. Segment: 64 bytes "RSBWAL1\n", u64 number, u64 created us, zeros to 60, u32 crc32c of bytes
// 0-59. Record: 0 u32 payload length, 4 u32 crc32c of bytes 8 .. end of payload, 8 u64 LSN, 16 u8 kind, 17 u8 flags, 18
// u16 dataset, 20 u32 bytes of this segment that were durable when it was written, 24 i64 received us, 32 payload,
// zeros to the next multiple of 8.
#pragma once
#include "base/base.h"

enum { WAL_SEGMENT = 64 << 20, WAL_HEAD = 64, WAL_RECORD_HEAD = 32, WAL_PAYLOAD_MAX = 8 << 20 };

enum wal_kind {
    WAL_BLOCK = 1,          // lines of a stream and where they end
    WAL_STREAM,             // a stream was made or claimed
    WAL_DONE,               // a stream is finished
    WAL_TRUNCATED,          // bytes of a stream were lost at its source
    WAL_CHUNK,              // a chunk of another protocol
    WAL_STREAMS,            // all streams: the first records of every segment
    WAL_END,                // nothing else in this segment
    WAL_LOST,               // what stood here was damaged, or will come again (rusuban log salvage)
};

struct wal_record {
    uint64_t lsn;
    uint8_t kind, flags;
    uint16_t dataset;
    int64_t received_us;
    struct str payload;     // borrowed
};

struct wal;
// Fills the payload of a WAL_STREAMS record that a new segment begins with; true: there is to be another one, and it is
// called again. *after is 0 in the beginning, and its own to count with. All together they have room in 16 MiB.
typedef bool wal_streams_fn(void *arg, uint64_t *after, struct buf *out);
// false ends the replay with *e.
typedef bool wal_record_fn(void *arg, const struct wal_record *r, struct err *e);

struct wal *wal_open(const char *dir, wal_streams_fn *fn, void *arg, struct err *e) MUST_USE;
void wal_free(struct wal *w);
// Every record from the one at `from` on (0: from the oldest). A torn end is cut; a broken record with durable ones
// behind it is ERR_CHECK and names the range. The segment of `from` must not be forgotten. When it was never made,
// everything is done with, and the newest one is read from its beginning, which says what streams there are.
bool wal_replay(struct wal *w, uint64_t from, wal_record_fn *fn, void *arg, struct err *e) MUST_USE;
// ERR_LIMIT: the disk is full, nothing changed, try again later. Otherwise *lsn is the record's; wal_end is behind it.
bool wal_add(struct wal *w, const struct wal_record *r, uint64_t *lsn, struct err *e) MUST_USE;
bool wal_commit(struct wal *w, struct err *e) MUST_USE;
size_t wal_waiting(const struct wal *w);        // bytes added and not committed
uint64_t wal_end(const struct wal *w);          // where the next record goes, or would if its segment had room
uint64_t wal_begin(const struct wal *w);        // no record stands before it; 0: there is none
// Segments wholly below lsn are used again or removed.
bool wal_forget(struct wal *w, uint64_t lsn, struct err *e) MUST_USE;
int64_t wal_bytes(const struct wal *w);         // of all segments in use

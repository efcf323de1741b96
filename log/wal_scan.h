// wal_scan.h: a write-ahead log that is damaged: what can still be read of it, and how it is mended so that it can be
// replayed.
//
// Numbers of records are places, so nothing moves: what is damaged, and what shall not count, becomes a record WAL_LOST
// of the same size. The damaged segments are kept beside the log. Nothing may have the log open meanwhile.
//
//     struct wal_scan scan = {.arena = a, .dir = dir, .from = lsn, .record = on_record, .hole = on_hole, .arg = self};
//     if (!wal_scan(&scan, e))                        // changes nothing
//     if (!wal_snapshot(&scan, put_streams, self, e) || !wal_mend(&scan, kept, e))
#pragma once
#include "log/wal.h"

struct wal_hole { uint64_t segment; size_t from, to; };         // bytes of that segment
struct wal_patch { uint64_t segment; size_t from, to; bool end; };      // end: nothing is behind it

struct wal_scan {
    struct arena *arena;
    const char *dir;
    uint64_t from;              // from the beginning of its segment on; 0: from the oldest
    // In the order of the log; *drop: it shall not count.
    void (*record)(void *arg, const struct wal_record *r, bool *drop);
    void (*hole)(void *arg, const struct wal_hole *h);
    void *arg;
    // What came of it.
    uint64_t newest;            // segment
    VEC(struct wal_hole) holes;
    VEC(struct wal_patch) patches;
};

bool wal_scan(struct wal_scan *s, struct err *e) MUST_USE;
// A further segment that says what streams there are; until wal_mend is through, the damage stays, and all can be done
// again.
bool wal_snapshot(const struct wal_scan *s, wal_streams_fn *fn, void *arg, struct err *e) MUST_USE;
// kept: a directory on the same file system, made here, for the segments as they were.
bool wal_mend(const struct wal_scan *s, const char *kept, struct err *e) MUST_USE;

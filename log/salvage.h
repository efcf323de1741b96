// salvage.h: a log server's write-ahead log is damaged in its middle: what is lost with it, what can come again, and
// how it starts all the same.
//
// Every line at most once goes before every line. Where a stream's blocks are missing, those behind them are dropped,
// too, and its agent is asked to send again from the hole; when the stream has ended (its file may be gone) or `keep`
// says so, they stay, and what is missing is lost. What stands in the lake's files is never touched, and is what says
// how far a stream is when its own records are among what is damaged. When nothing says what a file begins with that
// has rows in the lake, it would be read a second time, so that is not salvaged.
//
//     struct salvage v = {.arena = a, .lake = lake, .keep = false};
//     if (!salvage_look(&v, e))            // changes nothing
//     if (v.holes.n && !salvage_do(&v, e))
#pragma once
#include "log/stream.h"
#include "log/wal_scan.h"

// bytes: of the file, from `from` to `to`; UNKNOWN_LOST: of a stream whose name is lost, nothing of it was in the lake.
enum salvage_fate { SALVAGE_LOST, SALVAGE_AGAIN, SALVAGE_GOES_ON, SALVAGE_NAMELESS };
struct salvage_stream { enum salvage_fate fate; uint64_t id; struct str host, path; uint64_t from, to; };

struct salvage {
    struct arena *arena;
    const char *lake;
    bool keep;
    // What was found.
    VEC(struct wal_hole) holes;
    VEC(struct salvage_stream) found;
    struct salvager *inside;
};

// The lake's lock is the caller's. ERR_CHECK: nothing can be done.
bool salvage_look(struct salvage *v, struct err *e) MUST_USE;
bool salvage_do(struct salvage *v, struct err *e) MUST_USE;
void salvage_drop(struct salvage *v);
const char *salvage_kept(struct arena *a, const char *lake);       // where the damaged segments are kept

// tailfile.h: one file that is followed: who it is, and its next lines.
//
// All offsets are those of the clear text: a gzip or zstd file reads like a plain one, only that going back costs
// reading it again from its beginning. The 256 bytes before the place where we are must still be there at every read,
// so that a file which was cut off and has grown beyond that place again is noticed.
//
// Before the first line there is nothing to look at again: there it is the head that the stream was claimed with.
//
//     struct tailfile *f = tailfile_open(path, e);
//     if (tailfile_is(f, &state) == TAILFILE_SAME && tailfile_go(f, state.offset, budget, e) == TAIL_LINES) ...
//     switch (tailfile_next(f, false, BLOCK_MAX, room, &cut, e)) ...          // room: TAIL_BYTES + BLOCK_MAX bytes
#pragma once
#include "log/cut.h"

enum { TAIL_ROOM = TAIL_BYTES + BLOCK_MAX };

struct clear;
struct tailfile {
    int fd;
    char *path;                 // where it was found; it may have another name by now
    uint64_t dev, inode, size, links;   // size: compressed ones know theirs when they have been read to the end
    int64_t mtime_us, btime_us;
    bool packed, ended;         // ended: of a compressed file, size is known
    uint64_t at;                // behind the last byte that was cut off
    uint64_t scanned;           // no line break in [at, scanned)
    unsigned char before[TAIL_BYTES];
    size_t before_n;            // the bytes before `at`, all that there are up to 256
    unsigned char head[TAIL_HASH];      // of its first head_n bytes, as tailfile_head read them; 0: not yet
    uint32_t head_n;
    struct clear *clear;        // packed: its reader, and the last bytes that came out of it
    char *recent;
    uint64_t recent_at;
    size_t recent_n;
};

enum tail_said {
    TAIL_LINES,         // here they are; or: we are there
    TAIL_WAIT,          // nothing, or half a line
    TAIL_AGAIN,         // not yet, call again: there was more to read than one call should
    TAIL_TRUNCATED,     // what stood before our place is gone
    TAIL_FAILED,
};

// NULL: *e is ERR_NOT_FOUND, ERR_IO, ERR_INPUT for what is no regular file, or ERR_DENIED for a link (links.h).
struct tailfile *tailfile_open(const char *path, struct err *e);
void tailfile_close(struct tailfile *f);            // NULL is fine

// Of the first min(256, size) bytes, into head_n and head; 0 when it is empty. Whatever is read from offset 0 must
// begin so.
bool tailfile_head(struct tailfile *f, struct err *e) MUST_USE;
// The same of a file that has grown. TAIL_TRUNCATED: it does not begin any more as it did.
enum tail_said tailfile_longer_head(struct tailfile *f, struct err *e);
// Looks again at its size; false when the file cannot be looked at (a network file system that went away).
bool tailfile_look(struct tailfile *f);

// UNSURE: the head is the same, but the file is compressed and its bytes before the offset have not been looked at.
enum tailfile_is { TAILFILE_OTHER, TAILFILE_SAME, TAILFILE_SHORTER, TAILFILE_UNSURE };
// A stream whose tail is all zeros: nobody knows it any more (salvage.h), and the head must do.
bool tail_unknown(const unsigned char tail[TAIL_HASH]);
enum tailfile_is tailfile_is(struct tailfile *f, const struct stream_state *s);

// Only its beginning.
bool tailfile_begins(struct tailfile *f, const struct stream_state *s);
// f is no longer than `of` and ends as that does at the same place: a copy of it, or of its beginning.
bool tailfile_part_of(struct tailfile *f, struct tailfile *of);
// What stands before our place is still what was read there.
bool tailfile_sound(struct tailfile *f);
// There is a whole line, or as many bytes as a head has.
bool tailfile_begun(struct tailfile *f);

// To an offset. At most `budget` bytes are unpacked for it in one call (TAIL_AGAIN). TAIL_TRUNCATED: it ends before.
enum tail_said tailfile_go(struct tailfile *f, uint64_t offset, uint64_t budget, struct err *e);

// The next at most `max` bytes; with `last` also what stands behind the last line break. It goes on behind them.
enum tail_said tailfile_next(struct tailfile *f, bool last, size_t max, char *room, struct cut *out, struct err *e);
// Bytes that wait, as far as is known. Half a line counts.
uint64_t tailfile_waiting(const struct tailfile *f);

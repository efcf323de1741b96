// follow.h: one path of a web server's log: the file that is written now, those it was before, and what the server
// knows.
//
// `follow_tick` looks at the files: opens what is new, keeps open what was renamed away, finds rotated and compressed
// ones, tells the server what came to its end. What is unknown is asked, never remembered over a doubt: after a file
// was cut off, or the connection, the server says anew which streams there are and where they stand (wire.h: the
// conversation).
//
//     follow_ask(fo);                          // connected: FRAME_OPEN
//     follow_streams(fo, &streams);            // its answer: files are matched with streams
//     follow_answer(source, id, offset);       // the answer to a claim
//     if (source_works(s)) ...                 // agent_send.c cuts blocks and sends them
//     follow_tick(fo);                         // every second, and when inotify says so
#pragma once
#include "log/link.h"
#include "log/tailfile.h"

enum { SOURCES_MAX = 4096, SEEN_MAX = 2048, KNOWN_MAX = 16384, SAID_MAX = 16 };

struct follow;
struct source;

// What all paths of an agent share: the connection, the claims that wait for their answer (in order), the times.
struct talk {
    struct link *link;
    struct source **claims;             // a ring; NULL: answered to nobody
    size_t claim_at, claims_n, sources;
    struct follow *follows;
    int64_t quiet_ms;                   // a rotated file that did not grow for so long is finished
    int64_t settle_ms;                  // a stream without a file, or a file that just appeared, is believed after it
};

enum source_state {
    SOURCE_UNKNOWN,         // not matched with a stream yet
    SOURCE_GOING,           // on the way to its offset, or not worth a claim yet
    SOURCE_CLAIMED,
    SOURCE_SHIPPING,
};

struct source {
    struct source *next;                // of `older`, the oldest first
    struct follow *follow;
    struct tailfile *f;
    enum source_state state;
    uint64_t id, acked, go_to;          // f->at: what was sent; acked: what is durable
    unsigned char tail[TAIL_HASH];      // what must stand before go_to, when id is not 0
    uint64_t last_size, waited;         // waited: the size at which only half a line was left
    uint64_t proven;                    // its size when what we had read of it still stood there
    int64_t grown_tick, retry_tick, even_us;
    bool grew, is_cut, copy, ending, answered, damaged, held_said;
    bool small;                         // claim it though it is only half a line
};

struct known {
    struct stream_state s;
    struct source *owner;
    int64_t missing_tick;               // since when no file is it; 0: not
    uint64_t longest;                   // how long its file was when we last saw it
    bool damaged;
};

struct follow {
    struct follow *next;
    struct talk *talk;
    uint16_t dataset;
    char *path, *file, *dir, *base;     // as the server names it; where it is here
    void *owner;                        // the agent's: the policy
    bool asked, heard, wanted;
    struct known *known;
    size_t known_n, known_cap;
    struct known *coming;               // what the server has told so far, frame by frame
    size_t coming_n;
    int64_t horizon_us;
    struct source *live, *older;
    struct seen *seen;
    size_t seen_n, seen_cap;
    bool rescan, unsettled;
    int64_t scanned_tick, dir_us;
    char trouble[400];                  // the last one
    char shut[400];                     // why an older file cannot be read, when the last look found one
    uint32_t said[SAID_MAX];            // checksums of what was said since all was well; each is said once
    size_t said_n;
    unsigned turn;
};

// NULL: the path cannot be one (not absolute, too long).
struct follow *follow_new(struct talk *t, uint16_t dataset, struct str path, const char *root, struct err *e);
void follow_free(struct follow *fo);
void follow_ask(struct follow *fo);
void follow_down(struct follow *fo);        // the connection ended: files stay open, streams are unknown
bool follow_streams(struct follow *fo, const struct wire_streams *m, struct err *e) MUST_USE;
bool follow_answer(struct source *s, uint64_t id, uint64_t offset, struct err *e) MUST_USE;
void follow_tick(struct follow *fo);

// Durable up to here; send again from here. False: that source is not of this path.
bool follow_acked(struct follow *fo, uint64_t id, uint64_t offset);
bool follow_rewound(struct follow *fo, uint64_t id, uint64_t offset);

bool source_works(const struct source *s);                  // has something to go to or to send
// SOURCE_GOING: a step, after which it may be gone; true: there is more to unpack.
bool source_go(struct source *s);
void source_is_cut(struct source *s);                       // tailfile_next said TAIL_TRUNCATED
void source_failed(struct source *s, const struct err *e);  // ... TAIL_FAILED
uint64_t source_flight(const struct source *s);             // bytes sent and not durable

// scan.c: looks through the directory for files of this path with other names.
void follow_scan(struct follow *fo);
void follow_seen_forget(struct follow *fo);
bool follow_sibling(const struct follow *fo, const char *name);     // could a file of that name be an older one?
// match.c: open files that are unknown are matched; a claim is sent; the file is at its stream's offset.
void follow_match(struct follow *fo);
void source_claim(struct source *s);
void source_arrived(struct source *s);
// follow.c, for the other two.
struct known *follow_known(struct follow *fo, uint64_t id);         // NULL: no such stream
void source_disown(const struct source *s);
void follow_keep_longest(const struct source *s);   // its stream's file was at least so long
// Takes an opened file in, oldest first; NULL when there are too many.
struct source *follow_take(struct follow *fo, struct tailfile *f);
struct source *follow_holds(struct follow *fo, uint64_t dev, uint64_t inode);
void source_drop(struct source *s);
enum match { MATCH_STREAM, MATCH_NEW, MATCH_DONE, MATCH_OWNED, MATCH_COVERED, MATCH_OLD, MATCH_UNSURE };
enum match source_match(struct source *s);
void follow_trouble(struct follow *fo, const struct err *e);

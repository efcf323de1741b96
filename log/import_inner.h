// import_inner.h: the inside of an import: import.c begins and ends it, import_talk.c hears the log server,
// import_claim.c finds out who a file is, import_ship.c sends it, import_count.c counts.
#pragma once
#include "log/chunk.h"
#include "log/hour.h"
#include "log/import.h"
#include "log/ltsv.h"
#include <jansson.h>

enum { ANSWER_MS = 60000, FLIGHT_MAX = 1024 };      // FLIGHT_MAX: blocks on their way

struct import {
    const struct import_spec *spec;
    int fd, lock;
    struct buf room;                    // of the frame that was read last
    struct arena arena;
    json_t *dataset;                    // as the welcome tells it
    uint16_t id;
    uint32_t window;
    struct packer *packer;
    struct buf clear;                   // lines as they are sent, LTSV_SLACK bytes before them
    struct schema schema;
    struct ltsv *counter;
    struct hour_cache zone;
    int32_t *hours;                     // touched, sorted
    size_t hours_n, hours_cap;
    struct import_sum sum;
    uint64_t lines_before, first_bad;   // of the file: before the block that is counted; the first bad one, from 1
    int64_t rows_before;                // in the lake, when we came
};

// The file being imported.
struct one {
    const char *name;                   // as typed
    struct str path;                    // as the server is to know it
    struct chunks *text;
    struct policy *policy;
    enum log_format format;
    uint64_t id, acked, sent, counted, rewound;
    bool rewind;
    struct { uint64_t end, bytes; } *flight;        // clear bytes of what is on its way, a ring
    size_t flight_at, flight_n;
    uint64_t flying;
};

// import_talk.c
bool import_on_frame(struct import *im, struct one *o, const struct frame *f, struct err *e) MUST_USE;
bool import_spoken(const struct import *im);    // a frame waits, or its beginning
bool import_hear(struct import *im, struct one *o, struct err *e) MUST_USE;     // one frame, whatever it is
// The next frame of that type; others are heard on the way. It stays in im->room.
bool import_hear_until(struct import *im, struct one *o, enum frame_type type, struct frame *f, struct err *e) MUST_USE;
json_t *import_ask(struct import *im, struct one *o, struct str what, struct err *e);

// import_claim.c
bool import_open_text(struct one *o, enum clear_kind *kind, struct err *e) MUST_USE;    // from its beginning
// out->fate says whether lines are to be sent; then o stands where they go on.
bool import_claim(struct import *im, struct one *o, struct import_told *out, struct err *e) MUST_USE;

// import_ship.c
// All lines, until the server has them. A damaged file: what comes before the damage.
bool import_ship(struct import *im, struct one *o, struct err *e) MUST_USE;
bool import_finish(struct import *im, struct one *o, struct err *e) MUST_USE;   // it is over, durably

// import_count.c
// text: LTSV_SLACK bytes around it are readable.
void import_count(struct import *im, const struct cut *c, struct str text);
void import_on_batch(void *arg, const struct batch *b);

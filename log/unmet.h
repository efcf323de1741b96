// unmet.h: a tail waits for ever for a label that no line has, so who watches is told: which, and what lines have.
//
//     struct unmet u = unmet_make(where);
//     unmet_look(&u, line, tick_ms());                    // every line, whether it is shown or not
//     unmet_say(&u, tick_ms(), &lines);                   // now and then: "absent:statsu\tof:12\tnear:status\t..."
//
// Said once, UNMET_AFTER_MS after the first line that was looked at, among the lines of the tail. A line of a log
// begins with the host it is of, so no line looks like it.
#pragma once
#include "log/where.h"

enum { UNMET_AFTER_MS = 3000, UNMET_LABELS = 64, UNMET_SAID_MAX = 256 << 10 };

struct unmet {
    const struct where *where;          // NULL: nothing is asked for
    struct arena arena;
    struct strs have;                   // the first labels that lines have
    bool met[WHERE_LABELS];
    uint64_t lines;
    int64_t since;                      // tick of the first line
    bool over;                          // all are met, or it was said
};

struct unmet unmet_make(const struct where *w);
void unmet_drop(struct unmet *u);
void unmet_look(struct unmet *u, struct str line, int64_t tick_ms);
bool unmet_say(struct unmet *u, int64_t tick_ms, struct buf *out);      // true: something was added, whole lines

// The other side. Borrowed from the line.
struct absent { struct str label, near; uint64_t of; struct str have; };    // near: or empty; have: "server,time,uri"
bool absent_read(struct str line, struct absent *out);
// none of the 12 lines since then has a label "statsu"; did you mean "status"? there are server, time, uri, status
void absent_text(struct buf *b, const struct absent *x);
// {"absent": "statsu", "of": 12, "near": "status", "labels": ["server", "time", "uri"]}
void absent_json(struct buf *b, const struct absent *x);

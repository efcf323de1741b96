// bulk.h: what is too much for the ring of events: what a step prints, line by line. It is sent only to streams that
// ask for it by name: PUT /live/{stream} {"topics":["output:web/1482"]}.
//
// A capability exports one {0}-ended array of rows, main.c lists them. A topic is followed while at least one stream
// wants it: `open` once, then `look` five times a second, then `close`. What is sent has numbers of its own (lines),
// for a stream that is slow or broken loses some and must be able to ask for them elsewhere.
#pragma once
#include "web/web.h"

enum { BULK_JSON_MAX = 56 << 10 };

struct feed;
struct bulk {
    const char *prefix;         // "output": of topics "output:web/1482", and the kind of its events
    const char *help;
    enum right right;           // that a stream's owner needs, when it asks and for as long as it listens
    // Follows what stands behind the colon, from now on. ERR_NOT_FOUND when there is no such thing. `arg` is the row's.
    bool (*open)(struct ask *q, struct str name, void **arg, struct err *e);
    void (*look)(void *arg, struct feed *to);
    void (*close)(void *arg);
};

// One JSON object of at most BULK_JSON_MAX bytes, to every stream that wants it.
void feed_tell(struct feed *to, struct str json);

// home.h: what the home page shows: who needs a person, what happens just now, where everything runs, four figures.
//
// Each capability that knows something exports one home_fn; main.c lists them, house/home_api.c asks all of them and
// answers GET /home. What is said has a `kind` and arguments, from which a page makes a sentence in its reader's
// language, and the English sentence for everybody else. What each kind brings stands in the shapes (ItemArgs, TileArgs):
// test builds hold every item against it, and the pages' words are checked against the same.
//
//     home_need(h, (struct item){.how = HOW_INFO, .kind = "release.asking", .at = r->state_at,
//                                .text = str_f(h->arena, "web #1483 waits for a yes"), .path = "/releases/web/1483",
//                                .args = home_args(h, KVS(KV("service", r->service), KV("number", r->number)))});
#pragma once
#include "web/web.h"

enum how { HOW_OK, HOW_RUNNING, HOW_INFO, HOW_WARN, HOW_BAD, HOWS };     // what is worse stands later
const char *how_name(enum how h);

struct item {                   // a need, or something that happens
    enum how how;
    const char *kind;           // "release.asking"
    struct str text, why, who;  // why: a second sentence, or ""; who: whoever did it, or ""
    struct str path, cli;       // of the page, and of the command line; "" = none
    struct str args;            // of home_args
    int64_t at;
};

struct tile {                   // a thing that runs somewhere
    const char *tier;           // "apps"
    struct str zone, name;
    enum how how;
    const char *kind;
    struct str text, path, args;
};

enum { FIGURE_POINTS = 24 };
struct trend {                  // NAN: not known
    const char *name, *unit;
    double now;
    double series[FIGURE_POINTS];       // one an hour, the oldest first; the last hour is the one that runs
};

struct home {
    struct arena *arena;
    int64_t now_ms;
    struct { struct item *at; size_t n, cap; } needs, happening;
    struct { struct tile *at; size_t n, cap; } tiles;
    struct { struct trend *at; size_t n, cap; } figures;
    int64_t peak_at;            // the busiest minute of the day: when, and requests a second; 0 = not known
    double peak_per_s;
    int64_t lines_first, lines_last;    // the minutes of the first and of the last line that any log has; 0 = none yet
};

// JSON of one object, in the arena.
struct str home_args(struct home *h, struct kvs kvs);
// Texts live in h->arena.
void home_need(struct home *h, struct item x);
void home_happens(struct home *h, struct item x);

// Adds what it knows. q->site may be NULL.
typedef bool home_fn(struct ask *q, struct home *h, struct err *e);

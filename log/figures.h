// figures.h: what a thread counts while it reads lines: how often each page was asked for, how it answered, how long
// it took.
//
// A figure is a page, or a host, in one minute of the lines' own time; lines of a time whose minutes are not kept any
// more are counted by the hour. Counting is one walk over a batch of cells; histograms are made later, from a journal
// of 12 bytes a line, by the thread that stores them (minute.h). Pages are learned by each thread for itself and
// become one by their names when they are stored, so threads share nothing.
//
//     struct figures *f = figures_new(&names);            // of pages that are known already
//     figures_batch(f, batch, &schema, S("app1"));        // every batch
//     struct figures_part *p = figures_take(f);           // everything since the last take; NULL: nothing
//     ... figures_store(db, S("access"), lsn, parts, n, e); figures_part_free(p);
#pragma once
#include "log/hist.h"
#include "log/ltsv.h"

enum {
    CLIENTS_MAX = 8,                    // different clients that are told apart in a minute
    MINUTES_KEPT = 48 * 60,             // older lines are counted by the hour
    NO_STEP = UINT16_MAX,
};

struct figure {
    int32_t minute;                     // since 1970; the first of its hour when `hourly`
    bool hourly, of_host;
    uint32_t name;                      // in the part's pages, or hosts
    uint32_t n, c4, c5;
    uint64_t bytes;
    uint32_t clients;
    uint32_t client[CLIENTS_MAX];       // hashes
};

struct figured_line { uint32_t page, host; uint16_t reqtime, apptime; };       // figures; steps of hist.h, or NO_STEP

// A line of a service that a release looks at (traffic.h).
struct traffic_cell { int32_t minute; uint16_t host; uint8_t want, route, class_, lat; uint32_t n; };
struct traffic_client { int32_t minute; uint16_t host; uint8_t want, route; bool bad; uint64_t client; };

struct figures_part {
    struct figure *at;
    size_t n, cap;
    struct figured_line *line;
    size_t lines, lines_cap;
    struct strs pages, hosts;           // in `arena`; names by number
    struct traffic_cell *traffic;
    size_t traffic_n, traffic_cap;
    struct traffic_client *client;
    size_t client_n, client_cap;
    struct wants *wants;                // what `want` of the two above counts; NULL
    struct arena arena;
    struct figures_part *next;          // an earlier one
};

struct wants;
struct figures;
struct figures *figures_new(const struct strs *pages);
void figures_free(struct figures *f);
// Takes what traffic_wants gave (NULL: nobody wants anything); from any thread.
void figures_want(struct figures *f, struct wants *w);
// Once for each batch; the schema is the one that the batch was read with.
void figures_batch(struct figures *f, const struct batch *b, const struct schema *s, struct str host);
struct figures_part *figures_take(struct figures *f);
void figures_part_free(struct figures_part *p);     // with the earlier ones

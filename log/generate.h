// generate.h: access logs that look like those of a marketplace, for benchmarks, tests and the demo; the same lines for
// the same options. Labels and their order are those of a real nginx log format of such a site.
//
//     struct generate_options o = generate_usual();
//     struct generator *g = generate_new(&o);
//     size_t n = generate_line(g, line, sizeof line);     // with its line break
#pragma once
#include "base/base.h"

struct generate_options {
    uint64_t seed;
    const char *pages;          // whose: "marketplace" (NULL), "kotori"
    uint32_t items, visitors;   // works and people that exist
    double rate;                // lines a second of the log's own time
    int64_t from_us;            // time of the first line
    int east_s;                 // zone in which times are written
    uint32_t server;            // 10.0.x.y
    const char *slow_page;      // a pattern as in the table, slowed by slow_by from slow_from_us on; NULL: none
    double slow_by;
    int64_t slow_from_us;
};

struct generator;
static inline struct generate_options generate_usual(void)
{
    return (struct generate_options){.seed = 1, .items = 40000, .visitors = 150000, .rate = 400,
                                     .from_us = 1518661133000000, .east_s = 9 * 3600, .server = 4 * 256 + 11};
}
struct generator *generate_new(const struct generate_options *o);
void generate_free(struct generator *g);
// 0: it does not fit.
size_t generate_line(struct generator *g, char *to, size_t cap);
int64_t generate_time(const struct generator *g);
bool generate_has_page(const char *pages, const char *pattern);

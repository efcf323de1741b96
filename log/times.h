// times.h: which time a question is about, as people type it. Every question takes the same four, --since, --day,
// --from and --to, on the command line and over the API.
//
//     struct times t;
//     if (!times_of_call(c, &t, e))               // one way of saying it, and each a time
//         return false;
//     ... times_sql(a, &t) ...                    // dt = DATE '2026-11-20'
//     times_span(&t, zone, now_ms(), &from, &to)  // the same in milliseconds
#pragma once
#include "base/base.h"

struct call;
struct times { struct str since, day, from, to; };      // as typed; empty: not given

// usual: what it is without any of them.
#define TIMES_OPTIONS(usual)                                                                        \
    {"since", "AGO", "from so long ago until now: 2h or 7d; without any of these four " usual},     \
    {"day", "D", "of one day: 2026-11-20, today, yesterday"},                                       \
    {"from", "TIME", "from that time on, in the site's zone: 2026-11-20 or '2026-11-20 14:30'"},    \
    {"to", "TIME", "before that time"}

bool times_of_call(const struct call *c, struct times *out, struct err *e) MUST_USE;
// dashes: "--" or "", what stands before a name in a sentence. ERR_INPUT says which and how it is written; *which,
// where it is not NULL, names it.
bool times_check(const struct times *t, const char *dashes, const char **which, struct err *e) MUST_USE;
// A moment that names its zone, 2026-11-20T05:30Z; false: it is none, or needs to be told the zone.
bool times_zoned(struct str text, int64_t *ms);
bool times_any(const struct times *t);                          // something was given
// To the person at a terminal, where no time was given: of which it is, and how to say another.
void times_tell_usual(const struct call *c, const struct times *t, const char *usual);
const char *times_words(struct arena *a, const struct times *t);        // "on 2026-11-20", "in the last 2h"
struct str times_sql(struct arena *a, const struct times *t);   // a condition on dt or time; empty when nothing was given
struct str times_from(struct arena *a, const struct times *t);  // for struct ask_job: from, or "-2h"
// Of a checked one. The end is not included; without --from it begins in 1970, without --to it ends at INT64_MAX.
void times_span(const struct times *t, const char *zone, int64_t now_ms, int64_t *from_ms, int64_t *to_ms);

// Days since 1970, in any order and several times: "2026-11-18, 2026-11-20 to 2026-11-23", of many gaps the newest.
// Sorts them.
void times_days(struct buf *b, int64_t *days, size_t n);

// watch.h: is a page worse than its own past? Arithmetic only: figures in, verdicts out.
//
// Past is the same hour of the last 28 days. Each request of time x adds ln p(x / (tolerance r)) - ln p(x /
// tolerance), for three rates r, to a sum that never falls below 0: evidence that the page became r times slower,
// against its being what it was, or a little slower (Page 1954, "Continuous inspection schemes"). A sum of 13 with
// evidence from three different minutes is an alarm. Tolerance is what the page's own level moved from day to day, so
// a page that wanders needs more. Errors are watched by the same sum over a coin whose bias is the past rate.
//
//     struct watch *w = watch_new(&(struct watch_options){.tolerance = 1.15, .slow_ms = 1000, .quiet = 30});
//     watch_past_begin(w);                        // whenever an hour begins
//     watch_past_hour(w, day, page_minute);       // that hour of the day before (1), of two days before (2) ...
//     watch_past_day(w, day, page_minute);        // the whole day
//     watch_past_end(w);
//     watch_page(w, page_minute);                 // every page of a minute
//     watch_minute_end(w, minute, on_verdict, self);
#pragma once
#include "log/minute.h"

enum { PAST_DAYS = 28, PAST_DAYS_MIN = 7 };

enum rule { RULE_SLOWER, RULE_FAR_SLOWER, RULE_ERRORS, RULE_NEW_SLOW, RULES };
struct str watch_rule_name(enum rule r);              // "slower", "far slower", "errors", "slow and new"

struct watch_options {
    double tolerance;           // at least; 1.15
    int64_t slow_ms;            // what is under it is never far too slow
    int32_t quiet;              // minutes after which an alarm closes
};

struct verdict {
    enum rule rule;
    int64_t page;
    struct str name;            // borrowed from the watch
    int32_t began, last;        // minutes
    uint64_t requests, errors;  // since it began
    int64_t now_p95, past_p95;  // ms; past_p95 -1: none
    double past_errors;         // share
    bool open;                  // false: it closed
    bool fresh;                 // raised in this minute
};
typedef void verdict_fn(void *arg, const struct verdict *v);

struct watch;
struct watch *watch_new(const struct watch_options *o);
void watch_free(struct watch *w);

void watch_past_begin(struct watch *w);
void watch_past_hour(struct watch *w, int day, const struct page_minute *m);
void watch_past_day(struct watch *w, int day, const struct page_minute *m);
void watch_past_end(struct watch *w);

void watch_page(struct watch *w, const struct page_minute *m);
// Tells what is open, raised or closed at the end of this minute.
void watch_minute_end(struct watch *w, int32_t minute, verdict_fn *fn, void *arg);
// An alarm of the store that was open before this process began.
void watch_reopen(struct watch *w, int64_t page, struct str name, enum rule rule, int32_t began, int32_t last);
// An alarm counts from the minute on in which it is raised; it began before. These minutes (all from `began` to the one
// that was judged last) are given to it once; then the verdict has the figures of all of its time.
void watch_count(struct watch *w, const struct page_minute *m, enum rule rule);
void watch_counted(const struct watch *w, struct verdict *v);

// For tests: what the past says of a page. false: it has none. wander: how much its level moved from day to day
// (0.05: 5 %).
bool watch_past_of(const struct watch *w, int64_t page, double *tolerance, double *wander, int64_t *p95);

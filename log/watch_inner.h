// watch_inner.h: the inside of the watch: watch_past.c learns what is usual for a page, watch.c holds each minute
// against it.
#pragma once
#include "log/watch.h"

enum {
    WATCH_RATES = 3,
    OCTAVE = 16,                // places of the density an octave
    PLACES = 32 * OCTAVE,       // from half a millisecond on
    NARROW = 4, WIDE = 24,      // of the two bells, in places
    RECENT = 15,                // minutes that the rules without a sum look at
};

// Evidence for one rate.
struct sum { double v; int32_t began, fed; uint32_t minutes; };

struct recent { int32_t minute; uint32_t n, slow, clients, client[CLIENTS_MAX]; };

struct raised {
    bool open;
    int32_t began, last;
    uint64_t requests, errors;
    struct hist *times;         // since it began
};

struct past {
    bool known;                 // enough days, enough requests
    bool timed;                 // enough of them say how long they took
    int days;
    uint64_t n;
    int64_t p95;
    double tolerance, wander, errors;
    float evidence[WATCH_RATES][PLACES];
};

struct page {
    int64_t id;
    struct str name;
    struct past *past;
    struct sum slower[WATCH_RATES], errors[WATCH_RATES];
    struct recent recent[RECENT];
    struct raised raised[RULES];
    struct hist *gathered;      // while the past is read
    uint32_t hours;             // bit: that day has this hour
    uint64_t gathered_n, gathered_errors;
    double level, level2, noise;
    int levels;
    int32_t touched;            // minute
};

struct watch {
    struct watch_options o;
    struct page **at;           // by id, open addressing
    size_t n, cap;
    double narrow[2 * NARROW + 1], wide[2 * WIDE + 1];
};

// How much slower a page may have become; one sum of evidence for each.
extern const double watch_rates[WATCH_RATES];

struct page *watch_page_at(struct watch *w, int64_t id, struct str name);    // makes it
void watch_past_make_bells(struct watch *w);
// Where a time stands in the density, and the time in the middle of a step of a histogram.
double watch_place_of_ms(double ms);
double watch_middle_ms(int step);
// What one request may say for or against, at most.
double watch_clipped(double evidence);

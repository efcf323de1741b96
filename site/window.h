// window.h: the texts of `windows:` understood: on which days and hours a release may start, on which dates not.
//
//     struct window w;
//     if (!window_parse(S("Mon-Thu 10:00-18:00"), &w, e)) ...
//
// Hours are those of the wall clock in the site's time zone; the end does not count. A window over midnight
// (22:00-02:00) belongs to the day on which it starts. Freezes count both of their dates.
#pragma once
#include "base/base.h"
#include <time.h>

enum { WINDOW_SPANS = 8, DAY_MINUTES = 24 * 60 };

struct window {
    unsigned days;                              // bits, 1 << tm_wday
    struct { int from, to; } spans[WINDOW_SPANS];   // minutes of the day; from > to: over midnight
    size_t n;
};

struct freeze { int from, to; };                // dates as 20261228

bool window_parse(struct str s, struct window *out, struct err *e) MUST_USE;
bool freeze_parse(struct str s, struct freeze *out, struct err *e) MUST_USE;

bool window_covers(const struct window *w, const struct tm *local);
bool freeze_covers(const struct freeze *f, const struct tm *local);

// refusals.h: deeds that were refused are lines of the audit log too, but nobody may fill it with them: a few a minute of
// each person, then a count.
//
//     if (refusals_take(&w->refusals, q->who.name, tick_ms())) ...     // write a line; else it is counted
//     while (refusals_due(&w->refusals, tick_ms(), &c)) ...            // now and then: "37 more", as a line
#pragma once
#include "base/base.h"

enum { REFUSALS_A_MINUTE = 5, REFUSALS_PEOPLE = 64, REFUSALS_NAME_MAX = 64 };

// since: tick of the first one of the minute; 0 = free. more: those without a line. The last slot is of all who found none.
struct refusals {
    struct refused { char name[REFUSALS_NAME_MAX]; int64_t since; unsigned lines; int64_t more; } at[REFUSALS_PEOPLE];
};

struct refusals_count { struct str who; int64_t more; };        // who: borrowed until the next call

bool refusals_take(struct refusals *r, struct str who, int64_t tick_ms);
// A minute that is over and had more than its lines. INT64_MAX: all there are, at the end.
bool refusals_due(struct refusals *r, int64_t tick_ms, struct refusals_count *out);

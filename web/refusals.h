// refusals.h: deeds that were refused are lines of the audit log too, but nobody may fill it with them: a few a minute
// of each person, and of each network where strangers try to sign in, then a count.
//
//     if (refusals_take(&w->refusals, q->who.name, S(""), tick_ms())) ...      // write a line; else it is counted
//     refusals_sweep(w, tick_ms());            // each second: numbers whose minute is over become lines
//
// Numbers that are no lines yet are rows of the store (`refused`), a second after they changed at the latest: whoever
// kills the role loses that second.
#pragma once
#include "base/base.h"

struct db;
struct web;

enum { REFUSALS_A_MINUTE = 5, REFUSALS_PEOPLE = 64, REFUSALS_NETWORKS = 16, REFUSALS_NAME_MAX = 64 };

// since: tick of the first one of the minute; 0 = free. more: those without a line. The last slot is of all who found
// none.
struct refusals {
    unsigned slots;             // that are used; 0: all
    bool changed;               // since the store was told
    struct refused {
        char name[REFUSALS_NAME_MAX], from[REFUSALS_NAME_MAX];
        int64_t since;
        unsigned lines;
        int64_t more;
    } at[REFUSALS_PEOPLE];
};

bool refusals_take(struct refusals *r, struct str who, struct str from, int64_t tick_ms);
// The next slot from *at on whose minute is over and had more than its lines, until refusals_told; NULL: no more.
// INT64_MAX: all that have a number, at the end.
const struct refused *refusals_due(const struct refusals *r, size_t *at, int64_t tick_ms);
// What is due is written: those slots are free.
void refusals_told(struct refusals *r, int64_t tick_ms);

// refusals_store.c:
void refusals_sweep(struct web *w, int64_t tick_ms);
// What the role before us had counted when it died becomes lines. At the start, when nobody else serves.
void refusals_recall(struct db *db);

// alarm_list.h: what the watch found, for who wants to read it: `rusuban log watch` and the pages.
//
//     struct alarm_wish w = {.closed_too = true, .since = now_ms() - WEEK};
//     if (!alarm_list(a, db, &w, on_alarm, self, e)) ...
#pragma once
#include "store/store.h"

struct alarm {
    int64_t id, began, raised, last, closed, now, past, requests, errors;      // times in ms; closed 0: open; past -1: none
    double past_errors;                 // of a hundred requests
    struct str dataset, page, rule, hosts, release;     // hosts, release: JSON; release may be empty
};

struct alarm_wish {
    bool closed_too;
    int64_t above;                      // ids
    int64_t since;                      // that were worse then or later
    struct str dataset, page;           // only of these; empty: all
};

typedef void alarm_fn(void *arg, const struct alarm *x);
// By id, ALARMS_MAX at most.
enum { ALARMS_MAX = 1000 };
bool alarm_list(struct arena *a, struct db *db, const struct alarm_wish *w, alarm_fn *fn, void *arg,
                struct err *e) MUST_USE;
void alarm_json(struct buf *b, const struct alarm *x);

// alarm_rows.h: what the watch found in a minute becomes rows of log_alarm, and notices to people.
//
// A row names page, hosts and the release that was switched there before. Of one minute at most a few are told one by
// one, those with the most requests; the others are counted in one more notice, since nobody reads a thousand, and a
// receiver that hangs would keep what else is to be told waiting.
//
//     struct alarm_minute m = {.db = db, .set = set, .minute = minute};
//     if (!sql_begin(db, e) || !alarm_rows_write(&m, &found, e) || !sql_commit(db, e))
#pragma once
#include "log/watch.h"
#include "site/site.h"

enum { ALARMS_TOLD = 10 };          // of one minute, one by one; the same for their ends

struct verdicts { struct verdict *at; size_t n, cap; };

struct alarm_minute {
    struct db *db;
    const struct dataset *set;
    int32_t minute;
    bool news;                      // out: notices wait
};

// Inside a transaction. Sorts v.
bool alarm_rows_write(struct alarm_minute *m, struct verdicts *v, struct err *e) MUST_USE;

// Alarms that somebody before us raised, so that they close. Forgets what closed 400 days ago.
typedef void alarm_open_fn(void *arg, int64_t page, struct str name, enum rule rule, int32_t began, int32_t last);
bool alarm_rows_open(struct db *db, struct str dataset, alarm_open_fn *fn, void *arg, struct err *e) MUST_USE;

// Closes what nobody will look at again: its dataset left the site file, or its page has another name now.
bool alarm_rows_clean(struct db *db, const struct site *site, struct err *e) MUST_USE;

// alarm.h: the watch over all datasets of a site: minutes of the store through watch.h, alarms as rows and notices.
//
// Minute after minute is judged once it is complete: when the log server stored figures after its end. An alarm is a
// row of log_alarm, which names page, hosts and the release that was switched there before; it goes out through the
// notifiers of the dataset, and so does its end. Nothing else is kept: whoever starts judges the last hour and a half
// again, and an alarm that the store has already is not raised twice.
//
//     struct alarms *s = alarms_new();
//     alarms_look(s, db, site, now_ms(), &news, e);           // every few seconds; news: notices wait
#pragma once
#include "log/watch.h"
#include "site/site.h"

struct alarms;
struct alarms *alarms_new(void);
void alarms_free(struct alarms *s);
bool alarms_look(struct alarms *s, struct db *db, const struct site *site, int64_t now_ms, bool *news,
                 struct err *e) MUST_USE;

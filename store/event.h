// event.h: what changed, for pages that are open: a ring of the newest 100,000 changes of the last 24 hours.
//
//     if (!sql_begin(db, e) || !sql_do(...) || !event_put(db, S("people"), name, S("people.invited"), &body, e)
//         || !sql_commit(db, e))
//         return sql_undo(db);
//
// An event is written in the transaction of the change that it tells. Releases, steps, hosts, locks, alarms and roles
// need no call: triggers (store/event.sql) write theirs, whoever makes the change. The commit
// taps the role `web`, which sends what it finds here to every page that may see it.
//
// topic       subject         kinds
// release     web/1482        release.queued release.state release.step release.answer release.done
// host        web/app1        host.state
// lock        web             lock.set lock.lifted
// alarm       access          alarm.raised alarm.closed
// house       releaser        role.state
// people      mei             person.invited person.uninvited person.joined person.changed person.removed
// site        kotori          site.changed
#pragma once
#include "store/store.h"

enum { EVENT_BODY_MAX = 16 << 10, EVENT_NAMES_MAX = 1000 };

// Inside the caller's transaction. json_body is one JSON object of at most EVENT_BODY_MAX bytes (else ERR_LIMIT).
bool event_put(struct db *db, struct str topic, struct str subject, struct str kind, const struct buf *json_body,
               struct err *e) MUST_USE;

struct event { int64_t seq, at; struct str topic, subject, kind, body; };
struct events { struct event *at; size_t n, cap; };

// Behind seq, oldest first, at most `limit`. Numbers have no gaps: when the first one here is not after + 1, the ring
// has gone on and something was missed.
bool event_after(struct arena *a, struct db *db, int64_t after, int limit, struct events *out, struct err *e) MUST_USE;
// The newest number given so far (0: none), and the oldest that is still here (*last + 1: none).
bool event_ends(struct db *db, int64_t *first, int64_t *last, struct err *e) MUST_USE;
// The body of the newest event of a topic, or empty.
bool event_newest(struct arena *a, struct db *db, struct str topic, struct str *body, struct err *e) MUST_USE;

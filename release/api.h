// api.h: the inside of the API: what each route's fields fill, and one function per route.
#pragma once
#include "release/record.h"
#include "release/release.h"

struct start_in { struct str service, rev, reason; bool override, yes; };
struct list_in { struct str service; int64_t after, limit; };
struct note_in { struct str note; bool leave, override; };
struct rollback_in { struct str service, reason; int64_t to; };
struct lock_in { struct str service, reason; int64_t for_ms; };
struct plan_in { struct str service, rev; };
struct output_in { struct str step, host; int64_t after; };
struct reason_in { struct str reason; };
struct diff_in { int64_t against; };

typedef bool api_fn(struct ask *q, struct err *e);
api_fn api_list, api_show, api_output;                                                  // api_see.c
api_fn api_start, api_approve, api_reject, api_abort, api_hold, api_continue, api_leave, api_rollback;   // api_act.c
api_fn api_hosts, api_look, api_verify, api_out, api_in, api_takeover, api_plan, api_request;         // api_hosts.c
api_fn api_commits, api_diff;                                                           // api_changes.c
api_fn api_locks, api_lock, api_lift, api_hook, api_hook_log;                           // api_lock.c

// The release of {service}/{number}: a number, `open` (the running one) or `last` (the newest).
bool api_record(struct ask *q, struct record *out, struct err *e) MUST_USE;
// The site has such a service; ERR_NOT_FOUND with the nearest name.
bool api_known(struct ask *q, struct str service, struct err *e) MUST_USE;
bool api_service(struct ask *q, struct str name, const struct service **out, struct err *e) MUST_USE;
// One release as a JSON object, without its steps.
void api_put_record(struct ask *q, const struct record *r);
// "timezone": the site file's, for those who write times for people; null while that file has a mistake.
void api_put_zone(struct ask *q);
// Where a roll back without a number would go now. ERR_STATE when there is nothing earlier that every host holds.
bool api_back_to(struct ask *q, const struct service *svc, int64_t *number, struct err *e) MUST_USE;
// A question to the releaser: a row, and the answer says its number (202). args: ours, never a stranger's text.
bool api_ask_worker(struct ask *q, const char *kind, struct str service, struct str args, struct err *e) MUST_USE;
bool api_put_time(struct buf *b, const char *key, int64_t at_ms);

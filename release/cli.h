// cli.h: the inside of the command line of releases: one function per verb, and what they share.
#pragma once
#include "base/command.h"
#include "web/client.h"

typedef bool cmd_fn(struct call *c, struct err *e);
cmd_fn cmd_start, cmd_watch;                                                        // cmd_start.c
cmd_fn cmd_plan, cmd_history, cmd_status_of, cmd_show;                              // cmd_see.c
cmd_fn cmd_hosts, cmd_takeover;                                                     // cmd_hosts.c
cmd_fn cmd_approve, cmd_reject, cmd_abort, cmd_hold, cmd_continue, cmd_leave, cmd_rollback;     // cmd_act.c
cmd_fn cmd_lock_set, cmd_lock_show, cmd_lock_lift;                                  // cmd_lock.c
cmd_fn cmd_pack, cmd_make_plan, cmd_make_diff;                                      // cmd_inside.c

// watch.c: follows a release on stderr until it ends, or asks a person and `yes` is not given and nobody is there to
// ask. *j is the last answer (caller json_decref()s).
struct watch_wish { bool yes; };
bool watch_release(struct call *c, struct str service, int64_t number, const struct watch_wish *wish,
                   struct err *e) MUST_USE;

// A time of the answer `from` for people: in the zone of TZ, else in the site's. "" when there is none.
const char *j_time(struct call *c, const json_t *from, const json_t *object, const char *key, bool seconds);
int cli_width(const char *z);                                   // in characters
int j_width(const json_t *rows, const char *key, int least);    // of the longest text, in characters

// POST body_kvs to path; the answer is parsed. Prints nothing.
bool cli_post(struct call *c, const char *path, struct kvs body, json_t **out, struct err *e) MUST_USE;
bool cli_get(struct call *c, const char *path, json_t **out, struct err *e) MUST_USE;
// Waits for request `id` to be answered; *out is its `answer`, borrowed from *holder.
bool cli_wait(struct call *c, int64_t id, json_t **holder, struct err *e) MUST_USE;
// With --json: prints the object on stdout and returns true.
bool cli_json(struct call *c, const json_t *j);
// A release number given as argument i, or the word that stands for "the one that runs" or "the newest".
const char *cli_number(struct call *c, size_t i, const char *otherwise, struct err *e);  // NULL: *e
void cli_say(const struct call *c, const char *format, ...) PRINTF(2, 3);       // talk, to stderr, unless --quiet

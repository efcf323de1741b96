// live.h: pages that are open hear what changes: GET /api/v1/live, one stream of server-sent events per browser.
//
// What is sent are the rows of the ring (store/event.h) behind the one that the browser heard last. A stream begins
// with `hello`; `resync` says that too much happened meanwhile, so pages must fetch anew; every 15 s comes a comment,
// so that silence means a lost connection. Each event is encoded once and shared by all streams. A reader that leaves
// 256 KB unread is hung up on: it comes back with Last-Event-ID and hears what it missed.
//
//     struct live *live = live_new(&web, loop, e);        // NULL: *e
//     ... route GET /live: live_get ...
//     live_end(live);                                     // ends the streams; browsers come back to the next process
//     live_free(live);                                    // after the listeners are gone
#pragma once
#include "base/loop.h"
#include "web/request.h"

struct live;
struct live *live_new(struct web *w, struct loop *loop, struct err *e) MUST_USE;
// Somebody's rights may have changed, or a session ended: whose streams those are hears no more.
void live_ask_who(struct live *l);
void live_end(struct live *l);
void live_free(struct live *l);

// GET /live?after=SEQ: takes the request over.
struct live_in { int64_t after; };
bool live_get(struct ask *q, struct err *e);
// PUT /live/{stream}: which topics it wants by name (bulk.h), besides all events; the ones that it had are forgotten.
struct live_put_in { struct strs topics; };
bool live_put(struct ask *q, struct err *e);            // feed.c

// request.h: the role and one request on its way through it: what evhttp gave us, what the handler sees, how it is
// answered. Private to web/.
#pragma once
#include "web/fresh.h"
#include "web/gate.h"
#include "web/hashers.h"
#include "web/limit.h"
#include "web/refusals.h"
#include "web/route.h"
#include "web/target.h"
#include <stddef.h>
#include <sys/queue.h>

enum portal_kind { PORTAL_SOCKET, PORTAL_API, PORTAL_HOOKS, PORTALS };

struct web;
struct portal {                     // one listener
    enum portal_kind kind;
    struct web *web;
    struct evhttp *http;
    struct door door;
};

struct web {                        // the role
    const char *data;
    struct db *db;
    struct router router;
    struct fresh fresh;
    struct limit hooks;             // visits to the hook listener
    struct refusals refusals;       // deeds of people that were refused just now
    struct refusals strangers;      // sign-ins that were
    struct guard *guard;
    struct live *live;              // pages that are open (live.h)
    const struct bulk *const *bulks;        // NULL-ended, or NULL
    struct portal portals[PORTALS];
    struct arena arena;             // lives as long as the role
    struct arena spare;             // an empty one, for the next request
    struct str listen_host;         // what web.listen names
    unsigned owner;                 // our uid
    uint32_t requests;              // the id of the last one
    struct event *turned;           // calls request_turned
    bool looked;                    // the site file was looked at in this turn of the loop
    TAILQ_HEAD(, relay) relays;     // answers that other roles are giving (relay.h)
    struct { unsigned uid; char name[64]; } known;      // the last peer's login name
    struct hashers *hashers;
    struct oidc *oidc;              // people who come from another provider (oidc.h)
    TAILQ_HEAD(, request) pending;  // requests whose password is being worked on
};

struct request {
    struct ask ask;                 // the handler's part
    struct web *web;
    struct portal *portal;
    struct evhttp_request *ev;
    struct gate *gate;
    enum method method;
    struct str path;                // the raw target up to '?', for our log and for keys
    bool head_only;                 // HEAD: as GET, without the body
    struct target target;
    struct str body;
    char id[9];                     // in the error object and in our log line
    int64_t began_ms;
    const char *allow;              // Allow: of a 405
    char tag[40];                   // ETag of an object that was read; "" = none
    unsigned char spoken;           // 1 + enum language, once somebody asked for it (said.h)
    bool replayed;                  // Idempotent-Replay: true
    bool taken;                     // the handler answers by itself, from the loop: nothing is sent for it
    struct address from;            // who called, behind the proxies that we believe
    // Kept until it is answered, which may be after request_take returned (a password is being worked on).
    struct arena arena;
    struct buf out;
    struct hash_job job;
    TAILQ_ENTRY(request) next;      // of web.pending
};

// The request around what a handler of web/ itself sees.
static inline struct request *request_of(struct ask *q)
{
    return (struct request *)(void *)((char *)q - offsetof(struct request, ask));
}

void request_free(struct request *r);
// A turn of the loop is over.
void request_turned(evutil_socket_t fd, short what, void *web);
// evhttp's callback for a complete request; portal is a struct portal.
void request_take(struct evhttp_request *ev, void *portal);
// At the end, with the hashers stopped and before evhttp goes: what waits will not be answered any more.
void requests_drop(struct web *w);

// request.h: the role and one request on its way through it: what evhttp gave us, what the handler sees, how it is
// answered. Private to web/.
#pragma once
#include "web/fresh.h"
#include "web/gate.h"
#include "web/limit.h"
#include "web/route.h"
#include "web/target.h"

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
    struct guard *guard;
    struct portal portals[PORTALS];
    struct arena arena;             // lives as long as the role
    struct str listen_host;         // what web.listen names
    unsigned owner;                 // our uid
    struct { unsigned uid; char name[64]; } known;      // the last peer's login name
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
    // How it is answered; http and code: instead of what the error's kind says, when set.
    int http;
    const char *code;
    const char *allow;              // Allow: of a 405
    bool replayed;                  // Idempotent-Replay: true
};

// evhttp's callback for a complete request; portal is a struct portal.
void request_take(struct evhttp_request *ev, void *portal);

// web.h: the JSON API: routes as rows, a strict HTTP layer over evhttp in front of them.
//
// A capability exports one {0}-ended array of routes; main.c mounts it. One row is dispatcher, right, OpenAPI
// entry and "copy as curl". A handler answers from the store and the site and returns at once; what takes long is
// a row that another role works on.
//
//     static bool show(struct ask *q, struct err *e)
//     {
//         ... ask_param(q, "number") ...
//         json_object(q->out, KV("state", state));
//         return true;                            // 200, or what q->status says
//     }
//     const struct route release_routes[] = {
//         {GET, "/releases/{service}/{number}", SEE, .run = show, .help = "one release"},
//         {POST, "/releases", RELEASE_START, FIELDS(wish_in), .flags = R_KEYED, .run = start, .help = "..."},
//         {0}};
#pragma once
#include "base/base.h"
#include "base/json.h"
#include "site/site.h"
#include "store/store.h"

enum method { M_NONE, GET, POST, PUT, DELETE };
enum right { R_NOBODY, SEE, RELEASE_START, RELEASE_APPROVE, RELEASE_STOP, LOCK_SET, ADMIN, HOOK };
enum route_flags { R_KEYED = 1, R_HOOK = 2, R_LIST = 4 };

// What a body (or a GET's query) may hold: unknown names are mistakes with suggestions; all mistakes at once.
enum field_type { F_STR, F_INT, F_BOOL, F_STRS };
struct field {
    const char *name;
    enum field_type type;
    size_t at;              // offset into the struct the handler sees as q->in
    bool required;
    int64_t low, high;      // F_INT: value; F_STR: bytes (high 0 = 4096); F_STRS: count
    const char *help;
};
#define FIELDS(table)   .in = (table), .in_n = ARRAY_LEN(table)

struct who {
    struct str name;        // login name of the peer uid; "" = nobody
    unsigned uid;
    bool owner;             // the owner of the running server, or root: has every right
};

struct ask {
    struct arena *arena;
    struct db *db;
    const struct site *site;        // NULL while the site file has mistakes: see ask_site
    const char *data;               // data directory
    struct who who;
    const struct route *route;
    const void *in;                 // zeroed struct of route->in_size bytes, filled by the field table
    struct str body;                // raw, R_HOOK routes only
    struct buf *out;                // JSON
    int status;                     // 200 unless the handler sets 201, 202...
};

struct route {
    enum method method;
    const char *path;               // below /api/v1 (R_HOOK: from the root); {name} is one segment
    enum right right;
    const struct field *in;
    size_t in_n, in_size;
    int flags;
    bool (*run)(struct ask *q, struct err *e);
    const char *cli, *help;
};

struct str ask_param(const struct ask *q, const char *name);
bool ask_number(const struct ask *q, const char *name, int64_t *out, struct err *e) MUST_USE;   // 1 .. 2^53, else ERR_NOT_FOUND
struct str ask_header(const struct ask *q, const char *name);       // empty when absent
bool ask_site(const struct ask *q, struct err *e) MUST_USE;         // ERR_STATE with the first mistake when q->site is NULL

struct web_call {
    const char *site, *data;
    const struct route *const *tables;      // NULL-ended
};
// The role: runs until SIGTERM. Listens on DIR/run/web.sock (API for its owner and root by peer uid), on
// web.listen (the API: 401 to everybody until accounts exist) and on web.hooks (R_HOOK routes only).
bool web_run(const struct web_call *w, struct err *e) MUST_USE;

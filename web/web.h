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
//
// Every handler that is not a GET runs inside a transaction which is opened for it, committed when it returns true
// and undone when it returns false: it never calls sql_begin itself. After the commit the releaser is woken.
#pragma once
#include "base/base.h"
#include "base/check.h"
#include "base/json.h"
#include "site/site.h"
#include "store/store.h"

enum method { M_NONE, GET, POST, PUT, DELETE };
// What a row asks of who calls it; web/rights.c says which role has which, and which are persons' and no token's. SELF: who
// one is. OWN: one's sessions, tokens, password, settings. LOG_READ: lines of logs, which are personal data. ADMIN: the
// audit log. PEOPLE: accounts and invitations. PUBLIC: everybody, signed in or not. HOOK: the hook listener.
enum right {
    R_NOBODY, SEE, SELF, OWN, LOG_READ, RELEASE_START, RELEASE_APPROVE, RELEASE_STOP, LOCK_SET, ADMIN, PEOPLE, HOOK,
    PUBLIC, RIGHTS
};

// R_KEYED: needs an Idempotency-Key, so that a press of a button acts once however often it is sent. (Any request
// that is not a GET and brings one is remembered for 24 hours, with its answer; keyed ones must bring one.)
// R_HOOK: on the hook listener only, for strangers: raw body to 4 MiB, no JSON, right HOOK.
// R_LIST: the answer is {"items": [...], "next": cursor or null}.
// R_SECRET: request or answer hold a password or a token: neither is remembered for a key, and the audit log gets what
// the handler tells it (q->deed), not the body; our log has the row's path, not the one that was asked for.
// R_STEP_UP: who came by a session has typed the password within the last ten minutes; only with a right that no token
// has.
// R_QUIET: no line in the audit log: it changes nothing that anybody asks about later.
// R_ROWS: a POST whose answer comes from another role (rows.h); never keyed.
// R_LINES: the answer is lines of JSON (or CSV, where Accept says so), and `out` is what a line looks like; one that is
// an error object may end it.
// R_ASIDE: not a GET, and changes nothing in the store: no transaction, no audit line, and keys are not remembered.
// R_EVENTS: the answer is a stream of server-sent events, not one object.
// R_PAGE: the same path without /api/v1 is a page that shows this.
enum route_flags {
    R_KEYED = 1, R_HOOK = 2, R_LIST = 4, R_SECRET = 8, R_STEP_UP = 16, R_QUIET = 32, R_ROWS = 64, R_ASIDE = 128,
    R_PAGE = 256, R_EVENTS = 512, R_LINES = 1024
};

// What a body (or a GET's query) may hold: unknown names are mistakes with suggestions; all mistakes at once.
// The place in the struct is a struct str, int64_t, bool, struct strs, or (bodies only) struct pairs. Absent (or null) leaves it zeroed.
enum field_type { F_STR, F_INT, F_BOOL, F_STRS, F_PAIRS };
// What a text may hold: one line of what people see, which is a name, unless said; several such lines, for a note; any
// bytes of UTF-8, for what is no word to others: passwords, SQL and its values.
enum field_text { TEXT_LINE, TEXT_LINES, TEXT_ANY };
struct field {
    const char *name;
    enum field_type type;
    size_t at;              // offset into the struct the handler sees as q->in
    bool required;
    int64_t low, high;      // F_INT: value (both 0: any); F_STR: bytes (high 0 = 4096); F_STRS, F_PAIRS: count (high 0 = 100)
    const char *help;
    enum field_text text;
};
#define FIELDS(table)   .in = (table), .in_n = ARRAY_LEN(table)

enum standing { STRANGER, VIEWER, ANALYST, DEVELOPER, ADMINISTRATOR };
enum way { WAY_NONE, WAY_SOCKET, WAY_SESSION, WAY_TOKEN, WAY_PROXY };

struct who {
    struct str name;        // of the account, or the login name of the peer uid; "" = nobody
    enum standing role;
    struct strs services;   // what it may act on; none = all. Looking is not limited
    enum way way;
    int64_t account;        // 0: none (this machine's own users, tokens made on the server)
    int64_t session;        // WAY_SESSION
    struct str token;       // WAY_TOKEN: its name
    int64_t token_id;
    unsigned uid;           // WAY_SOCKET
    bool owner;             // the owner of the running server, or root, on the socket
    bool stepped_up;        // its password was typed within the last ten minutes (socket and proxy: always)
};

// A password that has to be compared or hashed, which takes 0.1 s: done by a thread between `first` and `run`.
struct hashing {
    bool compare;           // is `typed` what `against` was made of? ("" = nobody's; the work is the same)
    struct str typed, against;
    struct str fresh;       // a new password, hashed unless the comparison failed; "" = none
    bool fits;              // afterwards
    struct str hash;        // afterwards: of fresh
};

// What the audit log is told beyond who, verb and path. Texts of the handler's choice; empty ones get the usual.
struct remark {
    struct str who, subject, before, after;
    bool refused;           // the handler fails, and that is worth a line (a wrong password)
};

struct pair { struct str name, value; };
struct pairs { struct pair *at; size_t n, cap; };

// One mistake of a request: where it stands, what it is, the way out ("" = none). line 0: not known.
struct wrong {
    const char *in;         // "body", "query", "path", "header"
    struct str name, text, hint;
    int line, col;
};
struct wrongs { struct wrong *at; size_t n, cap; };

struct router;
struct row_source;
struct ask {
    struct arena *arena;
    struct db *db;
    const struct site *site;        // NULL while the site file has mistakes: see ask_site
    const struct err *site_err;     // then: the first of them
    const char *data;               // data directory
    struct who who;
    const struct route *route;
    const void *in;                 // zeroed struct of route->in_size bytes, filled by the field table
    struct str body;                // raw, R_HOOK routes only
    struct buf *out;                // JSON; an empty one is sent as {}
    int status;                     // 200 unless the handler sets 201, 202...
    struct row_source *rows;        // R_ROWS routes: where the answer comes from, instead of `out` (rows.h)
    struct pairs params, headers;   // decoded path parameters; the head's lines, names in lower case
    struct wrongs wrongs;           // what ask_wrong collected
    int retry_after_s;              // a handler that fails may set it: Retry-After
    int http;                       // the same: instead of what the error's kind says
    const char *code;
    struct str from;                // the caller's address; "" on the socket
    bool here;                      // asked on this machine, not through a proxy
    struct hashing hashing;
    struct remark remark;
    struct str cookie;              // Set-Cookie
    const struct router *router;    // all rows
};

// What an answer looks like, in the words of web/shape.h: named once, used by any row. A {0}-ended table.
struct shape { const char *name, *text, *help; };
#define LIST_OF(shape)  "{items: [" shape "], next: int?}"

struct route {
    enum method method;
    const char *path;               // below /api/v1 (R_HOOK: from the root); {name} is one segment
    enum right right;
    const struct field *in;
    size_t in_n, in_size;           // in_size: sizeof the struct that `in` fills
    int flags;
    bool (*run)(struct ask *q, struct err *e);
    const char *cli, *help;
    const char *out;                // the answer, as web/shape.h reads it; test builds compare every answer with it
    // Only where a password is worked on: fills q->hashing. Runs before `run`, outside its transaction.
    bool (*first)(struct ask *q, struct err *e);
};

struct str ask_param(const struct ask *q, const char *name);
// 1 .. 2^53, else ERR_NOT_FOUND.
bool ask_number(const struct ask *q, const char *name, int64_t *out, struct err *e) MUST_USE;
struct str ask_header(const struct ask *q, const char *name);       // empty when absent; name in any case
// For what needs the password anew, here and now: true when who->stepped_up, else code step_up.
bool ask_step_up(struct ask *q, struct err *e) MUST_USE;
// Refuses tokens: what takes a person.
bool ask_by_person(const struct ask *q, struct err *e) MUST_USE;
// ERR_STATE with the first mistake when q->site is NULL.
bool ask_site(const struct ask *q, struct err *e) MUST_USE;
// A mistake only the handler can see, with its place: adds to q->wrongs and fills *e (ERR_INPUT). Returns false; a
// handler may call it for several fields before it returns.
bool ask_wrong(struct ask *q, struct err *e, const char *field, const char *hint, const char *format, ...) PRINTF(5, 6);

// One of our sentences in the language of who asks, or as it is where we cannot say it so (web/said.h).
struct str ask_told(struct ask *q, struct str text);

struct bulk;
struct web_call {
    const char *site, *data;
    const struct route *const *tables;      // NULL-ended; web_routes is always there
    const struct shape *const *shapes;      // NULL-ended, or NULL; web_shapes are always there
    const struct bulk *const *bulks;        // NULL-ended, or NULL: what streams may ask for by name (web/bulk.h)
};
// The role: runs until SIGTERM, then finishes the answers in flight (5 s at most; a second SIGTERM ends it at once).
// Listens on DIR/run/web.sock (API for its owner and root by peer uid), on web.listen (the API for accounts and tokens)
// and on web.hooks (R_HOOK routes only). ERR_STATE when another web role uses this directory.
bool web_run(const struct web_call *w, struct err *e) MUST_USE;

extern const struct route web_routes[];     // GET /ping, GET /openapi.json
extern const struct shape web_shapes[];
extern const struct shape account_shapes[];
extern const struct route account_routes[]; // session, me, tokens, people, invites, audit
check_fn web_check;         // the provider where people sign in
extern const struct command web_commands[]; // admin invite, token, people, session, audit

// The OpenAPI 3.1 document of all rows (web_routes included): `rusuban api spec`, GET /api/v1/openapi.json.
void spec_write(struct buf *out, const struct route *const *tables, const struct shape *const *shapes);
// The same as types of TypeScript: `rusuban api types`.
void types_write(struct buf *out, const struct route *const *tables, const struct shape *const *shapes);

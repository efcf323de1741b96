// site.h: the one file that describes the site, read into structs; every mistake told at once, with its place.
//
//     struct site *site;
//     struct mistakes m = {0};
//     if (!site_read(a, path, &site, &m, e))      // the file could not be read at all
//         return false;
//     if (m.n) ...                                // site is NULL; mistakes_print(&m, path, stderr)
//
// Keys, types, bounds, defaults and help texts are rows in site/keys.c; decoder, defaults, `site show`, the
// reference docs/site.md and suggestions for typos all read these rows. All text lives in the arena. Limits:
// 1 MiB of YAML, 64 levels, 2,000 hosts, 500 services, 10,000 values; no anchors, aliases, tags or merge keys.
// The largest file takes less than 8 MiB of the arena.
#pragma once
#include "base/base.h"
#include "base/command.h"
#include <stdio.h>

struct mistake { int line, col; struct str text, hint; };   // hint: the way out, or empty
struct mistakes { struct mistake *at; size_t n, cap; };     // sorted by place; the first 1,000

// One line each: site.yaml:4:5: unknown key "kepe"; did you mean "keep"?
void mistakes_print(const struct mistakes *m, const char *path, FILE *to);

struct zone { struct str name, net; int line, col; };

struct host {
    struct str name, zone, address;
    struct { int port; struct str user; } ssh;      // 22, "deploy"
    struct str root;            // put before every path on this host; "" (several hosts on one machine)
    int cores;                  // 0 = not said
    int64_t memory;             // bytes; 0 = not said
    int line, col;
};

// A command is a list of words; a string is split at blanks (site/words.c).
struct words { struct str *at; size_t n, cap; };
struct commands { struct words *at; size_t n, cap; };
struct str words_text(struct arena *a, const struct words *w);      // for people: with blanks between

enum on_push { PUSH_RELEASE, PUSH_ASK, PUSH_OFF };
enum restart_kind {
    RESTART_NONE, RESTART_PHP_FPM, RESTART_UNICORN, RESTART_PUMA, RESTART_NODE, RESTART_SYSTEMD, RESTART_COMMAND
};
enum approve_when { APPROVE_UNCLEAR, APPROVE_ALWAYS, APPROVE_NEVER };
enum on_error { ERROR_STOP, ERROR_ROLLBACK };
enum health_via { VIA_DIRECT, VIA_SSH };
enum canary_then { CANARY_ROLLBACK, CANARY_ASK };     // with a canary that is worse, or not clearly either

struct group {                  // `servers:` one entry; `canary` comes first if there is one
    struct str name;
    struct strs hosts;
    int limit_percent;          // 0 = limit_count counts
    int limit_count;            // 0 and percent 0 = all at once
    int64_t wait_ms;
    enum on_error on_error;
};

struct service {
    struct str name, repository, branch;
    enum on_push on_push;
    struct str webhook_secret;          // name of a secret; "" = no webhook
    struct {
        struct str image;               // "" = on the release host, as the worker's user
        struct commands run;
        struct strs cache, secrets;
        int64_t timeout_ms, quiet_ms, memory;
        bool network;
    } build;
    struct str deploy_to;
    int keep;
    struct strs exclude, scratch;
    struct { struct strs dirs, files; } shared;
    struct { struct group *at; size_t n, cap; } servers;
    struct {
        enum restart_kind kind;
        struct str signal;              // "reload", "USR2", ...: the value of php_fpm:, unicorn:, puma:, node:
        struct str unit;                // systemd: UNIT; php_fpm without pid: its unit (php-fpm)
        bool unit_unsaid;               // it is that default
        struct str pid;                 // pid file on the host; "" = by unit
        struct words command;
    } restart;
    struct {
        struct str path, host;          // path "" = no health check
        int port, expect, in_a_row;
        int64_t every_ms, timeout_ms;
        enum health_via via;
    } health;
    struct { struct words run; struct str on; int64_t timeout_ms; bool repeatable; } migrate;   // run.n 0 = none
    struct {
        struct str log;                 // dataset; "" = nobody judges the canary
        int64_t warmup_ms, min_ms, max_ms;
        int alpha, floor;               // hundredths of a percent
        int odds, latency;              // hundredths
        enum canary_then on_fail, on_unclear;
    } canary;
    struct { enum approve_when when; struct strs by; bool not_author; int64_t within_ms; } approve;
    struct { struct strs allow, freeze; } windows;      // checked texts; window.h reads them
    struct strs notify;
    int line, col;
};

enum notifier_kind { NOTIFIER_NONE, NOTIFIER_COMMAND, NOTIFIER_WEBHOOK };

struct notifier {
    struct str name;
    enum notifier_kind kind;            // says which of the two is set
    struct words command;
    struct str webhook, secret;         // https://...; name of the secret that signs it, or ""
    int line, col;
};

// What is done to the value of one label before it leaves the host that wrote it.
enum privacy_kind { PRIVACY_KEEP, PRIVACY_DROP, PRIVACY_MASK, PRIVACY_HASH };
struct privacy {
    struct str label;
    enum privacy_kind kind;
    struct strs allow;                  // query parameters that keep their value; none = all
    bool own;                           // no slip of a known label
    int line, col;
};

struct log_source { struct str name; struct strs on; struct str path; int line, col; };

enum log_format { FORMAT_LTSV, FORMAT_COMBINED, FORMAT_JSON };

struct dataset {                        // one kind of line, one view: access -> access_log
    struct str name;
    enum log_format format;
    struct { struct log_source *at; size_t n, cap; } from;
    struct { struct privacy *at; size_t n, cap; } privacy;
    int64_t keep_ms;
    // tolerance: percent of its past.
    struct { int tolerance; int64_t slow_ms, quiet_ms; struct strs notify; } watch;
    int line, col;
};

enum sso_role { SSO_NONE, SSO_VIEWER, SSO_ANALYST, SSO_DEVELOPER };    // of who has no account; an admin always has one

struct site {
    struct str name, timezone;
    struct { struct zone *at; size_t n, cap; } zones;
    struct { struct host *at; size_t n, cap; } hosts;
    struct { struct service *at; size_t n, cap; } services;
    struct { struct notifier *at; size_t n, cap; } notifiers;
    struct {
        struct str listen;              // "" = only the Unix socket run/log.sock of the data directory
        struct str lake;                // a relative one lies in the data directory
        int stop_at;                    // percent of the disk
        struct { int children, warm; int64_t memory, deadline_ms; } sql;
        struct { struct dataset *at; size_t n, cap; } datasets;
    } log;
    struct {
        struct str listen, hooks;       // 127.0.0.1:7070, 127.0.0.1:7071
        struct strs names, proxies;
        // A proxy that signs people in: from these addresses, with this secret; from.n 0 = nobody's header counts.
        struct { struct strs from; struct str header, secret; enum sso_role role; } sso;
        // An OpenID Connect provider where people sign in; issuer "" = none. A role's groups; role: of who is in none.
        struct {
            struct str issuer, name, client_id, secret, claim;
            struct strs scopes, domains, viewer, analyst, developer, admin;
            enum sso_role role;
        } oidc;
        bool plain_ok;
    } web;
    struct str text;            // the file as it was read
};

bool site_read(struct arena *a, const char *path, struct site **out, struct mistakes *m, struct err *e) MUST_USE;
// The same from text; path is only for messages.
bool site_parse(struct arena *a, struct str text, struct site **out, struct mistakes *m, struct err *e) MUST_USE;
// Reads and turns mistakes into one ERR_INPUT: the first with its place, and how many more there are.
bool site_load(struct arena *a, const char *path, struct site **out, struct err *e) MUST_USE;

const struct service *site_service(const struct site *s, struct str name);      // NULL when unknown
const struct host *site_host(const struct site *s, struct str name);
const struct dataset *site_dataset(const struct site *s, struct str name);
// Where the lake is: what log.lake says, below the data directory unless it begins with /.
const char *site_lake(struct arena *a, const struct site *s, const char *data);
// Adds the hosts that write it, each once.
void dataset_hosts(struct arena *a, const struct dataset *d, struct strs *out);
// ERR_NOT_FOUND with the nearest name as hint.
bool site_need_service(const struct site *s, struct str name, const struct service **out, struct err *e) MUST_USE;

// Everything that was understood, defaults included: YAML that site_parse takes back to the same, and JSON.
void site_yaml(struct arena *a, const struct site *s, struct buf *out);
void site_json(struct arena *a, const struct site *s, struct buf *out);

// Windows, `windows:` in a service. May a release start (or enter production) at this moment? When not, *until_ms
// is the next moment when it may (0: none within 400 days) and *why a sentence in the arena.
bool window_open(struct arena *a, const struct site *s, const struct service *svc, int64_t at_ms, int64_t *until_ms,
                 struct str *why);

// `rusuban site check`, `show`, `init`, `reference`.
extern const struct command site_commands[];

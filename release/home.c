// home.c: releases on the home page: what waits for a person, what runs, what ended in the last day, and each service
// in each of its zones.
#include "base/clock.h"
#include "release/decide.h"
#include "release/record.h"
#include "release/release.h"
#include <string.h>

enum { ENDED_SHOWN = 20, LOCKS_SHOWN = 50, DAY_MS = 24 * 3600 * 1000 };

static struct str args_of(struct home *h, const struct record *r)
{
    return home_args(h, KVS(KV("service", r->service), KV("number", r->number), KV("target", r->target),
                            KV("state", state_row(r->state)->name), KV("kind", r->kind),
                            KV("took_ms", r->ended_at && r->started_at ? V(r->ended_at - r->started_at) : V_NULL),
                            KV("stopped", V_OPT(r->stopped))));
}

// The same, and who decides; nobody is named where the service is not in the site file any more.
static bool asking_args(struct ask *q, struct home *h, const struct record *r, struct str *out, struct err *e)
{
    const struct service *svc = q->site ? site_service(q->site, r->service) : NULL;
    struct str told = S("null"), plain = args_of(h, r);
    if (svc && !decide_tell(q, svc, r->asked_by, &told, e))
        return false;
    *out = str_f(h->arena, STR_F ",\"deciders\":" STR_F "}", STR_A(str_head(plain, plain.n - 1)), STR_A(told));
    return true;
}

static struct item item_of(struct home *h, const struct record *r, enum how how, const char *kind)
{
    return (struct item){
        .how = how, .kind = kind, .at = r->state_at, .why = r->why, .who = r->asked_by, .args = args_of(h, r),
        .path = str_f(h->arena, "/releases/" STR_F "/%lld", STR_A(r->service), (long long)r->number),
        .cli = str_f(h->arena, "rusuban release show " STR_F " %lld", STR_A(r->service), (long long)r->number)};
}

static struct str name_of(struct home *h, const struct record *r)
{
    return str_f(h->arena, STR_F " #%lld", STR_A(r->service), (long long)r->number);
}

static bool add_running(struct ask *q, struct home *h, const struct record *r, struct err *e)
{
    const char *must = record_person_must(q->db, r);
    struct str name = name_of(h, r);
    struct item x = item_of(h, r, HOW_RUNNING, "release.running");
    x.text = str_f(h->arena, STR_F " is at %s", STR_A(name), state_row(r->state)->label);
    home_happens(h, x);
    if (!must)
        return true;
    bool asking = r->state == ASKING, stuck = r->state == NEEDS_HUMAN;
    x = item_of(h, r, stuck ? HOW_BAD : HOW_INFO, stuck ? "release.stuck" : asking ? "release.asking" : "release.held");
    x.text = str_f(h->arena, STR_F " %s", STR_A(name), stuck ? "needs you to decide how it goes on"
                   : asking ? "waits for a yes" : "is held");
    if (asking && strcmp(x.kind, "release.asking") == 0 && !asking_args(q, h, r, &x.args, e))
        return false;
    home_need(h, x);
    return true;
}

static bool add_all_running(struct ask *q, struct home *h, struct err *e)
{
    struct records all = {0};
    if (!record_unfinished(h->arena, q->db, &all, e))
        return false;
    for (size_t i = 0; i < all.n; i++)
        if (!add_running(q, h, &all.at[i], e))
            return false;
    return true;
}

static bool add_ended(struct ask *q, struct home *h, struct err *e)
{
    struct records all = {0};
    if (!record_list(h->arena, q->db, S(""), 0, ENDED_SHOWN, &all, e))
        return false;
    for (size_t i = 0; i < all.n; i++) {
        const struct record *r = &all.at[i];
        if (!r->ended_at || r->ended_at < h->now_ms - DAY_MS)
            continue;
        bool well = r->state == DONE, nobody_hurt = r->state == CANCELLED || r->state == SUPERSEDED || r->stopped.n;
        struct item x = item_of(h, r, well ? HOW_OK : nobody_hurt ? HOW_INFO : HOW_BAD, "release.ended");
        struct str name = name_of(h, r);
        char took[TIME_TEXT_MAX];
        x.text = well && r->started_at ? str_f(h->arena, STR_F " live in %s", STR_A(name),
                                               took_text(r->ended_at - r->started_at, took))
                                       : str_f(h->arena, STR_F ": %s", STR_A(name), state_row(r->state)->label);
        home_happens(h, x);
    }
    return true;
}

static bool read_ids(struct ask *q, struct strs *out, struct err *e)
{
    OWN_ROWS struct rows *r = sql_ask(q->db, e,
        "select id from release where id in (select max(id) from release group by service)"
        " and state in ('failed', 'rolled_back') and ended_at > ? and stopped = '' order by id desc limit ?",
        VALS(V(now_ms() - DAY_MS), V(ENDED_SHOWN)));
    while (r && rows_next(r, e))
        vec_push(q->arena, out, row_str(q->arena, r, 0));
    return r && !rows_failed(r);
}

// What ended badly by itself is somebody's work until the next release of the service begins; what a person stopped is
// known to that person.
static bool add_bad(struct ask *q, struct home *h, struct err *e)
{
    struct strs ids = {0};
    if (!read_ids(q, &ids, e))
        return false;
    for (size_t i = 0; i < ids.n; i++) {
        struct record r;
        int64_t id;
        if (!str_i64(ids.at[i], &id) || !record_by_id(h->arena, q->db, id, &r, e))
            return false;
        struct item x = item_of(h, &r, HOW_WARN, "release.bad");
        x.text = str_f(h->arena, STR_F " %s", STR_A(name_of(h, &r)),
                       r.state == FAILED ? "failed" : "was taken back from the hosts that had it");
        home_need(h, x);
    }
    return true;
}

static bool add_locks(struct ask *q, struct home *h, struct err *e)
{
    OWN_ROWS struct rows *r = sql_ask(q->db, e, "select service, reason, author, since, until from lock where"
                                      " release is null and lifted_at is null and (until is null or until > ?)"
                                      " order by id desc limit ?", VALS(V(h->now_ms), V(LOCKS_SHOWN)));
    if (!r)
        return false;
    while (rows_next(r, e)) {
        struct str service = row_str(h->arena, r, 0), author = row_str(h->arena, r, 2);
        char until[TIME_TEXT_MAX];
        home_happens(h, (struct item){
            .how = HOW_INFO, .kind = "lock.set", .at = row_int(r, 3), .why = row_str(h->arena, r, 1), .who = author,
            .text = str_f(h->arena, STR_F " is locked", STR_A(service)),
            .path = str_f(h->arena, "/releases?service=" STR_F, STR_A(service)), .cli = S("rusuban lock show"),
            .args = home_args(h, KVS(KV("service", service),
                                     KV("until", row_null(r, 4) ? V_NULL : V(time_text(row_int(r, 4), until)))))});
    }
    return !rows_failed(r);
}

// Services in zones.

// next: the directory number that the running release brings, 0 = none; moved: hosts that have it already.
struct footing { int64_t live, next; bool locked; int of, on, moved, silent, out; };

static bool in_zone(const struct site *s, struct str host, struct str zone)
{
    const struct host *h = site_host(s, host);
    return h && str_eq(h->zone, zone);
}

static bool belongs(const struct site *s, const struct service *svc, struct str host, struct str zone)
{
    for (size_t i = 0; i < svc->servers.n; i++)
        if (strs_have(&svc->servers.at[i].hosts, host))
            return in_zone(s, host, zone);
    return false;
}

static void count_hosts(const struct site *s, const struct service *svc, struct str zone, struct footing *out)
{
    for (size_t i = 0; i < svc->servers.n; i++)
        for (size_t k = 0; k < svc->servers.at[i].hosts.n; k++)
            out->of += in_zone(s, svc->servers.at[i].hosts.at[k], zone);
}

static bool stand(struct ask *q, const struct service *svc, struct str zone, struct footing *out, struct err *e)
{
    count_hosts(q->site, svc, zone, out);
    if (!out->of)
        return true;
    OWN_ROWS struct rows *r = sql_ask(q->db, e, "select host, current, error <> '', out_by <> '' from release_host"
                                      " where service = ?", VALS(V(svc->name)));
    if (!r)
        return false;
    while (rows_next(r, e)) {
        if (!belongs(q->site, svc, row_str(q->arena, r, 0), zone))
            continue;
        int64_t current = row_int(r, 1);
        out->on += out->live && current == out->live;
        out->moved += out->next && current == out->next && current != out->live;
        out->silent += row_int(r, 2) != 0;
        out->out += row_int(r, 3) != 0;
    }
    return !rows_failed(r);
}

static struct tile tile_of(struct home *h, const struct service *svc, struct str zone, const struct footing *s)
{
    struct arena *a = h->arena;
    bool behind = s->live && s->on + s->moved + s->out < s->of;
    struct tile t = {.tier = "apps", .zone = zone, .name = svc->name,
                     .how = s->silent ? HOW_BAD : behind ? HOW_WARN : s->moved ? HOW_RUNNING
                            : !s->live || s->out ? HOW_INFO : HOW_OK,
                     .kind = s->live ? "app.live" : "app.new",
                     .path = str_f(a, "/releases?service=" STR_F, STR_A(svc->name)),
                     .args = home_args(h, KVS(KV("number", s->live), KV("on", s->on), KV("of", s->of),
                                              KV("next", s->next ? V(s->next) : V_NULL), KV("moved", s->moved),
                                              KV("silent", s->silent), KV("out", s->out), KV("locked", s->locked)))};
    t.text = s->live ? str_f(a, "#%lld, %d of %d host%s", (long long)s->live, s->on, s->of, s->of == 1 ? "" : "s")
                     : S("no release yet");
    if (s->moved)
        t.text = str_f(a, STR_F "; %d on #%lld", STR_A(t.text), s->moved, (long long)s->next);
    if (s->locked)
        t.text = str_f(a, STR_F "; locked", STR_A(t.text));
    return t;
}

// Hosts that a release has moved are not behind while it runs. Where somebody must say how it goes on, they are.
static bool next_number(struct ask *q, struct home *h, struct str service, int64_t *out, struct err *e)
{
    struct record r;
    *out = 0;
    if (!record_open(h->arena, q->db, service, &r, e))
        return e->kind == ERR_NOT_FOUND;
    *out = r.state == QUEUED || r.state == NEEDS_HUMAN ? 0 : r.target;
    return true;
}

static bool locks_of(struct ask *q, struct home *h, struct str service, int64_t *out, struct err *e)
{
    return sql_int(q->db, e, out, "select count(*) from lock where service = ? and release is null and lifted_at is null"
                   " and (until is null or until > ?)", VALS(V(service), V(h->now_ms)));
}

static bool add_tiles(struct ask *q, struct home *h, const struct service *svc, struct err *e)
{
    int64_t live, next, locks;
    if (!record_live(q->db, svc->name, &live, e) || !next_number(q, h, svc->name, &next, e)
        || !locks_of(q, h, svc->name, &locks, e))
        return false;
    for (size_t i = 0; i < q->site->zones.n; i++) {
        struct footing s = {.live = live, .next = next, .locked = locks > 0};
        struct str zone = q->site->zones.at[i].name;
        if (!stand(q, svc, zone, &s, e))
            return false;
        if (s.of)
            vec_push(h->arena, &h->tiles, tile_of(h, svc, zone, &s));
    }
    return true;
}

static bool add_silent_hosts(struct ask *q, struct home *h, struct err *e)
{
    OWN_ROWS struct rows *r = sql_ask(q->db, e, "select host, group_concat(service, ', '), max(error), max(seen_at)"
                                      " from release_host where error <> '' group by host order by host limit 100",
                                      NO_VALS);
    if (!r)
        return false;
    while (rows_next(r, e)) {
        struct str host = row_str(h->arena, r, 0);
        if (!site_host(q->site, host))
            continue;
        home_need(h, (struct item){.how = HOW_BAD, .kind = "host.silent", .at = row_int(r, 3),
                                   .text = str_f(h->arena, STR_F " cannot be released to", STR_A(host)),
                                   .why = row_str(h->arena, r, 2), .cli = S("rusuban doctor"),
                                   .args = home_args(h, KVS(KV("host", host),
                                                            KV("services", row_str(h->arena, r, 1))))});
    }
    return !rows_failed(r);
}

bool release_home(struct ask *q, struct home *h, struct err *e)
{
    if (!add_all_running(q, h, e) || !add_ended(q, h, e) || !add_bad(q, h, e) || !add_locks(q, h, e))
        return false;
    if (!q->site)
        return true;
    for (size_t i = 0; i < q->site->services.n; i++)
        if (!add_tiles(q, h, &q->site->services.at[i], e))
            return false;
    return add_silent_hosts(q, h, e);
}

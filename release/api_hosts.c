// api_hosts.c: which host has what, hosts marked out, and questions that the worker answers (plan, look, verify).
#include "base/clock.h"
#include "base/say.h"
#include "release/api.h"
#include "web/rights.h"

static void put_host(struct ask *q, const struct service *svc, const struct group *g, struct str name, int64_t live)
{
    struct err e = {0};
    const struct host *h = site_host(q->site, name);
    OWN_ROWS struct rows *r = sql_ask(q->db, &e,
                                      "select current, receipts, fence, free_bytes, seen_at, error, out_by, out_reason "
                                      "from release_host where service = ? and host = ?",
                                      VALS(V(svc->name), V(name)));
    bool known = r && rows_next(r, &e);
    struct arena *a = q->arena;
    json_open(q->out, '{');
    json_kvs(q->out,
             KVS(KV("host", name), KV("zone", h ? V(h->zone) : V_NULL), KV("group", g->name),
                 KV("current", known ? V(row_int(r, 0)) : V_NULL), KV("holds", known ? row_str(a, r, 1) : S("")),
                 KV("fence", known ? V(row_int(r, 2)) : V_NULL), KV("free_bytes", known ? row_val(a, r, 3) : V_NULL),
                 KV("error", known ? V_OPT(row_str(a, r, 5)) : V_NULL),
                 KV("out_by", known ? V_OPT(row_str(a, r, 6)) : V_NULL),
                 KV("out_reason", known ? V_OPT(row_str(a, r, 7)) : V_NULL),
                 KV("behind", V_BOOL(known && live && row_int(r, 0) < live))));
    api_put_time(q->out, "seen_at", known ? row_int(r, 4) : 0);
    json_close(q->out, '}');
}

bool api_hosts(struct ask *q, struct err *e)
{
    const struct service *svc;
    int64_t live;
    if (!api_service(q, ask_param(q, "service"), &svc, e) || !record_live(q->db, svc->name, &live, e))
        return false;
    json_open(q->out, '{');
    json_kvs(q->out, KVS(KV("service", svc->name), KV("live", live)));
    api_put_zone(q);
    json_key(q->out, "hosts");
    json_open(q->out, '[');
    for (size_t g = 0; g < svc->servers.n; g++)
        for (size_t i = 0; i < svc->servers.at[g].hosts.n; i++)
            put_host(q, svc, &svc->servers.at[g], svc->servers.at[g].hosts.at[i], live);
    json_close(q->out, ']');
    json_close(q->out, '}');
    return true;
}

enum { WAITING_MAX = 100, WAITING_EACH = 20 };      // questions for the worker, of all and of one person

// Each kind has its own: who has many comparisons made can still look at his hosts.
static bool there_is_room(struct ask *q, const char *kind, struct err *e)
{
    int64_t all, own;
    if (!sql_int(q->db, e, &all, "select count(*) from request where answered_at is null", NO_VALS)
        || !sql_int(q->db, e, &own, "select count(*) from request where answered_at is null and who = ? and kind = ?",
                    VALS(V(q->who.name), V(kind))))
        return false;
    if (all < WAITING_MAX && own < WAITING_EACH)
        return true;
    q->http = 429;
    q->retry_after_s = 2;
    return own >= WAITING_EACH
        ? err_set(e, ERR_LIMIT, "%d questions of yours wait for the worker already", WAITING_EACH)
        : err_set(e, ERR_LIMIT, "%d questions wait for the worker already", WAITING_MAX);
}

// See 015-release-asker.sql.
static bool asker(struct ask *q, struct str *out, struct err *e)
{
    const struct who *w = &q->who;
    if (w->account)
        return sql_str(q->arena, q->db, e, out, "select 'account ' || id || ' ' || created from account where id = ?",
                       VALS(V(w->account)));
    if (w->way == WAY_TOKEN)
        return sql_str(q->arena, q->db, e, out, "select 'token ' || id || ' ' || created from token where id = ?",
                       VALS(V(w->token_id)));
    *out = w->way == WAY_SOCKET ? str_f(q->arena, "uid %u", w->uid) : str_f(q->arena, "name " STR_F, STR_A(w->name));
    return true;
}

// The number of the same question of the same asker, 0 when there is none: two revisions compare the same a second
// later, but what else somebody asks about may have changed since it was begun.
static bool same_waits(struct ask *q, const char *kind, struct str service, struct str args, struct str whose,
                       int64_t *id, struct err *e)
{
    return sql_int(q->db, e, id, "select coalesce(max(id), 0) from request where answered_at is null and kind = ? "
                   "and service = ? and args = ? and asker = ? and (kind = 'diff' or taken_at is null)",
                   VALS(V(kind), V(service), V(args), V(whose)));
}

static bool told(struct ask *q, int64_t request)
{
    q->status = 202;
    json_object(q->out, KV("request", request));
    return true;
}

bool api_ask_worker(struct ask *q, const char *kind, struct str service, struct str args, struct err *e)
{
    struct str whose;
    int64_t same;
    if (!asker(q, &whose, e) || !same_waits(q, kind, service, args, whose, &same, e))
        return false;
    if (same)
        return told(q, same);
    if (!there_is_room(q, kind, e) ||
        !sql_do(q->db, e, "insert into request (kind, service, args, who, asker, at) values (?, ?, ?, ?, ?, ?)",
                VALS(V(kind), V(service), V(args), V(q->who.name), V(whose), V(now_ms()))))
        return false;
    return told(q, sql_last_id(q->db));
}

static bool ask_of_service(struct ask *q, const char *kind, struct err *e)
{
    const struct service *svc;
    return api_service(q, ask_param(q, "service"), &svc, e) && api_ask_worker(q, kind, svc->name, S(""), e);
}

bool api_look(struct ask *q, struct err *e)
{
    return ask_of_service(q, "look", e);
}

bool api_verify(struct ask *q, struct err *e)
{
    return ask_of_service(q, "verify", e);
}

bool api_plan(struct ask *q, struct err *e)
{
    const struct plan_in *in = q->in;
    const struct service *svc;
    return api_service(q, in->service, &svc, e) && api_ask_worker(q, "plan", svc->name, in->rev, e);
}

// The source is for who asked for it, and only while he may ask.
static bool may_hear(const struct ask *q, struct rows *r)
{
    return row_int(r, 5) || (row_int(r, 6) && rights_has(q, RELEASE_START, row_str(q->arena, r, 7)));
}

bool api_request(struct ask *q, struct err *e)
{
    struct str whose;
    int64_t id;
    if (!ask_number(q, "id", &id, e) || !asker(q, &whose, e))
        return false;
    OWN_ROWS struct rows *r =
        sql_ask(q->db, e, "select answered_at is not null, answer, error, error_kind, hint, kind <> 'diff', "
                "asker = ?2, service from request where id = ?1", VALS(V(id), V(whose)));
    if (!r)
        return false;
    bool known = rows_next(r, e);
    if (rows_failed(r))
        return false;
    if (!known || !may_hear(q, r))
        return err_set(e, ERR_NOT_FOUND, "no such request; answers are kept for an hour");
    struct arena *a = q->arena;
    json_open(q->out, '{');
    json_kvs(q->out, KVS(KV("done", V_BOOL(row_int(r, 0) != 0)), KV("error", V_OPT(ask_told(q, row_str(a, r, 2)))),
                         KV("code", V_OPT(row_str(a, r, 3))),
                         KV("hint", V_OPT(ask_told(q, row_str(a, r, 4))))));
    struct str answer = row_str(a, r, 1);
    json_kv(q->out, "answer", answer.n ? V_JSON(answer) : V_NULL);
    json_close(q->out, '}');
    return true;
}

static struct str host_name(const void *names, size_t i)
{
    return ((const struct strs *)names)->at[i];
}

static bool host_of_service(struct ask *q, const struct service *svc, struct str name, struct err *e)
{
    struct strs all = {0};
    for (size_t g = 0; g < svc->servers.n; g++)
        for (size_t i = 0; i < svc->servers.at[g].hosts.n; i++)
            vec_push(q->arena, &all, svc->servers.at[g].hosts.at[i]);
    if (strs_have(&all, name))
        return true;
    struct str near = str_nearest(name, all.n, host_name, &all);
    err_set(e, ERR_NOT_FOUND, STR_F " has no host \"" STR_F "\"", STR_A(svc->name), STR_A(name));
    return near.n ? err_hint(e, "did you mean \"" STR_F "\"?", STR_A(near)) : false;
}

static bool mark(struct ask *q, struct str by, struct str reason, struct err *e)
{
    const struct service *svc;
    struct str host = ask_param(q, "host");
    if (!api_service(q, ask_param(q, "service"), &svc, e) || !host_of_service(q, svc, host, e))
        return false;
    if (!sql_do(q->db, e,
                "insert into release_host (service, host, out_by, out_reason) values (?1, ?2, ?3, ?4) "
                "on conflict (service, host) do update set out_by = ?3, out_reason = ?4",
                VALS(V(svc->name), V(host), V(by), V(reason))))
        return false;
    json_object(q->out, KV("service", svc->name), KV("host", host), KV("out", V_BOOL(by.n > 0)));
    return true;
}

bool api_out(struct ask *q, struct err *e)
{
    const struct reason_in *in = q->in;
    return mark(q, q->who.name, in->reason, e);
}

static void raise_to(int64_t *n, int64_t to)
{
    if (to > *n)
        *n = to;
}

static bool highest_seen(struct ask *q, struct str service, int64_t *fence, int64_t *number, struct err *e)
{
    OWN_ROWS struct rows *r = sql_ask(q->db, e, "select fence, current, receipts from release_host where service = ?",
                                      VALS(V(service)));
    *fence = *number = 0;
    if (!r)
        return false;
    while (rows_next(r, e)) {
        struct str held = row_str(q->arena, r, 2);
        raise_to(fence, row_int(r, 0));
        raise_to(number, row_int(r, 1));
        for (int64_t n; held.n && str_i64(str_cut(&held, ' '), &n);)
            raise_to(number, n);
    }
    return !rows_failed(r);
}

// What waits in the queue has its number already. One that a host holds for another tree would replace that tree.
static bool none_waits_below(struct ask *q, struct str service, int64_t above, struct err *e)
{
    int64_t waits;
    if (!sql_int(q->db, e, &waits,
                 "select coalesce(max(number), 0) from release where service = ? and state = 'queued' "
                 "and number <= ?", VALS(V(service), V(above))))
        return false;
    if (!waits)
        return true;
    err_set(e, ERR_STATE, "release %lld of " STR_F " waits, with a number that hosts hold: abort it first",
            (long long)waits, STR_A(service));
    return err_hint(e, "rusuban release abort " STR_F " %lld", STR_A(service), (long long)waits);
}

// Our fences and release numbers go on above all that a host has seen, under a new name, so that a copy of this very
// store is another server too: for a server that replaces one that is gone for good.
bool api_takeover(struct ask *q, struct err *e)
{
    const struct reason_in *in = q->in;
    const struct service *svc;
    int64_t running, highest, number;
    if (!api_service(q, ask_param(q, "service"), &svc, e))
        return false;
    if (!sql_int(q->db, e, &running, "select count(*) from turn where service = ?", VALS(V(svc->name))) ||
        !highest_seen(q, svc->name, &highest, &number, e))
        return false;
    if (running)
        return err_set(e, ERR_STATE, "a release of " STR_F " is running: leave or abort it first", STR_A(svc->name));
    if (!none_waits_below(q, svc->name, number, e))
        return false;
    if (!sql_do(
            q->db, e,
            "insert into fence (service, number, server, over, above) "
            "values (?1, ?2, lower(hex(randomblob(8))), ?2, ?3) "
            "on conflict (service) do update "
            "set number = max(number, ?2), server = excluded.server, over = ?2, above = ?3",
            VALS(V(svc->name), V(highest), V(number))))
        return false;
    say("release.takeover", KV("service", svc->name), KV("who", q->who.name), KV("reason", in->reason),
        KV("fence", highest));
    json_object(q->out, KV("service", svc->name), KV("fence", highest));
    return true;
}

bool api_in(struct ask *q, struct err *e)
{
    struct str service = ask_param(q, "service"), host = ask_param(q, "host");
    int64_t out = 0;
    if (!sql_int(q->db, e, &out, "select count(*) from release_host where service = ? and host = ? and out_by <> ''",
                 VALS(V(service), V(host))) || !mark(q, S(""), S(""), e))
        return false;
    return out || err_set(e, ERR_STATE, STR_F " is not left out of releases of " STR_F, STR_A(host), STR_A(service));
}

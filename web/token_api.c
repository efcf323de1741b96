// token_api.c: tokens for scripts: made, listed, ended. A new one is shown once, in the answer that makes it.
#include "base/clock.h"
#include "web/account_api.h"
#include "web/bearer.h"
#include <sodium.h>

static const int64_t day_ms = 24 * 3600 * 1000;

// The same names that the site file has, as long as that can be read.
bool standing_of(struct ask *q, struct str role, const struct strs *services, enum standing *out, struct err *e)
{
    bool ok = standing_parse(role, out) || ask_wrong(q, e, "role", "viewer, analyst, developer or admin",
                                                     "\"" STR_F "\" is not a role", STR_A(str_head(role, 40)));
    for (size_t i = 0; i < services->n; i++)
        if (!q->site ? !str_plain(services->at[i], "-") : !site_service(q->site, services->at[i]))
            ok = ask_wrong(q, e, "services", "services of the site file", "there is no service \"" STR_F "\"",
                           STR_A(str_head(services->at[i], 40)));
    if (ok && services->n && *out == ADMINISTRATOR)
        ok = ask_wrong(q, e, "services", "leave them out, or choose another role", "an admin is limited to nothing");
    return ok;
}

static bool not_beyond(struct ask *q, enum standing role, const struct strs *services, struct err *e)
{
    if (role > q->who.role)
        return ask_wrong(q, e, "role", standing_name(q->who.role), "a token may not do more than you");
    for (size_t i = 0; q->who.services.n && i < services->n; i++)
        if (!strs_have(&q->who.services, services->at[i]))
            return ask_wrong(q, e, "services", "", "you may not act on " STR_F " yourself", STR_A(services->at[i]));
    return true;
}

bool api_token_new(struct ask *q, struct err *e)
{
    const struct token_in *in = q->in;
    const struct strs *services = in->services.n ? &in->services : &q->who.services;
    enum standing role = q->who.role;
    int64_t days = in->days ? in->days : BEARER_DAYS, expires = now_ms() + days * day_ms;
    char text[BEARER_TEXT + 1];
    struct bearer_hash hash;
    if (!str_plain(in->name, "-_."))
        return ask_wrong(q, e, "name", "letters, digits, - _ and .", "this is no name for a token");
    if ((in->role.n || in->services.n)
        && (!standing_of(q, in->role.n ? in->role : str_z(standing_name(role)), &in->services, &role, e)
            || !not_beyond(q, role, services, e)))
        return false;
    bearer_make(text, &hash);
    if (!sql_do(q->db, e, "insert into token (hash, name, account, owner, role, services, created, expires)"
                " values (?, ?, ?, ?, ?, ?, ?, ?)",
                VALS(V_BLOB(((struct str){(const char *)hash.at, sizeof hash.at})), V(in->name),
                     q->who.account ? V(q->who.account) : V_NULL, V(q->who.name), V(standing_name(role)),
                     V(services_text(q->arena, services)), V(now_ms()), V(expires))))
        return false;
    q->remark.subject = str_f(q->arena, "/tokens/%lld", (long long)sql_last_id(q->db));
    q->remark.after = str_f(q->arena, "%s, " STR_F ", %lld days", standing_name(role), STR_A(in->name),
                            (long long)days);
    q->status = 201;
    json_open(q->out, '{');
    json_kvs(q->out, KVS(KV("id", sql_last_id(q->db)), KV("name", in->name), KV("token", str_z(text))));
    put_standing(q->out, role, services);
    put_moment(q->out, "expires", expires);
    json_close(q->out, '}');
    sodium_memzero(text, sizeof text);
    return true;
}

// An admin's are all.
bool api_tokens(struct ask *q, struct err *e)
{
    struct arena *a = q->arena;
    OWN_ROWS struct rows *r = sql_ask(q->db, e, "select id, name, owner, role, services, created, expires, seen,"
                                      " seen_from from token where ?1 or account = ?2 order by id desc limit 500",
                                      VALS(V(standing_has(q->who.role, ADMIN)), V(q->who.account)));
    json_open(q->out, '{');
    json_key(q->out, "items");
    json_open(q->out, '[');
    while (r && rows_next(r, e)) {
        enum standing role = STRANGER;
        struct strs services = services_parse(a, row_str(a, r, 4));
        (void)standing_parse(row_str(a, r, 3), &role);
        json_open(q->out, '{');
        json_kvs(q->out, KVS(KV("id", row_int(r, 0)), KV("name", row_str(a, r, 1)), KV("owner", row_str(a, r, 2)),
                             KV("from", V_OPT(row_str(a, r, 8))), KV("over", V_BOOL(row_int(r, 6) <= now_ms()))));
        put_standing(q->out, role, &services);
        put_moment(q->out, "created", row_int(r, 5));
        put_moment(q->out, "expires", row_int(r, 6));
        put_moment(q->out, "seen", row_int(r, 7));
        json_close(q->out, '}');
    }
    json_close(q->out, ']');
    json_kv(q->out, "next", V_NULL);
    json_close(q->out, '}');
    return r && !rows_failed(r);
}

bool api_token_end(struct ask *q, struct err *e)
{
    int64_t id;
    if (!ask_number(q, "id", &id, e)
        || !sql_do(q->db, e, "delete from token where id = ?1 and (?2 or account = ?3)",
                   VALS(V(id), V(standing_has(q->who.role, ADMIN)), V(q->who.account))))
        return false;
    if (sql_changes(q->db))
        return true;
    err_set(e, ERR_NOT_FOUND, "there is no token %lld of yours", (long long)id);
    return err_hint(e, "rusuban token list");
}

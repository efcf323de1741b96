// people_api.c: who has an account, and how somebody gets one: an invitation is a link that works once.
#include "base/clock.h"
#include "web/account_api.h"
#include "web/session.h"

bool api_people(struct ask *q, struct err *e)
{
    struct arena *a = q->arena;
    static const char sql[] =
        "select a.name, a.role, a.services, a.created, max(a.seen, ifnull((select max(seen) from session s"
        " where s.account = a.id), 0)), a.rev, 0, '', i.issuer from account a"
        " left join identity i on i.account = a.id union all"
        " select name, role, services, created, 0, 0, expires, author, null from invite where name <> '' and expires > ?"
        " order by 1, 7 limit 1000";
    OWN_ROWS struct rows *r = sql_ask(q->db, e, sql, VALS(V(now_ms())));
    json_open(q->out, '{');
    json_key(q->out, "items");
    json_open(q->out, '[');
    while (r && rows_next(r, e)) {
        enum standing role = STRANGER;
        struct strs services = services_parse(a, row_str(a, r, 2));
        bool invited = row_int(r, 6) > 0;
        (void)standing_parse(row_str(a, r, 1), &role);
        json_open(q->out, '{');
        json_kvs(q->out, KVS(KV("name", row_str(a, r, 0)), KV("invited", invited),
                             KV("invited_by", V_OPT(row_str(a, r, 7))), KV("provider", V_OPT(row_str(a, r, 8))),
                             KV("match", invited ? V_NULL : V(str_f(a, "\"r%lld\"", (long long)row_int(r, 5))))));
        put_standing(q->out, role, &services);
        put_moment(q->out, "since", row_int(r, 3));
        put_moment(q->out, "seen", row_int(r, 4));
        put_moment(q->out, "until", row_int(r, 6));
        json_close(q->out, '}');
    }
    json_close(q->out, ']');
    json_kv(q->out, "next", V_NULL);
    json_close(q->out, '}');
    return r && !rows_failed(r);
}

static bool not_yourself(struct ask *q, const struct person *p, struct err *e)
{
    if (p->id != q->who.account)
        return true;
    err_set(e, ERR_STATE, "nobody changes or removes their own account: there would be no way back");
    return err_hint(e, "another admin can, or whoever has the server: rusuban people set");
}

static struct str rev_of(struct ask *q, const struct person *p)
{
    return str_f(q->arena, "\"r%lld\"", (long long)p->rev);
}

static bool matches(struct ask *q, const struct person *p, struct err *e)
{
    struct str match = ask_header(q, "if-match");
    if (str_eq(match, rev_of(q, p)))
        return true;
    q->http = match.n ? 412 : 428;
    q->code = match.n ? "changed" : "needs_match";
    err_set(e, match.n ? ERR_CONFLICT : ERR_STATE, match.n ? "the account of " STR_F " was changed meanwhile"
            : "which state of " STR_F " do you mean to change?", STR_A(p->name));
    return err_hint(e, "GET /api/v1/people tells it as `match`; send that as If-Match");
}

static struct str standing_text(struct ask *q, enum standing role, const struct strs *services)
{
    return str_f(q->arena, "%s%s" STR_F, standing_name(role), services->n ? " of " : "",
                 STR_A(services_text(q->arena, services)));
}

bool api_person_set(struct ask *q, struct err *e)
{
    const struct person_in *in = q->in;
    struct person p;
    enum standing role;
    if (!person_find(q->arena, q->db, ask_param(q, "name"), &p, e) || !matches(q, &p, e) || !not_yourself(q, &p, e)
        || !standing_of(q, in->role, &in->services, &role, e))
        return false;
    q->remark.before = standing_text(q, p.role, &p.services);
    q->remark.after = standing_text(q, role, &in->services);
    p.rev++;
    if (!sql_do(q->db, e, "update account set role = ?, services = ?, rev = ? where id = ?",
                VALS(V(standing_name(role)), V(services_text(q->arena, &in->services)), V(p.rev), V(p.id)))
        // From now on it is what we say here, whatever groups a provider may name.
        || !sql_do(q->db, e, "update identity set follows = 0 where account = ?", VALS(V(p.id))))
        return false;
    json_open(q->out, '{');
    json_kv(q->out, "name", p.name);
    put_standing(q->out, role, &in->services);
    json_kv(q->out, "match", rev_of(q, &p));
    json_close(q->out, '}');
    return true;
}

// Sessions and tokens go with the account; what they did stays in the audit log.
bool api_person_drop(struct ask *q, struct err *e)
{
    struct person p;
    struct str name = ask_param(q, "name");
    if (!sql_do(q->db, e, "delete from invite where name = ? and name <> ''", VALS(V(name))))
        return false;
    bool invited = sql_changes(q->db) > 0;
    if (!person_find(q->arena, q->db, name, &p, e))
        return invited && e->kind == ERR_NOT_FOUND;
    q->remark.before = standing_text(q, p.role, &p.services);
    return not_yourself(q, &p, e) && sql_do(q->db, e, "delete from account where id = ?", VALS(V(p.id)));
}

// Invitations.

static struct str link_of(struct ask *q, const char *text)
{
    if (q->site && q->site->web.names.n)
        return str_f(q->arena, "https://" STR_F "/invite/%s", STR_A(q->site->web.names.at[0]), text);
    struct str listen = q->site ? q->site->web.listen : S("127.0.0.1:7070");
    return str_f(q->arena, "http://" STR_F "/invite/%s", STR_A(listen), text);
}

bool api_invite(struct ask *q, struct err *e)
{
    const struct invite_in *in = q->in;
    struct invite i = {.name = in->name, .author = q->who.name, .services = in->services,
                       .expires = now_ms() + INVITE_HOURS * INT64_C(3600000)};
    char text[INVITE_TEXT + 1];
    struct err why;
    if (!person_name_ok(in->name, &why))
        return ask_wrong(q, e, "name", why.hint, "%s", why.text);
    if (!standing_of(q, in->role, &in->services, &i.role, e) || !invite_make(q->db, &i, text, e))
        return false;
    q->remark.subject = str_f(q->arena, "/people/" STR_F, STR_A(in->name));
    q->remark.after = standing_text(q, i.role, &i.services);
    q->status = 201;
    json_open(q->out, '{');
    json_kvs(q->out, KVS(KV("name", in->name), KV("link", link_of(q, text))));
    put_moment(q->out, "until", i.expires);
    json_close(q->out, '}');
    return true;
}

bool invite_usable(struct ask *q, struct str text, struct invite *i, bool *known, struct err *e)
{
    struct person p;
    if (!invite_find(q->arena, q->db, text, i, e))
        return false;
    if (i->here && !q->here) {
        err_set(e, ERR_DENIED, "this invitation works on the server itself only");
        return err_hint(e, "through ssh -L 7070:127.0.0.1:7070, or make one with: rusuban admin invite --anywhere");
    }
    *known = i->name.n && person_find(q->arena, q->db, i->name, &p, e);
    return *known || !i->name.n || e->kind == ERR_NOT_FOUND;
}

static bool usable(struct ask *q, struct invite *i, bool *known, struct err *e)
{
    return invite_usable(q, ask_param(q, "token"), i, known, e);
}

bool api_invite_show(struct ask *q, struct err *e)
{
    struct invite i;
    bool known;
    if (!usable(q, &i, &known, e))
        return false;
    json_open(q->out, '{');
    json_kvs(q->out, KVS(KV("name", V_OPT(i.name)), KV("by", i.author), KV("new_password", known)));
    put_standing(q->out, i.role, &i.services);
    put_moment(q->out, "until", i.expires);
    json_close(q->out, '}');
    return true;
}

static struct str name_of(struct ask *q, const struct invite *i)
{
    const struct accept_in *in = q->in;
    return i->name.n ? i->name : in->name;
}

bool first_accept(struct ask *q, struct err *e)
{
    const struct accept_in *in = q->in;
    struct invite i;
    bool known;
    struct err why;
    if (!usable(q, &i, &known, e))
        return false;
    if (i.name.n && in->name.n && !str_eq(i.name, in->name))
        return ask_wrong(q, e, "name", "leave the name out", "this invitation is for " STR_F, STR_A(i.name));
    if (!person_name_ok(name_of(q, &i), &why))
        return ask_wrong(q, e, "name", why.hint, "%s", why.text);
    if (!password_ok(name_of(q, &i), in->password, &why))
        return ask_wrong(q, e, "password", why.hint, "%s", why.text);
    q->hashing.fresh = in->password;
    return true;
}

// For somebody who has an account already the link means a new password, and the end of all sessions; the role stays.
static bool renew(struct ask *q, const struct person *p, struct err *e)
{
    return sql_do(q->db, e, "update account set hash = ?, rev = rev + 1, seen = ? where id = ?",
                  VALS(V(q->hashing.hash), V(now_ms()), V(p->id)))
        && sql_do(q->db, e, "delete from session where account = ?", VALS(V(p->id)));
}

static bool enter(struct ask *q, const struct invite *i, struct str name, int64_t *id, struct err *e)
{
    if (!sql_do(q->db, e, "insert into account (name, role, services, hash, created, seen, language)"
                " values (?, ?, ?, ?, ?, ?, '')",
                VALS(V(name), V(standing_name(i->role)), V(services_text(q->arena, &i->services)), V(q->hashing.hash),
                     V(now_ms()), V(now_ms()))))
        return false;
    *id = sql_last_id(q->db);
    return true;
}

bool api_accept(struct ask *q, struct err *e)
{
    struct invite i;
    struct person p;
    bool known;
    if (!usable(q, &i, &known, e))      // used by somebody else while the password was worked on
        return false;
    struct str name = name_of(q, &i);
    bool taken = person_find(q->arena, q->db, name, &p, e);
    if (!taken && e->kind != ERR_NOT_FOUND)
        return false;
    if (taken && !i.name.n)
        return ask_wrong(q, e, "name", "choose another", "there is an account " STR_F " already", STR_A(name));
    if (!(taken ? renew(q, &p, e) : enter(q, &i, name, &p.id, e)) || !invite_drop(q->db, ask_param(q, "token"), e)
        || !try_was_right(q, name, e) || !session_begin(q, p.id, e))
        return false;
    q->remark = (struct remark){.who = name, .subject = str_f(q->arena, "/people/" STR_F, STR_A(name)),
                                .after = taken ? S("a new password") : standing_text(q, i.role, &i.services)};
    q->status = 201;
    json_object(q->out, KV("name", name), KV("role", standing_name(taken ? p.role : i.role)));
    return true;
}

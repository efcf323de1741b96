// login_api.c: signing in and out, the password, one's own settings and sessions.
//
// What is refused says the same for a wrong name and a wrong password, takes as long, and counts as a try for both.
#include "base/clock.h"
#include "web/account_api.h"
#include "web/hashers.h"
#include "web/origin.h"
#include "web/session.h"
#include "web/throttle.h"

void put_moment(struct buf *b, const char *key, int64_t at_ms)
{
    char at[TIME_TEXT_MAX];
    json_kv(b, key, at_ms ? V(time_text(at_ms, at)) : V_NULL);
}

void put_standing(struct buf *b, enum standing role, const struct strs *services)
{
    json_kv(b, "role", standing_name(role));
    json_key(b, "services");
    json_open(b, '[');
    for (size_t i = 0; i < services->n; i++)
        json_val(b, V(services->at[i]));
    json_close(b, ']');
}

// Tries.

static struct str from_key(struct ask *q)
{
    struct address from;
    return address_parse(q->from, &from) ? address_key(q->arena, from) : S("addr:");
}

// Where somebody is signed in their tries have a count of their own: guesses from elsewhere do not lock them out.
static struct str name_key(struct ask *q, struct str name)
{
    struct str key = str_f(q->arena, "name:" STR_F, STR_A(str_head(name, 64)));
    return session_is_from(q, q->from, name) ? str_f(q->arena, STR_F " " STR_F, STR_A(key), STR_A(from_key(q))) : key;
}

bool try_charge(struct ask *q, struct str name, struct err *e)
{
    struct strs keys = {0};
    vec_push(q->arena, &keys, name_key(q, name));
    if (q->from.n)      // the socket's users are known anyway
        vec_push(q->arena, &keys, from_key(q));
    return throttle_charge(q, &keys, e);
}

bool try_was_right(struct ask *q, struct str name, struct err *e)
{
    return throttle_clear(q, name_key(q, name), e) && (!q->from.n || throttle_give_back(q, from_key(q), e));
}

// Signing in.

static struct str short_enough(struct str password)
{
    return str_head(password, PASSWORD_MAX);    // longer ones fit nothing: fields say so before
}

bool first_sign_in(struct ask *q, struct err *e)
{
    const struct sign_in *in = q->in;
    struct person p = {0};
    if (!try_charge(q, in->name, e))
        return false;
    if (!person_find(q->arena, q->db, in->name, &p, e) && e->kind != ERR_NOT_FOUND)
        return false;
    q->hashing = (struct hashing){.compare = true, .typed = short_enough(in->password), .against = p.hash};
    return true;
}

static bool refused(struct ask *q, struct str who, const char *why, struct err *e)
{
    q->remark = (struct remark){.who = str_head(who, 64), .refused = true};
    err_set(e, ERR_SIGNED_OUT, "%s", why);
    return err_hint(e, "forgotten? An admin makes a new link: rusuban admin invite " STR_F,
                    STR_A(q->who.name.n ? q->who.name : S("NAME")));
}

bool api_sign_in(struct ask *q, struct err *e)
{
    const struct sign_in *in = q->in;
    struct person p;
    // As it is now: it may have gone, or got another password, while this one was worked on. The name is noted only
    // when there is such an account: what else is typed there may be a password.
    if (!q->hashing.fits || !person_find(q->arena, q->db, in->name, &p, e) || !str_eq(p.hash, q->hashing.against))
        return refused(q, q->hashing.against.n ? in->name : S("somebody"), "the name or the password is wrong", e);
    if (!try_was_right(q, p.name, e) || !session_begin(q, p.id, e)
        || !sql_do(q->db, e, "update account set seen = ? where id = ?", VALS(V(now_ms()), V(p.id))))
        return false;
    q->remark.who = p.name;
    q->status = 201;
    json_open(q->out, '{');
    json_kv(q->out, "name", p.name);
    put_standing(q->out, p.role, &p.services);
    json_kvs(q->out, KVS(KV("language", V_OPT(p.language)), KV("theme", p.theme), KV("single_keys", p.single_keys)));
    json_close(q->out, '}');
    return true;
}

bool api_sign_out(struct ask *q, struct err *e)
{
    if (q->who.way != WAY_SESSION)
        return err_set(e, ERR_STATE, "only a session can be signed out of");
    session_forget(q);
    return sql_do(q->db, e, "delete from session where id = ?", VALS(V(q->who.session)));
}

// The password again, and another one.

static bool own_account(struct ask *q, struct person *out, struct err *e)
{
    if (q->who.way == WAY_SESSION)
        return person_find(q->arena, q->db, q->who.name, out, e);
    err_set(e, ERR_STATE, STR_F " is not signed in with a password here", STR_A(q->who.name));
    return err_hint(e, "this belongs to a session of the pages");
}

// Who comes from a provider proves there who it is.
static bool has_password(const struct person *p, struct err *e)
{
    if (p->hash.n)
        return true;
    err_set(e, ERR_STATE, STR_F " has no password here", STR_A(p->name));
    return err_hint(e, "sign in at the provider once more: /oidc/start?fresh=true");
}

bool first_step_up(struct ask *q, struct err *e)
{
    const struct sign_in *in = q->in;
    struct person p;
    if (!own_account(q, &p, e) || !has_password(&p, e) || !try_charge(q, p.name, e))
        return false;
    q->hashing = (struct hashing){.compare = true, .typed = short_enough(in->password), .against = p.hash};
    return true;
}

bool api_step_up(struct ask *q, struct err *e)
{
    if (!q->hashing.fits)
        return refused(q, q->who.name, "the password is wrong", e);
    return try_was_right(q, q->who.name, e) && session_step_up(q, e);
}

bool first_password(struct ask *q, struct err *e)
{
    const struct password_in *in = q->in;
    struct person p;
    struct err why;
    if (!password_ok(q->who.name, in->password, &why))
        return ask_wrong(q, e, "password", why.hint, "%s", why.text);
    if (!own_account(q, &p, e) || !has_password(&p, e) || !try_charge(q, p.name, e))
        return false;
    q->hashing = (struct hashing){.compare = true, .typed = short_enough(in->old), .against = p.hash,
                                  .fresh = in->password};
    return true;
}

// Whoever else is signed in as this person is not, from now on.
bool api_password(struct ask *q, struct err *e)
{
    if (!q->hashing.fits)
        return refused(q, q->who.name, "the password is wrong", e);
    if (!try_was_right(q, q->who.name, e) || !session_step_up(q, e)
        || !sql_do(q->db, e, "update account set hash = ?, rev = rev + 1 where id = ?",
                   VALS(V(q->hashing.hash), V(q->who.account)))
        || !sql_do(q->db, e, "delete from session where account = ? and id <> ?",
                   VALS(V(q->who.account), V(q->who.session))))
        return false;
    json_object(q->out, KV("sessions_ended", sql_changes(q->db)));
    return true;
}

// Me.

static const char *way_name(enum way way)
{
    static const char *const names[] = {[WAY_NONE] = "none", [WAY_SOCKET] = "socket", [WAY_SESSION] = "session",
                                        [WAY_TOKEN] = "token", [WAY_PROXY] = "proxy"};
    return names[way];
}

static void put_rights(struct ask *q)
{
    json_key(q->out, "rights");
    json_open(q->out, '[');
    for (enum right r = SEE; r < RIGHTS; r++)
        if (r != PUBLIC && standing_has(q->who.role, r) && (q->who.way != WAY_TOKEN || !right_is_a_persons(r)))
            json_val(q->out, V(right_name(r)));
    json_close(q->out, ']');
}

bool api_me(struct ask *q, struct err *e)
{
    struct person p = {.theme = S("auto"), .single_keys = true};
    if (q->who.account && !person_find(q->arena, q->db, q->who.name, &p, e))
        return false;
    json_open(q->out, '{');
    json_kv(q->out, "name", q->who.name);
    put_standing(q->out, q->who.role, &q->who.services);
    put_rights(q);
    json_kvs(q->out, KVS(KV("way", way_name(q->who.way)), KV("account", V_BOOL(q->who.account > 0)),
                         KV("password", V_BOOL(p.hash.n > 0)), KV("stepped_up", q->who.stepped_up),
                         KV("session", q->who.session ? V(q->who.session) : V_NULL),
                         KV("language", V_OPT(p.language)), KV("theme", p.theme), KV("single_keys", p.single_keys)));
    json_close(q->out, '}');
    return true;
}

static bool one_of(struct ask *q, const char *field, struct str value, const char *words, const char *hint,
                   struct err *e)
{
    for (struct str rest = str_z(words), word; (word = str_word(&rest)).n;)
        if (str_eq(word, value))
            return true;
    return ask_wrong(q, e, field, hint, "\"" STR_F "\" is not known here", STR_A(str_head(value, 40)));
}

bool api_me_set(struct ask *q, struct err *e)
{
    const struct me_in *in = q->in;
    if (!one_of(q, "language", in->language, "en ja", "en or ja", e)
        || !one_of(q, "theme", in->theme, "auto light dark", "auto, light or dark", e))
        return false;
    if (!q->who.account)
        return err_set(e, ERR_STATE, STR_F " has no account, so nothing can be kept", STR_A(q->who.name));
    return sql_do(q->db, e, "update account set language = ?, theme = ?, single_keys = ? where id = ?",
                  VALS(V(in->language), V(in->theme), V(in->single_keys), V(q->who.account)));
}

// Sessions.

static bool all_of_them(struct ask *q, bool all)
{
    return all && standing_has(q->who.role, ADMIN);
}

bool api_sessions(struct ask *q, struct err *e)
{
    const struct sessions_in *in = q->in;
    struct arena *a = q->arena;
    OWN_ROWS struct rows *r = sql_ask(q->db, e, "select s.id, a.name, s.created, s.seen, s.addr, s.agent from session s"
                                      " join account a on a.id = s.account where ?1 or s.account = ?2"
                                      " order by s.seen desc limit 500",
                                      VALS(V(all_of_them(q, in->all)), V(q->who.account)));
    json_open(q->out, '{');
    json_key(q->out, "items");
    json_open(q->out, '[');
    while (r && rows_next(r, e)) {
        json_open(q->out, '{');
        json_kvs(q->out, KVS(KV("id", row_int(r, 0)), KV("name", row_str(a, r, 1)), KV("from", row_str(a, r, 4)),
                             KV("agent", row_str(a, r, 5)), KV("this", V_BOOL(row_int(r, 0) == q->who.session))));
        put_moment(q->out, "created", row_int(r, 2));
        put_moment(q->out, "seen", row_int(r, 3));
        json_close(q->out, '}');
    }
    json_close(q->out, ']');
    json_kv(q->out, "next", V_NULL);
    json_close(q->out, '}');
    return r && !rows_failed(r);
}

bool api_session_end(struct ask *q, struct err *e)
{
    int64_t id;
    if (!ask_number(q, "id", &id, e)
        || !sql_do(q->db, e, "delete from session where id = ?1 and (?2 or account = ?3)",
                   VALS(V(id), V(all_of_them(q, true)), V(q->who.account))))
        return false;
    if (sql_changes(q->db))
        return true;
    err_set(e, ERR_NOT_FOUND, "there is no session %lld of yours", (long long)id);
    return err_hint(e, "rusuban session list");
}

// who.c: from a connection and two headers to a name, a role and what it is limited to.
#include "web/who.h"
#include "store/secret.h"
#include "web/person.h"
#include "web/rights.h"
#include "web/origin.h"
#include "web/session.h"
#include "web/bearer.h"
#include <pwd.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static struct str login_name(struct web *w, unsigned uid)
{
    if (!w->known.name[0] || w->known.uid != uid) {
        const struct passwd *pw = getpwuid(uid);
        w->known.uid = uid;
        if (pw)
            snprintf(w->known.name, sizeof w->known.name, "%s", pw->pw_name);
        else
            snprintf(w->known.name, sizeof w->known.name, "uid-%u", uid);
    }
    return str_z(w->known.name);
}

static bool by_kernel(struct request *r, unsigned uid, struct err *e)
{
    struct who *who = &r->ask.who;
    *who = (struct who){.uid = uid, .way = WAY_SOCKET, .name = str_dup(r->ask.arena, login_name(r->web, uid))};
    who->owner = who->stepped_up = uid == 0 || uid == r->web->owner;
    if (who->owner) {
        who->role = ADMINISTRATOR;
        return true;
    }
    err_set(e, ERR_DENIED, STR_F " has no right here", STR_A(who->name));
    return err_hint(e, "root and %s, who runs the server, have every right; others use a token",
                    login_name(r->web, r->web->owner).p);
}

static bool nobody(struct request *r, struct err *e)
{
    bool any;
    if (!person_any(r->ask.db, &any, e))
        return false;
    err_set(e, ERR_SIGNED_OUT, "nobody is signed in");
    return any ? err_hint(e, "sign in, or send a token: Authorization: Bearer rsb_...")
               : err_hint(e, "there is no account yet; on the server: rusuban admin invite");
}

// A proxy's word. It counts from the addresses of web.sso.from, beside the secret that only they know; from everybody
// else the header is as if it were not there. A browser sends what signs it in at the proxy by itself, as it does with
// cookies, so the same three headers are asked for.

static bool is_there_once(const struct ask *q, struct str name)
{
    size_t n = 0;
    for (size_t i = 0; i < q->headers.n; i++)
        n += q->headers.at[i].name.n == name.n && strncasecmp(q->headers.at[i].name.p, name.p, name.n) == 0;
    return n == 1;
}

static const struct site *proxied(const struct request *r)
{
    const struct site *s = r->web->fresh.good;
    struct address peer = gate_address(r->gate), proxy;
    for (size_t i = 0; s && i < s->web.sso.from.n; i++)
        if (address_parse(s->web.sso.from.at[i], &proxy) && memcmp(&proxy, &peer, sizeof peer) == 0)
            return is_there_once(&r->ask, s->web.sso.header) ? s : NULL;
    return NULL;
}

static bool secret_fits(struct ask *q, const struct site *s, struct err *e)
{
    struct str secret, given = ask_header(q, "rusuban-proxy-secret");
    if (!secret_get(q->arena, q->db, q->data, "web", s->web.sso.secret, &secret, e))
        return err_in(e, "web.sso");
    bool fits = is_there_once(q, S("rusuban-proxy-secret")) && given.n == secret.n
        && sodium_memcmp(given.p, secret.p, secret.n) == 0;
    secret_forget(&secret);
    if (fits)
        return true;
    err_set(e, ERR_SIGNED_OUT, "the proxy says who you are, but not the secret that it shares with us");
    return err_hint(e, "it sends Rusuban-Proxy-Secret: the value of rusuban secret set " STR_F " --role web",
                    STR_A(s->web.sso.secret));
}

static enum standing without_account(const struct site *s)
{
    static const enum standing roles[] = {[SSO_NONE] = STRANGER, [SSO_VIEWER] = VIEWER, [SSO_ANALYST] = ANALYST,
                                          [SSO_DEVELOPER] = DEVELOPER};
    return roles[s->web.sso.role];
}

static bool standing_by_proxy(struct arena *a, struct db *db, const struct site *s, int64_t account, enum standing *out,
                              struct err *e)
{
    if (!s || !s->web.sso.from.n)
        return false;
    *out = without_account(s);
    if (!account)
        return *out != STRANGER;
    OWN_ROWS struct rows *r = sql_ask(db, e, "select role from account where id = ?", VALS(V(account)));
    return r && rows_next(r, e) && standing_parse(row_str(a, r, 0), out);
}

bool who_standing(struct web *w, const struct who *who, enum standing *out, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(64 << 10);
    switch (who->way) {
    case WAY_SESSION:
        return session_standing(&a, w->db, who->session, out, e);
    case WAY_TOKEN:
        return bearer_standing(&a, w->db, who->token_id, out, e);
    case WAY_PROXY:
        return standing_by_proxy(&a, w->db, w->fresh.good, who->account, out, e);
    case WAY_SOCKET:
        *out = ADMINISTRATOR;
        return true;
    case WAY_NONE:
        break;
    }
    return false;
}

static bool by_proxy(struct request *r, const struct site *s, struct err *e)
{
    struct ask *q = &r->ask;
    struct person p = {.role = without_account(s)};
    struct str name = ask_header(q, str_zdup(q->arena, s->web.sso.header));
    if (!secret_fits(q, s, e) || (r->method != GET && !origin_is_ours(r, e)) || !person_name_ok(name, e))
        return false;
    if (!person_find(q->arena, q->db, name, &p, e) && (e->kind != ERR_NOT_FOUND || p.role == STRANGER)) {
        if (e->kind != ERR_NOT_FOUND)
            return false;
        err_set(e, ERR_DENIED, STR_F " has no account here", STR_A(name));
        return err_hint(e, "an admin can change that: rusuban people invite " STR_F " --role viewer", STR_A(name));
    }
    q->who = (struct who){.name = name, .role = p.role, .services = p.services, .account = p.id, .way = WAY_PROXY,
                          .stepped_up = true};
    return true;
}

bool who_settle(struct request *r, struct err *e)
{
    struct ask *q = &r->ask;
    unsigned uid;
    if (r->portal->kind == PORTAL_SOCKET)
        return gate_uid(r->gate, &uid) ? by_kernel(r, uid, e) : err_set(e, ERR_SIGNED_OUT, "nobody is known");
    if (ask_header(q, "authorization").n)
        return bearer_who(q, bearer_of_header(ask_header(q, "authorization")), &q->who, e);
    const struct site *s = proxied(r);
    if (s)
        return by_proxy(r, s, e);
    struct str cookie = session_cookie(ask_header(q, "cookie"));
    if (!cookie.n)
        return nobody(r, e);
    return (r->method == GET || origin_is_ours(r, e)) && session_who(q, cookie, &q->who, e);
}

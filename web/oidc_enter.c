// oidc_enter.c: the rules by which somebody whom the provider knows becomes somebody here.
//
// An account is found by issuer and subject, never by a name or an e-mail address: those change hands. A name that is
// taken stays its owner's; who is the same person takes an invitation (admin invite NAME) and signs in at the provider.
#include "web/account_api.h"
#include "base/clock.h"
#include "web/oidc.h"
#include "web/request.h"
#include "web/origin.h"
#include "web/session.h"
#include "web/throttle.h"
#include <pwd.h>
#include <strings.h>
#include <unistd.h>

// What the provider says.

static bool verified_mail(const json_t *claims)
{
    const json_t *v = json_object_get(claims, "email_verified");
    return json_is_true(v) || claim_has(v, S("true"));
}

static bool mail_fits(const struct site *s, const json_t *claims)
{
    struct str domain = str_z(j_text(claims, "email"));
    (void)str_cut(&domain, '@');
    if (!s->web.oidc.domains.n)
        return true;
    if (!verified_mail(claims) || !domain.n || str_has(domain, '@'))
        return false;
    for (size_t i = 0; i < s->web.oidc.domains.n; i++) {
        struct str d = s->web.oidc.domains.at[i];
        if (d.n == domain.n && strncasecmp(d.p, domain.p, d.n) == 0)
            return true;
    }
    return false;
}

static bool in_one(const json_t *claim, const struct strs *groups)
{
    for (size_t i = 0; i < groups->n; i++)
        if (claim_has(claim, groups->at[i]))
            return true;
    return false;
}

static enum standing role_of(const struct site *s, const json_t *claims, bool *by_group)
{
    static const enum standing usual[] = {[SSO_NONE] = STRANGER, [SSO_VIEWER] = VIEWER, [SSO_ANALYST] = ANALYST,
                                          [SSO_DEVELOPER] = DEVELOPER};
    const struct { enum standing role; const struct strs *groups; } rows[] = {
        {ADMINISTRATOR, &s->web.oidc.admin}, {DEVELOPER, &s->web.oidc.developer}, {ANALYST, &s->web.oidc.analyst},
        {VIEWER, &s->web.oidc.viewer}};
    const json_t *claim = claim_find(claims, s->web.oidc.claim);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (claim && in_one(claim, rows[i].groups)) {
            *by_group = true;
            return rows[i].role;
        }
    return usual[s->web.oidc.role];
}

// "Kato.Yuki@example.com" is kato.yuki.
static struct str name_from(struct arena *a, struct str said)
{
    struct str local = str_cut(&said, '@');
    char *p = str_zdup(a, str_head(local, PERSON_NAME_MAX + 1));
    for (char *c = p; *c; c++)
        *c = (char)(*c >= 'A' && *c <= 'Z' ? *c + 'a' - 'A' : *c);
    return str_z(p);
}

static struct str name_of(struct arena *a, const json_t *claims)
{
    static const char *const names[] = {"preferred_username", "email"};
    struct err ignored;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct str name = name_from(a, str_z(j_text(claims, names[i])));
        if (person_name_ok(name, &ignored))
            return name;
    }
    return S("");
}

static int64_t proved_at(const json_t *claims)
{
    double s = json_number_value(json_object_get(claims, "auth_time"));
    return s > 0 && s < 1e11 ? (int64_t)(s * 1000) : 0;
}

void newcomer_read(struct arena *a, const struct site *s, const struct idtoken *t, struct newcomer *out)
{
    *out = (struct newcomer){.issuer = s->web.oidc.issuer, .subject = t->subject, .name = name_of(a, t->claims),
                             .foreign_mail = !mail_fits(s, t->claims), .proved_ms = proved_at(t->claims)};
    out->role = role_of(s, t->claims, &out->by_group);
}

// What becomes of it.

static bool refused(struct ask *q, const struct newcomer *n, enum err_kind kind, const char *why, struct err *e)
{
    q->remark = (struct remark){.who = str_head(n->name.n ? n->name : S("somebody"), 64), .refused = true,
                                .subject = str_f(q->arena, "oidc " STR_F, STR_A(str_head(n->subject, 255)))};
    return err_set(e, kind, "%s", why);
}

static bool find_identity(struct ask *q, const struct newcomer *n, struct person *p, bool *follows, bool *known,
                          struct err *e)
{
    OWN_ROWS struct rows *r = sql_ask(q->db, e, "select a.name, i.follows from identity i join account a"
                                      " on a.id = i.account where i.issuer = ? and i.subject = ?",
                                      VALS(V(n->issuer), V(n->subject)));
    *known = r && rows_next(r, e);
    if (!r || rows_failed(r))
        return false;
    struct str name = *known ? row_str(q->arena, r, 0) : S("");
    *follows = *known && row_int(r, 1);
    return !*known || person_find(q->arena, q->db, name, p, e);
}

static bool add_identity(struct ask *q, const struct newcomer *n, int64_t account, bool follows, struct err *e)
{
    return sql_do(q->db, e, "delete from identity where account = ?", VALS(V(account)))
        && sql_do(q->db, e, "insert into identity (issuer, subject, account, follows, created) values (?, ?, ?, ?, ?)",
                  VALS(V(n->issuer), V(n->subject), V(account), V(follows), V(now_ms())));
}

static bool add_account(struct ask *q, struct str name, enum standing role, const struct strs *services,
                        struct person *p, struct err *e)
{
    *p = (struct person){.name = name, .role = role};
    if (services)
        p->services = *services;
    if (!sql_do(q->db, e, "insert into account (name, role, services, created, language)"
                " values (?, ?, ?, ?, '')",
                VALS(V(name), V(standing_name(role)), V(services_text(q->arena, &p->services)), V(now_ms()))))
        return false;
    p->id = sql_last_id(q->db);
    return true;
}

static void tell(struct ask *q, const struct newcomer *n, const char *what, const struct person *p)
{
    q->remark.after = str_f(q->arena, "%s%s, oidc " STR_F, what, standing_name(p->role),
                            STR_A(str_head(n->subject, 255)));
}

// Roles come and go with the provider's groups, until an admin here sets one.
static bool follow(struct ask *q, const struct newcomer *n, struct person *p, struct err *e)
{
    if (n->role == STRANGER) {
        (void)refused(q, n, ERR_DENIED, "none of your groups at the provider has a role here", e);
        return err_hint(e, "an admin there can change your groups, or one here your role: rusuban people set " STR_F
                        " --role ROLE", STR_A(p->name));
    }
    if (n->role == p->role)
        return true;
    q->remark.before = str_z(standing_name(p->role));
    p->role = n->role;
    tell(q, n, "", p);
    return sql_do(q->db, e, "update account set role = ?, rev = rev + 1 where id = ?",
                  VALS(V(standing_name(p->role)), V(p->id)));
}

static bool name_is_free(struct ask *q, struct str name, bool *is_free, struct err *e)
{
    int64_t n;
    const struct passwd *owner = getpwuid(geteuid());
    if (!sql_int(q->db, e, &n, "select (select count(*) from account where name = ?1)"
                 " + (select count(*) from invite where name = ?1 and expires > ?2)", VALS(V(name), V(now_ms()))))
        return false;
    *is_free = n == 0 && !(owner && str_eq(str_z(owner->pw_name), name));
    return true;
}

// Names of approve.by have a power before anybody has them, and who may choose his name at the provider could take one.
static bool name_is_awaited(struct ask *q, struct str name)
{
    const struct site *good = request_of(q)->web->fresh.good;
    for (size_t i = 0; good && i < good->services.n; i++)
        if (strs_have(&good->services.at[i].approve.by, name))
            return true;
    return false;
}

static bool new_account(struct ask *q, const struct newcomer *n, struct person *p, struct err *e)
{
    bool is_free;
    if (n->role == STRANGER) {
        (void)refused(q, n, ERR_DENIED, "you have no account here", e);
        return err_hint(e, "an admin can invite you (rusuban people invite NAME), or put you into a group with a role");
    }
    if (!n->name.n) {
        (void)refused(q, n, ERR_DENIED, "the provider tells no name that an account can have", e);
        return err_hint(e, "an admin can invite you under one: rusuban people invite NAME --role ROLE");
    }
    if (name_is_awaited(q, n->name)) {
        (void)refused(q, n, ERR_DENIED, "the site file lists your name, and nobody has said yet that it is yours", e);
        return err_hint(e, "an admin makes a link: rusuban people invite " STR_F " --role ROLE; open it and sign in at the "
                        "provider from there", STR_A(n->name));
    }
    if (!name_is_free(q, n->name, &is_free, e))
        return false;
    if (!is_free) {
        (void)refused(q, n, ERR_CONFLICT, "an account with your name is here already, and not by this sign-in", e);
        return err_hint(e, "is it yours? An admin makes a link: rusuban people invite " STR_F
                        "; open it and sign in at the provider from there", STR_A(n->name));
    }
    if (!add_account(q, n->name, n->role, NULL, p, e) || !add_identity(q, n, p->id, true, e))
        return false;
    tell(q, n, "new: ", p);
    return true;
}

static bool by_rules(struct ask *q, const struct newcomer *n, struct person *p, struct err *e)
{
    bool known, follows;
    if (!find_identity(q, n, p, &follows, &known, e))
        return false;
    if (n->foreign_mail) {
        (void)refused(q, n, ERR_DENIED, "your e-mail address at the provider is not verified, or of another domain", e);
        return err_hint(e, "web.oidc.domains in the site file names whose people may come");
    }
    return known ? !follows || follow(q, n, p, e) : new_account(q, n, p, e);
}

// An invitation is an admin's word: groups and domains are not asked.
static bool by_invitation(struct ask *q, const struct newcomer *n, struct person *p, struct err *e)
{
    struct invite i;
    struct person other;
    bool exists, known, follows;
    if (!invite_usable(q, n->invite, &i, &exists, e) || !find_identity(q, n, &other, &follows, &known, e))
        return false;
    struct str name = i.name.n ? i.name : n->name;
    if (known && !str_eq(other.name, name)) {
        (void)refused(q, n, ERR_CONFLICT, "you have another account here already", e);
        return err_hint(e, "it is " STR_F "; rusuban people remove " STR_F " makes room", STR_A(other.name),
                        STR_A(other.name));
    }
    if (!i.name.n && (!person_name_ok(name, e) || !name_is_free(q, name, &exists, e)))
        return false;
    if (!i.name.n && !exists)       // exists: it is free
        return refused(q, n, ERR_CONFLICT, "an account with your name is here already", e);
    if (i.name.n && exists ? !person_find(q->arena, q->db, name, p, e)
                           : !add_account(q, name, i.role, &i.services, p, e))
        return false;
    tell(q, n, "invited: ", p);
    return sql_do(q->db, e, "delete from session where account = ?", VALS(V(p->id)))
        && add_identity(q, n, p->id, false, e) && invite_drop(q->db, n->invite, e);
}

// What takes the password once more takes this sign-in once more, when the provider tells that it asked just now.
static bool note_proof(struct ask *q, const struct newcomer *n, struct err *e)
{
    int64_t at = n->proved_ms < now_ms() ? n->proved_ms : now_ms();
    return sql_do(q->db, e, "update session set stepped_up = ? where id = ?", VALS(V(at), V(sql_last_id(q->db))));
}

static bool try_was_good(struct ask *q, struct err *e)
{
    return throttle_give_back(q, address_key(q->arena, request_of(q)->from), e);
}

static bool enter(struct ask *q, struct err *e)
{
    const struct newcomer *n = q->in;
    struct person p = {0};
    if (!(n->invite.n ? by_invitation(q, n, &p, e) : by_rules(q, n, &p, e)))
        return false;
    q->remark.who = p.name;
    q->remark.subject = str_f(q->arena, "/people/" STR_F, STR_A(p.name));
    return session_begin(q, p.id, e) && note_proof(q, n, e) && try_was_good(q, e)
        && sql_do(q->db, e, "update account set seen = ? where id = ?", VALS(V(now_ms()), V(p.id)));
}

const struct route oidc_enter = {POST, "/oidc/back", PUBLIC, .flags = R_SECRET, .run = enter, .cli = "session oidc",
                                 .help = "signed in at the provider"};

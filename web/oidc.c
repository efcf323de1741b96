// oidc.c: the two addresses, and the thread that talks to the provider while the loop goes on.
#include "web/oidc.h"
#include "base/clock.h"
#include "store/secret.h"
#include "web/account_api.h"
#include "web/act.h"
#include "web/crew.h"
#include "web/origin.h"
#include "web/reply.h"
#include "web/throttle.h"
#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { WAITING_MAX = 16, A_MINUTE = 30, CODE_MAX = 3000 };

struct oidc {
    struct crew *crew;          // of one
    struct provider *provider;  // its
    struct limit visits;
};

// What the thread is given and what it brings back; its own memory, since the request may be gone by then.
struct errand {
    struct crew_job job;        // first
    struct arena arena;
    struct provider *provider;
    struct provider_ask ask;    // without a code: only where the browser is to be sent
    struct discovery found;
    struct idtoken told;
    bool ok;
    struct err err;
    struct request *request;
    struct oidc_way way;
    bool fresh;                 // the provider is to ask who it is, whoever it remembers
};

struct oidc *oidc_new(struct event_base *base, struct err *e)
{
    struct oidc *o = calloc(1, sizeof *o);
    assert(o);
    o->visits.per_minute = A_MINUTE;
    o->provider = provider_new();
    o->crew = crew_start(base, 1, WAITING_MAX, true, e);
    if (o->crew)
        return o;
    oidc_free(o);
    return NULL;
}

void oidc_free(struct oidc *o)
{
    if (!o)
        return;
    if (crew_stop(o->crew))
        provider_free(o->provider);     // else somebody is still using it, until the process ends
    free(o);
}

struct str oidc_name(struct arena *a, const struct site *s)
{
    if (!s || !s->web.oidc.issuer.n)
        return S("");
    struct str rest = str_from(s->web.oidc.issuer, sizeof "https://" - 1);
    return s->web.oidc.name.n ? s->web.oidc.name : str_dup(a, str_cut(&rest, '/'));
}

// An errand.

static void errand_free(struct errand *x)
{
    json_decref(x->told.claims);
    arena_drop(&x->arena);
    free(x);
}

static void work(struct crew_job *job)
{
    struct errand *x = (struct errand *)(void *)job;
    const struct discovery *found;
    if (x->ask.code.n)
        x->ok = provider_sign_in(x->provider, &x->arena, &x->ask, &x->told, &x->err);
    else if ((x->ok = provider_find(x->provider, x->ask.issuer, x->ask.until_ms, &found, &x->err)))
        x->found.authorization = str_dup(&x->arena, found->authorization);
    secret_forget(&x->ask.secret);
}

static struct str redirect_of(struct arena *a, struct ask *q)
{
    struct str host = ask_header(q, "host"), name = host;
    name = str_starts(name, S("[")) ? name : str_cut(&name, ':');
    bool here = str_eq(name, S("localhost")) || str_eq(name, S("127.0.0.1")) || str_starts(name, S("[::1]"));
    return str_f(a, "%s://" STR_F "/oidc/back", here ? "http" : "https", STR_A(host));
}

static struct errand *errand_new(struct request *r, const struct site *s, const struct oidc_way *way)
{
    struct errand *x = calloc(1, sizeof *x);
    struct oidc_words words;
    assert(x);
    x->arena = arena_make(8 << 20);
    struct arena *a = &x->arena;
    oidc_words(a, way, &words);
    x->job.work = work;
    x->request = r;
    x->provider = r->web->oidc->provider;
    x->way = *way;
    x->way.to = str_dup(a, way->to);
    x->way.invite = str_dup(a, way->invite);
    x->ask = (struct provider_ask){
        .issuer = str_dup(a, s->web.oidc.issuer), .client = str_dup(a, s->web.oidc.client_id),
        .redirect = redirect_of(a, &r->ask), .verifier = words.verifier, .nonce = words.nonce,
        .until_ms = tick_ms() + PROVIDER_MS};
    return x;
}

static bool send_off(struct errand *x, void (*done)(struct crew_job *), struct err *e)
{
    struct request *r = x->request;
    x->job.done = done;
    if (crew_take(r->web->oidc->crew, &x->job)) {
        TAILQ_INSERT_TAIL(&r->web->pending, r, next);
        return true;
    }
    r->ask.http = 503;
    r->ask.retry_after_s = 5;
    secret_forget(&x->ask.secret);
    errand_free(x);
    return err_set(e, ERR_LIMIT, "too many people sign in at this moment");
}

// Who asked may be gone: then evhttp frees what it gave us.
static bool is_there(struct request *r)
{
    TAILQ_REMOVE(&r->web->pending, r, next);
    r->ask.site = r->web->fresh.site;       // read anew, perhaps, and the old one is gone
    if (evhttp_request_get_connection(r->ev))
        return true;
    evhttp_send_reply(r->ev, 500, "Gone", NULL);
    request_free(r);
    return false;
}

static void refuse(struct request *r, const struct err *e)
{
    oidc_refuse(r, e);
    request_free(r);
}

// Away.

static void field(struct buf *b, const char *name, struct str value)
{
    buf_addf(b, "&%s=", name);
    for (size_t i = 0; i < value.n; i++)
        if (str_plain((struct str){value.p + i, 1}, "-._~"))
            buf_addc(b, value.p[i]);
        else
            buf_addf(b, "%%%02X", (unsigned char)value.p[i]);
}

static struct str scopes_of(struct arena *a, const struct site *s)
{
    return str_f(a, "openid " STR_F, STR_A(services_text(a, &s->web.oidc.scopes)));
}

static struct str away(struct arena *a, const struct errand *x, const struct site *s)
{
    OWN_BUF struct buf b = buf_make(8192);
    struct oidc_words words;
    oidc_words(a, &x->way, &words);
    buf_add(&b, x->found.authorization);
    buf_addz(&b, str_has(x->found.authorization, '?') ? "&response_type=code" : "?response_type=code");
    field(&b, "client_id", x->ask.client);
    field(&b, "redirect_uri", x->ask.redirect);
    field(&b, "scope", str_trim(scopes_of(a, s)));
    field(&b, "state", words.state);
    field(&b, "nonce", words.nonce);
    field(&b, "code_challenge", words.challenge);
    buf_addz(&b, "&code_challenge_method=S256");
    if (x->fresh)
        buf_addz(&b, "&prompt=login&max_age=0");
    return str_dup(a, buf_str(&b));
}

static void on_found(struct crew_job *job)
{
    struct errand *x = (struct errand *)(void *)job;
    struct request *r = x->request;
    struct err e = x->err;
    if (!is_there(r)) {
        errand_free(x);
        return;
    }
    const struct site *s = r->web->fresh.good;
    if (!x->ok || !str_eq(s->web.oidc.issuer, x->ask.issuer)) {
        if (x->ok)
            err_set(&e, ERR_STATE, "the site file was changed meanwhile; sign in again");
        refuse(r, &e);
    } else {
        r->ask.cookie = oidc_cookie_set(r->ask.arena, &x->way);
        reply_redirect(r, away(r->ask.arena, x, s));
        request_free(r);
    }
    errand_free(x);
}

static struct str query(struct request *r, const char *name)
{
    for (size_t i = 0; i < r->target.query.n; i++)
        if (str_eq(r->target.query.at[i].name, str_z(name)))
            return r->target.query.at[i].value;
    return S("");
}

static bool start(struct request *r, const struct site *s, struct err *e)
{
    struct oidc_way way;
    oidc_way_new(&way);
    if (oidc_to_ok(query(r, "to")))
        way.to = query(r, "to");
    way.invite = query(r, "invite");
    if (way.invite.n && (way.invite.n > INVITE_TEXT || !str_plain(way.invite, "-_")))
        return err_set(e, ERR_INPUT, "this is no invitation");
    struct errand *x = errand_new(r, s, &way);
    x->fresh = str_eq(query(r, "fresh"), S("true"));
    return send_off(x, on_found, e);
}

// Back.

static bool charge(struct request *r, struct err *e)
{
    struct strs keys = {0};
    vec_push(r->ask.arena, &keys, address_key(r->ask.arena, r->from));
    if (throttle_charge(&r->ask, &keys, e))
        return true;
    return e->kind != ERR_LIMIT ? false
           : err_set(e, ERR_LIMIT, "too many sign-ins from your address failed: the next may begin in %d s",
                     r->ask.retry_after_s);
}

static bool enter(struct request *r, const struct errand *x, struct err *e)
{
    struct ask *q = &r->ask;
    const struct site *s = r->web->fresh.good;
    struct newcomer n;
    if (!str_eq(s->web.oidc.issuer, x->ask.issuer))
        return err_set(e, ERR_STATE, "the site file was changed meanwhile; sign in again");
    newcomer_read(q->arena, s, &x->told, &n);
    n.invite = x->way.invite;
    q->route = &oidc_enter;
    q->in = &n;
    return act(r, S(""), e);
}

// A code that was used, or a token that is not to be believed, is noted as a try of somebody: nobody is known then.
static bool enter_refused(struct request *r, const struct errand *x, struct err *e)
{
    *e = x->err;
    r->ask.route = &oidc_enter;
    r->ask.remark = (struct remark){.who = S("somebody"), .refused = true, .subject = S("oidc")};
    act_refused(r);
    return false;
}

static void on_told(struct crew_job *job)
{
    struct errand *x = (struct errand *)(void *)job;
    struct request *r = x->request;
    struct err e = {0};
    if (!is_there(r)) {
        errand_free(x);
        return;
    }
    bool ok = x->ok ? enter(r, x, &e) : enter_refused(r, x, &e);
    reply_cookie(r, oidc_cookie_end());
    if (ok) {
        reply_redirect(r, x->way.to);
        request_free(r);
    } else {
        r->ask.cookie = S("");
        refuse(r, &e);
    }
    errand_free(x);
}

// The provider's word for why is shown when it is a word.
static bool said_no(struct request *r, struct err *e)
{
    struct str why = query(r, "error");
    err_set(e, ERR_DENIED, "the provider did not sign you in: " STR_F,
            STR_A(str_plain(why, "_") && why.n <= 64 ? why : S("it does not say why")));
    return err_hint(e, "sign in again");
}

static bool not_begun_here(struct err *e)
{
    err_set(e, ERR_SIGNED_OUT, "this sign-in did not begin in this browser, or longer than ten minutes ago");
    return err_hint(e, "sign in again");
}

static bool back(struct request *r, const struct site *s, struct err *e)
{
    struct ask *q = &r->ask;
    struct oidc_way way;
    struct oidc_words words;
    struct str state = query(r, "state"), code = query(r, "code"), iss = query(r, "iss");
    if (!oidc_cookie_read(q->arena, ask_header(q, "cookie"), &way))
        return not_begun_here(e);
    oidc_words(q->arena, &way, &words);
    if (state.n != words.state.n || sodium_memcmp(state.p, words.state.p, state.n) != 0)
        return not_begun_here(e);
    q->cookie = oidc_cookie_end();
    if (iss.n && !str_eq(iss, s->web.oidc.issuer))
        return err_set(e, ERR_DENIED, "another provider sent this browser here");
    if (query(r, "error").n)
        return said_no(r, e);
    if (!code.n || code.n > CODE_MAX)
        return err_set(e, ERR_INPUT, "the provider sent no code");
    if (!charge(r, e))
        return false;
    struct errand *x = errand_new(r, s, &way);
    x->ask.code = str_dup(&x->arena, code);
    x->ask.issuer_said = iss.n > 0;
    vec_push(&x->arena, &x->ask.claims, S("preferred_username"));
    if (s->web.oidc.domains.n)
        vec_push(&x->arena, &x->ask.claims, S("email"));
    vec_push(&x->arena, &x->ask.claims, str_dup(&x->arena, s->web.oidc.claim));
    if (!secret_get(&x->arena, q->db, q->data, "web", s->web.oidc.secret, &x->ask.secret, e)) {
        errand_free(x);
        return err_in(e, "web.oidc");
    }
    return send_off(x, on_told, e);
}

// Both.

static bool not_too_often(struct request *r, struct err *e)
{
    int wait_s;
    if (address_is_loopback(r->from) || limit_visit(&r->web->oidc->visits, r->from, tick_ms(), &wait_s))
        return true;
    r->ask.http = 429;
    r->ask.retry_after_s = wait_s;
    return err_set(e, ERR_LIMIT, "more than %u sign-ins in a minute from this address", A_MINUTE);
}

static bool is_set_up(const struct site *s, struct err *e)
{
    if (s && s->web.oidc.issuer.n)
        return true;
    err_set(e, ERR_NOT_FOUND, "nobody signs in by another provider here");
    return err_hint(e, "web.oidc in the site file names one");
}

bool oidc_answer(struct request *r)
{
    static const struct {
        struct str name;
        bool (*take)(struct request *, const struct site *, struct err *);
    } rows[] = {{S("start"), start}, {S("back"), back}};
    const struct strs *path = &r->target.segments;
    struct err e = {0};
    if (r->portal->kind != PORTAL_API || r->method != GET || r->head_only || path->n != 2
        || !str_eq(path->at[0], S("oidc")))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (!str_eq(path->at[1], rows[i].name))
            continue;
        const struct site *s = r->web->fresh.good;
        origin_settle(r);
        if (!is_set_up(s, &e) || !not_too_often(r, &e) || !rows[i].take(r, s, &e))
            refuse(r, &e);
        return true;
    }
    return false;
}

bool api_sign_in_ways(struct ask *q, struct err *e)
{
    (void)e;
    struct str name = oidc_name(q->arena, request_of(q)->web->fresh.good);
    json_open(q->out, '{');
    json_kv(q->out, "password", (bool)true);
    json_key(q->out, "oidc");
    if (name.n)
        json_object(q->out, KV("name", name), KV("start", "/oidc/start"));
    else
        json_val(q->out, V_NULL);
    json_close(q->out, '}');
    return true;
}

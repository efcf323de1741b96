// provider.c: the provider's document, its keys, the exchange of a code, and userinfo. Called from a thread beside the
// loop: it may wait, and it touches nothing but what it is given.
#include "web/provider.h"
#include "base/clock.h"
#include "web/far.h"
#include "web/talk.h"
#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum {
    FRESH_MS = 3600 * 1000, STALE_MS = 24 * 3600 * 1000,    // asked again; believed while it does not answer
    AGAIN_MS = 60 * 1000,                                   // asked again, while an older word is at hand
    FAILED_MS = 3000,                                       // and while there is none
};

struct provider {
    struct arena arena;             // of found
    struct discovery found;
    json_t *keys;                   // NULL: not asked yet
    int64_t found_at, ask_at;       // tick
    struct str failed_issuer;       // malloc'ed
    int64_t failed_at;
    struct err failed;
};

struct provider *provider_new(void)
{
    struct provider *p = calloc(1, sizeof *p);
    assert(p);
    return p;
}

static void forget(struct provider *p)
{
    json_decref(p->keys);
    arena_drop(&p->arena);
    p->keys = NULL;
    p->found = (struct discovery){0};
}

void provider_free(struct provider *p)
{
    if (!p)
        return;
    forget(p);
    free((void *)(uintptr_t)p->failed_issuer.p);
    free(p);
}

// One question.

struct letter {
    struct str url, issuer;
    struct str bearer, basic, form;     // "" = without; a form makes it a POST
    int64_t until_ms;
};

static void write_letter(struct buf *b, const struct letter *l)
{
    const char *url = l->url.p;
    struct str host = far_host(url), path = str_from(l->url, (size_t)(host.p + host.n - url));
    buf_addf(b, "%s " STR_F " HTTP/1.1\r\nHost: " STR_F "\r\nConnection: close\r\nAccept: application/json\r\n"
             "User-Agent: Rusuban/" RUSUBAN_VERSION "\r\n", l->form.n ? "POST" : "GET", STR_A(path.n ? path : S("/")),
             STR_A(host));
    if (l->bearer.n)
        buf_addf(b, "Authorization: Bearer " STR_F "\r\n", STR_A(l->bearer));
    if (l->basic.n)
        buf_addf(b, "Authorization: Basic " STR_F "\r\n", STR_A(l->basic));
    if (l->form.n)
        buf_addf(b, "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %zu\r\n", l->form.n);
    buf_addz(b, "\r\n");
    buf_add(b, l->form);
}

static bool send_letter(struct arena *a, const struct letter *l, struct answer *out, struct err *e)
{
    OWN_FAR struct far f = {.fd = -1, .outside = !discovery_same_host(l->url, l->issuer)};
    OWN_BUF struct buf b = buf_make(64 << 10);
    write_letter(&b, l);
    bool ok = buf_ok(&b, e) && far_connect(a, l->url.p, l->until_ms, &f, e);
    struct talk t = {.fd = f.fd, .tls = f.tls, .until_ms = l->until_ms, .max = PROVIDER_ANSWER_MAX, .chunks = true};
    ok = ok && (talk_ask(a, &t, buf_str(&b), out, e) || err_in(e, STR_F, STR_A(l->url)));
    if (!ok && e->kind == ERR_LIMIT)
        e->kind = ERR_PEER;             // theirs, not that of who asks us
    if (b.p)
        sodium_memzero(b.p, b.n);       // secrets
    return ok;
}

static bool get(struct arena *a, const struct letter *l, struct answer *out, struct err *e)
{
    if (!send_letter(a, l, out, e))
        return false;
    if (out->status == 200)
        return true;
    err_set(e, ERR_PEER, STR_F " answers with status %d", STR_A(l->url), out->status);
    bool elsewhere = out->status / 100 == 3;
    return err_hint(e, "%s", elsewhere ? "redirects are not followed; name the issuer as it calls itself" : "");
}

static json_t *get_json(struct arena *a, const struct letter *l, struct err *e)
{
    struct answer got;
    if (!get(a, l, &got, e))
        return NULL;
    json_t *o = json_loadb(got.body.p, got.body.n, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(o))
        return o;
    json_decref(o);
    err_set(e, ERR_PEER, STR_F " answers with something that is no JSON object", STR_A(l->url));
    return NULL;
}

// Who it is.

static bool ask_who(struct arena *a, struct str issuer, int64_t until_ms, struct discovery *out, struct err *e)
{
    struct str base = str_ends(issuer, S("/")) ? str_head(issuer, issuer.n - 1) : issuer;
    struct letter l = {.url = str_f(a, STR_F "/.well-known/openid-configuration", STR_A(base)), .issuer = issuer,
                       .until_ms = until_ms};
    struct answer got;
    return get(a, &l, &got, e) && discovery_read(a, got.body, issuer, out, e);
}

static void note_failure(struct provider *p, struct str issuer, const struct err *e)
{
    free((void *)(uintptr_t)p->failed_issuer.p);
    char *copy = malloc(issuer.n + 1);
    assert(copy);
    memcpy(copy, issuer.p, issuer.n);
    p->failed_issuer = (struct str){copy, issuer.n};
    p->failed_at = tick_ms();
    p->failed = *e;
}

static bool failed_just_now(const struct provider *p, struct str issuer, struct err *e)
{
    if (!p->failed_issuer.p || !str_eq(p->failed_issuer, issuer) || tick_ms() - p->failed_at > FAILED_MS)
        return false;
    *e = p->failed;
    return true;
}

// An older word is better than none: keys are asked for when one is missing anyway.
static bool use_old(struct provider *p)
{
    p->ask_at = tick_ms() + AGAIN_MS;
    return tick_ms() - p->found_at < STALE_MS;
}

bool provider_find(struct provider *p, struct str issuer, int64_t until_ms, const struct discovery **out, struct err *e)
{
    struct arena a = arena_make(4 << 20);
    struct discovery found;
    bool known = p->found.issuer.n && str_eq(p->found.issuer, issuer);
    *out = &p->found;
    if (known && tick_ms() < p->ask_at)
        return true;
    if (!known && failed_just_now(p, issuer, e))
        return false;
    if (!ask_who(&a, issuer, until_ms, &found, e)) {
        arena_drop(&a);
        if (known && use_old(p))
            return true;
        note_failure(p, issuer, e);
        return false;
    }
    forget(p);
    p->arena = a;
    p->found = found;
    p->found_at = tick_ms();
    p->ask_at = p->found_at + FRESH_MS;
    return true;
}

static bool ask_keys(struct provider *p, struct arena *a, const struct provider_ask *ask, struct err *e)
{
    struct letter l = {.url = p->found.keys, .issuer = ask->issuer, .until_ms = ask->until_ms};
    json_t *keys = get_json(a, &l, e);
    if (!keys)
        return false;
    if (!json_is_array(json_object_get(keys, "keys"))) {
        json_decref(keys);
        return err_set(e, ERR_PEER, STR_F " holds no list of keys", STR_A(p->found.keys));
    }
    json_decref(p->keys);
    p->keys = keys;
    return true;
}

// The code for a token.

static void form_text(struct buf *b, struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (str_plain((struct str){s.p + i, 1}, "-._~"))
            buf_addc(b, s.p[i]);
        else
            buf_addf(b, "%%%02X", (unsigned char)s.p[i]);
}

static void form_field(struct buf *b, const char *name, struct str value)
{
    buf_addf(b, "%s%s=", b->n ? "&" : "", name);
    form_text(b, value);
}

static struct str basic_of(struct arena *a, const struct provider_ask *ask)
{
    OWN_BUF struct buf b = buf_make(32 << 10);
    form_text(&b, ask->client);
    buf_addc(&b, ':');
    form_text(&b, ask->secret);
    size_t room = sodium_base64_encoded_len(b.n, sodium_base64_VARIANT_ORIGINAL);
    char *to = arena_take(a, room, 1);
    sodium_bin2base64(to, room, (const unsigned char *)b.p, b.n, sodium_base64_VARIANT_ORIGINAL);
    sodium_memzero(b.p, b.n);
    return str_z(to);
}

// Its word for what is wrong goes to people; what else it may say does not.
static bool not_taken(const struct provider *p, struct str body, int status, struct err *e)
{
    OWN_JSON *o = json_loadb(body.p, body.n, 0, NULL);
    const char *code = j_text(o, "error");
    if (!str_plain(str_z(code), "_") || strlen(code) > 64)
        code = "no reason given";
    if (strcmp(code, "invalid_grant") == 0) {
        err_set(e, ERR_SIGNED_OUT,
                "the provider does not take this sign-in any more: it was used already, or its time is over");
        return err_hint(e, "sign in again");
    }
    err_set(e, ERR_PEER, STR_F " refused us with status %d: %s", STR_A(p->found.token), status, code);
    return err_hint(e, "%s", strcmp(code, "invalid_client") == 0
                    ? "are client_id and secret those of the provider? rusuban secret set web_oidc --role web" : "");
}

static json_t *redeem(struct provider *p, struct arena *a, const struct provider_ask *ask, struct err *e)
{
    OWN_BUF struct buf form = buf_make(32 << 10);
    struct answer got;
    form_field(&form, "grant_type", S("authorization_code"));
    form_field(&form, "code", ask->code);
    form_field(&form, "redirect_uri", ask->redirect);
    form_field(&form, "code_verifier", ask->verifier);
    if (p->found.post) {
        form_field(&form, "client_id", ask->client);
        form_field(&form, "client_secret", ask->secret);
    }
    struct letter l = {.url = p->found.token, .issuer = ask->issuer, .form = buf_str(&form), .until_ms = ask->until_ms,
                       .basic = p->found.post ? S("") : basic_of(a, ask)};
    bool ok = buf_ok(&form, e) && send_letter(a, &l, &got, e);
    if (form.p)
        sodium_memzero(form.p, form.n);
    if (!ok)
        return NULL;
    if (got.status != 200) {
        not_taken(p, got.body, got.status, e);
        return NULL;
    }
    json_t *o = json_loadb(got.body.p, got.body.n, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(o))
        return o;
    json_decref(o);
    err_set(e, ERR_PEER, STR_F " answers with something that is no JSON object", STR_A(p->found.token));
    return NULL;
}

// Theirs may have changed since we asked: once more, with the keys of now.
static bool believe(struct provider *p, struct arena *a, const struct provider_ask *ask, struct str token,
                    struct idtoken *out, struct err *e)
{
    struct idtoken_want want = {.issuer = ask->issuer, .client = ask->client, .nonce = ask->nonce, .now_ms = now_ms()};
    bool asked = !p->keys;
    if (asked && !ask_keys(p, a, ask, e))
        return false;
    if (idtoken_read(a, token, p->keys, &want, out, e))
        return true;
    return out->strange_key && !asked && ask_keys(p, a, ask, e) && idtoken_read(a, token, p->keys, &want, out, e);
}

bool provider_merge(json_t *claims, const json_t *more, struct err *e)
{
    const char *sub = j_text(more, "sub");
    if (!*sub || strcmp(sub, j_text(claims, "sub")) != 0)
        return err_set(e, ERR_PEER, "the provider's userinfo is about somebody else");
    return json_object_update_missing(claims, (json_t *)(uintptr_t)more) == 0
        || err_set(e, ERR_IO, "there is not enough memory to sign somebody in");
}

static bool lacks_one(const json_t *claims, const struct strs *names)
{
    for (size_t i = 0; i < names->n; i++)
        if (!claim_find(claims, names->at[i]))
            return true;
    return false;
}

// Some providers put into the ID token only who it is.
static bool ask_more(struct provider *p, struct arena *a, const struct provider_ask *ask, const json_t *told,
                     struct idtoken *out, struct err *e)
{
    struct str bearer = str_z(j_text(told, "access_token"));
    if (!p->found.userinfo.n || !bearer.n || !lacks_one(out->claims, &ask->claims))
        return true;
    for (size_t i = 0; i < bearer.n; i++)
        if (bearer.p[i] <= 0x20 || bearer.p[i] >= 0x7f)
            return err_set(e, ERR_PEER, "the provider's access token is none");
    struct letter l = {.url = p->found.userinfo, .issuer = ask->issuer, .bearer = bearer, .until_ms = ask->until_ms};
    OWN_JSON *more = get_json(a, &l, e);
    return more && provider_merge(out->claims, more, e);
}

bool provider_sign_in(struct provider *p, struct arena *a, const struct provider_ask *ask, struct idtoken *out,
                      struct err *e)
{
    const struct discovery *found;
    *out = (struct idtoken){0};
    if (!provider_find(p, ask->issuer, ask->until_ms, &found, e))
        return false;
    if (found->says_issuer && !ask->issuer_said)
        return err_set(e, ERR_DENIED, "whoever sent this browser here did not say that it is the provider");
    OWN_JSON *told = redeem(p, a, ask, e);
    if (!told || !believe(p, a, ask, str_z(j_text(told, "id_token")), out, e))
        return false;
    if (ask_more(p, a, ask, told, out, e))
        return true;
    json_decref(out->claims);
    out->claims = NULL;
    return false;
}

// provider.h: an OpenID Connect provider as we ask it: over TLS, within 10 s, never led elsewhere by a redirect, and
// never to an address of this machine or of an inner net unless the site file's issuer names that host itself.
//
//     struct provider *p = provider_new();            // remembers what it learned; belongs to one thread
//     if (!provider_find(p, issuer, until, &found, e)) ...
//     if (!provider_sign_in(p, &a, &ask, &told, e)) ...
//
// What a provider says about itself and its keys are kept for an hour, and for a day while it does not answer; keys are
// asked for anew when a token is signed by one that is not among them.
#pragma once
#include "web/discovery.h"
#include "web/idtoken.h"

enum { PROVIDER_ANSWER_MAX = 128 << 10, PROVIDER_MS = 10000 };

struct provider_ask {
    struct str issuer, client, secret;
    struct str redirect, code, verifier, nonce;     // as the browser was sent away with them
    bool issuer_said;                               // the browser brought it along, and it is this one
    struct strs claims;                             // asked for at userinfo when the ID token lacks one
    int64_t until_ms;                               // tick_ms
};

struct provider;
struct provider *provider_new(void);
void provider_free(struct provider *p);
// *out lives until the next call.
bool provider_find(struct provider *p, struct str issuer, int64_t until_ms, const struct discovery **out,
                   struct err *e) MUST_USE;
// Redeems the code and checks who came; out->claims is the caller's to drop. ERR_SIGNED_OUT: the code is worth nothing.
bool provider_sign_in(struct provider *p, struct arena *a, const struct provider_ask *ask, struct idtoken *out,
                      struct err *e) MUST_USE;
// What a provider keeps of a token's claims when userinfo says more: never less, and of the same person only.
bool provider_merge(json_t *claims, const json_t *more, struct err *e) MUST_USE;

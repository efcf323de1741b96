// oidc.h: people who sign in at an OpenID Connect provider (web.oidc): /oidc/start sends the browser there, /oidc/back
// takes it in again. Code flow with PKCE (RFC 7636) and nonce.
//
// All that a sign-in on its way needs lies in a cookie of this host with 32 random bytes: state, nonce and verifier are
// made from them. So nothing is kept here that strangers could fill up, and a way back that another browser began, or
// another site, fits no cookie.
#pragma once
#include "web/request.h"
#include "web/provider.h"

struct oidc;
struct oidc *oidc_new(struct event_base *base, struct err *e) MUST_USE;
void oidc_free(struct oidc *o);
// Takes the request when it is for one of the two addresses, and answers it now or later.
bool oidc_answer(struct request *r);

// What people call the provider; "" = there is none.
struct str oidc_name(struct arena *a, const struct site *s);

// oidc_cookie.c: a sign-in on its way.
struct oidc_way {
    unsigned char secret[32];
    struct str to, invite;          // where the browser goes then; an invitation that it takes
};
struct oidc_words { struct str state, nonce, verifier, challenge; };

void oidc_way_new(struct oidc_way *w);
struct str oidc_cookie_set(struct arena *a, const struct oidc_way *w);     // Set-Cookie
struct str oidc_cookie_end(void);
// From a Cookie header. False: there is none, or it is not one of ours.
bool oidc_cookie_read(struct arena *a, struct str header, struct oidc_way *out);
void oidc_words(struct arena *a, const struct oidc_way *w, struct oidc_words *out);
bool oidc_to_ok(struct str to);             // an address of ours: a path

// oidc_enter.c: who came becomes somebody here, or not.
struct newcomer {
    struct str issuer, subject, name, invite;
    enum standing role;             // by the provider's groups, or by web.oidc.role; STRANGER: none
    bool by_group;
    bool foreign_mail;              // its address is not verified, or of none of web.oidc.domains
    int64_t proved_ms;              // when it last proved to the provider who it is; 0: not told
};
void newcomer_read(struct arena *a, const struct site *s, const struct idtoken *t, struct newcomer *out);
extern const struct route oidc_enter;       // its run: q->in is a struct newcomer

// oidc_page.c: what went wrong, for a browser; as JSON for everybody else.
void oidc_refuse(struct request *r, const struct err *e);

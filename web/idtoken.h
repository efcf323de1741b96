// idtoken.h: the ID token of an OpenID Connect provider: is it signed by a key of theirs, for us, now, and for this
// sign-in? (OpenID Connect Core 1.0, section 3.1.3.7; RFC 7515, 7517, 7518.)
//
//     struct idtoken_want want = {.issuer = S("https://id.example"), .client = S("rusuban"), .nonce = nonce,
//                                 .now_ms = now_ms()};
//     if (!idtoken_read(a, token, keys, &want, &out, e)) ...      // keys: the provider's JWKS, parsed
//
// RS256 and ES256, which every provider has; "none" and the symmetric ones are refused, whatever the token says.
#pragma once
#include "base/base.h"
#include "base/jansson.h"

enum { IDTOKEN_MAX = 16 << 10, IDTOKEN_SKEW_MS = 60000 };

struct idtoken_want { struct str issuer, client, nonce; int64_t now_ms; };
struct idtoken {
    struct str subject;         // the provider's name for this person, for ever
    struct str name;            // preferred_username, or ""
    json_t *claims;             // all of them; the caller's to drop
    bool strange_key;           // refused since its key is not among ours: theirs may have changed
};

bool idtoken_read(struct arena *a, struct str token, const json_t *keys, const struct idtoken_want *want,
                  struct idtoken *out, struct err *e) MUST_USE;

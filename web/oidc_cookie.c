// oidc_cookie.c: __Host-rusuban-oidc=SECRET.TO.INVITE, each in base64url, for ten minutes. SameSite=Lax: the provider
// sends the browser back by a link, with which such a cookie comes along.
#include "web/oidc.h"
#include <sodium.h>
#include <string.h>

#define COOKIE  "__Host-rusuban-oidc"
enum { SECRET_TEXT = 43, PART_MAX = 700, TO_MAX = 500 };

static struct str url64(struct arena *a, const void *p, size_t n)
{
    size_t room = sodium_base64_encoded_len(n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char *to = arena_take(a, room, 1);
    sodium_bin2base64(to, room, p, n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return str_z(to);
}

static bool from_url64(struct arena *a, struct str text, struct str *out)
{
    unsigned char *to = arena_take(a, text.n + 1, 1);
    size_t n = 0;
    if (text.n > PART_MAX || sodium_base642bin(to, text.n, text.p, text.n, NULL, &n, NULL,
                                               sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
        return false;
    *out = (struct str){(char *)to, n};
    return true;
}

void oidc_way_new(struct oidc_way *w)
{
    *w = (struct oidc_way){.to = S("/")};
    randombytes_buf(w->secret, sizeof w->secret);
}

struct str oidc_cookie_set(struct arena *a, const struct oidc_way *w)
{
    struct str secret = url64(a, w->secret, sizeof w->secret), to = url64(a, w->to.p, w->to.n),
               invite = url64(a, w->invite.p, w->invite.n);
    return str_f(a, COOKIE "=" STR_F "." STR_F "." STR_F "; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=600",
                 STR_A(secret), STR_A(to), STR_A(invite));
}

struct str oidc_cookie_end(void)
{
    return S(COOKIE "=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0");
}

bool oidc_to_ok(struct str to)
{
    return to.n && to.n <= TO_MAX && to.p[0] == '/' && (to.n == 1 || to.p[1] != '/')
        && str_plain(to, "-._~/%?&=+:@!$'()*,;");
}

static bool read_value(struct arena *a, struct str value, struct oidc_way *out)
{
    struct str secret, head = str_cut(&value, '.'), to = str_cut(&value, '.');
    if (head.n != SECRET_TEXT || !from_url64(a, head, &secret) || secret.n != sizeof out->secret
        || !from_url64(a, to, &out->to) || !oidc_to_ok(out->to) || !from_url64(a, value, &out->invite)
        || (out->invite.n && !str_plain(out->invite, "-_")))
        return false;
    memcpy(out->secret, secret.p, sizeof out->secret);
    return true;
}

bool oidc_cookie_read(struct arena *a, struct str header, struct oidc_way *out)
{
    *out = (struct oidc_way){0};
    while (header.n) {
        struct str value = str_trim(str_cut(&header, ';')), name = str_cut(&value, '=');
        if (str_eq(name, S(COOKIE)))
            return read_value(a, value, out);
    }
    return false;
}

static struct str word(struct arena *a, const struct oidc_way *w, struct str what)
{
    unsigned char at[32];
    crypto_generichash(at, sizeof at, (const unsigned char *)what.p, what.n, w->secret, sizeof w->secret);
    return url64(a, at, sizeof at);
}

void oidc_words(struct arena *a, const struct oidc_way *w, struct oidc_words *out)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    *out = (struct oidc_words){.state = word(a, w, S("state")), .nonce = word(a, w, S("nonce")),
                               .verifier = word(a, w, S("verifier"))};
    crypto_hash_sha256(hash, (const unsigned char *)out->verifier.p, out->verifier.n);
    out->challenge = url64(a, hash, sizeof hash);
}

// idtoken_test.c: tokens signed here and now by keys made here, each wrong in one way.
#include "base/test.h"
#include "web/idtoken.h"
#include <sodium.h>
#include <string.h>

#define ERR_STATE OPENSSL_ERR_STATE     // a type of OpenSSL's, a kind of ours
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#undef ERR_STATE

static const int64_t now = 1800000000000;

static struct str url64(struct arena *a, const void *p, size_t n)
{
    size_t room = sodium_base64_encoded_len(n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char *to = arena_take(a, room, 1);
    sodium_bin2base64(to, room, p, n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return str_z(to);
}

static EVP_PKEY *keys[2];       // RSA, EC: made once

static struct str number(struct arena *a, EVP_PKEY *key, const char *name, size_t n)
{
    unsigned char at[512];
    BIGNUM *b = NULL;
    CHECK(EVP_PKEY_get_bn_param(key, name, &b) == 1);
    int got = n ? BN_bn2binpad(b, at, (int)n) : BN_bn2bin(b, at);
    BN_free(b);
    return url64(a, at, (size_t)got);
}

static json_t *jwks(struct arena *a)
{
    OWN_BUF struct buf b = buf_make(8192);
    if (!keys[0]) {
        keys[0] = EVP_RSA_gen(2048);
        keys[1] = EVP_EC_gen("P-256");
    }
    buf_addf(&b, "{\"keys\":[{\"kty\":\"oct\",\"kid\":\"h\",\"k\":\"c2VjcmV0\"},"
             "{\"kty\":\"RSA\",\"kid\":\"r\",\"use\":\"sig\",\"n\":\"" STR_F "\",\"e\":\"" STR_F "\"},"
             "{\"kty\":\"EC\",\"kid\":\"e\",\"crv\":\"P-256\",\"x\":\"" STR_F "\",\"y\":\"" STR_F "\"}]}",
             STR_A(number(a, keys[0], "n", 0)), STR_A(number(a, keys[0], "e", 0)),
             STR_A(number(a, keys[1], OSSL_PKEY_PARAM_EC_PUB_X, 32)),
             STR_A(number(a, keys[1], OSSL_PKEY_PARAM_EC_PUB_Y, 32)));
    return json_loadb(b.p, b.n, 0, NULL);
}

static struct str raw_ecdsa(struct arena *a, const unsigned char *der, size_t n)
{
    unsigned char *out = arena_take(a, 64, 1);
    ECDSA_SIG *s = d2i_ECDSA_SIG(NULL, &der, (long)n);
    CHECK(s && BN_bn2binpad(ECDSA_SIG_get0_r(s), out, 32) == 32
          && BN_bn2binpad(ECDSA_SIG_get0_s(s), out + 32, 32) == 32);
    ECDSA_SIG_free(s);
    return (struct str){(const char *)out, 64};
}

static struct str signed_token(struct arena *a, int which, const char *header, const char *claims)
{
    struct str head = url64(a, header, strlen(header)), body = url64(a, claims, strlen(claims));
    struct str text = str_f(a, STR_F "." STR_F, STR_A(head), STR_A(body));
    unsigned char at[512];
    size_t n = sizeof at;
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    CHECK(EVP_DigestSignInit(c, NULL, EVP_sha256(), NULL, keys[which]) == 1);
    CHECK(EVP_DigestSign(c, at, &n, (const unsigned char *)text.p, text.n) == 1);
    EVP_MD_CTX_free(c);
    struct str raw = which ? raw_ecdsa(a, at, n) : (struct str){(const char *)at, n};
    return str_f(a, STR_F "." STR_F, STR_A(text), STR_A(url64(a, raw.p, raw.n)));
}

static bool believed(struct arena *a, struct str token, struct idtoken *out, struct err *e)
{
    OWN_JSON *set = jwks(a);
    struct idtoken_want want = {S("https://id.example"), S("rusuban"), S("n-1"), now};
    bool ok = idtoken_read(a, token, set, &want, out, e);
    json_decref(out->claims);
    return ok;
}

#define R   "{\"alg\":\"RS256\",\"kid\":\"r\"}"
#define E   "{\"alg\":\"ES256\",\"kid\":\"e\"}"
#define ISS "\"iss\":\"https://id.example\","
#define WHO "\"sub\":\"248\",\"preferred_username\":\"kato\","
#define AUD "\"aud\":\"rusuban\","
#define AT  "\"nonce\":\"n-1\",\"iat\":1799999990,\"exp\":1800000300}"
#define GOOD "{" ISS WHO AUD AT

TEST(an_id_token_is_believed_when_everything_fits_and_only_then)
{
    static const struct { int key; const char *header, *claims; bool ok; } rows[] = {
        {0, R, GOOD, true}, {1, E, GOOD, true},
        {0, R, "{" ISS WHO "\"aud\":[\"rusuban\"]," AT, true},
        {0, R, "{" ISS WHO "\"aud\":[\"x\",\"rusuban\"],\"azp\":\"rusuban\"," AT, true},
        {0, R, "{" ISS WHO "\"aud\":[\"x\",\"rusuban\"]," AT, false},
        {0, R, "{" ISS WHO "\"aud\":[\"rusuban\",\"x\"],\"azp\":\"x\"," AT, false},
        {0, R, "{" ISS WHO "\"aud\":\"other\"," AT, false},
        {0, R, "{" ISS WHO AT, false},
        {0, R, "{\"iss\":\"https://id.example/\"," WHO AUD AT, false},
        {0, R, "{" ISS AUD AT, false},
        {0, R, "{" ISS WHO AUD "\"nonce\":\"n-2\",\"iat\":1799999990,\"exp\":1800000300}", false},
        {0, R, "{" ISS WHO AUD "\"iat\":1799999990,\"exp\":1800000300}", false},
        {0, R, "{" ISS WHO AUD "\"nonce\":\"n-1\",\"iat\":1799999000,\"exp\":1799999900}", false},
        {0, R, "{" ISS WHO AUD "\"nonce\":\"n-1\",\"iat\":1800000100,\"exp\":1800000300}", false},
        {0, R, "{" ISS WHO AUD "\"nonce\":\"n-1\",\"iat\":1799999990}", false},
        {0, R, "{" ISS WHO AUD "\"nonce\":\"n-1\",\"iat\":1799999990,\"exp\":\"1800000300\"}", false},
        {0, R, "[]", false},
        {0, E, GOOD, false}, {1, R, GOOD, false},                       // another kind of key than it says
        {0, "{\"alg\":\"RS256\",\"kid\":\"e\"}", GOOD, false},
        {0, "{\"alg\":\"RS256\",\"kid\":\"unknown\"}", GOOD, false},
        {0, "{\"alg\":\"none\"}", GOOD, false}, {0, "{\"alg\":\"HS256\",\"kid\":\"h\"}", GOOD, false},
        {0, "{\"alg\":\"RS256\",\"kid\":\"r\",\"crit\":[\"x\"]}", GOOD, false},
    };
    OWN_ARENA struct arena a = arena_make(4 << 20);
    json_decref(jwks(&a));      // makes the keys
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct idtoken out;
        struct err e = {0};
        if (believed(&a, signed_token(&a, rows[i].key, rows[i].header, rows[i].claims), &out, &e) != rows[i].ok)
            test_failed(__FILE__, __LINE__, "row %zu: %s", i, e.text);
        else if (rows[i].ok)
            CHECK(str_eq(out.subject, S("248")) && str_eq(out.name, S("kato")));
    }
}

TEST(one_octet_that_was_changed_anywhere_is_found)
{
    OWN_ARENA struct arena a = arena_make(64 << 20);
    OWN_JSON *made = jwks(&a);
    for (int which = 0; which < 2; which++) {
        struct str token = signed_token(&a, which, which ? E : R, GOOD);
        struct idtoken out;
        struct err e = {0};
        CHECK(believed(&a, token, &out, &e));
        for (size_t i = 0; i < token.n; i += 3) {
            char *wrong = str_zdup(&a, token);
            wrong[i] = wrong[i] == 'A' ? 'B' : 'A';
            if (believed(&a, (struct str){wrong, token.n}, &out, &e))
                test_failed(__FILE__, __LINE__, "octet %zu of key %d", i, which);
        }
        CHECK(!believed(&a, str_head(token, token.n - 4), &out, &e));
    }
    CHECK(made);
}

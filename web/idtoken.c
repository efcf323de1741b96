// idtoken.c: reading and checking an ID token. The signature first: nothing of what was not signed is believed.
#include "web/idtoken.h"
#include <sodium.h>
#include <string.h>

#define ERR_STATE OPENSSL_ERR_STATE     // a type of OpenSSL's, a kind of ours
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#undef ERR_STATE

enum { RSA_BITS_MIN = 2048, ES256_BYTES = 32 };

static void own_key_drop(EVP_PKEY **k) { EVP_PKEY_free(*k); }
static void own_bn_drop(BIGNUM **b) { BN_free(*b); }
static void own_build_drop(OSSL_PARAM_BLD **b) { OSSL_PARAM_BLD_free(*b); }
static void own_params_drop(OSSL_PARAM **p) { OSSL_PARAM_free(*p); }
static void own_context_drop(EVP_PKEY_CTX **c) { EVP_PKEY_CTX_free(*c); }
static void own_digest_drop(EVP_MD_CTX **c) { EVP_MD_CTX_free(*c); }
static void own_signature_drop(ECDSA_SIG **s) { ECDSA_SIG_free(*s); }

static bool refuse(struct err *e, const char *why)
{
    err_set(e, ERR_PEER, "the provider's ID token is not to be believed: %s", why);
    return false;
}

static bool decode(struct arena *a, struct str text, struct str *out)
{
    unsigned char *to = arena_take(a, text.n + 1, 1);
    size_t n = 0;
    if (sodium_base642bin(to, text.n + 1, text.p, text.n, NULL, &n, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
        return false;
    *out = (struct str){(char *)to, n};
    return true;
}

static json_t *decode_json(struct arena *a, struct str text)
{
    struct str json;
    json_t *o = decode(a, text, &json) ? json_loadb(json.p, json.n, JSON_REJECT_DUPLICATES, NULL) : NULL;
    if (json_is_object(o))
        return o;
    json_decref(o);
    return NULL;
}

// Keys.

static EVP_PKEY *key_from(const char *type, OSSL_PARAM_BLD *build)
{
    OWN(own_params_drop) OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
    OWN(own_context_drop) EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    EVP_PKEY *key = NULL;
    if (!params || !c || EVP_PKEY_fromdata_init(c) != 1
        || EVP_PKEY_fromdata(c, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
        return NULL;
    return key;
}

static EVP_PKEY *rsa_key(struct arena *a, const json_t *jwk)
{
    struct str n, x;
    if (!decode(a, str_z(j_text(jwk, "n")), &n) || !decode(a, str_z(j_text(jwk, "e")), &x) || n.n > 1024 || x.n > 8)
        return NULL;
    OWN(own_build_drop) OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    OWN(own_bn_drop) BIGNUM *modulus = BN_bin2bn((const unsigned char *)n.p, (int)n.n, NULL);
    OWN(own_bn_drop) BIGNUM *exponent = BN_bin2bn((const unsigned char *)x.p, (int)x.n, NULL);
    if (!build || !modulus || !exponent || BN_num_bits(modulus) < RSA_BITS_MIN
        || !OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, modulus)
        || !OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, exponent))
        return NULL;
    return key_from("RSA", build);
}

static EVP_PKEY *ec_key(struct arena *a, const json_t *jwk)
{
    struct str x, y;
    unsigned char point[1 + 2 * ES256_BYTES] = {4};     // uncompressed
    if (strcmp(j_text(jwk, "crv"), "P-256") != 0 || !decode(a, str_z(j_text(jwk, "x")), &x)
        || !decode(a, str_z(j_text(jwk, "y")), &y) || x.n != ES256_BYTES || y.n != ES256_BYTES)
        return NULL;
    memcpy(point + 1, x.p, x.n);
    memcpy(point + 1 + ES256_BYTES, y.p, y.n);
    OWN(own_build_drop) OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    if (!build || !OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0)
        || !OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point))
        return NULL;
    return key_from("EC", build);
}

static const struct algorithm {
    const char *alg, *kty;
    EVP_PKEY *(*key)(struct arena *a, const json_t *jwk);
} algorithms[] = {{"RS256", "RSA", rsa_key}, {"ES256", "EC", ec_key}};

static const struct algorithm *algorithm_of(const json_t *header)
{
    for (size_t i = 0; i < ARRAY_LEN(algorithms); i++)
        if (strcmp(j_text(header, "alg"), algorithms[i].alg) == 0)
            return &algorithms[i];
    return NULL;
}

static EVP_PKEY *find_key(struct arena *a, const json_t *keys, const json_t *header, const struct algorithm *alg)
{
    const char *kid = j_text(header, "kid"), *use;
    size_t i;
    const json_t *k;
    json_array_foreach(json_object_get(keys, "keys"), i, k) {
        use = j_text(k, "use");
        if (strcmp(j_text(k, "kty"), alg->kty) == 0 && (!*use || strcmp(use, "sig") == 0)
            && strcmp(j_text(k, "kid"), kid) == 0)
            return alg->key(a, k);
    }
    return NULL;
}

// A JWS has the two numbers of an ECDSA signature side by side, OpenSSL wants them in DER.
static bool to_der(struct arena *a, struct str *signature)
{
    const unsigned char *p = (const unsigned char *)signature->p;
    unsigned char *der = NULL;
    if (signature->n != 2 * ES256_BYTES)
        return false;
    OWN(own_signature_drop) ECDSA_SIG *s = ECDSA_SIG_new();
    BIGNUM *x = BN_bin2bn(p, ES256_BYTES, NULL), *y = BN_bin2bn(p + ES256_BYTES, ES256_BYTES, NULL);
    if (!s || !x || !y || !ECDSA_SIG_set0(s, x, y)) {
        BN_free(x);
        BN_free(y);
        return false;
    }
    int n = i2d_ECDSA_SIG(s, &der);
    if (n > 0)
        *signature = str_dup(a, (struct str){(const char *)der, (size_t)n});
    OPENSSL_free(der);
    return n > 0;
}

static bool is_signed(struct arena *a, EVP_PKEY *key, const struct algorithm *alg, struct str text,
                      struct str signature)
{
    OWN(own_digest_drop) EVP_MD_CTX *c = EVP_MD_CTX_new();
    if (alg->key == ec_key && !to_der(a, &signature))
        return false;
    return c && EVP_DigestVerifyInit(c, NULL, EVP_sha256(), NULL, key) == 1
        && EVP_DigestVerify(c, (const unsigned char *)signature.p, signature.n, (const unsigned char *)text.p,
                            text.n) == 1;
}

// Claims.

static bool text_is(const json_t *claims, const char *key, struct str want)
{
    const json_t *v = json_object_get(claims, key);
    return want.n && json_is_string(v)
        && str_eq((struct str){json_string_value(v), json_string_length(v)}, want);
}

static bool for_us(const json_t *claims, struct str client)
{
    const json_t *aud = json_object_get(claims, "aud");
    bool found = text_is(claims, "aud", client);
    for (size_t i = 0; !found && i < json_array_size(aud); i++)
        found = json_is_string(json_array_get(aud, i))
            && str_eq(str_z(json_string_value(json_array_get(aud, i))), client);
    bool azp = json_object_get(claims, "azp") || json_array_size(aud) > 1;
    return found && (!azp || text_is(claims, "azp", client));
}

static bool is_time(const json_t *claims, const char *key, bool must, int64_t *ms)
{
    const json_t *v = json_object_get(claims, key);
    double s = json_number_value(v);
    *ms = 0;
    if (!v)
        return !must;
    if (!json_is_number(v) || !(s > 0 && s < 1e11))
        return false;
    *ms = (int64_t)(s * 1000);
    return true;
}

static const char *wrong_claim(const json_t *claims, const struct idtoken_want *w)
{
    int64_t exp, iat, nbf;
    if (!text_is(claims, "iss", w->issuer))
        return "it comes from another issuer";
    if (!for_us(claims, w->client))
        return "it is for another client";
    if (!text_is(claims, "nonce", w->nonce))
        return "it belongs to another sign-in";
    if (!is_time(claims, "exp", true, &exp) || !is_time(claims, "iat", true, &iat)
        || !is_time(claims, "nbf", false, &nbf))
        return "its times are no times";
    if (exp + IDTOKEN_SKEW_MS <= w->now_ms)
        return "its time is over";
    if (iat - IDTOKEN_SKEW_MS > w->now_ms || nbf - IDTOKEN_SKEW_MS > w->now_ms)
        return "its time has not come; are both clocks right?";
    return j_text(claims, "sub")[0] ? NULL : "it names nobody";
}

bool idtoken_read(struct arena *a, struct str token, const json_t *keys, const struct idtoken_want *want,
                  struct idtoken *out, struct err *e)
{
    struct str rest = token, signature;
    struct str head = str_cut(&rest, '.'), body = str_cut(&rest, '.');
    *out = (struct idtoken){0};
    if (token.n > IDTOKEN_MAX || !head.n || !body.n || !decode(a, rest, &signature) || !signature.n)
        return refuse(e, "it is no signed token");
    OWN_JSON *header = decode_json(a, head);
    const struct algorithm *alg = header ? algorithm_of(header) : NULL;
    if (!alg || json_object_get(header, "crit"))
        return refuse(e, "it is signed in a way that we do not take");
    OWN(own_key_drop) EVP_PKEY *key = find_key(a, keys, header, alg);
    out->strange_key = !key;
    if (!key)
        return refuse(e, "its key is none of the provider's");
    if (!is_signed(a, key, alg, (struct str){token.p, head.n + 1 + body.n}, signature))
        return refuse(e, "the signature is wrong");
    OWN_JSON *claims = decode_json(a, body);
    const char *why = claims ? wrong_claim(claims, want) : "its claims are no JSON object";
    if (why)
        return refuse(e, why);
    out->subject = str_dup(a, str_z(j_text(claims, "sub")));
    out->name = str_dup(a, str_z(j_text(claims, "preferred_username")));
    out->claims = json_incref(claims);
    return true;
}

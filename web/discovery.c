// discovery.c: the provider's document, and claims by name.
#include "web/discovery.h"
#include <string.h>
#include <strings.h>

enum { URL_MAX = 1000, CLAIM_DEPTH = 5 };

static bool unfit(struct err *e, struct str issuer, const char *why)
{
    err_set(e, ERR_PEER, "what " STR_F " says about itself is of no use: %s", STR_A(str_head(issuer, 200)), why);
    return err_hint(e, "look at ISSUER/.well-known/openid-configuration, and at web.oidc in the site file");
}

static struct str host_of(struct str url)
{
    struct str rest = str_from(url, sizeof "https://" - 1);
    return str_cut(&rest, '/');
}

bool discovery_url_ok(struct str url)
{
    if (!str_starts(url, S("https://")) || url.n > URL_MAX || !str_plain(host_of(url), ".-_:[]"))
        return false;
    for (size_t i = 0; i < url.n; i++)
        if (url.p[i] <= 0x20 || url.p[i] >= 0x7f || strchr("\"'<>\\^`{|}#", url.p[i]))
            return false;
    return true;
}

bool discovery_same_host(struct str url, struct str issuer)
{
    struct str x = host_of(url), y = host_of(issuer);
    return x.n == y.n && strncasecmp(x.p, y.p, x.n) == 0;
}

static bool address(struct arena *a, const json_t *o, const char *key, bool must, struct str *out)
{
    const char *z = j_text(o, key);
    if (!*z)
        return !must;
    *out = str_dup(a, str_z(z));
    return discovery_url_ok(*out);
}

// Without a word about it, the header is what providers take.
static bool way_of_secret(const json_t *o, bool *post)
{
    const json_t *ways = json_object_get(o, "token_endpoint_auth_methods_supported");
    *post = ways && !claim_has(ways, S("client_secret_basic"));
    return !*post || claim_has(ways, S("client_secret_post"));
}

bool discovery_read(struct arena *a, struct str json, struct str issuer, struct discovery *out, struct err *e)
{
    OWN_JSON *o = json_loadb(json.p, json.n, JSON_REJECT_DUPLICATES, NULL);
    *out = (struct discovery){.issuer = str_dup(a, issuer)};
    if (!json_is_object(o))
        return unfit(e, issuer, "it is no JSON object");
    if (!str_eq(str_z(j_text(o, "issuer")), issuer))
        return unfit(e, issuer, "it calls itself by another name (issuer)");
    if (!address(a, o, "authorization_endpoint", true, &out->authorization)
        || !address(a, o, "token_endpoint", true, &out->token) || !address(a, o, "jwks_uri", true, &out->keys)
        || !address(a, o, "userinfo_endpoint", false, &out->userinfo))
        return unfit(e, issuer, "one of its addresses is missing, or not a plain https:// address");
    if (!way_of_secret(o, &out->post))
        return unfit(e, issuer, "it takes a client secret neither as client_secret_basic nor as client_secret_post");
    out->says_issuer = j_true(o, "authorization_response_iss_parameter_supported");
    return true;
}

static const json_t *member(const json_t *o, struct str name)
{
    char key[129];
    if (!name.n || name.n >= sizeof key)
        return NULL;
    memcpy(key, name.p, name.n);
    key[name.n] = 0;
    return json_object_get(o, key);
}

// The whole name first: some are addresses, with dots of their own.
const json_t *claim_find(const json_t *claims, struct str name)
{
    const json_t *got = member(claims, name);
    if (got)
        return got;
    got = claims;
    for (int depth = 0; got && name.n && depth < CLAIM_DEPTH; depth++)
        got = member(got, str_cut(&name, '.'));
    return name.n || got == claims ? NULL : got;
}

static bool is_text(const json_t *v, struct str text)
{
    return json_is_string(v) && str_eq((struct str){json_string_value(v), json_string_length(v)}, text);
}

bool claim_has(const json_t *claim, struct str text)
{
    size_t i;
    const json_t *v;
    json_array_foreach(claim, i, v)
        if (is_text(v, text))
            return true;
    return is_text(claim, text);
}

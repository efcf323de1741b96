// oidc_check.c: what `rusuban doctor` says about the OpenID Connect provider: does it answer as its issuer, and is there
// the secret by which it knows us. Nobody can sign in there without either.
#include "base/clock.h"
#include "web/provider.h"
#include "web/web.h"

enum { WAIT_MS = 5000 };

static void look_at_provider(struct arena *a, const struct site *s, struct checks *out)
{
    struct err e = {0};
    const struct discovery *found;
    struct provider *p = provider_new();
    if (provider_find(p, s->web.oidc.issuer, tick_ms() + WAIT_MS, &found, &e))
        check_add(a, out, CHECK_OK, S("web.oidc"), NULL, STR_F " answers", STR_A(s->web.oidc.issuer));
    else
        check_add(a, out, CHECK_FAIL, S("web.oidc"), *e.hint ? e.hint : "people with a password sign in all the same",
                  "%s", e.text);
    provider_free(p);
}

static void look_at_secret(struct arena *a, const struct site *s, const char *data, struct checks *out)
{
    OWN_DB struct db *db = NULL;
    struct err e = {0};
    int64_t n = 0;
    struct str name = s->web.oidc.secret;
    if (!store_find(data, &db, &e)
        || !sql_int(db, &e, &n, "select count(*) from secret where role = 'web' and name = ?", VALS(V(name))))
        check_add(a, out, CHECK_FAIL, S("web.oidc"), e.hint, "%s", e.text);
    else if (!n)
        check_add(a, out, CHECK_FAIL, S("web.oidc"), str_zf(a, "rusuban secret set " STR_F " --role web", STR_A(name)),
                  "there is no secret " STR_F, STR_A(name));
}

void web_check(struct arena *a, const char *site, const char *data, struct checks *out)
{
    struct site *s = NULL;
    struct mistakes wrong = {0};
    struct err e = {0};
    if (!site_read(a, site, &s, &wrong, &e) || wrong.n || !s->web.oidc.issuer.n)
        return;                         // a mistake in the site file is a finding of its own
    look_at_provider(a, s, out);
    look_at_secret(a, s, data, out);
}

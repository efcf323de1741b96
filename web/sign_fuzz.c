// sign_fuzz.c: a stranger's Cookie, Authorization, X-Forwarded-For and Accept-Language: whatever comes, what is found in
// it has the only form it may have, and stands in what came; a sign-in on its way that is read leads to a place of ours.
#include "web/asset.h"
#include "web/bearer.h"
#include "web/oidc.h"
#include "web/origin.h"
#include "web/session.h"
#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void is_inside(struct str part, struct str whole)
{
    assert(!part.n || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n));
}

// Written again it is read as the same.
static void look_at_way(struct arena *a, struct str text)
{
    struct oidc_way way, again;
    if (!oidc_cookie_read(a, text, &way))
        return;
    assert(oidc_to_ok(way.to) && !str_starts(way.to, S("//")) && (!way.invite.n || str_plain(way.invite, "-_")));
    struct str set = oidc_cookie_set(a, &way);
    assert(oidc_cookie_read(a, str_cut(&set, ';'), &again));
    assert(memcmp(way.secret, again.secret, sizeof way.secret) == 0);
    assert(str_eq(way.to, again.to) && str_eq(way.invite, again.invite));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    char *copy = arena_take(&a, n + 1, 1);
    struct bearer_hash hash;
    struct address address;
    memcpy(copy, data, n);
    struct str text = {copy, n}, cookie = session_cookie(text), token = bearer_of_header(text);
    assert(cookie.n == 0 || (cookie.n == SESSION_TEXT && str_plain(cookie, "-_")));
    is_inside(cookie, text);
    is_inside(token, text);
    assert(!bearer_parse(token, &hash) || (token.n == BEARER_TEXT && str_plain(token, "_")));
    look_at_way(&a, text);
    assert(asset_language(text, text).n == 2);
    if (address_parse(text, &address)) {
        struct address network = address_network(address), twice = address_network(network);
        assert(memcmp(&network, &twice, sizeof twice) == 0);
        struct address again;
        assert(address_parse(address_text(&a, address), &again) && memcmp(&address, &again, sizeof again) == 0);
    }
    return 0;
}

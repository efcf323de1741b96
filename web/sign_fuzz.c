// sign_fuzz.c: a stranger's Cookie, Authorization and X-Forwarded-For: whatever comes, what is found in it has the only
// form it may have, and stands in what came.
#include "web/bearer.h"
#include "web/origin.h"
#include "web/session.h"
#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void is_inside(struct str part, struct str whole)
{
    assert(!part.n || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n));
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
    if (address_parse(text, &address)) {
        struct address again;
        assert(address_parse(address_text(&a, address), &again) && memcmp(&address, &again, sizeof again) == 0);
    }
    return 0;
}

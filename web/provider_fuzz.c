// provider_fuzz.c: whatever a provider answers. The first byte says what it is: its document, a token, chunks, or a
// browser's cookie. What is believed has the only form that it may have, and no token is without a key that signed it.
#include "web/answer.h"
#include "web/oidc.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const char keys[] =
    "{\"keys\":[{\"kty\":\"EC\",\"kid\":\"e\",\"crv\":\"P-256\","
    "\"x\":\"WKn-ZIGevcwGIyyrzFoZNBdaq9_TsqzGl96oc0CWuis\",\"y\":\"y77t-RvAHRKTsSGdIYUfweuOvwrvDD-Q3Hv5J0fSKbE\"}]}";

static void must(bool x)
{
    if (!x)
        abort();
}

static void document(struct arena *a, struct str text)
{
    struct discovery d;
    struct err e = {0};
    if (!discovery_read(a, text, S("https://id.example"), &d, &e)) {
        must(e.kind == ERR_PEER && e.text[0]);
        return;
    }
    const struct str urls[] = {d.authorization, d.token, d.keys};
    for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
        must(discovery_url_ok(urls[i]) && strlen(urls[i].p) == urls[i].n);
        must(!strpbrk(urls[i].p, " \r\n\t#<>\""));
    }
    must(!d.userinfo.n || discovery_url_ok(d.userinfo));
}

static void token(struct arena *a, struct str text)
{
    OWN_JSON *set = json_loads(keys, 0, NULL);
    struct idtoken_want want = {S("https://id.example"), S("rusuban"), S("n"), 1800000000000};
    struct idtoken out;
    struct err e = {0};
    must(!idtoken_read(a, text, set, &want, &out, &e) && e.kind == ERR_PEER && !out.claims);
}

static void chunks(struct arena *a, struct str text)
{
    OWN_BUF struct buf b = buf_make(1 << 20);
    struct err e = {0};
    bool whole;
    (void)a;
    bool ok = answer_unchunk(text, &b, &whole, &e);
    must(b.n <= text.n && (ok || (!whole && e.kind == ERR_PEER)));
}

static void cookie(struct arena *a, struct str text)
{
    struct oidc_way w;
    if (oidc_cookie_read(a, text, &w))
        must(oidc_to_ok(w.to) && w.to.p[0] == '/' && (w.to.n < 2 || (w.to.p[1] != '/' && w.to.p[1] != '\\')));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static void (*const reads[])(struct arena *, struct str) = {document, token, chunks, cookie};
    OWN_ARENA struct arena a = arena_make(16 << 20);
    if (n)
        reads[data[0] % ARRAY_LEN(reads)](&a, str_dup(&a, (struct str){(const char *)data + 1, n - 1}));
    return 0;
}

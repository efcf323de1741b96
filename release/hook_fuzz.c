// hook_fuzz.c: whatever arrives, what comes out keeps the narrow rules that argument vectors and pages rely on.
#include "release/hook.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool x)
{
    if (!x)
        abort();
}

static void check(const struct hook_push *p)
{
    must(p->after.n == 40 || p->after.n == 64);
    for (size_t i = 0; i < p->after.n; i++)
        must(p->after.p[i] && strchr("0123456789abcdef", p->after.p[i]));
    must(p->deleted == (strspn(p->after.p, "0") == p->after.n));
    must(str_starts(p->ref, S("refs/")) && p->ref.n <= 1024 && str_utf8(p->ref));
    must(strlen(p->ref.p) == p->ref.n && strpbrk(p->ref.p, " \t\n\r\x1B") == NULL);
    must(p->pusher.n <= 100 && str_utf8(p->pusher));
    for (size_t i = 0; i < p->pusher.n; i++)
        must((unsigned char)p->pusher.p[i] >= 0x20);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct hook_push p;
    struct err e;
    struct str body = {(const char *)data, size};
    if (hook_push_parse(&a, body, &p, &e))
        check(&p);
    else
        must(e.kind == ERR_INPUT && e.text[0]);
    must(!hook_signed(S("secret"), body, str_head(body, 71)));
    return 0;
}

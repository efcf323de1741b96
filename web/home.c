// home.c: see home.h.
#include "web/home.h"

const char *how_name(enum how h)
{
    static const char *const names[HOWS] = {"ok", "running", "info", "warn", "bad"};
    return names[h];
}

struct str home_args(struct home *h, struct kvs kvs)
{
    OWN_BUF struct buf b = buf_make(64 << 10);
    json_open(&b, '{');
    json_kvs(&b, kvs);
    json_close(&b, '}');
    return b.failed ? S("{}") : str_dup(h->arena, buf_str(&b));
}

void home_need(struct home *h, struct item x)
{
    vec_push(h->arena, &h->needs, x);
}

void home_happens(struct home *h, struct item x)
{
    vec_push(h->arena, &h->happening, x);
}

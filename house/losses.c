// losses.c: see losses.h.
#include "house/losses.h"

struct share { size_t left, of; };

static bool is_in(const struct service *svc, struct str host)
{
    for (size_t i = 0; i < svc->servers.n; i++)
        if (strs_have(&svc->servers.at[i].hosts, host))
            return true;
    return false;
}

// svc NULL: of the whole site.
static struct share share_of(const struct site *s, const struct service *svc, struct str lost)
{
    struct share x = {0};
    for (size_t i = 0; i < s->hosts.n; i++) {
        const struct host *h = &s->hosts.at[i];
        bool counts = !svc || is_in(svc, h->name);
        x.of += counts;
        x.left += counts && !str_eq(h->zone, lost);
    }
    return x;
}

// A service without hosts loses none.
static const char *how_of(const struct site *s, struct str lost)
{
    const char *how = "ok";
    for (size_t i = 0; i < s->services.n; i++) {
        struct share x = share_of(s, &s->services.at[i], lost);
        if (x.of && !x.left)
            return "bad";
        if (2 * x.left < x.of)
            how = "warn";
    }
    return how;
}

static void put_loss(struct buf *b, const struct site *s, struct str lost)
{
    struct share all = share_of(s, NULL, lost);
    json_open(b, '{');
    json_kvs(b, KVS(KV("zone", lost), KV("how", how_of(s, lost)), KV("left", all.left), KV("of", all.of)));
    json_key(b, "services");
    json_open(b, '[');
    for (size_t i = 0; i < s->services.n; i++) {
        struct share x = share_of(s, &s->services.at[i], lost);
        if (x.of)
            json_object(b, KV("name", s->services.at[i].name), KV("left", x.left), KV("of", x.of));
    }
    json_close(b, ']');
    json_close(b, '}');
}

void losses_put(struct buf *b, const struct site *s)
{
    json_open(b, '[');
    for (size_t i = 0; s && s->zones.n > 1 && i < s->zones.n; i++)
        put_loss(b, s, s->zones.at[i].name);
    json_close(b, ']');
}

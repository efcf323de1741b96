// siteword.c: see siteword.h. The event holds a hash of the file, so that a web role which starts again does not tell
// a second time what the last one told, and does tell what was changed while nobody ran.
#include "web/siteword.h"
#include "base/say.h"
#include "store/event.h"
#include <sodium.h>

static void write_body(struct buf *out, const struct fresh *f)
{
    unsigned char hash[16];
    char hex[2 * sizeof hash];
    struct str text = f->site ? f->site->text : str_z(f->err.text);
    crypto_generichash(hash, sizeof hash, (const unsigned char *)text.p, text.n, NULL, 0);
    hex_encode(hash, sizeof hash, hex);
    json_object(out, KV("hash", ((struct str){hex, sizeof hex})), KV("mistake", f->site ? NULL : f->err.text));
}

static bool tell_change(struct web *w, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    OWN_BUF struct buf body = buf_make(EVENT_BODY_MAX);
    struct str before;
    write_body(&body, &w->fresh);
    if (!event_newest(&a, w->db, S("site"), &before, e))
        return false;
    if (str_eq(before, buf_str(&body)))
        return true;
    struct str name = w->fresh.good ? str_head(w->fresh.good->name, 100) : S("");
    return event_put(w->db, S("site"), name, S("site.changed"), &body, e);
}

void siteword_look(struct siteword *s, struct web *w)
{
    struct err e = {0};
    fresh_look(&w->fresh);
    if (s->told == w->fresh.readings)
        return;
    if (tell_change(w, &e))
        s->told = w->fresh.readings;
    else
        say_err("web.site", &e);
}

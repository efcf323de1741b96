// cmd_salvage.c: `rusuban log salvage`.
#include "log/cli.h"
#include "base/file.h"
#include "base/json.h"
#include "log/account.h"
#include "log/salvage.h"
#include "site/site.h"
#include <stdio.h>

static const char *const words[] = {[SALVAGE_LOST] = "lost", [SALVAGE_AGAIN] = "again", [SALVAGE_GOES_ON] = "goes on",
                                    [SALVAGE_NAMELESS] = "nameless"};

static void print_stream(struct call *c, const struct salvage_stream *s)
{
    const char *from = grouped_number(c->arena, (int64_t)s->from), *to = grouped_number(c->arena, (int64_t)s->to);
    printf("%-8s  ", words[s->fate]);
    put_foreign(stdout, s->host);
    putchar(' ');
    put_foreign(stdout, s->path);
    switch (s->fate) {
    case SALVAGE_LOST:
        printf(": bytes %s to %s are lost; what came behind them stays\n", from, to);
        break;
    case SALVAGE_AGAIN:
        printf(": its agent is to send it again from byte %s on; what the log has behind the hole is dropped\n", from);
        break;
    case SALVAGE_GOES_ON:
        printf(": it goes on at byte %s, as far as the lake has it\n", from);
        break;
    case SALVAGE_NAMELESS:
        printf("stream %llu: nothing says what file it was; its agent sends that again from its beginning\n",
               (unsigned long long)s->id);
        break;
    }
}

static void print_text(struct call *c, const struct salvage *v)
{
    for (size_t i = 0; i < v->holes.n; i++) {
        const struct wal_hole *h = &v->holes.at[i];
        printf("damaged   %010llu.wal: bytes %zu to %zu, records from %llu on\n", (unsigned long long)h->segment,
               h->from, h->to, (unsigned long long)(h->segment << 26 | h->from));
    }
    for (size_t i = 0; i < v->found.n; i++)
        print_stream(c, &v->found.at[i]);
}

static void print_json(const struct salvage *v, bool done)
{
    OWN_BUF struct buf b = buf_make(64 << 20);
    json_open(&b, '{');
    json_kvs(&b, KVS(KV("damaged", V_BOOL(v->holes.n != 0)), KV("done", V_BOOL(done))));
    json_key(&b, "holes");
    json_open(&b, '[');
    for (size_t i = 0; i < v->holes.n; i++)
        json_object(&b, KV("segment", v->holes.at[i].segment), KV("from", v->holes.at[i].from),
                    KV("to", v->holes.at[i].to));
    json_close(&b, ']');
    json_key(&b, "streams");
    json_open(&b, '[');
    for (size_t i = 0; i < v->found.n; i++) {
        const struct salvage_stream *s = &v->found.at[i];
        json_object(&b, KV("fate", words[s->fate]), KV("stream", s->id), KV("host", s->host), KV("path", s->path),
                    KV("from", s->from), KV("to", s->to));
    }
    json_close(&b, ']');
    json_close(&b, '}');
    printf("%s\n", buf_z(&b));
}

static bool carry_on(struct call *c, struct salvage *v, struct err *e)
{
    bool yes = call_flag(c, "yes");
    if (!salvage_look(v, e))
        return false;
    if (v->holes.n && yes && !salvage_do(v, e))
        return false;
    if (c->json)
        print_json(v, v->holes.n && yes);
    else
        print_text(c, v);
    if (v->holes.n == 0 && !c->json)
        puts("the write-ahead log is whole, as far as it is needed");
    if (v->holes.n == 0)
        return true;
    if (yes) {
        if (!c->quiet)
            fprintf(stderr,
                    "Done. The damaged segments are kept in %s; start the log server, and look: rusuban log audit.\n",
                    salvage_kept(c->arena, v->lake));
        return true;
    }
    err_set(e, ERR_CHECK, "the write-ahead log is damaged; nothing was changed");
    return err_hint(e,
                    "look at that disk first; then: rusuban log salvage --yes, as it is said above,"
                    " or with --keep, which "
                    "drops nothing");
}

bool cmd_log_salvage(struct call *c, struct err *e)
{
    struct site *site;
    OWN_FD lock = -1;
    if (!site_load(c->arena, c->site, &site, e))
        return false;
    const char *lake = site_lake(c->arena, site, c->data);
    OWN_ARENA struct arena a = arena_make((size_t)4 << 30);
    struct salvage v = {.arena = &a, .lake = lake, .keep = call_flag(c, "keep")};
    if (!path_exists(str_zf(c->arena, "%s/wal", lake)))
        return err_set(e, ERR_NOT_FOUND, "there is no write-ahead log in %s", lake);
    if (!file_lock(str_zf(c->arena, "%s/LOCK", lake), &lock, e))
        return err_hint(e, "the log server runs; end it first");
    bool ok = carry_on(c, &v, e);
    salvage_drop(&v);
    return ok;
}

// palette_api.c: GET /palette: everything that can be gone to or done by name, for a page that finds as one types.
#include "house/commands.h"

enum { RELEASES_SHOWN = 50 };

static void put(struct ask *q, const char *kind, struct str name, struct str about, struct str path, struct str cli)
{
    json_object(q->out, KV("kind", kind), KV("name", name), KV("about", V_OPT(about)), KV("path", V_OPT(path)),
                KV("cli", V_OPT(cli)));
}

static void put_site(struct ask *q)
{
    const struct site *s = q->site;
    struct arena *a = q->arena;
    for (size_t i = 0; s && i < s->services.n; i++) {
        struct str name = s->services.at[i].name;
        put(q, "service", name, s->services.at[i].repository, str_f(a, "/releases?service=" STR_F, STR_A(name)),
            str_f(a, "rusuban release history " STR_F, STR_A(name)));
    }
    for (size_t i = 0; s && i < s->hosts.n; i++)
        put(q, "host", s->hosts.at[i].name, str_f(a, "zone " STR_F ", " STR_F, STR_A(s->hosts.at[i].zone),
                                                   STR_A(s->hosts.at[i].address)), S(""), S(""));
    for (size_t i = 0; s && i < s->log.datasets.n; i++)
        put(q, "dataset", s->log.datasets.at[i].name, S(""), S("/log"), S(""));
}

static bool put_releases(struct ask *q, struct err *e)
{
    struct arena *a = q->arena;
    OWN_ROWS struct rows *r = sql_ask(q->db, e, "select service, number, subject from release order by id desc limit ?",
                                      VALS(V(RELEASES_SHOWN)));
    while (r && rows_next(r, e)) {
        struct str service = row_str(a, r, 0);
        long long number = row_int(r, 1);
        put(q, "release", str_f(a, STR_F " #%lld", STR_A(service), number), row_str(a, r, 2),
            str_f(a, "/releases/" STR_F "/%lld", STR_A(service), number),
            str_f(a, "rusuban release show " STR_F " %lld", STR_A(service), number));
    }
    return r && !rows_failed(r);
}

static void put_commands(struct ask *q)
{
    for (const struct command *const *table = the_house->commands; *table; table++)
        for (const struct command *c = *table; c->words; c++)
            if (!str_starts(str_z(c->help), S("(inside)")))
                put(q, "command", str_z(c->words), str_z(c->help), S(""),
                    str_f(q->arena, "rusuban %s%s%s", c->words, *c->args ? " " : "", c->args));
}

bool api_palette(struct ask *q, struct err *e)
{
    json_open(q->out, '{');
    json_key(q->out, "items");
    json_open(q->out, '[');
    put_site(q);
    bool ok = put_releases(q, e);
    put_commands(q);
    json_close(q->out, ']');
    json_kv(q->out, "next", V_NULL);
    json_close(q->out, '}');
    return ok;
}

// palette_api.c: GET /palette: everything that can be gone to or done by name, for a page that finds as one types.
#include "house/commands.h"

enum {
    RELEASES_SHOWN = 50,
    PAGES_SHOWN = 500,          // of the log, those that were seen first: a page finds among them as one types
};

static void put(struct ask *q, const char *kind, struct str name, struct str about, struct str path, struct str cli)
{
    json_object(q->out, KV("kind", kind), KV("name", name), KV("about", V_OPT(about)), KV("path", V_OPT(path)),
                KV("cli", V_OPT(cli)));
}

static bool service_runs_on(const struct service *s, struct str host)
{
    for (size_t i = 0; i < s->servers.n; i++)
        for (size_t k = 0; k < s->servers.at[i].hosts.n; k++)
            if (str_eq(s->servers.at[i].hosts.at[k], host))
                return true;
    return false;
}

// What a host has is on the page of the latest release of a service that runs there; without one it is on the map of
// home.
static bool put_host(struct ask *q, const struct host *h, struct err *e)
{
    struct arena *a = q->arena;
    struct str about = str_f(a, "zone " STR_F ", " STR_F, STR_A(h->zone), STR_A(h->address));
    for (size_t i = 0; i < q->site->services.n; i++) {
        const struct service *s = &q->site->services.at[i];
        int64_t number = 0;
        if (!service_runs_on(s, h->name))
            continue;
        if (!sql_int(q->db, e, &number, "select coalesce(max(number), 0) from release where service = ?",
                     VALS(V(s->name))))
            return false;
        if (!number)
            continue;
        put(q, "host", h->name, about, str_f(a, "/releases/" STR_F "/%lld", STR_A(s->name), (long long)number),
            str_f(a, "rusuban release hosts " STR_F, STR_A(s->name)));
        return true;
    }
    put(q, "host", h->name, about, S("/"), S(""));
    return true;
}

static bool put_site(struct ask *q, struct err *e)
{
    const struct site *s = q->site;
    struct arena *a = q->arena;
    for (size_t i = 0; s && i < s->services.n; i++) {
        struct str name = s->services.at[i].name;
        put(q, "service", name, s->services.at[i].repository, str_f(a, "/releases?service=" STR_F, STR_A(name)),
            str_f(a, "rusuban release history " STR_F, STR_A(name)));
    }
    for (size_t i = 0; s && i < s->hosts.n; i++)
        if (!put_host(q, &s->hosts.at[i], e))
            return false;
    for (size_t i = 0; s && i < s->zones.n; i++)
        put(q, "zone", s->zones.at[i].name, s->zones.at[i].net, S("/"), S(""));
    for (size_t i = 0; s && i < s->log.datasets.n; i++)
        put(q, "dataset", s->log.datasets.at[i].name, S(""), S("/log"), S(""));
    return true;
}

static bool put_pages(struct ask *q, struct err *e)
{
    OWN_ROWS struct rows *r = sql_ask(q->db, e,
        "select id, pattern from log_page where merged_into is null order by id limit ?", VALS(V(PAGES_SHOWN)));
    while (r && rows_next(r, e))
        put(q, "log_page", row_str(q->arena, r, 1), S(""), str_f(q->arena, "/log/page/%lld", (long long)row_int(r, 0)),
            S(""));      // whoever shows a line with it quotes it for the shell: visitors made it up
    return r && !rows_failed(r);
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
    bool ok = put_site(q, e) && put_releases(q, e) && put_pages(q, e);
    put_commands(q);
    json_close(q->out, ']');
    json_kv(q->out, "next", V_NULL);
    json_close(q->out, '}');
    return ok;
}

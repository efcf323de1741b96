// status_api.c: GET /status: how the house is. Roles are their rows; one whose process is gone without a word (the
// house was killed) is shown as gone.
#include "base/clock.h"
#include "house/commands.h"
#include <errno.h>
#include <signal.h>

static bool is_gone(struct str state, int64_t pid)
{
    return str_eq(state, S("up")) && kill((pid_t)pid, 0) < 0 && errno == ESRCH;
}

static bool add_roles(struct ask *q, struct err *e)
{
    OWN_ROWS struct rows *r = sql_ask(q->db, e, "select name, state, pid, since, restarts, why from role order by name",
                                      NO_VALS);
    if (!r)
        return false;
    json_key(q->out, "roles");
    json_open(q->out, '[');
    while (rows_next(r, e)) {
        char since[TIME_TEXT_MAX];
        struct str state = row_str(q->arena, r, 1), why = row_str(q->arena, r, 5);
        int64_t pid = row_int(r, 2);
        bool gone = is_gone(state, pid);
        json_object(q->out, KV("name", row_str(q->arena, r, 0)), KV("state", gone ? S("gone") : state),
                    KV("pid", pid && !gone ? V(pid) : V_NULL), KV("since", time_text(row_int(r, 3), since)),
                    KV("for_ms", now_ms() - row_int(r, 3)), KV("restarts", row_int(r, 4)), KV("why", V_OPT(why)));
    }
    json_close(q->out, ']');
    return !rows_failed(r);
}

static void add_site(struct ask *q)
{
    const struct site *s = q->site;
    json_key(q->out, "site");
    if (s)
        json_object(q->out, KV("name", s->name), KV("services", s->services.n), KV("hosts", s->hosts.n),
                    KV("zones", s->zones.n), KV("mistake", V_NULL));
    else
        json_object(q->out, KV("name", V_NULL), KV("mistake", q->site_err ? q->site_err->text : ""));
}

static bool show(struct ask *q, struct err *e)
{
    json_open(q->out, '{');
    json_kv(q->out, "version", RUSUBAN_VERSION);
    add_site(q);
    bool ok = add_roles(q, e);
    json_close(q->out, '}');
    return ok;
}

const struct route house_routes[] = {
    {GET, "/status", SEE, .run = show, .cli = "status", .help = "how the house is: its roles, and the site in figures"},
    {GET, "/home", SEE, .run = api_home, .help = "what the home page shows: who needs a person, what happens, where"
     " everything runs, and four figures of a day"},
    {GET, "/palette", SEE, .flags = R_LIST, .run = api_palette,
     .help = "everything that can be gone to or done by name: services, hosts, releases, commands"},
    {0}};

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
        json_object(q->out, KV("name", V_NULL), KV("services", V_NULL), KV("hosts", V_NULL), KV("zones", V_NULL),
                    KV("mistake", q->site_err ? q->site_err->text : ""));
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

#define HOW "ok|running|info|warn|bad"

const struct shape house_shapes[] = {
    {"Role",
     "name: text, state: up|waiting|stopped|gone, pid: int?, since: time, for_ms: int, restarts: int, why: text?",
     "a process of the house"},
    {"Status",
     "version: text, site: {name: text?, services: int?, hosts: int?, zones: int?, mistake: text?}, roles: [Role]",
     "how the house is"},
    {"ItemArgs", "...ReleaseItems, ...LogItems, role.fallen: {name: text, state: text}, site.mistake: {}",
     "what an Item is about, by its kind"},
    {"TileArgs", "...ReleaseTiles", "what a Tile is about, by its kind"},
    {"Item",
     "how: " HOW ", kind: text, text: text, why: text?, who: text?, path: text?, cli: text?,"
     " args: ItemArgs[kind], at: time?",
     "what needs a person, or happens; kind and args make the sentence in the reader's language"},
    {"Zone", "name: text, net: text?, hosts: int", "of the site"},
    {"Loss", "zone: text, how: ok|warn|bad, left: int, of: int, services: [{name: text, left: int, of: int}]",
     "what remains of the hosts when a zone is lost; bad: a service is gone, warn: one has less than half of its hosts"},
    {"Tile",
     "tier: text, zone: text, name: text, how: " HOW ", kind: text, text: text, path: text?,"
     " args: TileArgs[kind]",
     "a thing that runs in a zone"},
    {"Figure", "name: text, unit: text, now: number?, step_ms: int, from: time, series: [number?]",
     "one of the last 24 hours, an hour a step"},
    {"Home",
     "site: text?, timezone: text?, sentence: {how: " HOW ", text: text, needs: int, kind: bad|needs|calm},"
     " zones: [Zone], losses: [Loss], tiles: [Tile], figures: [Figure], lines: {first: time?, last: time?}?, peak: {at: time, per_s: number}?, up_since: time?,"
     " needs: [Item], happening: [Item]", "the home page; lines: the minutes of the first and of the last line of any log; peak: the busiest minute of the"
     " busiest hour of 24, or of now"},
    {"Found", "kind: text, name: text, about: text?, path: text?, cli: text?", "what can be gone to or done by name"},
    {0}};

const struct route house_routes[] = {
    {GET, "/status", SEE, .run = show, .out = "Status", .cli = "status",
     .help = "how the house is: its roles, and the site in figures"},
    {GET, "/home", SEE, .run = api_home, .out = "Home",
     .help = "what the home page shows: who needs a person, what happens, where everything runs, four figures of a day"},
    {GET, "/palette", SEE, .flags = R_LIST, .run = api_palette, .out = LIST_OF("Found"),
     .help = "everything that can be gone to or done by name: services, hosts, releases, commands"},
    {0}};

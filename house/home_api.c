// home_api.c: GET /home: what everybody has to say, the worst first, in one sentence and then one by one.
#include "base/clock.h"
#include "house/commands.h"
#include "house/losses.h"
#include <math.h>
#include <stdlib.h>

enum { HAPPENING_SHOWN = 20 };

// ---- the house itself ----

static bool add_fallen(struct ask *q, struct home *h, struct err *e)
{
    OWN_ROWS struct rows *r = sql_ask(q->db, e, "select name, state, since, why from role where state <> 'up'"
                                      " order by name", NO_VALS);
    if (!r)
        return false;
    while (rows_next(r, e)) {
        struct str name = row_str(h->arena, r, 0), state = row_str(h->arena, r, 1);
        if (!role_find(name) || str_eq(state, S("stopped")))
            continue;
        home_need(h, (struct item){.how = HOW_BAD, .kind = "role.fallen", .at = row_int(r, 2),
                                   .text = str_f(h->arena, "the role " STR_F " keeps falling", STR_A(name)),
                                   .why = row_str(h->arena, r, 3), .cli = S("rusuban status"),
                                   .args = home_args(h, KVS(KV("name", name), KV("state", state)))});
    }
    return !rows_failed(r);
}

bool house_home(struct ask *q, struct home *h, struct err *e)
{
    if (!q->site)
        home_need(h, (struct item){.how = HOW_WARN, .kind = "site.mistake", .at = h->now_ms,
                                   .text = S("the site file has a mistake"),
                                   .why = str_dup(h->arena, str_z(q->site_err->text)),
                                   .cli = S("rusuban site check"), .args = S("{}")});
    return add_fallen(q, h, e);
}

// ---- the answer ----

static void put_time(struct buf *b, const char *key, int64_t at)
{
    char t[TIME_TEXT_MAX];
    json_kv(b, key, at ? V(time_text(at, t)) : V_NULL);
}

static void put_item(struct ask *q, const struct item *x)
{
    struct buf *b = q->out;
    json_open(b, '{');
    json_kvs(b, KVS(KV("how", how_name(x->how)), KV("kind", x->kind), KV("text", x->text),
                    KV("why", V_OPT(ask_told(q, x->why))), KV("who", V_OPT(x->who)), KV("path", V_OPT(x->path)),
                    KV("cli", V_OPT(x->cli)), KV("args", V_JSON(x->args))));
    put_time(b, "at", x->at);
    json_close(b, '}');
}

static int worst_first(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    return x->how != y->how ? (x->how < y->how) - (x->how > y->how) : (x->at < y->at) - (x->at > y->at);
}

// What runs stands before what was.
static int newest_first(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    bool runs_x = x->how == HOW_RUNNING, runs_y = y->how == HOW_RUNNING;
    return runs_x != runs_y ? (int)runs_y - (int)runs_x : (x->at < y->at) - (x->at > y->at);
}

static void put_items(struct ask *q, const char *key, const struct item *at, size_t n)
{
    json_key(q->out, key);
    json_open(q->out, '[');
    for (size_t i = 0; i < n; i++)
        put_item(q, &at[i]);
    json_close(q->out, ']');
}

// The worst thing first, then how many wait.
static void put_sentence(struct buf *b, struct home *h)
{
    size_t n = h->needs.n, bad = 0;
    while (bad < n && h->needs.at[bad].how == HOW_BAD)
        bad++;
    struct str text = S("Everything is up.");
    struct str many = n == 1 ? S("One thing needs you.") : str_f(h->arena, "%zu things need you.", n);
    if (bad)
        text = str_f(h->arena, STR_F ". " STR_F, STR_A(h->needs.at[0].text), STR_A(many));
    else if (n)
        text = many;
    json_key(b, "sentence");
    json_object(b, KV("how", how_name(n ? h->needs.at[0].how : HOW_OK)), KV("text", text), KV("needs", n),
                KV("kind", bad ? "bad" : n ? "needs" : "calm"));
}

static void put_zones(struct buf *b, const struct site *s)
{
    json_key(b, "zones");
    json_open(b, '[');
    for (size_t i = 0; s && i < s->zones.n; i++) {
        size_t hosts = 0;
        for (size_t k = 0; k < s->hosts.n; k++)
            hosts += str_eq(s->hosts.at[k].zone, s->zones.at[i].name);
        json_object(b, KV("name", s->zones.at[i].name), KV("net", V_OPT(s->zones.at[i].net)), KV("hosts", hosts));
    }
    json_close(b, ']');
}

static void put_tiles(struct buf *b, const struct home *h)
{
    json_key(b, "tiles");
    json_open(b, '[');
    for (size_t i = 0; i < h->tiles.n; i++) {
        const struct tile *t = &h->tiles.at[i];
        json_object(b, KV("tier", t->tier), KV("zone", t->zone), KV("name", t->name), KV("how", how_name(t->how)),
                    KV("kind", t->kind), KV("text", t->text), KV("path", V_OPT(t->path)), KV("args", V_JSON(t->args)));
    }
    json_close(b, ']');
}

static struct val number(double x)
{
    return isnan(x) ? V_NULL : V(round(x * 1000) / 1000);
}

static void put_figures(struct buf *b, const struct home *h)
{
    int64_t hour = h->now_ms - h->now_ms % 3600000, from = hour - (FIGURE_POINTS - 1) * (int64_t)3600000;
    json_key(b, "figures");
    json_open(b, '[');
    for (size_t i = 0; i < h->figures.n; i++) {
        const struct trend *f = &h->figures.at[i];
        json_open(b, '{');
        json_kvs(b, KVS(KV("name", f->name), KV("unit", f->unit), KV("now", number(f->now)), KV("step_ms", 3600000)));
        put_time(b, "from", from);
        json_key(b, "series");
        json_open(b, '[');
        for (int k = 0; k < FIGURE_POINTS; k++)
            json_val(b, number(f->series[k]));
        json_close(b, ']');
        json_close(b, '}');
    }
    json_close(b, ']');
}

// Since the first of the roles that are up came up: one that falls and comes back does not begin a new day.
static bool put_up_since(struct ask *q, struct err *e)
{
    OWN_ROWS struct rows *r = sql_ask(q->db, e, "select coalesce(min(since), 0) from role where state = 'up'", NO_VALS);
    if (!r || !rows_next(r, e))
        return false;
    put_time(q->out, "up_since", row_int(r, 0));
    return true;
}

static void put_peak(struct buf *b, const struct home *h)
{
    json_key(b, "peak");
    if (!h->peak_at) {
        json_val(b, V_NULL);
        return;
    }
    json_open(b, '{');
    put_time(b, "at", h->peak_at);
    json_kv(b, "per_s", number(h->peak_per_s));
    json_close(b, '}');
}

static void put_lines(struct buf *b, const struct home *h)
{
    json_key(b, "lines");
    if (!h->figures.n) {
        json_val(b, V_NULL);
        return;
    }
    json_open(b, '{');
    put_time(b, "first", h->lines_first);
    put_time(b, "last", h->lines_last);
    json_close(b, '}');
}

static bool put_home(struct ask *q, struct home *h, struct err *e)
{
    struct buf *b = q->out;
    size_t shown = h->happening.n < HAPPENING_SHOWN ? h->happening.n : HAPPENING_SHOWN;
    if (h->needs.n)
        qsort(h->needs.at, h->needs.n, sizeof *h->needs.at, worst_first);
    if (h->happening.n)
        qsort(h->happening.at, h->happening.n, sizeof *h->happening.at, newest_first);
    json_open(b, '{');
    json_kvs(b, KVS(KV("site", q->site ? V(q->site->name) : V_NULL),
                    KV("timezone", q->site ? V(q->site->timezone) : V_NULL)));
    put_sentence(b, h);
    put_zones(b, q->site);
    json_key(b, "losses");
    losses_put(b, q->site);
    put_tiles(b, h);
    put_figures(b, h);
    put_lines(b, h);
    put_peak(b, h);
    bool ok = put_up_since(q, e);
    put_items(q, "needs", h->needs.at, h->needs.n);
    put_items(q, "happening", h->happening.at, shown);
    json_close(b, '}');
    return ok;
}

bool api_home(struct ask *q, struct err *e)
{
    struct home h = {.arena = q->arena, .now_ms = now_ms()};
    for (home_fn *const *fn = the_house->home; *fn; fn++)
        if (!(*fn)(q, &h, e))
            return false;
    return put_home(q, &h, e);
}

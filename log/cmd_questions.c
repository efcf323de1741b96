// cmd_questions.c: `rusuban log top`, `page`, `user`: questions that people ask every day, each a text in log/sql.
// --sql prints it, so that it can be changed a little and asked by hand.
#include "log/asking.h"
#include "log/cli.h"
#include "base/embed.h"
#include "base/file.h"
#include "log/minute.h"
#include "log/view.h"
#include "site/site.h"
#include <stdlib.h>
#include <string.h>

EMBED(top_sql, "log/sql/top.sql")
EMBED(page_sql, "log/sql/page.sql")
EMBED(user_sql, "log/sql/user.sql")

enum { LIMIT_MOST = 100000, SQL_MAX = 64 << 10 };
#define SECTION "\n-- == "

struct question {
    struct call *call;
    struct str sql;
    struct str what;                    // a literal
    struct str when, log, by, dataset;
    int64_t limit, least;
};

// ---- filling in ----

static struct str literal(struct arena *a, struct str s)
{
    OWN_BUF struct buf b = buf_make(2 * s.n + 3);
    buf_addc(&b, '\'');
    for (size_t i = 0; i < s.n; i++)
        buf_addn(&b, s.p[i], s.p[i] == '\'' ? 2 : 1);
    buf_addc(&b, '\'');
    return str_dup(a, buf_str(&b));
}

static struct str filled(const struct question *q, struct str name)
{
    struct arena *a = q->call->arena;
    const struct { const char *name; struct str value; } rows[] = {
        {"what", q->what}, {"when", q->when}, {"log", q->log}, {"by", q->by},
        {"limit", str_f(a, "%lld", (long long)q->limit)}, {"least", str_f(a, "%lld", (long long)q->least)}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (str_eq(name, str_z(rows[i].name)))
            return rows[i].value;
    return S("");
}

static struct str fill(const struct question *q)
{
    OWN_BUF struct buf b = buf_make(SQL_MAX);
    struct str rest = q->sql;
    for (ptrdiff_t at; (at = str_find(rest, S("{"))) >= 0;) {
        buf_add(&b, str_head(rest, (size_t)at));
        rest = str_from(rest, (size_t)at + 1);
        buf_add(&b, filled(q, str_cut(&rest, '}')));
    }
    buf_add(&b, rest);
    return str_dup(q->call->arena, buf_str(&b));
}

static bool is_day(struct str s)
{
    static const char shape[] = "dddd-dd-dd";
    if (s.n != sizeof shape - 1)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (shape[i] == 'd' ? s.p[i] < '0' || s.p[i] > '9' : s.p[i] != '-')
            return false;
    return true;
}

static bool when_of(struct question *q, struct err *e)
{
    const char *day = call_option(q->call, "day");
    if (!day)
        q->when = S("dt >= current_date - 1");
    else if (strcmp(day, "today") == 0 || strcmp(day, "yesterday") == 0)
        q->when = strcmp(day, "today") == 0 ? S("dt = current_date") : S("dt = current_date - 1");
    else if (is_day(str_z(day)))
        q->when = str_f(q->call->arena, "dt = DATE '%s'", day);
    else
        return err_set(e, ERR_INPUT, "--day: \"%s\" is no day; write 2026-11-20, today or yesterday", day);
    return true;
}

static struct str dataset_name(const void *site, size_t i)
{
    return ((const struct site *)site)->log.datasets.at[i].name;
}

// The site's only dataset, or the one named access, or the one that --of names.
static bool log_of(struct question *q, struct err *e)
{
    struct site *s;
    const char *of = call_option(q->call, "of");
    if (!site_load(q->call->arena, q->call->site, &s, e))
        return false;
    struct str name = of ? str_z(of)
                    : site_dataset(s, S("access")) || !s->log.datasets.n ? S("access") : s->log.datasets.at[0].name;
    if (of && !site_dataset(s, name)) {
        struct str near = str_nearest(name, s->log.datasets.n, dataset_name, s);
        err_set(e, ERR_NOT_FOUND, "the site has no dataset \"%s\"", of);
        return near.n ? err_hint(e, "--of " STR_F, STR_A(near)) : false;
    }
    q->dataset = str_dup(q->call->arena, name);
    q->log = view_name(q->call->arena, name);
    return true;
}

static bool limit_of(struct question *q, int64_t usual, struct err *e)
{
    const char *text = call_option(q->call, "limit");
    q->limit = usual;
    return !text || (str_i64(str_z(text), &q->limit) && q->limit > 0 && q->limit <= LIMIT_MOST)
        || err_set(e, ERR_INPUT, "--limit: expected a number from 1 to %d, got \"%s\"", LIMIT_MOST, text);
}

// ---- asking ----

static bool ask_one(const struct question *q, struct str sql, uint64_t *rows, struct err *e)
{
    struct asking a = {.call = q->call, .job = {.query = str_dup(q->call->arena, sql)}};
    a.style = call_flag(q->call, "csv") ? RENDER_CSV : q->call->json ? RENDER_JSON : RENDER_TABLE;
    a.silent = true;
    bool ok = asking_run(&a, e);
    *rows = a.rows;
    return ok;
}

// Parts of a text follow lines "-- == Title".
static bool ask_parts(const struct question *q, struct str sql, struct err *e)
{
    uint64_t rows;
    for (ptrdiff_t at; (at = str_find(sql, S(SECTION))) >= 0;) {
        if (!ask_one(q, str_head(sql, (size_t)at), &rows, e))
            return false;
        sql = str_from(sql, (size_t)at + sizeof SECTION - 1);
        struct str title = str_cut(&sql, '\n');
        if (!q->call->json && !call_flag(q->call, "csv"))
            printf("\n" STR_F "\n", STR_A(title));
    }
    if (!ask_one(q, sql, &rows, e))
        return false;
    if (!rows && !q->call->quiet)
        fputs("Nothing of that in the log; --day names another day.\n", stderr);
    return true;
}

static bool question_run(struct question *q, int64_t usual_limit, struct err *e)
{
    if (!when_of(q, e) || !log_of(q, e) || !limit_of(q, usual_limit, e))
        return false;
    struct str sql = fill(q);
    if (!call_flag(q->call, "sql"))
        return ask_parts(q, sql, e);
    fwrite(sql.p, 1, sql.n, stdout);
    return true;
}

// ---- a page that nobody knows ----

enum { PAGES_NAMED = 3, FAR = 8 };

struct near { struct str name; unsigned far; };

static int by_nearness(const void *a, const void *b)
{
    const struct near *x = a, *y = b;
    return (x->far > y->far) - (x->far < y->far);
}

// The part before the second slash: who types a page knows at least where it is.
static struct str first_part(struct str page)
{
    const char *slash = page.n > 1 ? memchr(page.p + 1, '/', page.n - 1) : NULL;
    return slash ? str_head(page, (size_t)(slash - page.p)) : page;
}

static const char *near_pages(struct arena *a, const struct strs *known, struct str page)
{
    OWN_BUF struct buf b = buf_make(16 << 10);
    struct near *at = NEW_N(a, struct near, known->n + 1);
    for (size_t i = 0; i < known->n; i++) {
        unsigned far = str_distance(known->at[i], page);
        unsigned begins = str_distance(first_part(known->at[i]), first_part(page));
        at[i] = (struct near){known->at[i], far < begins + 4 ? far : begins + 4};
    }
    qsort(at, known->n, sizeof *at, by_nearness);
    for (size_t i = 0; i < known->n && i < PAGES_NAMED && at[i].far <= FAR; i++)
        buf_addf(&b, "%s" STR_F, i ? ", " : "", STR_A(str_head(at[i].name, 200)));
    return b.n ? str_zdup(a, buf_str(&b)) : NULL;
}

static bool known_pages(const struct question *q, struct strs *out, struct err *e)
{
    OWN_DB struct db *db = NULL;
    struct arena *a = q->call->arena;
    return !path_exists(str_zf(a, "%s/store.db", q->call->data))
        || (store_open(q->call->data, &db, e) && figures_pages(a, db, q->dataset, out, e));
}

// One that was met before is asked for as always: there may be nothing of it on that day.
static bool is_met(struct question *q, struct str page, struct err *e)
{
    struct arena *a = q->call->arena;
    struct strs known = {0};
    if (!known_pages(q, &known, e))
        return false;
    if (strs_have(&known, page))
        return true;
    struct str probe = str_f(a, "SELECT 1 FROM " STR_F " WHERE page = " STR_F " AND " STR_F " LIMIT 1", STR_A(q->log),
                             STR_A(q->what), STR_A(q->when));
    struct asking one = {.call = q->call, .silent = true, .mute = true,
                         .job = {.query = probe}};
    if (!asking_run(&one, e))
        return false;
    if (one.rows)
        return true;
    const char *near = near_pages(a, &known, page);
    err_set(e, ERR_NOT_FOUND, "the log has no page " STR_F, STR_A(str_head(page, 200)));
    return near ? err_hint(e, "pages like it: %s", near)
                : err_hint(e, "rusuban log top shows some, rusuban log pages all");
}

bool cmd_log_top(struct call *c, struct err *e)
{
    static const struct { const char *name, *order; int64_t least; } by[] = {
        {"p95", "p95", 20}, {"total", "total_s", 1}, {"5xx", "\"5xx\"", 1}, {"requests", "requests", 1}};
    const char *asked = call_option(c, "by") ? call_option(c, "by") : "p95";
    for (size_t i = 0; i < ARRAY_LEN(by); i++)
        if (strcmp(asked, by[i].name) == 0) {
            struct question q = {.call = c, .sql = top_sql(), .by = str_z(by[i].order), .least = by[i].least};
            return question_run(&q, 20, e);
        }
    return err_set(e, ERR_INPUT, "--by: expected p95, total, 5xx or requests, got \"%s\"", asked);
}

bool cmd_log_page(struct call *c, struct err *e)
{
    struct question q = {.call = c, .sql = page_sql(), .what = literal(c->arena, call_arg(c, 0))};
    if (call_arg(c, 0).n == 0 || call_arg(c, 0).p[0] != '/' || !str_utf8(call_arg(c, 0))) {
        err_set(e, ERR_INPUT, "\"" STR_F "\" is no page; pages look like /works/{n}", STR_A(call_arg(c, 0)));
        return err_hint(e, "rusuban log top");
    }
    if (!call_flag(c, "sql") && (!when_of(&q, e) || !log_of(&q, e) || !is_met(&q, call_arg(c, 0), e)))
        return false;
    return question_run(&q, 10, e);
}

bool cmd_log_user(struct call *c, struct err *e)
{
    int64_t id;
    if (!str_i64(call_arg(c, 0), &id))
        return err_set(e, ERR_INPUT, "\"" STR_F "\" is no user's number", STR_A(call_arg(c, 0)));
    struct question q = {.call = c, .sql = user_sql(), .what = str_f(c->arena, "%lld", (long long)id)};
    return question_run(&q, 1000, e);
}

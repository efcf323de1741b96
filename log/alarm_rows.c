// alarm_rows.c: see alarm_rows.h.
#include "log/alarm_rows.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/say.h"
#include "store/notice.h"
#include <stdlib.h>

enum {
    BEFORE_MS = 2 * 3600 * 1000,
    BEFORE_MIN = 120,           // hosts are looked for so far back
    HOSTS_MAX = 20,             // named in an alarm
    WRITE_BYTES = 64 << 20,
};
static const int64_t kept_ms = 400LL * 24 * 3600 * 1000;

// Hosts that had lines since then, and the release that was switched there: the same for all that began together.
struct since { int32_t began; struct strs hosts; struct str hosts_json, release; };

struct writing {
    struct alarm_minute *m;
    struct arena a;
    VEC(struct since) since;
    size_t worse, well;         // told or counted
    struct err *e;
};

// ---- what an alarm names ----

struct gathering { struct arena *a; struct strs *hosts; };

static void add_host(void *arg, const struct page_minute *m)
{
    struct gathering *g = arg;
    if (g->hosts->n < HOSTS_MAX && !strs_have(g->hosts, m->name))
        vec_push(g->a, g->hosts, str_dup(g->a, m->name));
}

static struct str hosts_json(struct arena *a, const struct strs *hosts)
{
    OWN_BUF struct buf b = buf_make(64 << 10);
    json_open(&b, '[');
    for (size_t i = 0; i < hosts->n; i++)
        json_val(&b, V(hosts->at[i]));
    json_close(&b, ']');
    return str_dup(a, buf_str(&b));
}

static struct str release_json(struct arena *a, const struct rows *r, struct str host)
{
    OWN_BUF struct buf b = buf_make(8 << 10);
    char at[TIME_TEXT_MAX];
    json_object(&b, KV("service", row_str(a, r, 0)), KV("number", row_int(r, 1)), KV("subject", row_str(a, r, 2)),
                KV("host", host), KV("at", time_text(row_int(r, 4), at)));
    return b.failed ? S("") : str_dup(a, buf_str(&b));
}

// The last one whose switch was done on one of these hosts in the two hours before it began, or before it was seen.
static bool find_release(struct writing *w, struct since *s)
{
    int64_t from = (int64_t)s->began * 60000 - BEFORE_MS, to = ((int64_t)w->m->minute + 1) * 60000;
    OWN_ROWS struct rows *r = sql_ask(w->m->db, w->e,
        "select r.service, r.number, r.subject, s.host, s.done_at"
        " from release_step s join release r on r.id = s.release"
        " where s.step = 'switch' and s.result = 'ok' and s.done_at >= ? and s.done_at < ?"
        " order by s.done_at desc limit 200",
        VALS(V(from), V(to)));
    if (!r)
        return false;
    while (!s->release.n && rows_next(r, w->e)) {
        struct str host = row_str(&w->a, r, 3);
        if (strs_have(&s->hosts, host))
            s->release = release_json(&w->a, r, host);
    }
    return !rows_failed(r);
}

static bool since(struct writing *w, int32_t began, const struct since **out)
{
    int32_t earliest = w->m->minute - BEFORE_MIN, from = began > earliest ? began : earliest;
    for (size_t i = 0; i < w->since.n; i++)
        if (w->since.at[i].began == from) {
            *out = &w->since.at[i];
            return true;
        }
    struct since s = {.began = from};
    struct gathering g = {&w->a, &s.hosts};
    if (!minute_read(w->m->db, w->m->set->name, SPAN_MINUTE, from, w->m->minute + 1, NULL, add_host, &g, w->e)
        || !find_release(w, &s))
        return false;
    s.hosts_json = hosts_json(&w->a, &s.hosts);
    vec_push(&w->a, &w->since, s);
    *out = &w->since.at[w->since.n - 1];
    return true;
}

// ---- notices ----

static struct str ms_text(struct arena *a, int64_t ms)
{
    return ms < 0 ? S("none") : str_f(a, "%lld.%02d s", (long long)(ms / 1000), (int)(ms % 1000 / 10));
}

static struct str sentence(struct arena *a, const struct verdict *v)
{
    if (!v->open)
        return str_f(a, STR_F " is as it was again", STR_A(v->name));
    if (v->rule == RULE_ERRORS)
        return str_f(a, STR_F " answers with errors: %llu of %llu requests, %.2f %% in its past", STR_A(v->name),
                     (unsigned long long)v->errors, (unsigned long long)v->requests, 100 * v->past_errors);
    if (v->rule == RULE_NEW_SLOW)
        return str_f(a, STR_F " is new and slow: p95 " STR_F, STR_A(v->name), STR_A(ms_text(a, v->now_p95)));
    return str_f(a, STR_F " is slower than its past: p95 " STR_F ", " STR_F " before", STR_A(v->name),
                 STR_A(ms_text(a, v->now_p95)), STR_A(ms_text(a, v->past_p95)));
}

static bool notify(struct writing *w, const char *kind, struct str body)
{
    w->m->news = true;
    return notice_add(w->m->db, w->m->set->name, 0, kind, body, &w->m->set->watch.notify, w->e);
}

static bool tell(struct writing *w, const struct verdict *v, struct str hosts, struct str release)
{
    OWN_BUF struct buf b = buf_make(NOTICE_BODY_MAX);
    const char *kind = v->open ? "log.worse" : "log.well";
    char began[TIME_TEXT_MAX];
    if (v->open ? w->worse++ >= ALARMS_TOLD : w->well++ >= ALARMS_TOLD)
        return true;
    json_object(&b, KV("what", kind), KV("dataset", w->m->set->name), KV("page", v->name),
                KV("rule", watch_rule_name(v->rule)), KV("text", sentence(&w->a, v)),
                KV("since", time_text((int64_t)v->began * 60000, began)), KV("p95_ms", v->now_p95),
                KV("past_p95_ms", v->past_p95), KV("requests", v->requests), KV("errors", v->errors),
                KV("hosts", V_JSON(hosts)), KV("release", release.n ? V_JSON(release) : V_NULL));
    if (v->open)
        say("log.worse", KV("dataset", w->m->set->name), KV("page", v->name), KV("rule", watch_rule_name(v->rule)),
            KV("p95_ms", v->now_p95), KV("past_p95_ms", v->past_p95));
    else
        say("log.well", KV("dataset", w->m->set->name), KV("page", v->name), KV("rule", watch_rule_name(v->rule)));
    return buf_ok(&b, w->e) && notify(w, kind, buf_str(&b));
}

static bool tell_others(struct writing *w, const char *kind, size_t told, const char *are)
{
    OWN_BUF struct buf b = buf_make(NOTICE_BODY_MAX);
    if (told <= ALARMS_TOLD)
        return true;
    size_t more = told - ALARMS_TOLD;
    struct str text = str_f(&w->a, "%zu more of " STR_F " %s; \"rusuban log watch --all\" lists them", more,
                            STR_A(w->m->set->name), are);
    json_object(&b, KV("what", kind), KV("dataset", w->m->set->name), KV("page", V_NULL), KV("rule", V_NULL),
                KV("text", text), KV("more", more));
    say(kind, KV("dataset", w->m->set->name), KV("more", more));
    return buf_ok(&b, w->e) && notify(w, kind, buf_str(&b));
}

// ---- rows ----

static bool find_alarm(struct writing *w, const struct verdict *v, int64_t *id, bool *open)
{
    OWN_ROWS struct rows *r = sql_ask(w->m->db, w->e,
        "select id, closed_at is null from log_alarm where dataset = ? and page = ? and rule = ?"
        " and (closed_at is null or last_at >= ?) order by id desc limit 1",
        VALS(V(w->m->set->name), V(v->name), V(watch_rule_name(v->rule)), V((int64_t)v->last * 60000)));
    if (!r)
        return false;
    *id = 0;
    if (rows_next(r, w->e)) {
        *id = row_int(r, 0);
        *open = row_int(r, 1) != 0;
    }
    return !rows_failed(r);
}

static bool raise_it(struct writing *w, const struct verdict *v)
{
    const struct since *s;
    return since(w, v->began, &s)
        && sql_do(w->m->db, w->e,
                  "insert into log_alarm (dataset, page, rule, began_at, raised_at, last_at,"
                  " now_p95, past_p95, requests, errors, past_errors, hosts, release)"
                  " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                  VALS(V(w->m->set->name), V(v->name), V(watch_rule_name(v->rule)), V((int64_t)v->began * 60000),
                       V(now_ms()), V((int64_t)v->last * 60000), V(v->now_p95), V(v->past_p95), V(v->requests),
                       V(v->errors), V(100 * v->past_errors), V(s->hosts_json), V(s->release)))
        && tell(w, v, s->hosts_json, s->release);
}

static bool refresh(struct writing *w, const struct verdict *v, int64_t id)
{
    return sql_do(w->m->db, w->e,
                  "update log_alarm set last_at = max(last_at, ?), now_p95 = ?, requests = max(requests, ?),"
                  " errors = max(errors, ?) where id = ?",
                  VALS(V((int64_t)v->last * 60000), V(v->now_p95), V(v->requests), V(v->errors), V(id)));
}

static bool close_it(struct writing *w, const struct verdict *v, int64_t id)
{
    return sql_do(w->m->db, w->e, "update log_alarm set closed_at = ? where id = ?", VALS(V(now_ms()), V(id)))
        && tell(w, v, S("[]"), S(""));
}

static bool write_one(struct writing *w, const struct verdict *v)
{
    int64_t id;
    bool open = false;
    if (!find_alarm(w, v, &id, &open))
        return false;
    if (!id)
        return !v->open || raise_it(w, v);
    return !open || (v->open ? refresh(w, v, id) : close_it(w, v, id));
}

static int by_requests(const void *a, const void *b)
{
    const struct verdict *x = a, *y = b;
    return (x->requests < y->requests) - (x->requests > y->requests);
}

bool alarm_rows_write(struct alarm_minute *m, struct verdicts *v, struct err *e)
{
    struct writing w = {.m = m, .a = arena_make(WRITE_BYTES), .e = e};
    bool ok = true;
    if (v->n)
        qsort(v->at, v->n, sizeof *v->at, by_requests);
    for (size_t i = 0; ok && i < v->n; i++)
        ok = write_one(&w, &v->at[i]);
    ok = ok && tell_others(&w, "log.worse", w.worse, "are worse than their own past")
        && tell_others(&w, "log.well", w.well, "are as they were again");
    arena_drop(&w.a);
    return ok;
}

// ---- alarms of before ----

static enum rule rule_of(struct str name)
{
    for (int r = 0; r < RULES; r++)
        if (str_eq(watch_rule_name((enum rule)r), name))
            return (enum rule)r;
    return RULES;
}

bool alarm_rows_open(struct db *db, struct str dataset, alarm_open_fn *fn, void *arg, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(WRITE_BYTES);
    if (!sql_do(db, e, "delete from log_alarm where dataset = ? and closed_at < ?",
                VALS(V(dataset), V(now_ms() - kept_ms))))
        return false;
    OWN_ROWS struct rows *r = sql_ask(db, e,
        "select coalesce(p.id, 0), a.page, a.rule, a.began_at, a.last_at from log_alarm a left join log_page p"
        " on p.dataset = a.dataset and p.pattern = a.page where a.dataset = ? and a.closed_at is null",
        VALS(V(dataset)));
    if (!r)
        return false;
    while (rows_next(r, e)) {
        enum rule rule = rule_of(row_str(&a, r, 2));
        if (rule != RULES)
            fn(arg, row_int(r, 0), row_str(&a, r, 1), rule, (int32_t)(row_int(r, 3) / 60000),
               (int32_t)(row_int(r, 4) / 60000));
    }
    return !rows_failed(r);
}

// Looked at first: a write every few seconds would wait for others and make them wait.
static bool any_lost(struct db *db, struct str names, int64_t *n, struct err *e)
{
    return sql_int(db, e, n,
        "select count(*) from log_alarm a where closed_at is null and (dataset not in (select value from json_each(?))"
        " or (page <> '(other)' and not exists"
        " (select 1 from log_page p where p.dataset = a.dataset and p.pattern = a.page)))",
        VALS(V(names)));
}

bool alarm_rows_clean(struct db *db, const struct site *site, struct err *e)
{
    OWN_BUF struct buf b = buf_make(64 << 10);
    int64_t lost;
    json_open(&b, '[');
    for (size_t i = 0; i < site->log.datasets.n; i++)
        json_val(&b, V(site->log.datasets.at[i].name));
    json_close(&b, ']');
    if (!any_lost(db, buf_str(&b), &lost, e))
        return false;
    return lost == 0 || sql_do(db, e,
        "update log_alarm as a set closed_at = ?"
        " where closed_at is null and (dataset not in (select value from json_each(?))"
        " or (page <> '(other)' and not exists"
        " (select 1 from log_page p where p.dataset = a.dataset and p.pattern = a.page)))",
        VALS(V(now_ms()), V(buf_str(&b))));
}

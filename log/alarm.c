// alarm.c: see alarm.h.
#include "log/alarm.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/say.h"
#include "store/notice.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    AGAIN = 90,                 // minutes that are judged again after a start
    PAST_AGAIN = 10,
    SETTLED_MS = 3000,          // after its end a minute may still get lines
    BEFORE_MS = 2 * 3600 * 1000,
    HOSTS_MAX = 20,             // named in an alarm
};

// What watch.h knows of one dataset, and up to where.
struct guard {
    char *dataset;
    struct watch_options options;
    struct watch *watch;
    int32_t next;               // minute to be judged next; 0: none was yet
    int32_t past_hour;          // whose past the watch has
    struct guard *after;
};

struct alarms { struct guard *guards; };

struct alarms *alarms_new(void)
{
    struct alarms *s = calloc(1, sizeof *s);
    assert(s);
    return s;
}

static void guard_free(struct guard *g)
{
    watch_free(g->watch);
    free(g->dataset);
    free(g);
}

void alarms_free(struct alarms *s)
{
    for (struct guard *g = s ? s->guards : NULL, *after; g; g = after) {
        after = g->after;
        guard_free(g);
    }
    free(s);
}

// ---- rows of log_alarm ----

// One look at one dataset: what verdicts need, and what went wrong.
struct look {
    struct db *db;
    const struct dataset *set;
    struct guard *guard;
    struct arena a;
    int32_t minute;
    struct strs hosts;          // that had lines lately
    bool news, failed;
    struct err *e;
};

static bool find_alarm(struct look *l, const struct verdict *v, int64_t *id, bool *open)
{
    OWN_ROWS struct rows *r = sql_ask(l->db, l->e,
        "select id, closed_at is null from log_alarm where dataset = ? and page = ? and rule = ?"
        " and (closed_at is null or last_at >= ?) order by id desc limit 1",
        VALS(V(l->set->name), V(v->name), V(watch_rule_name(v->rule)), V((int64_t)v->last * 60000)));
    if (!r)
        return false;
    *id = 0;
    if (rows_next(r, l->e)) {
        *id = row_int(r, 0);
        *open = row_int(r, 1) != 0;
    }
    return !rows_failed(r);
}

static void add_host(void *arg, const struct page_minute *m)
{
    struct look *l = arg;
    if (l->hosts.n < HOSTS_MAX && !strs_have(&l->hosts, m->name))
        vec_push(&l->a, &l->hosts, str_dup(&l->a, m->name));
}

static struct str hosts_json(struct look *l)
{
    struct buf b = buf_make(64 << 10);
    json_open(&b, '[');
    for (size_t i = 0; i < l->hosts.n; i++)
        json_val(&b, V(l->hosts.at[i]));
    json_close(&b, ']');
    struct str text = str_dup(&l->a, buf_str(&b));
    buf_drop(&b);
    return text;
}

// The last one whose switch was done on one of these hosts in the two hours before it began, or before it was seen.
static bool find_release(struct look *l, const struct verdict *v, struct str *json)
{
    int64_t from = (int64_t)v->began * 60000 - BEFORE_MS, to = ((int64_t)v->last + 1) * 60000;
    *json = S("");
    OWN_ROWS struct rows *r = sql_ask(l->db, l->e,
        "select r.service, r.number, r.subject, s.host, s.done_at"
        " from release_step s join release r on r.id = s.release"
        " where s.step = 'switch' and s.result = 'ok' and s.done_at >= ? and s.done_at < ?"
        " order by s.done_at desc limit 200",
        VALS(V(from), V(to)));
    if (!r)
        return false;
    while (rows_next(r, l->e)) {
        struct str host = row_str(&l->a, r, 3);
        char at[TIME_TEXT_MAX];
        if (!strs_have(&l->hosts, host))
            continue;
        struct buf b = buf_make(8 << 10);
        json_object(&b, KV("service", row_str(&l->a, r, 0)), KV("number", row_int(r, 1)),
                    KV("subject", row_str(&l->a, r, 2)), KV("host", host), KV("at", time_text(row_int(r, 4), at)));
        *json = str_dup(&l->a, buf_str(&b));
        buf_drop(&b);
        break;
    }
    return !rows_failed(r);
}

static struct str ms_text(struct arena *a, int64_t ms)
{
    return ms < 0 ? S("none") : str_f(a, "%lld.%02d s", (long long)(ms / 1000), (int)(ms % 1000 / 10));
}

static struct str sentence(struct look *l, const struct verdict *v)
{
    struct arena *a = &l->a;
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

static bool tell(struct look *l, const struct verdict *v, struct str release)
{
    OWN_BUF struct buf b = buf_make(NOTICE_BODY_MAX);
    char began[TIME_TEXT_MAX];
    json_object(&b, KV("what", v->open ? "log.worse" : "log.well"), KV("dataset", l->set->name), KV("page", v->name),
                KV("rule", watch_rule_name(v->rule)), KV("text", sentence(l, v)),
                KV("since", time_text((int64_t)v->began * 60000, began)), KV("p95_ms", v->now_p95),
                KV("past_p95_ms", v->past_p95), KV("requests", v->requests), KV("errors", v->errors),
                KV("hosts", V_JSON(hosts_json(l))), KV("release", release.n ? V_JSON(release) : V_NULL));
    return buf_ok(&b, l->e) && notice_add(l->db, l->set->name, 0, v->open ? "log.worse" : "log.well", buf_str(&b),
                                          &l->set->watch.notify, l->e);
}

static bool raise_it(struct look *l, const struct verdict *v)
{
    struct str release;
    if (!minute_read(l->db, l->set->name, SPAN_MINUTE, v->began, l->minute + 1, NULL, add_host, l, l->e)
        || !find_release(l, v, &release))
        return false;
    l->news = true;
    say("log.worse", KV("dataset", l->set->name), KV("page", v->name), KV("rule", watch_rule_name(v->rule)),
        KV("p95_ms", v->now_p95), KV("past_p95_ms", v->past_p95));
    return sql_do(l->db, l->e,
                  "insert into log_alarm (dataset, page, rule, began_at, raised_at, last_at, now_p95, past_p95, requests,"
                  " errors, past_errors, hosts, release) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                  VALS(V(l->set->name), V(v->name), V(watch_rule_name(v->rule)), V((int64_t)v->began * 60000),
                       V(now_ms()), V((int64_t)v->last * 60000), V(v->now_p95), V(v->past_p95), V(v->requests), V(v->errors),
                       V(100 * v->past_errors), V(hosts_json(l)), V(release)))
        && tell(l, v, release);
}

static bool refresh(struct look *l, const struct verdict *v, int64_t id)
{
    return sql_do(l->db, l->e,
                  "update log_alarm set last_at = max(last_at, ?), now_p95 = ?, requests = max(requests, ?),"
                  " errors = max(errors, ?) where id = ?",
                  VALS(V((int64_t)v->last * 60000), V(v->now_p95), V(v->requests), V(v->errors), V(id)));
}

static bool close_it(struct look *l, const struct verdict *v, int64_t id)
{
    l->news = true;
    say("log.well", KV("dataset", l->set->name), KV("page", v->name), KV("rule", watch_rule_name(v->rule)));
    return sql_do(l->db, l->e, "update log_alarm set closed_at = ? where id = ?", VALS(V(now_ms()), V(id)))
        && tell(l, v, S(""));
}

static void on_verdict(void *arg, const struct verdict *v)
{
    struct look *l = arg;
    int64_t id = 0;
    bool open = false;
    if (l->failed)
        return;
    bool ok = find_alarm(l, v, &id, &open);
    if (ok && !id)
        ok = !v->open || raise_it(l, v);
    else if (ok && open)
        ok = v->open ? refresh(l, v, id) : close_it(l, v, id);
    l->failed = !ok;
    l->hosts = (struct strs){0};
}

// ---- the past ----

struct past_reading { struct watch *watch; int day; int32_t today; };

static void past_hour(void *arg, const struct page_minute *m)
{
    struct past_reading *p = arg;
    watch_past_hour(p->watch, p->day, m);
}

static void past_day(void *arg, const struct page_minute *m)
{
    struct past_reading *p = arg;
    watch_past_day(p->watch, (p->today - m->minute) / (24 * 60), m);
}

static bool read_past(struct look *l, int32_t hour)
{
    struct past_reading p = {l->guard->watch, 0, hour - hour % (24 * 60)};
    bool ok = true;
    watch_past_begin(l->guard->watch);
    for (p.day = 1; ok && p.day <= PAST_DAYS; p.day++) {
        int32_t then = hour - p.day * 24 * 60;
        ok = minute_read(l->db, l->set->name, SPAN_HOUR, then, then + 60, past_hour, NULL, &p, l->e);
    }
    ok = ok && minute_read(l->db, l->set->name, SPAN_DAY, p.today - PAST_DAYS * 24 * 60, p.today, past_day, NULL, &p,
                           l->e);
    watch_past_end(l->guard->watch);
    l->guard->past_hour = hour;
    return ok;
}

// ---- minutes ----

static void one_page(void *arg, const struct page_minute *m)
{
    watch_page(arg, m);
}

static bool judge_minute(struct look *l, int32_t minute)
{
    struct guard *g = l->guard;
    int32_t hour = minute - minute % 60;
    // Also now and then within the hour: an import brings a past to pages that had none.
    if ((g->past_hour != hour || minute % PAST_AGAIN == 0) && !read_past(l, hour))
        return false;
    if (!minute_read(l->db, l->set->name, SPAN_MINUTE, minute, minute + 1, one_page, NULL, g->watch, l->e))
        return false;
    l->minute = minute;
    if (!sql_begin(l->db, l->e))
        return false;
    watch_minute_end(g->watch, minute, on_verdict, l);
    if (l->failed || !sql_commit(l->db, l->e))
        return sql_undo(l->db);
    g->next = minute + 1;
    return true;
}

static enum rule rule_of(struct str name)
{
    for (int r = 0; r < RULES; r++)
        if (str_eq(watch_rule_name((enum rule)r), name))
            return (enum rule)r;
    return RULES;
}

// Alarms that somebody before us raised, so that they close.
static bool reopen(struct look *l)
{
    OWN_ROWS struct rows *r = sql_ask(l->db, l->e,
        "select p.id, a.page, a.rule, a.began_at, a.last_at from log_alarm a join log_page p on p.dataset = a.dataset"
        " and p.pattern = a.page where a.dataset = ? and a.closed_at is null", VALS(V(l->set->name)));
    if (!r)
        return false;
    while (rows_next(r, l->e)) {
        enum rule rule = rule_of(row_str(&l->a, r, 2));
        if (rule != RULES)
            watch_reopen(l->guard->watch, row_int(r, 0), row_str(&l->a, r, 1), rule, (int32_t)(row_int(r, 3) / 60000),
                         (int32_t)(row_int(r, 4) / 60000));
    }
    return !rows_failed(r);
}

static bool begin_guard(struct look *l, int32_t complete)
{
    struct guard *g = l->guard;
    watch_free(g->watch);
    g->watch = watch_new(&g->options);
    g->past_hour = INT32_MIN;
    g->next = complete - AGAIN;
    return reopen(l);
}

// After trouble in the middle of a minute the watch has seen it by half: it begins anew.
static bool look_at(struct look *l, int64_t now_ms)
{
    struct guard *g = l->guard;
    int64_t stored = 0;
    if (!sql_int(l->db, l->e, &stored, "select coalesce(max(stored_at), 0) from log_mark where dataset = ?",
                 VALS(V(l->set->name))))
        return false;
    if (stored == 0)
        return true;
    int64_t until = (stored < now_ms ? stored : now_ms) - SETTLED_MS;
    int32_t complete = (int32_t)(until / 60000);        // the minute before it is over
    // A clock that jumped, or a watch that slept: the minutes between are not judged one by one.
    bool lost = g->next == 0 || g->next > complete + 1 || complete - g->next > AGAIN;
    if (lost && !begin_guard(l, complete))
        return false;
    while (g->next < complete)
        if (!judge_minute(l, g->next)) {
            g->next = 0;
            return false;
        }
    return true;
}

// ---- datasets ----

static struct guard *guard_of(struct alarms *s, const struct dataset *set)
{
    struct watch_options o = {.tolerance = (double)set->watch.tolerance / 100, .slow_ms = set->watch.slow_ms,
                              .quiet = (int32_t)(set->watch.quiet_ms / 60000)};
    struct guard *g = s->guards;
    while (g && !str_eq(str_z(g->dataset), set->name))
        g = g->after;
    if (!g) {
        g = calloc(1, sizeof *g);
        assert(g);
        g->dataset = strndup(set->name.p, set->name.n);
        assert(g->dataset);
        g->after = s->guards;
        s->guards = g;
    }
    if (memcmp(&g->options, &o, sizeof o) != 0)
        g->next = 0;
    g->options = o;
    return g;
}

bool alarms_look(struct alarms *s, struct db *db, const struct site *site, int64_t now_ms, bool *news, struct err *e)
{
    *news = false;
    for (size_t i = 0; i < site->log.datasets.n; i++) {
        const struct dataset *set = &site->log.datasets.at[i];
        struct look l = {.db = db, .set = set, .guard = guard_of(s, set), .a = arena_make(64 << 20), .e = e};
        bool ok = look_at(&l, now_ms);
        arena_drop(&l.a);
        *news = *news || l.news;
        if (!ok)
            return err_in(e, "watch " STR_F, STR_A(set->name));
    }
    return true;
}

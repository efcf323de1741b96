// alarm.c: see alarm.h.
#include "log/alarm.h"
#include "log/alarm_rows.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    AGAIN = 90,                 // minutes that are judged again after a start
    PAST_AGAIN = 10,
    SETTLED_MS = 3000,          // after its end a minute may still get lines
    MINUTE_BYTES = 64 << 20,
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

// One look at one dataset, and what went wrong.
struct look {
    struct db *db;
    const struct dataset *set;
    struct guard *guard;
    struct arena a;
    struct verdicts found;      // of one minute
    bool news;
    struct err *e;
};

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

// Most pages have nothing to tell.
static void on_verdict(void *arg, const struct verdict *v)
{
    struct look *l = arg;
    vec_push(&l->a, &l->found, *v);
}

static bool write_found(struct look *l, int32_t minute)
{
    struct alarm_minute m = {.db = l->db, .set = l->set, .minute = minute};
    bool ok = l->found.n == 0
        || (sql_begin(l->db, l->e) && alarm_rows_write(&m, &l->found, l->e) && sql_commit(l->db, l->e));
    l->news = l->news || (ok && m.news);
    return ok || sql_undo(l->db);
}

static void count_minute(void *arg, const struct page_minute *m)
{
    struct look *l = arg;
    for (size_t i = 0; i < l->found.n; i++)
        if (l->found.at[i].fresh && l->found.at[i].page == m->page)
            watch_count(l->guard->watch, m, l->found.at[i].rule);
}

// An alarm says how many requests there were since it began, which is before anybody knew.
static bool count_since(struct look *l, int32_t minute)
{
    int32_t from = INT32_MAX;
    for (size_t i = 0; i < l->found.n; i++)
        if (l->found.at[i].fresh && l->found.at[i].began < from)
            from = l->found.at[i].began;
    if (from > minute)
        return true;
    from = from > minute - MINUTES_KEPT ? from : minute - MINUTES_KEPT;
    if (!minute_read(l->db, l->set->name, SPAN_MINUTE, from, minute + 1, count_minute, NULL, l, l->e))
        return false;
    for (size_t i = 0; i < l->found.n; i++)
        if (l->found.at[i].fresh)
            watch_counted(l->guard->watch, &l->found.at[i]);
    return true;
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
    arena_drop(&l->a);
    l->a = arena_make(MINUTE_BYTES);
    l->found = (struct verdicts){0};
    watch_minute_end(g->watch, minute, on_verdict, l);
    if (!count_since(l, minute) || !write_found(l, minute))
        return false;
    g->next = minute + 1;
    return true;
}

static void on_open(void *arg, int64_t page, struct str name, enum rule rule, int32_t began, int32_t last)
{
    struct look *l = arg;
    watch_reopen(l->guard->watch, page, name, rule, began, last);
    vec_push(&l->a, &l->found, ((struct verdict){.page = page, .rule = rule, .began = began, .fresh = true}));
}

static bool begin_guard(struct look *l, int32_t complete)
{
    struct guard *g = l->guard;
    watch_free(g->watch);
    g->watch = watch_new(&g->options);
    g->past_hour = INT32_MIN;
    g->next = complete - AGAIN;
    l->found = (struct verdicts){0};
    bool ok = alarm_rows_open(l->db, l->set->name, on_open, l, l->e) && count_since(l, g->next - 1);
    l->found = (struct verdicts){0};
    return ok;
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
    if (!alarm_rows_clean(db, site, e))
        return false;
    for (size_t i = 0; i < site->log.datasets.n; i++) {
        const struct dataset *set = &site->log.datasets.at[i];
        struct look l = {.db = db, .set = set, .guard = guard_of(s, set), .a = arena_make(MINUTE_BYTES), .e = e};
        bool ok = look_at(&l, now_ms);
        arena_drop(&l.a);
        *news = *news || l.news;
        if (!ok)
            return err_in(e, "watch " STR_F, STR_A(set->name));
    }
    return true;
}

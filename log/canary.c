// canary.c: see canary.h. Who is the canary, and since when, is what the journal of the release says.
#include "log/canary.h"
#include "log/minute.h"
#include <stdlib.h>

enum { MINUTE_MS = 60000, SETTLED_MS = 30000, BEFORE = 30, BEHIND = 30, KEPT_MINUTES = 48 * 60 };

const char *canary_word(enum canary_state s)
{
    static const char *const words[CANARY_STATES] = {
        [CANARY_NONE] = "none", [CANARY_NOT_YET] = "not_yet", [CANARY_NO_LOG] = "no_log",
        [CANARY_TOO_SHORT] = "too_short", [CANARY_TOO_OLD] = "too_old", [CANARY_NO_LINES] = "no_lines",
        [CANARY_OK] = "ok"};
    return words[s];
}

// ---- the journal ----

struct times { int64_t switched, tried, until, ended; struct str state; };
enum { SITE_BYTES = 16 << 20, LATE_MS = 90000 };

static bool read_times(struct arena *a, struct db *db, int64_t release, struct times *t, struct err *e)
{
    OWN_ROWS struct rows *r = sql_ask(db, e,
        "select coalesce(min(case when s.state = 'canary' and s.step = 'switch' and s.result = 'ok'"
        " then done_at end), 0),"
        " coalesce(max(case when s.state = 'canary' then done_at end), 0),"
        " coalesce(min(case when s.state = 'production' or s.step = 'back' then intent_at end), 0),"
        " coalesce(r.ended_at, 0), r.state from release r left join release_step s on s.release = r.id where r.id = ?",
        VALS(V(release)));
    if (!r || !rows_next(r, e))
        return false;
    *t = (struct times){row_int(r, 0), row_int(r, 1), row_int(r, 2), row_int(r, 3), row_str(a, r, 4)};
    return true;
}

static bool read_hosts(struct arena *a, struct db *db, const char *sql, int64_t release, struct strs *out,
                       struct err *e)
{
    OWN_ROWS struct rows *r = sql_ask(db, e, sql, VALS(V(release)));
    while (r && rows_next(r, e))
        vec_push(a, out, row_str(a, r, 0));
    return r && !rows_failed(r);
}

static bool read_sides(struct arena *a, struct db *db, int64_t release, struct canary *c, struct err *e)
{
    return read_hosts(a, db, "select distinct host from release_step where release = ? and state = 'canary'"
                      " and step = 'switch' and result = 'ok' order by host", release, &c->canary.hosts, e)
        && read_hosts(a, db, "select host from release_base where release = ?1 and host not in (select host from"
                      " release_step where release = ?1 and state = 'canary' and step = 'switch') order by host",
                      release, &c->others.hosts, e);
}

static bool will_have_one(const struct site *s, struct str service)
{
    const struct service *svc = s ? site_service(s, service) : NULL;
    for (size_t g = 0; svc && g < svc->servers.n; g++)
        if (str_eq(svc->servers.at[g].name, S("canary")))
            return svc->servers.n > 1;
    return false;
}

// ---- the log ----

static bool writes(struct arena *a, const struct dataset *d, const struct canary *c)
{
    struct strs hosts = {0};
    dataset_hosts(a, d, &hosts);
    for (size_t i = 0; i < c->canary.hosts.n; i++)
        if (strs_have(&hosts, c->canary.hosts.at[i]))
            return true;
    return false;
}

// `access` when the canary writes it, else the first that it does.
static struct str dataset_of(struct arena *a, const struct site *s, const struct canary *c)
{
    const struct dataset *access = s ? site_dataset(s, S("access")) : NULL;
    if (access && writes(a, access, c))
        return access->name;
    for (size_t i = 0; s && i < s->log.datasets.n; i++)
        if (writes(a, &s->log.datasets.at[i], c))
            return s->log.datasets.at[i].name;
    return S("");
}

// ---- how it is judged ----

struct way { struct verdict_limits limits; int64_t warmup_ms; };

static struct verdict_limits limits_of(const struct service *svc)
{
    uint64_t minutes = (uint64_t)(svc->canary.min_ms / MINUTE_MS);
    return (struct verdict_limits){.alpha = svc->canary.alpha / 10000.0, .odds = svc->canary.odds / 100.0,
                                   .latency = svc->canary.latency / 100.0, .floor = svc->canary.floor / 10000.0,
                                   .minutes = minutes ? minutes : 1};
}

// By the copy of the site file that the release keeps; one without `canary:`, or that nobody understands any more, is
// judged by what is usual.
static bool read_way(struct arena *a, struct db *db, struct str service, int64_t release, struct canary *c,
                     struct way *w, struct err *e)
{
    OWN_ARENA struct arena scratch = arena_make(SITE_BYTES);
    struct str text;
    struct site *s;
    struct mistakes wrong = {0};
    struct err ignored = {0};
    *w = (struct way){.limits = verdict_usual};
    if (!sql_str(&scratch, db, e, &text, "select coalesce((select t.text from site_text t join release r on"
                 " r.site = t.hash where r.id = ?), '')", VALS(V(release))))
        return false;
    const struct service *svc = text.n && site_parse(&scratch, text, &s, &wrong, &ignored) && s
        ? site_service(s, service) : NULL;
    if (!svc || !svc->canary.log.n)
        return true;
    c->judged = true;
    c->dataset = str_dup(a, svc->canary.log);
    *w = (struct way){limits_of(svc), svc->canary.warmup_ms};
    return true;
}

// Until when every host's lines are all here. Hosts are asked to say so for releases that are judged; for the others
// minutes count as whole after SETTLED_MS.
static bool read_marks(struct arena *a, struct db *db, struct str service, int64_t release, int64_t now_ms,
                       struct canary *c, int64_t *upto, struct err *e)
{
    OWN_ROWS struct rows *r = sql_ask(db, e,
        "select b.host, coalesce(max(m.upto), 0), (select until from traffic_want w where w.release = ?1) from"
        " release_base b left join traffic_mark m on m.service = ?2 and m.host = b.host where b.release = ?1 and"
        " exists (select 1 from traffic_want w where w.release = ?1) group by b.host order by 2 desc, 1",
        VALS(V(release), V(service)));
    *upto = INT64_MAX;
    while (r && rows_next(r, e)) {
        int64_t at = row_int(r, 1), until = row_int(r, 2);
        *upto = at < *upto ? at : *upto;
        if (!until && at < now_ms - LATE_MS) {
            c->late = row_str(a, r, 0);
            c->late_ms = at;
        }
    }
    return r && !rows_failed(r);
}

struct counting { struct canary *c; int32_t from, to, settled; struct verdict_minute now; };

static void close_minute(struct counting *k)
{
    const struct verdict_side *side[] = {&k->now.canary, &k->now.others};
    int64_t at = (int64_t)k->now.minute - k->c->first;
    for (int i = 0; i < 2 && at >= 0 && at < (int64_t)k->c->points; i++)
        k->c->point[at][i] = (struct canary_point){side[i]->n, hist_quantile(&side[i]->took, 0.95)};
    if (k->now.minute >= k->from && k->now.minute < k->to && k->now.minute < k->settled)
        verdict_add(&k->c->verdict, &k->now);
    k->now = (struct verdict_minute){0};
}

static void add_to(struct verdict_side *to, const struct page_minute *m)
{
    to->n += m->n;
    to->c4 += m->c4;
    to->c5 += m->c5;
    hist_merge(&to->took, &m->reqtime);
}

static void add_host(void *arg, const struct page_minute *m)
{
    struct counting *k = arg;
    bool canary = strs_have(&k->c->canary.hosts, m->name);
    if (!canary && !strs_have(&k->c->others.hosts, m->name))
        return;
    if (m->minute != k->now.minute)
        close_minute(k);
    k->now.minute = m->minute;
    add_to(canary ? &k->now.canary : &k->now.others, m);
    if (m->minute >= k->from && m->minute < k->to)
        add_to(canary ? &k->c->canary.sum : &k->c->others.sum, m);
}

static bool count(struct arena *a, struct db *db, int64_t now_ms, int64_t upto_ms, struct canary *c, struct err *e)
{
    int32_t now = (int32_t)(now_ms / MINUTE_MS);
    int64_t settled_ms = now_ms - SETTLED_MS < upto_ms ? now_ms - SETTLED_MS : upto_ms;
    struct counting *k = NEW(a, struct counting);
    *k = (struct counting){.c = c, .from = (int32_t)(c->from_ms / MINUTE_MS), .to = (int32_t)(c->to_ms / MINUTE_MS),
                           .settled = (int32_t)(settled_ms / MINUTE_MS)};
    int32_t end = (int32_t)((c->until_ms ? c->until_ms : (int64_t)now * MINUTE_MS) / MINUTE_MS) + BEHIND;
    end = (end < now ? end : now) + 1;
    c->first = (int32_t)(c->switched_ms / MINUTE_MS) - BEFORE;
    c->first = end - c->first > CANARY_POINTS ? end - CANARY_POINTS : c->first;
    c->points = end > c->first ? (size_t)(end - c->first) : 0;
    for (size_t i = 0; i < c->points; i++)
        c->point[i][0].p95 = c->point[i][1].p95 = -1;
    int32_t from = k->from < c->first ? k->from : c->first;
    if (!minute_read(db, c->dataset, SPAN_MINUTE, from, k->to > end ? k->to : end, NULL, add_host, k, e))
        return false;
    close_minute(k);
    return true;
}

// ---- both ----

static enum canary_state state_of(const struct canary *c, const struct times *t, int64_t now_ms)
{
    if (str_eq(t->state, S("canary")) || (c->from_ms >= c->to_ms && !c->until_ms))
        return CANARY_NOT_YET;
    if (!c->dataset.n)
        return CANARY_NO_LOG;
    if (c->from_ms >= c->to_ms)
        return CANARY_TOO_SHORT;
    if (c->to_ms / MINUTE_MS < now_ms / MINUTE_MS - KEPT_MINUTES)
        return CANARY_TOO_OLD;
    if (c->canary.sum.n || c->others.sum.n)
        return CANARY_OK;
    return now_ms < c->from_ms + MINUTE_MS + LATE_MS ? CANARY_NOT_YET : CANARY_NO_LINES;
}

static int64_t least(int64_t a, int64_t b)
{
    return !a ? b : !b || a < b ? a : b;
}

bool canary_read(struct arena *a, struct db *db, const struct site *s, struct str service, int64_t release,
                 int64_t now_ms, struct canary *c, struct err *e)
{
    struct times t;
    struct way way;
    int64_t upto_ms;
    *c = (struct canary){0};
    if (!read_times(a, db, release, &t, e) || !read_sides(a, db, release, c, e)
        || !read_way(a, db, service, release, c, &way, e)
        || !read_marks(a, db, service, release, now_ms, c, &upto_ms, e))
        return false;
    c->verdict = verdict_begin((uint64_t)release, &way.limits);
    if (!t.switched) {
        c->state = t.ended || t.until || !will_have_one(s, service) ? CANARY_NONE : CANARY_NOT_YET;
        return true;
    }
    if (!c->others.hosts.n)
        return true;
    c->switched_ms = t.switched;
    c->until_ms = least(t.until, t.ended);
    c->from_ms = (t.tried + way.warmup_ms + MINUTE_MS - 1) / MINUTE_MS * MINUTE_MS;
    c->to_ms = (c->until_ms ? c->until_ms : now_ms + MINUTE_MS) / MINUTE_MS * MINUTE_MS;
    if (c->to_ms > c->from_ms + (int64_t)CANARY_MINUTES * MINUTE_MS)
        c->to_ms = c->from_ms + (int64_t)CANARY_MINUTES * MINUTE_MS;
    if (!c->judged)
        c->dataset = dataset_of(a, s, c);
    if (c->dataset.n && !count(a, db, now_ms, upto_ms, c, e))
        return false;
    c->state = state_of(c, &t, now_ms);
    return true;
}

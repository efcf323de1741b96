// watch.c: see watch.h.
#include "log/watch_inner.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FEW = 8, SOME = 3 };                 // requests and clients that are more than chance
enum { ALARM_MINUTES = 3, STARVED = 60 };

static const double error_rates[WATCH_RATES] = {3, 10, 40};
static const double ALARM = 13, CAP = 26;       // CAP: so that what is over is over soon
static const double WANDER_MAX = 0.15, ERROR_TOLERANCE = 1.5;
// One bad minute is no alarm, however many requests it had; nor are three of them with hours between.
static const double MINUTE_CAP = 4.4;

struct str watch_rule_name(enum rule r)
{
    static const char *const names[RULES] = {"slower", "far slower", "errors", "slow and new"};
    return str_z(names[r]);
}

struct watch *watch_new(const struct watch_options *o)
{
    struct watch *w = calloc(1, sizeof *w);
    assert(w);
    w->o = *o;
    watch_past_make_bells(w);
    return w;
}

static void page_free(struct page *p)
{
    for (int r = 0; r < RULES; r++)
        free(p->raised[r].times);
    free((char *)(uintptr_t)p->name.p);
    free(p->gathered);
    free(p->past);
    free(p);
}

void watch_free(struct watch *w)
{
    if (!w)
        return;
    for (size_t i = 0; i < w->cap; i++)
        if (w->at[i])
            page_free(w->at[i]);
    free(w->at);
    free(w);
}

// ---- pages ----

static struct page **place_of(struct page **at, size_t cap, int64_t id)
{
    size_t i = (size_t)((uint64_t)id * 0x9e3779b97f4a7c15 >> 32) & (cap - 1);
    while (at[i] && at[i]->id != id)
        i = (i + 1) & (cap - 1);
    return &at[i];
}

static void more_room(struct watch *w)
{
    size_t cap = w->cap ? w->cap * 2 : 256;
    struct page **at = calloc(cap, sizeof(struct page *));
    assert(at);
    for (size_t i = 0; i < w->cap; i++)
        if (w->at[i])
            *place_of(at, cap, w->at[i]->id) = w->at[i];
    free(w->at);
    w->at = at;
    w->cap = cap;
}

struct page *watch_page_at(struct watch *w, int64_t id, struct str name)
{
    if (2 * (w->n + 1) > w->cap)
        more_room(w);
    struct page **at = place_of(w->at, w->cap, id);
    if (*at)
        return *at;
    struct page *p = *at = calloc(1, sizeof *p);
    assert(p);
    char *copy = malloc(name.n + 1);
    assert(copy);
    memcpy(copy, name.p, name.n);
    p->id = id;
    p->name = (struct str){copy, name.n};
    w->n++;
    return p;
}

static struct page *page_find(const struct watch *w, int64_t id)
{
    return w->cap ? *place_of(w->at, w->cap, id) : NULL;
}

bool watch_past_of(const struct watch *w, int64_t id, double *tolerance, double *wander, int64_t *p95)
{
    const struct page *p = page_find(w, id);
    if (!p || !p->past || !p->past->timed)
        return false;
    *tolerance = p->past->tolerance;
    *wander = p->past->wander;
    *p95 = p->past->p95;
    return true;
}

// ---- a minute ----

static void add_evidence(struct sum *s, double v, int32_t minute)
{
    if (s->v <= 0 || minute - s->fed > STARVED) {
        s->v = 0;
        s->minutes = 0;
        s->began = minute;
    }
    s->v += v < MINUTE_CAP ? v : MINUTE_CAP;
    if (v > 0) {
        s->minutes += s->fed != minute || s->minutes == 0;
        s->fed = minute;
    }
    if (s->v > CAP)
        s->v = CAP;
}

static void weigh_times(struct page *p, const struct page_minute *m)
{
    double sum[WATCH_RATES] = {0};
    for (int i = 0; i < HIST_STEPS; i++) {
        if (!m->reqtime.at[i])
            continue;
        int place = (int)(watch_place_of_ms(watch_middle_ms(i)) + 0.5);
        for (int r = 0; r < WATCH_RATES; r++)
            sum[r] += m->reqtime.at[i] * (double)p->past->evidence[r][place < PLACES ? place : PLACES - 1];
    }
    for (int r = 0; r < WATCH_RATES; r++)
        add_evidence(&p->slower[r], sum[r], m->minute);
}

static void weigh_errors(struct page *p, const struct page_minute *m)
{
    double usual = p->past->errors * ERROR_TOLERANCE;
    usual = usual < 0.5 ? usual : 0.5;
    for (int r = 0; r < WATCH_RATES; r++) {
        double worse = usual * error_rates[r] < 0.9 ? usual * error_rates[r] : 0.9;
        double bad = watch_clipped(log(worse / usual)), good = watch_clipped(log((1 - worse) / (1 - usual)));
        add_evidence(&p->errors[r], (double)m->c5 * bad + (double)(m->n - m->c5) * good, m->minute);
    }
}

static int64_t far_too_slow(const struct watch *w, const struct page *p)
{
    int64_t usual = p->past && p->past->timed ? 3 * p->past->p95 : 0;
    return usual > w->o.slow_ms ? usual : w->o.slow_ms;
}

static bool among(const uint32_t *all, uint32_t n, uint32_t one)
{
    for (uint32_t i = 0; i < n; i++)
        if (all[i] == one)
            return true;
    return false;
}

// A page that others were folded into comes more than once in a minute.
static void note_recent(const struct watch *w, struct page *p, const struct page_minute *m)
{
    struct recent *r = &p->recent[(unsigned)m->minute % RECENT];
    int64_t limit = far_too_slow(w, p);
    if (r->minute != m->minute)
        *r = (struct recent){.minute = m->minute};
    r->n += (uint32_t)m->reqtime.n;
    for (int i = hist_step(limit) + 1; i < HIST_STEPS; i++)
        r->slow += m->reqtime.at[i];
    for (uint32_t i = 0; i < m->clients && r->clients < CLIENTS_MAX; i++)
        if (!among(r->client, r->clients, m->client[i]))
            r->client[r->clients++] = m->client[i];
}

static void count(struct raised *a, const struct page_minute *m)
{
    if (m->minute < a->began)
        return;
    hist_merge(a->times, &m->reqtime);
    a->requests += m->n;
    a->errors += m->c5;
}

void watch_page(struct watch *w, const struct page_minute *m)
{
    struct page *p = watch_page_at(w, m->page, m->name);
    p->touched = m->minute;
    note_recent(w, p, m);
    for (int r = 0; r < RULES; r++) {
        struct raised *a = &p->raised[r];
        if (a->open)
            count(a, m);
    }
    if (!p->past || !p->past->known)
        return;
    weigh_errors(p, m);
    if (p->past->timed && p->past->wander <= WANDER_MAX)
        weigh_times(p, m);
}

// ---- verdicts ----

static bool over(const struct sum *s, int32_t *began)
{
    for (int r = 0; r < WATCH_RATES; r++)
        if (s[r].v >= ALARM && s[r].minutes >= ALARM_MINUTES) {
            *began = s[r].began;
            return true;
        }
    return false;
}

struct seen { uint32_t n, slow, clients, client[3 * CLIENTS_MAX]; };

static struct seen recently(const struct page *p, int32_t minute)
{
    struct seen s = {0};
    for (int i = 0; i < RECENT; i++) {
        const struct recent *r = &p->recent[i];
        if (r->minute <= minute - RECENT || r->minute > minute)
            continue;
        s.n += r->n;
        s.slow += r->slow;
        for (uint32_t k = 0; k < r->clients && s.clients < ARRAY_LEN(s.client); k++)
            if (!among(s.client, s.clients, r->client[k]))
                s.client[s.clients++] = r->client[k];
    }
    return s;
}

// One slow request in twenty is the 95th of a hundred.
static bool slow_now(const struct page *p, int32_t minute)
{
    struct seen s = recently(p, minute);
    return s.n >= FEW && s.slow > FEW / 2 && s.slow * 20 > s.n && s.clients >= SOME;
}

static bool worse(const struct page *p, enum rule r, int32_t minute, int32_t *began)
{
    bool known = p->past && p->past->known, timed = p->past && p->past->timed;
    *began = minute - RECENT + 1;
    switch (r) {
    case RULE_SLOWER: return timed && over(p->slower, began);
    case RULE_ERRORS: return known && over(p->errors, began);
    case RULE_FAR_SLOWER: return timed && slow_now(p, minute);
    default: return !timed && (!p->past || p->past->days < PAST_DAYS_MIN) && slow_now(p, minute);
    }
}

static void open_it(struct raised *a, int32_t began)
{
    a->open = true;
    a->began = began;
    a->requests = a->errors = 0;
    if (!a->times)
        a->times = calloc(1, sizeof *a->times);
    assert(a->times);
    memset(a->times, 0, sizeof *a->times);
}

static void fill(const struct page *p, enum rule r, struct verdict *v)
{
    const struct raised *a = &p->raised[r];
    v->requests = a->requests;
    v->errors = a->errors;
    v->now_p95 = a->times ? hist_quantile(a->times, 0.95) : -1;
}

static void tell(const struct page *p, enum rule r, bool fresh, verdict_fn *fn, void *arg)
{
    const struct raised *a = &p->raised[r];
    bool known = p->past && p->past->known;
    struct verdict v = {.rule = r, .page = p->id, .name = p->name, .began = a->began, .last = a->last,
                        .past_p95 = known && p->past->timed ? p->past->p95 : -1,
                        .past_errors = known ? p->past->errors : 0, .open = a->open, .fresh = fresh};
    fill(p, r, &v);
    fn(arg, &v);
}

// What is much slower is also slower: one alarm a page is enough, and the sum is the surer one.
static bool said_already(const struct page *p, enum rule r)
{
    return r == RULE_FAR_SLOWER && p->raised[RULE_SLOWER].open;
}

static void judge(const struct watch *w, struct page *p, enum rule r, int32_t minute, verdict_fn *fn, void *arg)
{
    struct raised *a = &p->raised[r];
    int32_t began;
    if (worse(p, r, minute, &began) && (a->open || !said_already(p, r))) {
        bool fresh = !a->open;
        if (fresh)
            open_it(a, began);
        a->last = minute;
        tell(p, r, fresh, fn, arg);
    } else if (a->open) {
        a->open = minute - a->last < w->o.quiet;
        tell(p, r, false, fn, arg);
    }
}

void watch_minute_end(struct watch *w, int32_t minute, verdict_fn *fn, void *arg)
{
    for (size_t i = 0; i < w->cap; i++)
        for (int r = 0; w->at[i] && r < RULES; r++)
            judge(w, w->at[i], (enum rule)r, minute, fn, arg);
}

void watch_reopen(struct watch *w, int64_t page, struct str name, enum rule rule, int32_t began, int32_t last)
{
    struct page *p = watch_page_at(w, page, name);
    open_it(&p->raised[rule], began);
    p->raised[rule].last = last;
}

void watch_count(struct watch *w, const struct page_minute *m, enum rule rule)
{
    struct page *p = page_find(w, m->page);
    if (p && p->raised[rule].open)
        count(&p->raised[rule], m);
}

void watch_counted(const struct watch *w, struct verdict *v)
{
    const struct page *p = page_find(w, v->page);
    if (p)
        fill(p, v->rule, v);
}

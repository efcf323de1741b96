// watch.c: see watch.h.
#include "log/watch.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    RATES = 3,
    OCTAVE = 16,                // places of the density an octave
    PLACES = 32 * OCTAVE,       // from half a millisecond on
    NARROW = 4, WIDE = 24,      // of the two bells, in places
    RECENT = 15,                // minutes that the rules without a sum look at
    ENOUGH = 120,               // requests of the past, at least
    FEW = 8, SOME = 3,          // requests and clients that are more than chance
};

static const double rates[RATES] = {1.3, 1.7, 3.5}, error_rates[RATES] = {3, 10, 40};
static const double ALARM = 13, CLIP = 3, CAP = 26;         // CAP: so that what is over is over soon
static const double WANDER_MAX = 0.15, WANDER_WEIGHT = 4, TAIL = 0.02, ERROR_TOLERANCE = 1.5;
// One bad minute is no alarm, however many requests it had; nor are three of them with hours between.
static const double MINUTE_CAP = 4.4;
enum { ALARM_MINUTES = 3, STARVED = 60 };

// Evidence for one rate.
struct sum { double v; int32_t began, fed; uint32_t minutes; };

struct recent { int32_t minute; uint32_t n, slow, clients, client[CLIENTS_MAX]; };

struct raised {
    bool open;
    int32_t began, last;
    uint64_t requests, errors;
    struct hist *times;         // since it began
};

struct past {
    bool known;                 // enough days, enough requests
    bool timed;                 // enough of them say how long they took
    int days;
    uint64_t n;
    int64_t p95;
    double tolerance, wander, errors;
    float evidence[RATES][PLACES];
};

struct page {
    int64_t id;
    struct str name;
    struct past *past;
    struct sum slower[RATES], errors[RATES];
    struct recent recent[RECENT];
    struct raised raised[RULES];
    // Since something may be wrong.
    struct trail { struct hist *times; uint64_t requests, errors; int32_t from; } trail;
    struct hist *gathered;      // while the past is read
    uint32_t hours;             // bit: that day has this hour
    uint64_t gathered_n, gathered_errors;
    double level, level2, noise;
    int levels;
    int32_t touched;            // minute
};

struct watch {
    struct watch_options o;
    struct page **at;           // by id, open addressing
    size_t n, cap;
    double narrow[2 * NARROW + 1], wide[2 * WIDE + 1];
};

struct str watch_rule_name(enum rule r)
{
    static const char *const names[RULES] = {"slower", "far slower", "errors", "slow and new"};
    return str_z(names[r]);
}

static void bell(double *at, int half)
{
    double sum = 0, sd = half / 2.5;
    for (int i = -half; i <= half; i++)
        sum += at[i + half] = exp(-i * i / (2 * sd * sd));
    for (int i = 0; i <= 2 * half; i++)
        at[i] /= sum;
}

struct watch *watch_new(const struct watch_options *o)
{
    struct watch *w = calloc(1, sizeof *w);
    assert(w);
    w->o = *o;
    bell(w->narrow, NARROW);
    bell(w->wide, WIDE);
    return w;
}

static void page_free(struct page *p)
{
    for (int r = 0; r < RULES; r++)
        free(p->raised[r].times);
    free((char *)(uintptr_t)p->name.p);
    free(p->trail.times);
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

static struct page *page_at(struct watch *w, int64_t id, struct str name)
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

// ---- the past ----

static double place_of_ms(double ms)
{
    double x = (log2(ms < 0.5 ? 0.5 : ms) + 1) * OCTAVE;
    return x < PLACES - 1 ? x : PLACES - 1;
}

static double middle_ms(int step)
{
    double low = step == 0 ? 0.5 : (double)hist_low(step), high = (double)hist_low(step + 1);
    return sqrt(low * high);
}

void watch_past_begin(struct watch *w)
{
    for (size_t i = 0; i < w->cap; i++) {
        struct page *p = w->at[i];
        if (!p)
            continue;
        p->hours = 0;
        p->gathered_n = p->gathered_errors = 0;
        p->level = p->level2 = p->noise = 0;
        p->levels = 0;
    }
}

void watch_past_hour(struct watch *w, int day, const struct page_minute *m)
{
    struct page *p = page_at(w, m->page, m->name);
    if (!p->gathered)
        p->gathered = calloc(1, sizeof *p->gathered);
    assert(p->gathered);
    p->hours |= (uint32_t)1 << day;
    p->gathered_n += m->n;
    p->gathered_errors += m->c5;
    hist_merge(p->gathered, &m->reqtime);
}

// Mean and variance of ln(time) of that day: its level, and how sure that is.
void watch_past_day(struct watch *w, int day, const struct page_minute *m)
{
    struct page *p = page_at(w, m->page, m->name);
    double n = 0, sum = 0, sum2 = 0;
    (void)day;
    for (int i = 0; i < HIST_STEPS; i++) {
        if (!m->reqtime.at[i])
            continue;
        double c = m->reqtime.at[i], x = log(middle_ms(i));
        n += c;
        sum += c * x;
        sum2 += c * x * x;
    }
    if (n < 30)
        return;
    double mean = sum / n;
    p->levels++;
    p->level += mean;
    p->level2 += mean * mean;
    p->noise += (sum2 / n - mean * mean) / n;
}

static double wander_of(const struct page *p)
{
    if (p->levels < PAST_DAYS_MIN)
        return 0;
    double k = p->levels, mean = p->level / k;
    double moved = (p->level2 / k - mean * mean) * k / (k - 1) - p->noise / k;
    return moved > 0 ? sqrt(moved) : 0;
}

// Each count lies somewhere between its step and the next: spread evenly over the places between.
static void spread(const struct hist *h, double *density)
{
    for (int i = 0; i < HIST_STEPS; i++) {
        if (!h->at[i])
            continue;
        double from = place_of_ms(i == 0 ? 0.5 : (double)hist_low(i)), to = place_of_ms((double)hist_low(i + 1));
        double left = to - from, share = h->at[i] / (double)h->n / (left > 0 ? left : 1);
        for (double x = from; left > 0; ) {
            int place = (int)x;
            double part = place + 1 - x < left ? place + 1 - x : left;
            density[place] += share * part;
            x += part;
            left -= part > 1e-9 ? part : left;
        }
    }
}

static void smooth(const double *from, double *to, const double *shape, int half)
{
    for (int i = 0; i < PLACES; i++) {
        double sum = 0;
        for (int k = -half; k <= half; k++)
            sum += i + k >= 0 && i + k < PLACES ? from[i + k] * shape[k + half] : 0;
        to[i] = sum;
    }
}

static double between(const double *at, double x)
{
    if (x <= 0)
        return at[0];
    int i = (int)x;
    return i >= PLACES - 1 ? at[PLACES - 1] : at[i] + (x - i) * (at[i + 1] - at[i]);
}

static double clipped(double x)
{
    return x > CLIP ? CLIP : x < -CLIP ? -CLIP : x;
}

static void weigh(const struct watch *w, const struct hist *h, struct past *t)
{
    double density[PLACES] = {0}, narrow[PLACES], wide[PLACES], lnp[PLACES];
    spread(h, density);
    smooth(density, narrow, w->narrow, NARROW);
    smooth(narrow, wide, w->wide, WIDE);
    for (int i = 0; i < PLACES; i++)
        lnp[i] = log((1 - TAIL) * narrow[i] + TAIL * wide[i] + 1e-7);
    double usual = log2(t->tolerance) * OCTAVE;
    for (int r = 0; r < RATES; r++) {
        double worse = usual + log2(rates[r]) * OCTAVE;
        for (int i = 0; i < PLACES; i++)
            t->evidence[r][i] = (float)clipped(between(lnp, i - worse) - between(lnp, i - usual));
    }
}

static void make_past(const struct watch *w, struct page *p)
{
    if (!p->past)
        p->past = calloc(1, sizeof *p->past);
    assert(p->past);
    struct past *t = p->past;
    // Of k days the wander itself is known to one part in sqrt(2 (k - 1)).
    double wander = wander_of(p), unsure = p->levels > 1 ? 1 + 1 / sqrt(2 * (p->levels - 1.0)) : 1;
    double tolerance = exp(WANDER_WEIGHT * unsure * wander);
    t->days = __builtin_popcount(p->hours);
    t->n = p->gathered_n;
    t->wander = wander;
    t->tolerance = tolerance > w->o.tolerance ? tolerance : w->o.tolerance;
    t->p95 = hist_quantile(p->gathered, 0.95);
    t->errors = ((double)p->gathered_errors + 1) / ((double)p->gathered_n + 200);
    t->known = t->days >= PAST_DAYS_MIN && p->gathered_n >= ENOUGH;
    t->timed = t->known && p->gathered->n >= ENOUGH;
    if (t->timed)
        weigh(w, p->gathered, t);
}

void watch_past_end(struct watch *w)
{
    for (size_t i = 0; i < w->cap; i++) {
        struct page *p = w->at[i];
        if (!p)
            continue;
        if (p->gathered) {
            make_past(w, p);
        } else {
            free(p->past);
            p->past = NULL;
        }
        free(p->gathered);
        p->gathered = NULL;
    }
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
    double sum[RATES] = {0};
    for (int i = 0; i < HIST_STEPS; i++) {
        if (!m->reqtime.at[i])
            continue;
        int place = (int)(place_of_ms(middle_ms(i)) + 0.5);
        for (int r = 0; r < RATES; r++)
            sum[r] += m->reqtime.at[i] * (double)p->past->evidence[r][place < PLACES ? place : PLACES - 1];
    }
    for (int r = 0; r < RATES; r++)
        add_evidence(&p->slower[r], sum[r], m->minute);
}

static void weigh_errors(struct page *p, const struct page_minute *m)
{
    double usual = p->past->errors * ERROR_TOLERANCE;
    usual = usual < 0.5 ? usual : 0.5;
    for (int r = 0; r < RATES; r++) {
        double worse = usual * error_rates[r] < 0.9 ? usual * error_rates[r] : 0.9;
        double bad = clipped(log(worse / usual)), good = clipped(log((1 - worse) / (1 - usual)));
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

// What an alarm tells of the time before it was raised.
static void follow_trail(struct page *p, const struct page_minute *m)
{
    struct trail *t = &p->trail;
    bool calm = true;
    for (int r = 0; r < RATES; r++)
        calm = calm && p->slower[r].v <= 0 && p->errors[r].v <= 0;
    if (!t->times)
        t->times = calloc(1, sizeof *t->times);
    assert(t->times);
    if (calm && m->minute - t->from >= RECENT) {
        memset(t->times, 0, sizeof *t->times);
        t->requests = t->errors = 0;
        t->from = m->minute;
    }
    hist_merge(t->times, &m->reqtime);
    t->requests += m->n;
    t->errors += m->c5;
}

void watch_page(struct watch *w, const struct page_minute *m)
{
    struct page *p = page_at(w, m->page, m->name);
    p->touched = m->minute;
    note_recent(w, p, m);
    for (int r = 0; r < RULES; r++) {
        struct raised *a = &p->raised[r];
        if (!a->open)
            continue;
        hist_merge(a->times, &m->reqtime);
        a->requests += m->n;
        a->errors += m->c5;
    }
    follow_trail(p, m);
    if (!p->past || !p->past->known)
        return;
    weigh_errors(p, m);
    if (p->past->timed && p->past->wander <= WANDER_MAX)
        weigh_times(p, m);
}

// ---- verdicts ----

static bool over(const struct sum *s, int32_t *began)
{
    for (int r = 0; r < RATES; r++)
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

static void open_it(struct page *p, struct raised *a, int32_t began)
{
    a->open = true;
    a->began = began;
    a->requests = p->trail.requests;
    a->errors = p->trail.errors;
    if (!a->times)
        a->times = calloc(1, sizeof *a->times);
    assert(a->times);
    memset(a->times, 0, sizeof *a->times);
    if (p->trail.times)
        *a->times = *p->trail.times;
}

static void tell(const struct page *p, enum rule r, bool fresh, verdict_fn *fn, void *arg)
{
    const struct raised *a = &p->raised[r];
    bool known = p->past && p->past->known;
    fn(arg, &(struct verdict){.rule = r, .page = p->id, .name = p->name, .began = a->began, .last = a->last,
                              .requests = a->requests, .errors = a->errors,
                              .now_p95 = a->times ? hist_quantile(a->times, 0.95) : -1,
                              .past_p95 = known && p->past->timed ? p->past->p95 : -1,
                              .past_errors = known ? p->past->errors : 0, .open = a->open, .fresh = fresh});
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
            open_it(p, a, began);
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
    struct page *p = page_at(w, page, name);
    open_it(p, &p->raised[rule], began);
    p->raised[rule].last = last;
}

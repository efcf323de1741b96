// watch_past.c: what is usual for a page: see watch.h.
#include "log/watch_inner.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>

enum { ENOUGH = 120 };                      // requests of the past, at least

static const double CLIP = 3, WANDER_WEIGHT = 4, TAIL = 0.02;
const double watch_rates[WATCH_RATES] = {1.3, 1.7, 3.5};

static void bell(double *at, int half)
{
    double sum = 0, sd = half / 2.5;
    for (int i = -half; i <= half; i++)
        sum += at[i + half] = exp(-i * i / (2 * sd * sd));
    for (int i = 0; i <= 2 * half; i++)
        at[i] /= sum;
}

void watch_past_make_bells(struct watch *w)
{
    bell(w->narrow, NARROW);
    bell(w->wide, WIDE);
}

double watch_place_of_ms(double ms)
{
    double x = (log2(ms < 0.5 ? 0.5 : ms) + 1) * OCTAVE;
    return x < PLACES - 1 ? x : PLACES - 1;
}

double watch_middle_ms(int step)
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
    struct page *p = watch_page_at(w, m->page, m->name);
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
    struct page *p = watch_page_at(w, m->page, m->name);
    double n = 0, sum = 0, sum2 = 0;
    (void)day;
    for (int i = 0; i < HIST_STEPS; i++) {
        if (!m->reqtime.at[i])
            continue;
        double c = m->reqtime.at[i], x = log(watch_middle_ms(i));
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
        double from = watch_place_of_ms(i == 0 ? 0.5 : (double)hist_low(i));
        double to = watch_place_of_ms((double)hist_low(i + 1));
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

double watch_clipped(double x)
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
    for (int r = 0; r < WATCH_RATES; r++) {
        double worse = usual + log2(watch_rates[r]) * OCTAVE;
        for (int i = 0; i < PLACES; i++)
            t->evidence[r][i] = (float)watch_clipped(between(lnp, i - worse) - between(lnp, i - usual));
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

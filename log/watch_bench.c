// watch_bench.c: how often the watch cries for nothing, and how soon it sees what is there, with simulated pages:
// log-normal times of log-sd 0.6, levels that move from day to day.
//
//     watch_bench false PAGES DAYS RATE WANDER SEED       false alarms a week of 1,500 pages
//     watch_bench delay PAGES RATE TIMES WANDER SEED      median minutes until a page that became TIMES slower is named
#include "log/watch.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { Z = 1 << 16, NEVER = 100000 };

static uint64_t dice;
static float spread_of[Z];              // exp(0.6 z) for evenly spaced quantiles z

static uint32_t roll(void)
{
    dice ^= dice << 13, dice ^= dice >> 7, dice ^= dice << 17;
    return (uint32_t)(dice >> 32);
}

static double uniform(void)
{
    return (roll() + 0.5) / 4294967296.0;
}

static double normal(void)
{
    return sqrt(-2 * log(uniform())) * cos(2 * M_PI * uniform());
}

static int poisson(double mean)
{
    int k = 0;
    for (double p = uniform(), e = exp(-mean); p > e; k++)
        p *= uniform();
    return k;
}

// Quantiles of the normal by sorting many draws.
static int up(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static void make_spread(void)
{
    for (int i = 0; i < Z; i++)
        spread_of[i] = (float)exp(0.6 * normal());
    qsort(spread_of, Z, sizeof *spread_of, up);
}

static void fill(struct page_minute *m, int64_t page, int32_t minute, double median, int n)
{
    memset(m, 0, sizeof *m);
    m->page = page;
    m->minute = minute;
    m->name = S("/page");
    m->n = (uint64_t)n;
    for (int i = 0; i < n; i++)
        hist_add(&m->reqtime, (int64_t)(median * (double)spread_of[roll() % Z]));
    for (int i = 0; i < n && i < CLIENTS_MAX; i++)
        m->client[m->clients++] = roll();
}

struct sim {
    struct watch *w;
    int pages;
    double rate, wander, *base, (*level)[64];
    int alarms;
    int64_t *first;
    int32_t now;
};

static void hear(void *arg, const struct verdict *v)
{
    struct sim *s = arg;
    if (!v->fresh)
        return;
    s->alarms++;
    if (s->first && !s->first[v->page])
        s->first[v->page] = s->now + 1;
}

// Day 0 is today; level[page][d] that of d days before.
static void make_levels(struct sim *s)
{
    for (int p = 0; p < s->pages; p++) {
        s->base[p] = 40 * exp(uniform() * 3);
        for (int d = 0; d < 64; d++)
            s->level[p][d] = s->base[p] * exp(s->wander * normal());
    }
}

// today: in days since the begin of level[].
static void read_past(struct sim *s, int today)
{
    static struct page_minute m;
    watch_past_begin(s->w);
    for (int p = 0; p < s->pages; p++)
        for (int d = 1; d <= PAST_DAYS; d++) {
            double level = s->level[p][today - d + PAST_DAYS + 1];
            fill(&m, p, 0, level, poisson(30 * s->rate) + poisson(30 * s->rate));
            watch_past_hour(s->w, d, &m);
            fill(&m, p, 0, level, (int)(s->rate * 300));        // a fifth of a day is sure enough, and quicker to draw
            watch_past_day(s->w, d, &m);
        }
    watch_past_end(s->w);
}

static void run(struct sim *s, int today, int32_t minute, double times)
{
    static struct page_minute m;
    s->now = minute;
    for (int p = 0; p < s->pages; p++) {
        int n = poisson(s->rate);
        if (n == 0)
            continue;
        fill(&m, p, minute, s->level[p][today + PAST_DAYS + 1] * times, n);
        watch_page(s->w, &m);
    }
    watch_minute_end(s->w, minute, hear, s);
}

static struct sim sim_new(int pages, double rate, double wander)
{
    struct sim s = {.pages = pages, .rate = rate, .wander = wander};
    s.w = watch_new(&(struct watch_options){.tolerance = 1.15, .slow_ms = 1000, .quiet = 30});
    s.base = calloc((size_t)pages, sizeof *s.base);
    s.level = calloc((size_t)pages, sizeof *s.level);
    make_levels(&s);
    return s;
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    if (argc != 7) {
        fprintf(stderr, "usage: watch_bench false PAGES DAYS RATE WANDER SEED | delay PAGES RATE TIMES WANDER SEED\n");
        return 2;
    }
    bool delay = strcmp(argv[1], "delay") == 0;
    int pages = atoi(argv[2]), days = delay ? 0 : atoi(argv[3]);
    double rate = atof(argv[delay ? 3 : 4]), times = delay ? atof(argv[4]) : 1, wander = atof(argv[5]);
    dice = strtoull(argv[6], NULL, 10) * 0x9e3779b97f4a7c15 + 1;
    for (int i = 0; i < 20; i++)
        roll();
    make_spread();
    struct sim s = sim_new(pages, rate, wander);
    if (!delay) {
        for (int day = 0; day < days; day++)
            for (int hour = 0; hour < 24; hour++) {
                read_past(&s, day);
                for (int i = 0; i < 60; i++)
                    run(&s, day, (day * 24 + hour) * 60 + i, 1);
            }
        printf("false\tpages:%d\tdays:%d\trate:%g\twander:%g\talarms:%d\tweek_of_1500:%.2f\n", pages, days, rate,
               wander, s.alarms, s.alarms * 7.0 / days * 1500 / pages);
        return 0;
    }
    read_past(&s, 0);
    for (int i = 0; i < 60; i++)
        run(&s, 0, i, 1);
    int before = s.alarms;
    s.first = calloc((size_t)pages, sizeof *s.first);
    for (int i = 60; i < 60 + 600; i++)
        run(&s, 0, i, times);
    for (int p = 0; p < pages; p++)
        s.first[p] = s.first[p] ? s.first[p] - 60 : NEVER;
    qsort(s.first, (size_t)pages, sizeof *s.first, by_size);
    printf("delay\tpages:%d\trate:%g\ttimes:%g\twander:%g\tmedian_min:%lld\tninth_decile_min:%lld\tbefore:%d\n", pages,
           rate, times, wander, (long long)s.first[pages / 2], (long long)s.first[pages * 9 / 10], before);
    return 0;
}

#include "base/test.h"
#include "log/watch.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

// A page whose times are log-normal, 100 ms at the median, asked for n times a minute by many clients.
static uint64_t dice = 88172645463325252;

static double uniform(void)
{
    dice ^= dice << 13, dice ^= dice >> 7, dice ^= dice << 17;
    return ((double)(dice >> 11) + 0.5) / 9007199254740992.0;
}

static double normal(void)
{
    return sqrt(-2 * log(uniform())) * cos(2 * M_PI * uniform());
}

static struct page_minute *minute_of(int32_t minute, double median, int n, int errors)
{
    static struct page_minute m;
    memset(&m, 0, sizeof m);
    m.minute = minute;
    m.page = 7;
    m.name = S("/works/{n}");
    m.n = (uint64_t)n;
    m.c5 = (uint64_t)errors;
    for (int i = 0; i < n; i++)
        hist_add(&m.reqtime, (int64_t)(median * exp(0.6 * normal())));
    for (int i = 0; i < n && i < CLIENTS_MAX; i++)
        m.client[m.clients++] = (uint32_t)(minute * 8 + i + 1);
    return &m;
}

static struct watch *with_past(int days, double wander)
{
    struct watch *w = watch_new(&(struct watch_options){.tolerance = 1.15, .slow_ms = 1000, .quiet = 30});
    watch_past_begin(w);
    for (int day = 1; day <= days; day++) {
        double level = 100 * exp(wander * normal());
        watch_past_hour(w, day, minute_of(0, level, 120, 0));
        watch_past_day(w, day, minute_of(0, level, 2880, 3));
    }
    watch_past_end(w);
    return w;
}

struct heard { int raised, closed, minute; enum rule rule; int64_t now, past; struct verdict raised_as; };

static void hear(void *arg, const struct verdict *v)
{
    struct heard *h = arg;
    if (v->fresh) {
        h->raised++;
        h->rule = v->rule;
        h->past = v->past_p95;
        h->raised_as = *v;
    }
    h->closed += !v->open;
}

// Gives the alarm the minutes since it began, as whoever has them stored does.
static void count_since(struct watch *w, struct heard *h, const struct page_minute *all, int minutes, int n)
{
    int since = 0;
    for (int i = 0; i < minutes; i++) {
        watch_count(w, &all[i], h->rule);
        since += all[i].minute >= h->raised_as.began;
    }
    watch_counted(w, &h->raised_as);
    CHECK_INT(h->raised_as.requests, since * n);
    CHECK(since > 0);
    h->now = h->raised_as.now_p95;
}

static int first_alarm(struct watch *w, struct heard *h, int from, int to, double median, int n, int errors)
{
    struct page_minute *all = calloc((size_t)(to - from), sizeof *all);
    int took = 0;
    for (int i = from; i < to && !took; i++) {
        all[i - from] = *minute_of(i, median, n, errors);
        watch_page(w, &all[i - from]);
        watch_minute_end(w, i, hear, h);
        took = h->raised ? i - from + 1 : 0;
    }
    if (took)
        count_since(w, h, all, took, n);
    free(all);
    return took;
}

TEST(a_calm_page_raises_nothing_in_a_day)
{
    struct watch *w = with_past(28, 0.03);
    struct heard h = {0};
    CHECK_INT(first_alarm(w, &h, 1000, 1000 + 1440, 100, 2, 0), 0);
    CHECK_INT(first_alarm(w, &h, 3000, 3000 + 1440, 110, 20, 0), 0);       // a little slower: within what is tolerated
    watch_free(w);
}

TEST(a_page_that_became_slower_is_named_within_minutes)
{
    static const struct { double times; int n, at_least, at_most; } rows[] = {
        {1.5, 20, 3, 20}, {2, 20, 3, 6}, {3, 20, 3, 4}, {2, 2, 3, 45}, {3, 2, 3, 15},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct watch *w = with_past(28, 0.03);
        struct heard h = {0};
        first_alarm(w, &h, 500, 700, 100, rows[i].n, 0);
        int took = first_alarm(w, &h, 700, 1000, 100 * rows[i].times, rows[i].n, 0);
        CHECK(took >= rows[i].at_least && took <= rows[i].at_most);
        CHECK_INT(h.rule, RULE_SLOWER);
        CHECK(h.past > 200 && h.past < 330 && h.now > h.past);
        watch_free(w);
    }
}

TEST(an_alarm_closes_when_it_was_quiet_for_half_an_hour)
{
    struct watch *w = with_past(28, 0.03);
    struct heard h = {0};
    int from = 700 + first_alarm(w, &h, 700, 800, 300, 20, 0), closed = 0;
    CHECK_INT(h.raised, 1);
    for (int i = from; i < from + 100 && !closed; i++) {
        watch_page(w, minute_of(i, 100, 20, 0));
        watch_minute_end(w, i, hear, &h);
        closed = h.closed ? i - from : 0;
    }
    CHECK(closed >= 29 && closed <= 35);
    watch_free(w);
}

TEST(errors_are_seen_and_a_single_bad_minute_is_not)
{
    struct watch *w = with_past(28, 0.03);
    struct heard h = {0};
    watch_page(w, minute_of(600, 100, 20, 20));
    watch_minute_end(w, 600, hear, &h);
    CHECK_INT(first_alarm(w, &h, 601, 700, 100, 20, 0), 0);
    int took = first_alarm(w, &h, 700, 800, 100, 20, 2);
    CHECK(took >= 3 && took <= 6);
    CHECK_INT(h.rule, RULE_ERRORS);
    watch_free(w);
}

TEST(a_page_without_a_past_is_named_when_it_is_slow_for_several_people)
{
    struct watch *w = watch_new(&(struct watch_options){.tolerance = 1.15, .slow_ms = 1000, .quiet = 30});
    struct heard h = {0};
    CHECK_INT(first_alarm(w, &h, 100, 200, 300, 2, 0), 0);
    int took = first_alarm(w, &h, 200, 300, 3000, 2, 0);
    CHECK(took > 0 && took <= 10);
    CHECK_INT(h.rule, RULE_NEW_SLOW);
    CHECK_INT(h.past, -1);
    watch_free(w);
}

TEST(a_page_that_wanders_needs_more)
{
    double tolerance, wander;
    int64_t p95;
    struct watch *w = with_past(28, 0.10);
    CHECK(watch_past_of(w, 7, &tolerance, &wander, &p95));
    CHECK(wander > 0.06 && wander < 0.14);
    CHECK(tolerance > 1.23 && tolerance < 1.75);
    watch_free(w);
    w = with_past(28, 0);
    CHECK(watch_past_of(w, 7, &tolerance, &wander, &p95));
    CHECK(wander < 0.01);
    CHECK(tolerance == 1.15);
    watch_free(w);
    w = with_past(6, 0);
    CHECK(!watch_past_of(w, 7, &tolerance, &wander, &p95));
    watch_free(w);
}

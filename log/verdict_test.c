// verdict_test.c: the model's figures (how often it is wrong, how soon it is right) by playing many canaries.
#include "base/test.h"
#include "log/verdict.h"
#include <math.h>
#include <stdlib.h>
#include <time.h>

enum { TICK = 20, OTHERS = 140, MOST = 5000, RUNS = 200 };     // a canary of one in eight

static uint64_t dice;
static double chance(void)
{
    dice = dice * 6364136223846793005u + 1442695040888963407u;
    return (double)(dice >> 11) / 9007199254740992.0;
}

struct model { double base, odds, slower; };

static uint64_t errors(int n, double p)
{
    uint64_t k = 0;
    while (n--)
        k += chance() < p;
    return k;
}

static void times(struct hist *h, int n, double factor)
{
    for (int i = 0; i < n; i++) {
        double normal = sqrt(-2 * log(1 - chance())) * cos(6.283185307 * chance());
        hist_add(h, (int64_t)(factor * 60 * exp(.6 * normal)));
    }
}

static double odds_of(double p, double odds)
{
    return p * odds / (1 - p + p * odds);
}

static struct verdict_minute tick(const struct model *m, int i)
{
    struct verdict_minute x = {.minute = i, .canary.n = TICK, .others.n = OTHERS};
    x.canary.c5 = errors(TICK, odds_of(m->base, m->odds));
    x.others.c5 = errors(OTHERS, m->base);
    times(&x.canary.took, TICK, m->slower);
    times(&x.others.took, TICK, 1);
    return x;
}

struct played { int worse, pass, median; };

static int by_size(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

// How many were judged in which way first, and after how many requests of the canary half of those were.
static struct played play(struct model m)
{
    struct played p = {0};
    int stop[RUNS], n = 0;
    for (int run = 0; run < RUNS; run++) {
        struct verdict v = verdict_begin((uint64_t)run, &verdict_usual);
        enum verdict_answer a = NOT_CLEAR;
        dice = (uint64_t)run * 7919 + 1;
        for (int i = 0; i < MOST / TICK && a == NOT_CLEAR; i++) {
            struct verdict_minute x = tick(&m, i);
            verdict_add(&v, &x);
            a = verdict_say(&v);
        }
        p.worse += a > NOT_WORSE;
        p.pass += a == NOT_WORSE;
        if (a != NOT_CLEAR)
            stop[n++] = (int)v.n_c;
    }
    qsort(stop, (size_t)n, sizeof *stop, by_size);
    p.median = n ? stop[n / 2] : 0;
    return p;
}

static void is_between(const char *what, int got, int low, int high)
{
    if (got < low || got > high)
        test_failed(__FILE__, __LINE__, "%s: %d, not %d to %d", what, got, low, high);
}

TEST(a_canary_that_is_worse_is_found_as_soon_as_the_model_says)
{
    struct played ten = play((struct model){.01, 10, 1}), five = play((struct model){.01, 5, 1});
    is_between("odds 10, found", ten.worse, RUNS * 98 / 100, RUNS);
    is_between("odds 10, requests", ten.median, 40, 110);
    is_between("odds 5, found", five.worse, RUNS * 97 / 100, RUNS);
    is_between("odds 5, requests", five.median, 140, 280);
    struct played slow = play((struct model){.01, 1, 1.5});
    is_between("1.5 as long, found", slow.worse, RUNS * 97 / 100, RUNS);
}

TEST(hosts_need_not_be_equally_fast)
{
    is_between("1.09 as long, called worse", play((struct model){.01, 1, 1.09}).worse, 0, RUNS * 2 / 100);
}

TEST(one_that_is_the_same_passes_and_is_hardly_ever_called_worse)
{
    struct played same = play((struct model){.01, 1, 1}), clean = play((struct model){0, 1, 1});
    is_between("the same, called worse", same.worse, 0, RUNS * 2 / 100);
    is_between("the same, passed", same.pass, RUNS * 90 / 100, RUNS);
    is_between("the same, requests", same.median, 800, 1700);
    is_between("no errors at all, passed", clean.pass, RUNS * 99 / 100, RUNS);
    is_between("no errors at all, requests", clean.median, 1900, 2200);
}

TEST(one_at_the_limit_passes_in_one_of_twenty_at_most)
{
    is_between("errors twice as likely, passed", play((struct model){.01, 2, 1}).pass, 0, RUNS / 20 + 4);
    is_between("times 1.3 as long, passed", play((struct model){.01, 1, 1.3}).pass, 0, RUNS / 20 + 4);
}

TEST(a_minute_in_which_all_fails_on_both_sides_says_nothing)
{
    struct verdict v = verdict_begin(1, &verdict_usual);
    struct verdict_minute m = {.canary = {.n = 50, .c5 = 50}, .others = {.n = 350, .c5 = 350}};
    verdict_add(&v, &m);
    for (int i = 0; i < VERDICT_RATIOS; i++)
        CHECK(fabs(v.err[i]) < 1e-6);
    CHECK_INT(verdict_say(&v), NOT_CLEAR);
}

TEST(a_minute_without_visitors_on_one_side_is_not_judged)
{
    struct verdict v = verdict_begin(1, &verdict_usual);
    struct verdict_minute m = {.canary = {.n = 500, .c5 = 500}};
    verdict_add(&v, &m);
    CHECK_INT(v.minutes, 0);
    CHECK_INT(verdict_say(&v), NOT_CLEAR);
}

// Clean requests, one each minute, until it is not worse; what is wanted must say so all the way.
static uint64_t clean_until(double floor)
{
    struct verdict_limits limits = verdict_usual;
    limits.floor = floor;
    struct verdict v = verdict_begin(1, &limits);
    struct verdict_minute m = {.canary = {.n = 1}, .others = {.n = 7}};
    v.p_fast = 4;                                   // times are clear
    for (; verdict_say(&v) == NOT_CLEAR && m.minute < 5000; m.minute++) {
        uint64_t wanted = m.minute ? v.n_c + verdict_wants(&v) : 0;
        verdict_add(&v, &m);
        if (m.minute && verdict_say(&v) == NOT_WORSE && wanted != v.n_c)
            test_failed(__FILE__, __LINE__, "%llu were wanted, it took %llu", (unsigned long long)wanted,
                        (unsigned long long)v.n_c);
    }
    return v.n_c;
}

TEST(what_is_missing_is_told_in_requests_of_the_canary)
{
    struct verdict v = verdict_begin(1, &verdict_usual);
    CHECK_INT(verdict_wants(&v), 0);                // nothing came
    struct verdict_minute m = {.canary = {.n = 300}, .others = {.n = 2100}};
    for (int i = 0; i < 300; i++) {
        hist_add(&m.canary.took, 20);
        hist_add(&m.others.took, 20);
    }
    uint64_t last = 0;
    for (m.minute = 0; verdict_say(&v) == NOT_CLEAR && m.minute < 30; m.minute++) {
        verdict_add(&v, &m);
        uint64_t wants = verdict_wants(&v);
        CHECK(m.minute == 0 || wants <= last);
        CHECK((wants == 0) == (verdict_say(&v) == NOT_WORSE));
        last = wants;
    }
    is_between("requests without an error until it is clear", (int)v.n_c, 2100, 2700);
    is_between("as the documents say", (int)clean_until(.002), 2054, 2054);
    is_between("with a floor of 5 %", (int)clean_until(.05), 81, 81);
    v = verdict_begin(1, &verdict_usual);
    m.canary.c5 = 100;
    verdict_add(&v, &m);
    CHECK_INT(verdict_wants(&v), 0);                // it speaks against it
}

TEST(the_price_of_a_bet_is_that_of_the_draw_without_replacement)
{
    // One error among 8, canary 1 of 8 requests: mean of r^j = 7/8 + r/8.
    struct verdict v = verdict_begin(1, &verdict_usual);
    struct verdict_minute m = {.canary = {.n = 1, .c5 = 1}, .others = {.n = 7}};
    verdict_add(&v, &m);
    CHECK(fabs(v.err[4] - (log(10) - log(7.0 / 8 + 10.0 / 8))) < 1e-9);
    CHECK(fabs(v.odds - (log(2) - log(7.0 / 8 + 2.0 / 8))) < 1e-9);
}

static void both_take(struct verdict_minute *m)
{
    for (int i = 0; i < 1000; i++) {
        hist_add(&m->canary.took, 20 + i % 40);
        hist_add(&m->others.took, 20 + i % 40);
    }
}

// What is said after `good` minutes without errors and twenty like `bad`.
static enum verdict_answer after(int good, struct verdict_minute bad)
{
    struct verdict v = verdict_begin(1, &verdict_usual);
    struct verdict_minute m = bad;
    m.canary.c4 = m.canary.c5 = m.others.c4 = m.others.c5 = 0;
    both_take(&m);
    both_take(&bad);
    for (; m.minute < good; m.minute++)
        verdict_add(&v, &m);
    for (bad.minute = good; bad.minute < good + 20; bad.minute++)
        verdict_add(&v, &bad);
    return verdict_say(&v);
}

TEST(a_minute_with_very_many_errors_is_judged_as_any_other)
{
    struct verdict_minute client = {.canary = {.n = 30000, .c4 = 25000}, .others = {.n = 300000, .c4 = 100}};
    struct verdict_minute server = {.canary = {.n = 5000, .c5 = 5000}, .others = {.n = 300000, .c5 = 15500}};
    struct verdict_minute same = {.canary = {.n = 30000, .c5 = 3000}, .others = {.n = 300000, .c5 = 30000}};
    CHECK_INT(after(0, client), WORSE_CLIENT_ERRORS);
    CHECK_INT(after(10, client), WORSE_CLIENT_ERRORS);
    CHECK_INT(after(0, server), WORSE_ERRORS);
    CHECK_INT(after(10, server), WORSE_ERRORS);
    CHECK_INT(after(10, same), NOT_WORSE);
}

// The mean of r^j by all its terms, each by itself.
static double by_all_terms(double n_c, double n_b, double k, double r)
{
    double sum = 0;
    for (double j = k > n_b ? k - n_b : 0; j <= k && j <= n_c; j++)
        sum += exp(lgamma(n_c + 1) - lgamma(j + 1) - lgamma(n_c - j + 1) + lgamma(n_b + 1) - lgamma(k - j + 1)
                   - lgamma(n_b - k + j + 1) - lgamma(n_c + n_b + 1) + lgamma(k + 1) + lgamma(n_c + n_b - k + 1)
                   + j * log(r));
    return log(sum);
}

TEST(the_price_leaves_no_term_out_that_counts)
{
    static const double ratio[VERDICT_RATIOS] = {1.5, 2, 3, 5, 10, 30};
    static const uint64_t of[][4] = {{40, 300, 9, 80}, {60, 40, 60, 90}, {500, 500, 0, 150}, {200, 150, 120, 200}};
    for (size_t i = 0; i < ARRAY_LEN(of); i++) {
        struct verdict v = verdict_begin(1, &verdict_usual);
        struct verdict_minute m = {.canary = {.n = of[i][0], .c5 = of[i][2]},
                                   .others = {.n = of[i][1], .c5 = of[i][3] - of[i][2]}};
        verdict_add(&v, &m);
        for (int q = 0; q < VERDICT_RATIOS; q++) {
            double price = by_all_terms((double)of[i][0], (double)of[i][1], (double)of[i][3], ratio[q]);
            CHECK(fabs(v.err[q] - ((double)of[i][2] * log(ratio[q]) - price)) < 1e-8);
        }
    }
}

TEST(six_hours_of_many_errors_are_judged_at_once)
{
    struct verdict v = verdict_begin(1, &verdict_usual);
    struct verdict_minute m = {.canary = {.n = 20000, .c4 = 2000}, .others = {.n = 180000, .c4 = 18000}};
    for (uint64_t i = 0; i < m.others.n; i++) {
        hist_add(&m.others.took, (int64_t)(20 + i % 900));
        if (i < m.canary.n)
            hist_add(&m.canary.took, (int64_t)(20 + i % 900));
    }
    clock_t begun = clock();
    for (; m.minute < 360; m.minute++)
        verdict_add(&v, &m);
    is_between("ms of processor", (int)((clock() - begun) / (CLOCKS_PER_SEC / 1000)), 0, 600);
}

// verdict.c: see verdict.h. Minutes are strata: within one, under "no difference", which of the requests with an error
// were the canary's is a draw without replacement, however many errors there were. So a minute in which everything fails
// on both sides says nothing, where a test against a fixed rate would scream.
#include "log/verdict.h"
#include "log/traffic.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PAIRS_MAX = 1000 };
static const double RATIO[VERDICT_RATIOS] = {1.5, 2, 3, 5, 10, 30}, RATIO_WEIGHT[] = {.10, .15, .20, .25, .20, .10};
static const double SHARE[VERDICT_SHARES] = {.55, .6, .7};
static const double PASS = 20, LEAST = 1e-17;

const struct verdict_limits verdict_usual = {.alpha = .01, .odds = 2, .latency = 1.3, .floor = .002, .minutes = 2};

struct verdict verdict_begin(uint64_t seed, const struct verdict_limits *limits)
{
    return (struct verdict){.seed = seed, .limits = *limits};
}

static double log_sum(const double *log_of, const double *weight, int n)
{
    double top = log_of[0], sum = 0;
    for (int i = 1; i < n; i++)
        top = log_of[i] > top ? log_of[i] : top;
    for (int i = 0; i < n; i++)
        sum += (weight ? weight[i] : 1.0 / n) * exp(log_of[i] - top);
    return top + log(sum);
}

static double best(double so_far, double now)
{
    return now > so_far ? now : so_far;
}

// ---- errors ----

struct drawn { double n_c, n_b, k_c, k; };

static double log_choose(double n, double k)
{
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1);
}

// What r^(j+1) adds to the mean below, as a multiple of what r^j does; it falls as j grows.
static double next_term(const struct drawn *d, double r, double j)
{
    return r * (d->n_c - j) * (d->k - j) / ((j + 1) * (d->n_b - d->k + j + 1));
}

// The j of the largest term.
static double peak(const struct drawn *d, double r, double low, double high)
{
    while (low < high) {
        double j = floor((low + high) / 2);
        if (next_term(d, r, j) > 1)
            low = j + 1;
        else
            high = j;
    }
    return low;
}

// ln of the mean of r^j, where j of the k errors fall on the canary: the price of the bet on r. From the largest term
// outward, as far as terms count in a double: some 20 standard deviations, however many requests there were.
static double log_price(const struct drawn *d, double r)
{
    double low = d->k > d->n_b ? d->k - d->n_b : 0, high = d->k < d->n_c ? d->k : d->n_c;
    double top = peak(d, r, low, high), sum = 1, term = 1;
    for (double j = top; j < high && term > LEAST * sum; j++)
        sum += term *= next_term(d, r, j);
    term = 1;
    for (double j = top; j > low && term > LEAST * sum; j--)
        sum += term /= next_term(d, r, j - 1);
    return log_choose(d->n_c, top) + log_choose(d->n_b, d->k - top) - log_choose(d->n_c + d->n_b, d->k)
         + top * log(r) + log(sum);
}

static double gain(const struct drawn *d, double r)
{
    return d->k_c * log(r) - log_price(d, r);
}

// odds: the bet that they are `times` as likely, or NULL.
static void bet_on_errors(double *bets, double *odds, double times, const struct drawn *d)
{
    if (d->k == 0)
        return;
    for (int i = 0; i < VERDICT_RATIOS; i++)
        bets[i] += gain(d, RATIO[i]);
    if (odds)
        *odds += gain(d, times);
}

// ln of: "not `odds` times as likely" against "provably below the floor", half the capital each.
static double log_pass(const struct verdict *v, double n_c)
{
    double floor = v->limits.floor, below[3];
    const double rate[] = {0, floor / 10, floor / 3};
    for (int i = 0; i < 3; i++) {
        double hit = v->k_c == 0 ? 0 : i == 0 ? -INFINITY : (double)v->k_c * log(rate[i] / floor);
        below[i] = hit + (n_c - (double)v->k_c) * log((1 - rate[i]) / (1 - floor));
    }
    double both[] = {-v->odds, log_sum(below, NULL, 3)};
    return log_sum(both, NULL, 2);
}

// ---- times ----

// splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators): the same minute draws the same pairs.
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9E3779B97F4A7C15u);
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

// n of them in random order, as steps of 9 %.
static uint8_t *draw(const struct hist *h, size_t n, uint64_t *random)
{
    uint8_t *all = malloc(h->n + 1);
    size_t k = 0;
    assert(all);
    for (int i = 0; i < HIST_STEPS; i++) {
        size_t some = h->at[i] < h->n - k ? h->at[i] : h->n - k;
        if (some)
            memset(all + k, traffic_lat(hist_low(i)), some);
        k += some;
    }
    for (size_t i = 0; i < n && i + 1 < k; i++) {
        size_t at = i + next_random(random) % (k - i);
        uint8_t x = all[i];
        all[i] = all[at];
        all[at] = x;
    }
    return all;
}

static bool slower(int canary, int other, bool coin)
{
    return canary > other || (canary == other && coin);
}

// 1.3 times as long are 3 of the steps of 9 % that traffic_lat makes.
static int steps_of(double times)
{
    return (int)lround(8 * log2(times));
}

static int faster_by(int steps, int lat)
{
    return lat > steps ? lat - steps : 0;
}

static void bet_on_times(struct verdict *v, const struct verdict_minute *m)
{
    int shift = steps_of(v->limits.latency), slack = shift / 2;
    uint64_t random = v->seed * 0x9E3779B97F4A7C15u ^ (uint64_t)m->minute << 20;
    size_t n = m->canary.took.n < m->others.took.n ? m->canary.took.n : m->others.took.n;
    n = n < PAIRS_MAX ? n : PAIRS_MAX;
    uint8_t *c = draw(&m->canary.took, n, &random), *b = draw(&m->others.took, n, &random);
    size_t lost = 0, still = 0;
    for (size_t i = 0; i < n; i++) {
        bool coin = next_random(&random) & 1;
        lost += slower(faster_by(slack, c[i]), b[i], coin);
        still += slower(faster_by(shift, c[i]), b[i], coin);
    }
    for (int q = 0; q < VERDICT_SHARES; q++) {
        double win = log(2 * SHARE[q]), lose = log(2 - 2 * SHARE[q]);
        v->slow[q] += (double)lost * win + (double)(n - lost) * lose;
        v->fast[q] += (double)still * lose + (double)(n - still) * win;
    }
    v->pairs += n;
    free(c);
    free(b);
}

// ---- both ----

void verdict_add(struct verdict *v, const struct verdict_minute *m)
{
    const struct verdict_side *c = &m->canary, *b = &m->others;
    if (c->n == 0 || b->n == 0)
        return;
    struct drawn err = {(double)c->n, (double)b->n, (double)c->c5, (double)(c->c5 + b->c5)};
    struct drawn client = {(double)c->n, (double)b->n, (double)c->c4, (double)(c->c4 + b->c4)};
    bet_on_errors(v->err, &v->odds, v->limits.odds, &err);
    bet_on_errors(v->client, NULL, 0, &client);
    bet_on_times(v, m);
    v->minutes++;
    v->n_c += c->n;
    v->n_b += b->n;
    v->k_c += c->c5;
    v->k_b += b->c5;
    v->e_err = best(v->e_err, log_sum(v->err, RATIO_WEIGHT, VERDICT_RATIOS));
    v->e_client = best(v->e_client, log_sum(v->client, RATIO_WEIGHT, VERDICT_RATIOS));
    v->e_slow = best(v->e_slow, log_sum(v->slow, NULL, VERDICT_SHARES));
    v->p_err = best(v->p_err, log_pass(v, (double)v->n_c));
    v->p_fast = best(v->p_fast, log_sum(v->fast, NULL, VERDICT_SHARES));
}

enum verdict_answer verdict_say(const struct verdict *v)
{
    double alpha = v->limits.alpha;
    if (v->e_err >= log(2 / alpha))
        return WORSE_ERRORS;
    if (v->e_client >= log(4 / alpha))
        return WORSE_CLIENT_ERRORS;
    if (v->e_slow >= log(4 / alpha))
        return WORSE_TIMES;
    return v->minutes >= v->limits.minutes && v->p_err >= log(PASS) && v->p_fast >= log(PASS) ? NOT_WORSE : NOT_CLEAR;
}

const char *verdict_word(enum verdict_answer a)
{
    static const char *const words[VERDICTS] = {
        [NOT_CLEAR] = "not_clear", [NOT_WORSE] = "not_worse", [WORSE_ERRORS] = "worse_errors",
        [WORSE_CLIENT_ERRORS] = "worse_client_errors", [WORSE_TIMES] = "worse_times"};
    return words[a];
}

double verdict_risk(const struct verdict *v)
{
    switch (verdict_say(v)) {
    case WORSE_ERRORS:
    case WORSE_CLIENT_ERRORS:
    case WORSE_TIMES:
        return v->limits.alpha;
    case NOT_WORSE:
        return 1 / PASS;
    default:
        return 1;
    }
}

// What is missing of ln 20, at the pace so far. p is the best that evidence has been, so it never falls.
static double share_missing(double p)
{
    return p <= 0 ? INFINITY : p >= log(PASS) ? 0 : (log(PASS) - p) / p;
}

// All of them, when none of them fails.
static double clean_needed(const struct verdict *v)
{
    double low = (double)v->n_c, high = 1e9;
    while (high - low >= 1) {
        double n = floor((low + high) / 2);
        if (log_pass(v, n) >= log(PASS))
            high = n;
        else
            low = n + 1;
    }
    return high;
}

uint64_t verdict_wants(const struct verdict *v)
{
    double err = share_missing(v->p_err), fast = share_missing(v->p_fast), most = err > fast ? err : fast;
    double n = (double)v->n_c * most;
    if (v->k_c == 0 && err > 0 && fast == 0)            // then it is known exactly
        n = clean_needed(v) - (double)v->n_c;
    return isfinite(n) && n < 1e9 ? (uint64_t)ceil(n) : 0;
}

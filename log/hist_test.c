#include "base/test.h"
#include "log/hist.h"
#include <stdlib.h>
#include <string.h>

TEST(steps_touch_and_grow_and_no_step_is_wider_than_a_32nd)
{
    CHECK_INT(hist_step(-5), 0);
    CHECK_INT(hist_step(INT64_MAX), hist_step(INT32_MAX));
    CHECK(hist_step(INT32_MAX) < HIST_STEPS);
    for (int i = 1; i <= hist_step(INT32_MAX); i++) {
        CHECK_INT(hist_step(hist_low(i)), i);
        CHECK_INT(hist_step(hist_low(i) - 1), i - 1);
        if (i > 32 && i < hist_step(INT32_MAX))
            CHECK((hist_low(i + 1) - hist_low(i)) * 32 <= hist_low(i));
    }
}

static int up(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

TEST(quantiles_are_within_three_percent_of_the_sorted_truth)
{
    static struct hist h;
    static int64_t v[5000];
    unsigned seed = 11;
    memset(&h, 0, sizeof h);
    CHECK_INT(hist_quantile(&h, 0.5), -1);
    for (size_t i = 0; i < ARRAY_LEN(v); i++) {
        v[i] = (int64_t)rand_r(&seed) % (1 << (rand_r(&seed) % 20));
        hist_add(&h, v[i]);
    }
    qsort(v, ARRAY_LEN(v), sizeof *v, up);
    static const double qs[] = {0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999};
    for (size_t i = 0; i < ARRAY_LEN(qs); i++) {
        int64_t truth = v[(size_t)(qs[i] * (double)ARRAY_LEN(v) + 0.999999) - 1], got = hist_quantile(&h, qs[i]);
        CHECK(got >= truth && (got - truth) * 100 <= truth * 4);
    }
}

TEST(what_was_put_is_read_and_merging_adds)
{
    static struct hist a, b, back;
    OWN_BUF struct buf text = buf_make(10000);
    memset(&a, 0, sizeof a);
    memset(&b, 0, sizeof b);
    for (int i = 0; i < 300; i++)
        hist_add(i % 2 ? &a : &b, (int64_t)i * i * i);
    hist_merge(&a, &b);
    hist_put(&text, &a);
    struct str in = buf_str(&text);
    CHECK(hist_read(&in, &back));
    CHECK_INT(in.n, 0);
    CHECK(memcmp(&a, &back, sizeof a) == 0);
    for (size_t n = 0; n < text.n; n++) {
        in = str_head(buf_str(&text), n);
        CHECK(!hist_read(&in, &back));
    }
}

TEST(a_bad_moment_is_forgotten_within_two_minutes)
{
    static struct hist_recent r;
    r = (struct hist_recent){.turned = 1000};
    CHECK_INT(hist_recent_quantile(&r, 1000, 0.99), -1);
    hist_recent_add(&r, 1000, 22000);
    hist_recent_add(&r, 62000, 10);
    CHECK(hist_recent_quantile(&r, 63000, 0.99) >= 22000);
    hist_recent_add(&r, 123000, 10);
    CHECK_INT(hist_recent_quantile(&r, 123500, 0.99), 10);
    CHECK_INT(hist_recent_quantile(&r, 500000, 0.99), -1);
}

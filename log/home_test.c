// home_test.c: the figures of a day and the alarms, as the home page gets them.
#include "base/test.h"
#include "base/clock.h"
#include "log/figures_for_tests.h"
#include "log/log.h"
#include "log/minute.h"
#include <math.h>

static void count(struct db *db, int64_t at_ms, int lines, int status, int ms)
{
    OWN_BUF struct buf b = buf_make(1 << 20);
    struct figures *f = figures_new(NULL);
    struct err e = {0};
    for (int i = 0; i < lines; i++)
        buf_addf(&b, "time:%lld.000\turi:/\tstatus:%d\tsize:3000\treqtime:0.%03d\tapptime:-\n",
                 (long long)(at_ms / 1000), status, ms);
    read_text(f, S("app1"), buf_str(&b));
    struct figures_part *p = figures_take(f);
    CHECK(figures_store(db, S("access"), 1, &p, 1, &e));
    figures_part_free(p);
    figures_free(f);
}

static bool near(double got, double want)
{
    return fabs(got - want) < 0.0001;
}

static struct site *one_host(struct arena *a)
{
    struct site *site;
    struct mistakes wrong = {0};
    struct err e;
    CHECK(site_parse(a, S("site: kotori\nzones: {a: {net: 127.0.1.0/24}}\n"
                          "hosts: {app1: {zone: a, address: 127.0.1.1}}\n"
                          "log: {datasets: {access: {from: {web: {on: [app1], path: /x}}}}}\n"), &site, &wrong, &e));
    CHECK_INT(wrong.n, 0);
    return site;
}

TEST(the_home_page_knows_the_present_and_the_day_and_what_it_does_not_know)
{
    OWN_ARENA struct arena a = arena_make(16 << 20);
    OWN_DB struct db *db = NULL;
    struct err e = {0};
    int64_t now = now_ms(), minute = now / 60000 * 60000, hour = now / 3600000 * 3600000;
    CHECK(store_open(test_dir(), &db, &e));
    struct ask q = {.arena = &a, .db = db, .site = one_host(&a)};
    struct home none = {.arena = &a, .now_ms = now};
    CHECK(log_home(&q, &none, &e));
    CHECK_INT(none.figures.n, 4);
    CHECK_INT(none.peak_at, 0);
    CHECK(isnan(none.figures.at[0].now) && isnan(none.figures.at[0].series[5]));

    count(db, minute - 120000, 270, 200, 10);
    count(db, minute - 60000, 30, 500, 100);
    count(db, hour - 5 * 3600000, 360, 200, 20);
    struct home h = {.arena = &a, .now_ms = now};
    CHECK(log_home(&q, &h, &e));
    const struct trend *requests = &h.figures.at[0], *p95 = &h.figures.at[1], *errors = &h.figures.at[2],
                       *sent = &h.figures.at[3];
    CHECK(near(requests->now, 1) && near(errors->now, 10) && near(sent->now, 3000));
    CHECK(p95->now >= 100 && p95->now <= 104);
    int then = FIGURE_POINTS - 1 - 5;
    CHECK(near(requests->series[then], 0.1) && near(errors->series[then], 0) && near(p95->series[then], 20));
    CHECK_INT(h.peak_at, hour - 5 * 3600000);
    CHECK(near(h.peak_per_s, 6));
    CHECK(isnan(requests->series[then - 1]) && isnan(p95->series[then + 1]));
}

TEST(the_peak_is_no_less_than_what_is_now)
{
    OWN_ARENA struct arena a = arena_make(16 << 20);
    OWN_DB struct db *db = NULL;
    struct err e = {0};
    int64_t now = now_ms(), minute = now / 60000 * 60000, hour = now / 3600000 * 3600000;
    CHECK(store_open(test_dir(), &db, &e));
    for (int i = 0; i < 3; i++)
        count(db, hour - 5 * 3600000 + i * 60000, 300, 200, 20);
    count(db, minute - 60000, 420, 200, 20);
    struct ask q = {.arena = &a, .db = db, .site = one_host(&a)};
    struct home h = {.arena = &a, .now_ms = now};
    CHECK(log_home(&q, &h, &e));
    CHECK_INT(h.peak_at, minute - 60000);
    CHECK(near(h.peak_per_s, 7));
}

TEST(a_new_log_is_not_one_that_was_silent)
{
    OWN_ARENA struct arena a = arena_make(16 << 20);
    OWN_DB struct db *db = NULL;
    struct err e = {0};
    int64_t minute = now_ms() / 60000 * 60000;
    CHECK(store_open(test_dir(), &db, &e));
    struct ask q = {.arena = &a, .db = db, .site = one_host(&a)};
    static const struct { int ago, lines; double per_s; } rows[] = {
        {0, 600, NAN},          // the minute that runs: no whole one yet
        {1, 60, 1},             // one minute, which may have begun late
        {2, 999, 1},            // behind the first one there is a whole one: that alone
        {7, 600, 1059 / 300.0},  // older than what the present is: all five minutes
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        count(db, minute - rows[i].ago * 60000, rows[i].lines, 200, 10);
        struct home h = {.arena = &a, .now_ms = minute + 30000};
        CHECK(log_home(&q, &h, &e));
        CHECK_INT(h.lines_first, minute - rows[i].ago * 60000);
        CHECK_INT(h.lines_last, minute);
        double now = h.figures.at[0].now;
        CHECK(i ? near(now, rows[i].per_s) : isnan(now));
    }
}

TEST(an_alarm_that_is_open_needs_somebody_and_one_that_closed_has_happened)
{
    OWN_ARENA struct arena a = arena_make(16 << 20);
    OWN_DB struct db *db = NULL;
    struct err e = {0};
    CHECK(store_open(test_dir(), &db, &e));
    const char *insert = "insert into log_alarm (dataset, page, rule, began_at, raised_at, last_at, closed_at, now_p95,"
                         " past_p95, requests, errors, past_errors, hosts)"
                         " values ('access', ?, 'slower', 1, 2, 3, ?, 900, 300, 5, 0, 0, '[]')";
    CHECK(sql_do(db, &e, insert, VALS(V("/top"), V_NULL)));
    CHECK(sql_do(db, &e, insert, VALS(V("/works"), V(now_ms() - 60000))));
    CHECK(sql_do(db, &e, insert, VALS(V("/old"), V(now_ms() - (int64_t)25 * 3600 * 1000))));
    CHECK(sql_do(db, &e, "insert into log_page (id, dataset, pattern, first_seen) values (7, 'access', '/top', 1),"
                 " (8, 'other', '/works', 1)", NO_VALS));
    struct ask q = {.arena = &a, .db = db};
    struct home h = {.arena = &a, .now_ms = now_ms()};
    CHECK(log_home(&q, &h, &e));
    CHECK_STR(h.needs.at[0].path, S("/log/page/7"));
    CHECK_STR(h.happening.at[1].path, S("/log/pages"));     // known in another log only
    CHECK(h.needs.n == 1 && h.happening.n == 2 && h.figures.n == 0);
    CHECK_STR(h.needs.at[0].text, S("/top is slower than its past: p95 900 ms"));
    CHECK_STR(h.happening.at[1].text, S("/works is as it was again"));
    CHECK_INT(h.happening.at[1].how, HOW_OK);
}

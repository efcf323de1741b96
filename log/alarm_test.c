#include "base/test.h"
#include "base/clock.h"
#include "log/alarm.h"
#include "log/alarm_rows.h"
#include "log/figures_for_tests.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Eight days of this hour and the next, then minutes of today; n pages, 30 to 62 names on a floor so that none folds.
struct stage {
    struct db *db;
    struct alarms *alarms;
    struct arena a;
    const struct site *site;
    int32_t now;
    uint64_t lsn;
};

static const char site_text[] =
    "site: kotori\nzones: {a: {}}\nhosts: {app1: {zone: a, address: 10.0.0.1}}\n"
    "notifiers: {people: {command: [/bin/true]}}\n"
    "log: {datasets: {access: {from: {web: {on: [app1], path: /a.log}}, watch: {notify: [people]}}}}\n";

static void put_line(struct buf *b, int32_t minute, int page, int nth, int status, const char *reqtime)
{
    buf_addf(b, "time:%lld\turi:/p%d-/q%d-\tstatus:%d\tsize:1000\treqtime:%s\tforwardedfor:10.0.0.%d\n",
             (long long)minute * 60, page / 60, page % 60, status, reqtime, nth % 9);
}

static void store(struct stage *s, struct str text)
{
    struct err e = {0};
    struct figures *f = figures_new(NULL);
    read_text(f, S("app1"), text);
    struct figures_part *p = figures_take(f);
    CHECK(figures_store(s->db, S("access"), ++s->lsn, &p, p ? 1 : 0, &e));
    CHECK_STR(str_z(e.text), S(""));
    figures_part_free(p);
    figures_free(f);
}

static void past(struct stage *s, int pages, const char *reqtime)
{
    int32_t hour = s->now - 30 - (s->now - 30) % 60;
    for (int day = 1; day <= 8; day++) {
        OWN_BUF struct buf b = buf_make(256 << 20);
        for (int page = 0; page < pages; page++)
            for (int i = 0; i < 40; i++)
                put_line(&b, hour - day * 1440 + i / 20 * 60, page, i, 200, reqtime);
        store(s, buf_str(&b));
    }
}

static void minute(struct stage *s, int32_t at, int pages, int lines, int status, const char *reqtime)
{
    OWN_BUF struct buf b = buf_make(64 << 20);
    for (int page = 0; page < pages; page++)
        for (int i = 0; i < lines; i++)
            put_line(&b, at, page, i, status, reqtime);
    store(s, buf_str(&b));
}

static void look(struct stage *s)
{
    struct err e = {0};
    bool news;
    CHECK(alarms_look(s->alarms, s->db, s->site, now_ms(), &news, &e));
    CHECK_STR(str_z(e.text), S(""));
}

static int64_t number(struct stage *s, const char *sql)
{
    struct err e = {0};
    int64_t n = -1;
    CHECK(sql_int(s->db, &e, &n, sql, NO_VALS));
    return n;
}

static void begin(struct stage *s)
{
    struct mistakes m = {0};
    struct err e = {0};
    struct site *site = NULL;
    *s = (struct stage){.a = arena_make(16 << 20), .alarms = alarms_new(), .now = (int32_t)(now_ms() / 60000)};
    CHECK(store_open(test_dir(), &s->db, &e));
    CHECK(site_parse(&s->a, str_z(site_text), &site, &m, &e));
    s->site = site;
}

static void end(struct stage *s)
{
    alarms_free(s->alarms);
    store_close(s->db);
    arena_drop(&s->a);
}

static void fire(struct stage *s, int pages)
{
    past(s, pages, "0.100");
    for (int i = 12; i >= 2; i--)
        minute(s, s->now - i, pages, 3, i > 7 ? 200 : 503, "0.100");
    look(s);
}

TEST(a_house_on_fire_is_told_in_a_few_notices)
{
    struct stage s;
    begin(&s);
    fire(&s, 600);
    CHECK_INT(number(&s, "select count(*) from log_alarm where rule = 'errors' and hosts = '[\"app1\"]'"), 600);
    int64_t minutes = number(&s, "select count(distinct last_at) from log_alarm");
    CHECK(number(&s, "select count(*) from notice") <= minutes * (ALARMS_TOLD + 1));
    CHECK(number(&s, "select sum(json_extract(body, '$.more')) from notice") >= 600 - ALARMS_TOLD * minutes);
    CHECK_INT(number(&s, "select count(*) from notice where json_valid(body) = 0"), 0);
    int64_t notices = number(&s, "select count(*) from notice");
    look(&s);
    alarms_free(s.alarms);
    s.alarms = alarms_new();
    look(&s);                                   // another process: nothing is told again
    CHECK_INT(number(&s, "select count(*) from log_alarm"), 600);
    CHECK_INT(number(&s, "select count(*) from notice"), notices);
    end(&s);
}

TEST(errors_are_seen_where_lines_have_no_times)
{
    struct stage s;
    begin(&s);
    past(&s, 1, "-");
    for (int i = 12; i >= 2; i--)
        minute(&s, s.now - i, 1, 3, i > 7 ? 200 : 503, "-");
    look(&s);
    CHECK_INT(number(&s, "select count(*) from log_alarm where rule = 'errors'"), 1);
    end(&s);
}

// Six minutes of three requests, all of which failed; not those of half an hour before, which went well.
TEST(an_alarm_counts_from_when_it_began_also_for_whoever_comes_later)
{
    static const char right[] = "select count(*) from log_alarm where requests = 18 and errors = 18";
    struct stage s;
    begin(&s);
    past(&s, 1, "-");
    for (int i = 40; i >= 2; i--)
        minute(&s, s.now - i, 1, 3, i > 7 ? 200 : 503, "-");
    look(&s);
    CHECK_INT(number(&s, right), 1);
    alarms_free(s.alarms);
    s.alarms = alarms_new();
    look(&s);
    CHECK_INT(number(&s, right), 1);
    end(&s);
}

TEST(what_nobody_can_look_at_any_more_closes)
{
    struct stage s;
    struct err e = {0};
    begin(&s);
    minute(&s, s.now - 3, 1, 3, 200, "0.100");
    static const char *const rows[] = {"'gone', '/a'", "'access', '/renamed'", "'access', '(other)'",
                                       "'access', '/p0-/q0-'"};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char sql[400];
        snprintf(sql, sizeof sql,
                 "insert into log_alarm (dataset, page, rule, began_at, raised_at, last_at,"
                 " now_p95, past_p95, requests, errors, past_errors, hosts)"
                 " values (%s, 'errors', %lld, 0, %lld, 1, 1, 1, 1, 0, '[]')", rows[i],
                 (s.now - 60) * 60000LL, (s.now - (i == 3 ? 20 : 50)) * 60000LL);
        CHECK(sql_do(s.db, &e, sql, NO_VALS));
    }
    look(&s);
    CHECK_INT(number(&s, "select count(*) from log_alarm where closed_at is null"), 1);
    CHECK_INT(number(&s, "select count(*) from log_alarm where closed_at is null and page = '/p0-/q0-'"), 1);
    end(&s);
}

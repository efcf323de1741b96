#include "base/test.h"
#include "base/clock.h"
#include "log/figures_for_tests.h"
#include "log/minute.h"
#include "log/traffic.h"
#include <stdlib.h>
#include <string.h>

static void put_line(struct buf *b, int64_t at_ms, const char *uri, int status, int size, int ms, const char *user)
{
    buf_addf(b, "time:%lld\turi:%s\tstatus:%d\tsize:%d\treqtime:%d.%03d\tforwardedfor:1.1.1.1\tuser_id:%s\n",
             (long long)(at_ms / 1000), uri, status, size, ms / 1000, ms % 1000, user);
}

static const char site_text[] =
    "site: kotori\nzones: {a: {}}\nhosts: {app1: {zone: a, address: 10.0.0.1}, app2: {zone: a, address: 10.0.0.2},"
    " app3: {zone: a, address: 10.0.0.3}}\n"
    "services: {web: {repository: /srv/x.git, deploy_to: /www,"
    " servers: {canary: {hosts: [app1]}, web: {hosts: [app2]}}}}\n";

static const struct site *a_site(struct arena *a)
{
    struct site *s = NULL;
    struct mistakes m = {0};
    struct err e = {0};
    CHECK(site_parse(a, str_z(site_text), &s, &m, &e));
    return s;
}

static void expect_rows(struct db *db, const char *sql, const char *want)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct str got;
    struct err e = {0};
    CHECK(sql_str(&a, db, &e, &got, sql, NO_VALS));
    CHECK_STR(got, str_z(want));
}

static void want(struct db *db, int64_t since_ms, const char *until, int sticky)
{
    struct err e = {0};
    char sql[300];
    snprintf(sql, sizeof sql, "insert or replace into traffic_want values ('web', 1, %lld, %s, '[\"/works/{n}\"]', %d)",
             (long long)since_ms, until, sticky);
    CHECK(sql_do(db, &e, sql, NO_VALS));
}

TEST(latencies_are_nine_percent_steps)
{
    static const struct { int64_t ms; int lat; } rows[] = {
        {-1, 0}, {0, 0}, {1, 1}, {2, 9}, {3, 13}, {4, 17}, {1000, 80}, {1024, 81}, {1 << 30, 136},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        CHECK_INT(traffic_lat(rows[i].ms), rows[i].lat);
}

TEST(nothing_is_counted_for_releases_that_nobody_looks_at)
{
    OWN_DB struct db *db = NULL;
    OWN_ARENA struct arena a = arena_make(16 << 20);
    struct err e = {0};
    struct wants *w = NULL;
    CHECK(store_open(test_dir(), &db, &e));
    CHECK(traffic_wants(db, a_site(&a), S("access"), now_ms(), &w, &e));
    CHECK(w == NULL);
    want(db, 1000, "2000", 0);              // long over
    CHECK(traffic_wants(db, a_site(&a), S("access"), now_ms(), &w, &e));
    CHECK(w == NULL);
}

TEST(lines_of_the_services_hosts_are_counted_by_route_class_and_time)
{
    OWN_DB struct db *db = NULL;
    OWN_ARENA struct arena a = arena_make(16 << 20);
    OWN_BUF struct buf b = buf_make(1 << 20);
    struct err e = {0};
    struct wants *w = NULL;
    int64_t at = (now_ms() / 60000 - 3) * 60000, yesterday = (now_ms() / 86400000) * 86400000 - 3600000;
    CHECK(store_open(test_dir(), &db, &e));
    // The day before, a work's page had 10,000 bytes.
    struct figures *f = figures_new(NULL);
    put_line(&b, yesterday, "/works/5", 200, 10000, 20, "-");
    read_text(f, S("app1"), buf_str(&b));
    struct figures_part *p = figures_take(f);
    CHECK(figures_store(db, S("access"), 1, &p, 1, &e));
    figures_part_free(p);
    want(db, at, "null", 1);
    CHECK(traffic_wants(db, a_site(&a), S("access"), now_ms(), &w, &e));
    CHECK(w != NULL);
    figures_want(f, w);
    buf_clear(&b);
    put_line(&b, at - 60000, "/works/1", 200, 9000, 20, "7");           // before the want began
    put_line(&b, at, "/works/1", 200, 9000, 20, "7");
    put_line(&b, at, "/works/2", 200, 9000, 20, "8");
    put_line(&b, at + 1000, "/works/2", 200, 900, 20, "8");             // short
    put_line(&b, at + 1000, "/works/2", 503, 900, 20, "9");
    put_line(&b, at + 1000, "/works/2", 499, 0, 20, "9");
    put_line(&b, at + 2000, "/login", 200, 10, 1, "-");                 // other, whose usual body is not known
    read_text(f, S("app1"), buf_str(&b));
    read_text(f, S("app3"), buf_str(&b));                               // no host of the service
    p = figures_take(f);
    CHECK(figures_store(db, S("access"), 2, &p, 1, &e));
    CHECK_STR(str_z(e.text), S(""));
    figures_part_free(p);
    expect_rows(db,
                "select group_concat(x, ' ') from"
                " (select host || ':' || route || ':' || class || ':' || lat || '=' || n x"
                " from traffic order by route, class, lat)",
                "app1:/works/{n}:0:35=1 app1:/works/{n}:2:35=2 app1:/works/{n}:5:35=1"
                " app1:/works/{n}:6:35=1 app1:other:2:1=1");
    expect_rows(db,
                "select group_concat(x, ' ') from (select route || ':' || clients || ':' || bad x from traffic_client"
                " order by route)", "/works/{n}:3:2 other:1:0");
    // The same again only adds.
    buf_clear(&b);
    put_line(&b, at, "/works/1", 200, 9000, 20, "7");
    read_text(f, S("app1"), buf_str(&b));
    p = figures_take(f);
    CHECK(figures_store(db, S("access"), 3, &p, 1, &e));
    figures_part_free(p);
    expect_rows(db, "select n from traffic where class = 2 and lat = 35", "3");
    figures_want(f, NULL);
    read_text(f, S("app1"), buf_str(&b));
    p = figures_take(f);
    CHECK(p->traffic_n == 0);
    figures_part_free(p);
    figures_free(f);
}

TEST(routes_that_are_no_list_of_texts_are_refused)
{
    static const char *const rows[] = {"{}", "[1]", "nonsense", "[\"a\", null]"};
    OWN_DB struct db *db = NULL;
    OWN_ARENA struct arena a = arena_make(16 << 20);
    struct err e = {0};
    CHECK(store_open(test_dir(), &db, &e));
    const struct site *s = a_site(&a);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct wants *w = NULL;
        CHECK(sql_do(db, &e, "insert or replace into traffic_want values ('web', 1, 0, null, ?, 0)", VALS(V(rows[i]))));
        CHECK(!traffic_wants(db, s, S("access"), now_ms(), &w, &e));
        CHECK_INT(e.kind, ERR_CHECK);
    }
}

TEST(what_an_agent_says_moves_the_mark_forward_only)
{
    OWN_DB struct db *db = NULL;
    struct err e = {0};
    CHECK(store_open(test_dir(), &db, &e));
    struct complete c = {.service = S("web"), .host = S("app1"), .since_ms = 1500, .upto_ms = 2000, .begins = true};
    CHECK(traffic_complete(db, &c, &e));
    c = (struct complete){.service = S("web"), .host = S("app1"), .since_ms = 1700, .upto_ms = 1000};
    CHECK(traffic_complete(db, &c, &e));
    expect_rows(db, "select since || ' ' || upto from traffic_mark", "1500 2000");
}

TEST(a_count_that_begins_anew_forgets_the_one_before)
{
    OWN_DB struct db *db = NULL;
    struct err e = {0};
    CHECK(store_open(test_dir(), &db, &e));
    struct complete c = {.service = S("web"), .host = S("app1"), .since_ms = 1500, .upto_ms = 9000, .begins = true};
    CHECK(traffic_complete(db, &c, &e));
    c.since_ms = 3000, c.upto_ms = 2000;
    CHECK(traffic_complete(db, &c, &e));
    expect_rows(db, "select since || ' ' || upto from traffic_mark", "3000 2000");
}

#include "base/test.h"
#include "base/clock.h"
#include "base/fault.h"
#include "log/figures_for_tests.h"
#include "log/generate.h"
#include "log/minute.h"
#include "log/traffic.h"
#include <stdlib.h>
#include <string.h>

static void put_line(struct buf *b, int64_t at_ms, const char *uri, int status, int ms, const char *from)
{
    buf_addf(b,
             "time:%lld.%03d\turi:%s\tstatus:%d\tsize:1000\treqtime:%d.%03d\tapptime:-\tforwardedfor:%s\tuser_id:-\n",
             (long long)(at_ms / 1000), (int)(at_ms % 1000), uri, status, ms / 1000, ms % 1000, from);
}

struct told { struct buf text; uint64_t n, sum; };

static void tell_page(void *arg, const struct page_minute *m)
{
    struct told *t = arg;
    buf_addf(&t->text, STR_F "@%d n=%llu 4xx=%llu 5xx=%llu bytes=%llu clients=%u p95=%lld | ", STR_A(m->name),
             m->minute % 1000, (unsigned long long)m->n, (unsigned long long)m->c4, (unsigned long long)m->c5,
             (unsigned long long)m->bytes, m->clients, (long long)hist_quantile(&m->reqtime, 0.95));
    t->n += m->n;
    t->sum += m->reqtime.n;
}

static struct told read_back(struct db *db, enum span s)
{
    struct told t = {.text = buf_make(8 << 20)};
    struct err e = {0};
    CHECK(minute_read(db, S("access"), s, INT32_MIN / 2, INT32_MAX / 2, tell_page, tell_page, &t, &e));
    return t;
}

static void store(struct db *db, struct figures *f, uint64_t lsn)
{
    struct err e = {0};
    struct figures_part *p = figures_take(f);
    CHECK(figures_store(db, S("access"), lsn, &p, p ? 1 : 0, &e));
    CHECK_STR(str_z(e.text), S(""));
    figures_part_free(p);
}

static int64_t minute_ago(int minutes)          // the begin of that minute, ms
{
    return (now_ms() / 60000 - minutes) * 60000;
}

TEST(a_page_is_counted_by_the_minute_and_late_lines_join_it)
{
    OWN_DB struct db *db = NULL;
    struct err e = {0};
    OWN_BUF struct buf b = buf_make(1 << 20);
    char want[400];
    int64_t at = minute_ago(90);
    int minute = (int)(at / 60000 % 1000);
    CHECK(store_open(test_dir(), &db, &e));
    struct figures *f = figures_new(NULL);
    put_line(&b, at, "/works/1", 200, 20, "1.2.3.4");
    put_line(&b, at + 59999, "/works/2", 503, 30, "1.2.3.4, 9.9.9.9");
    read_text(f, S("app1"), buf_str(&b));
    store(db, f, 7);
    buf_clear(&b);
    put_line(&b, at + 10, "/works/3?x=1", 404, 31, "5.6.7.8");
    read_text(f, S("app2"), buf_str(&b));
    store(db, f, 9);
    struct told t = read_back(db, SPAN_MINUTE);
    snprintf(want, sizeof want,
             "/works/{n}@%d n=3 4xx=1 5xx=1 bytes=3000 clients=2 p95=31 | "
             "app1@%d n=2 4xx=0 5xx=1 bytes=2000 clients=0 p95=30 | "
             "app2@%d n=1 4xx=1 5xx=0 bytes=1000 clients=0 p95=31 | ", minute, minute, minute);
    CHECK_STR(buf_str(&t.text), str_z(want));
    buf_drop(&t.text);
    uint64_t lsn;
    CHECK(figures_mark(db, S("access"), &lsn, &e));
    CHECK_INT(lsn, 9);
    figures_free(f);
}

TEST(paths_that_were_not_found_make_no_page)
{
    OWN_DB struct db *db = NULL;
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct err e = {0};
    struct strs names = {0};
    OWN_BUF struct buf b = buf_make(1 << 20);
    int64_t at = minute_ago(5);
    CHECK(store_open(test_dir(), &db, &e));
    struct figures *f = figures_new(NULL);
    put_line(&b, at, "/wp-login.php", 404, 1, "6.6.6.6");
    put_line(&b, at, "/works/1", 404, 1, "6.6.6.6");
    put_line(&b, at, "/works/2", 200, 20, "1.2.3.4");
    put_line(&b, at, "/works/3", 404, 1, "1.2.3.4");
    put_line(&b, at, "/broken", 500, 1, "1.2.3.4");
    read_text(f, S("app1"), buf_str(&b));
    store(db, f, 1);
    figures_free(f);
    CHECK(figures_pages(&a, db, S("access"), &names, &e));
    CHECK_INT(names.n, 2);
    CHECK(strs_have(&names, S("/works/{n}")) && strs_have(&names, S("/broken")));
    struct told t = read_back(db, SPAN_MINUTE);
    CHECK(str_find(buf_str(&t.text), S("(other)")) >= 0 && str_find(buf_str(&t.text), S("n=2 4xx=2")) > 0);
    CHECK(str_find(buf_str(&t.text), S("n=2 4xx=1")) > 0);
    buf_drop(&t.text);
}

static void put_generated(struct buf *b, int64_t from_ms, int lines, double rate)
{
    struct generate_options o = generate_usual();
    char line[4096];
    o.from_us = from_ms * 1000;
    o.rate = rate;
    struct generator *g = generate_new(&o);
    while (lines--)
        buf_add(b, (struct str){line, generate_line(g, line, sizeof line)});
    generate_free(g);
}

TEST(hours_and_days_hold_what_minutes_hold_and_old_lines_only_hours)
{
    OWN_DB struct db *db = NULL;
    struct err e = {0};
    OWN_BUF struct buf b = buf_make(64 << 20);
    CHECK(store_open(test_dir(), &db, &e));
    struct figures *f = figures_new(NULL);
    put_generated(&b, minute_ago(600), 3000, 0.2);              // four hours of minutes, two threads
    put_generated(&b, minute_ago(20 * 24 * 60), 3000, 0.02);    // two days, three weeks ago
    read_text(f, S("app1"), buf_str(&b));
    struct figures *g = figures_new(NULL);
    read_text(g, S("app2"), buf_str(&b));
    struct figures_part *parts[] = {figures_take(f), figures_take(g)};
    CHECK(figures_store(db, S("access"), 1, parts, 2, &e));
    struct told t[SPANS];
    for (int s = 0; s < SPANS; s++)
        t[s] = read_back(db, (enum span)s);
    CHECK_INT(t[SPAN_MINUTE].n, 2 * 2 * 3000);                  // pages and hosts
    CHECK_INT(t[SPAN_HOUR].n, 2 * 2 * 6000);
    CHECK_INT(t[SPAN_DAY].n, 2 * 2 * 6000);
    CHECK_INT(t[SPAN_DAY].sum, t[SPAN_HOUR].sum);
    for (int s = 0; s < SPANS; s++)
        buf_drop(&t[s].text);
    figures_part_free(parts[0]);
    figures_part_free(parts[1]);
    CHECK(figures_take(f) == NULL);
    figures_free(f);
    figures_free(g);
}

TEST(pages_that_fold_keep_their_past)
{
    OWN_DB struct db *db = NULL;
    struct err e = {0};
    OWN_BUF struct buf b = buf_make(4 << 20);
    int64_t at = minute_ago(5);
    CHECK(store_open(test_dir(), &db, &e));
    struct figures *f = figures_new(NULL);
    for (int i = 0; i < 40; i++) {
        char uri[40];
        snprintf(uri, sizeof uri, "/people/name-%c%c/works", 'a' + i / 26, 'a' + i % 26);
        put_line(&b, at, uri, 200, 10, "1.1.1.1");
    }
    read_text(f, S("app1"), buf_str(&b));
    store(db, f, 1);
    figures_free(f);
    buf_clear(&b);
    f = figures_new(NULL);                  // another process, which knows none of them
    for (int i = 40; i < 80; i++) {
        char uri[40];
        snprintf(uri, sizeof uri, "/people/name-%c%c/works", 'a' + i / 26, 'a' + i % 26);
        put_line(&b, at, uri, 200, 10, "1.1.1.1");
    }
    read_text(f, S("app1"), buf_str(&b));
    store(db, f, 2);
    figures_free(f);
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct strs names = {0};
    CHECK(figures_pages(&a, db, S("access"), &names, &e));
    CHECK_INT(names.n, 1);
    CHECK_STR(names.n ? names.at[0] : S(""), S("/people/{x}/works"));
    struct told t = read_back(db, SPAN_MINUTE);
    CHECK_INT(t.n, 160);
    CHECK(str_find(buf_str(&t.text), S("name-")) < 0);
    buf_drop(&t.text);
}

TEST(what_was_counted_is_stored_whole_or_not_at_all)
{
    OWN_DB struct db *db = NULL;
    struct err e = {0};
    OWN_BUF struct buf b = buf_make(1 << 20);
    CHECK(store_open(test_dir(), &db, &e));
    put_line(&b, minute_ago(5), "/a", 200, 20, "1.2.3.4");
    put_line(&b, minute_ago(4), "/b", 200, 20, "1.2.3.4");
    struct figures *f = figures_new(NULL);
    read_text(f, S("app1"), buf_str(&b));
    struct figures_part *p = figures_take(f);
    bool stored = false;
    for (int nth = 1; !stored && nth < 100; nth++) {
        fault_set(FAULT_SQL, (unsigned)nth);
        stored = figures_store(db, S("access"), 5, &p, 1, &e);
        fault_set(FAULT_SQL, 0);
        uint64_t lsn;
        struct told t = read_back(db, SPAN_MINUTE);
        CHECK(figures_mark(db, S("access"), &lsn, &e));
        CHECK_INT(lsn, stored ? 5 : 0);
        CHECK_INT(t.n, stored ? 4 : 0);
        buf_drop(&t.text);
    }
    CHECK(stored);
    figures_part_free(p);
    figures_free(f);
}

// Rot that zstd does not notice, and rot that it does.
TEST(a_damaged_row_stops_nobody)
{
    static const char *const rot[] = {
        "update log_day set pages = x'28b52ffd200319000001ff05'",
        "update log_day set hosts = x'00'", "update log_hour set hosts = substr(hosts, 1, length(hosts) - 3)"};
    for (size_t i = 0; i < ARRAY_LEN(rot); i++) {
        OWN_DB struct db *db = NULL;
        struct err e = {0};
        OWN_BUF struct buf b = buf_make(1 << 20);
        CHECK(store_open(test_dir(), &db, &e));
        CHECK(sql_do(db, &e, "delete from log_minute", NO_VALS) && sql_do(db, &e, "delete from log_hour", NO_VALS)
              && sql_do(db, &e, "delete from log_day", NO_VALS));
        struct figures *f = figures_new(NULL);
        put_line(&b, minute_ago(5), "/a", 200, 20, "1.2.3.4");
        read_text(f, S("app1"), buf_str(&b));
        store(db, f, 1);
        CHECK(sql_do(db, &e, rot[i], NO_VALS));
        struct told t = read_back(db, i < 2 ? SPAN_DAY : SPAN_HOUR);
        CHECK(t.n < 2);                        // of a page and a host
        buf_drop(&t.text);
        read_text(f, S("app1"), buf_str(&b));
        store(db, f, 2);
        t = read_back(db, i < 2 ? SPAN_DAY : SPAN_HOUR);
        CHECK_INT(t.n, 2);                      // what came after the damage
        buf_drop(&t.text);
        t = read_back(db, SPAN_MINUTE);
        CHECK_INT(t.n, 4);
        buf_drop(&t.text);
        figures_free(f);
    }
}

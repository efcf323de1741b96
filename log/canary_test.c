// canary_test.c: which lines are of which side, and what is said when there is nothing to compare.
#include "base/clock.h"
#include "base/test.h"
#include "log/canary.h"
#include "log/figures_for_tests.h"
#include "log/minute.h"
#include <time.h>

static const char site_text[] =
    "site: kotori\nzones: {a: {net: 127.0.1.0/24}}\n"
    "hosts: {app1: {zone: a, address: 127.0.1.1}, app2: {zone: a, address: 127.0.1.2},\n"
    "  app3: {zone: a, address: 127.0.1.3}}\n"
    "services: {web: {repository: /r, deploy_to: /www,\n"
    "  servers: {canary: {hosts: [app1]}, web: {hosts: [app2, app3]}}}}\n";
static const char log_text[] = "log: {datasets: {access: {from: {web: {on: [app1, app2, app3], path: /x}}}}}\n";

struct play { struct arena a; struct db *db; struct site *site; struct err e; int64_t minute; struct canary *c; };

static void sql(struct play *p, const char *text, struct vals v)
{
    CHECK(sql_do(p->db, &p->e, text, v));
}

// Release 7 of web, which app1 runs since 3 minutes ago (ends: 2 minutes ago it went to the others).
static void begin(struct play *p, bool log, const char *state)
{
    struct mistakes wrong = {0};
    *p = (struct play){.a = arena_make(32 << 20)};
    p->minute = now_ms() / 60000 * 60000;
    p->c = NEW(&p->a, struct canary);
    CHECK(store_open(test_dir(), &p->db, &p->e));
    CHECK(site_parse(&p->a, str_f(&p->a, "%s%s", site_text, log ? log_text : ""), &p->site, &wrong, &p->e));
    CHECK_INT(wrong.n, 0);
    sql(p, "insert into site_text values ('h', '', 0)", NO_VALS);
    sql(p, "insert into release (id, service, number, kind, target, asked_by, via, state, state_at, site, created_at)"
        " values (7, 'web', 7, 'release', 7, 'mei', 'cli', ?, 0, 'h', 0)", VALS(V(state)));
    for (int i = 1; i <= 3; i++)
        sql(p, "insert into release_base values (7, ?, 6)", VALS(V(str_f(&p->a, "app%d", i))));
}

static void step(struct play *p, const char *state, const char *host, const char *name, int64_t at)
{
    sql(p, "insert into release_step (release, state, host, step, attempt, fence, intent_at, done_at, result)"
        " values (7, ?, ?, ?, 1, 1, ?, ?, 'ok')", VALS(V(state), V(host), V(name), V(at - 900), V(at)));
}

static void lines(struct play *p, const char *host, int64_t at_ms, int n, int status, int ms)
{
    OWN_BUF struct buf b = buf_make(1 << 20);
    struct figures *f = figures_new(NULL);
    for (int i = 0; i < n; i++)
        buf_addf(&b, "time:%lld.000\turi:/\tstatus:%d\tsize:3000\treqtime:0.%03d\tapptime:-\n",
                 (long long)(at_ms / 1000), status, ms);
    read_text(f, str_z(host), buf_str(&b));
    struct figures_part *part = figures_take(f);
    CHECK(figures_store(p->db, S("access"), 1, &part, 1, &p->e));
    figures_part_free(part);
    figures_free(f);
}

static void look(struct play *p, enum canary_state want)
{
    CHECK(canary_read(&p->a, p->db, p->site, S("web"), 7, p->minute + 30000, p->c, &p->e));
    CHECK_STR(str_z(canary_word(p->c->state)), str_z(canary_word(want)));
}

static void end(struct play *p)
{
    store_close(p->db);
    arena_drop(&p->a);
}

TEST(the_canary_and_the_others_are_counted_in_the_same_whole_minutes)
{
    struct play p;
    begin(&p, true, "asking");
    step(&p, "canary", "app1", "switch", p.minute - 3 * 60000 + 5000);
    step(&p, "canary", "app1", "health", p.minute - 3 * 60000 + 9000);
    lines(&p, "app1", p.minute - 4 * 60000, 50, 500, 300);             // before
    lines(&p, "app1", p.minute - 3 * 60000 + 20000, 50, 500, 300);     // in the minute of the switch
    lines(&p, "app1", p.minute - 2 * 60000, 99, 200, 20);
    lines(&p, "app1", p.minute + 10000, 1, 503, 20);                   // the minute that runs
    lines(&p, "app2", p.minute - 1 * 60000, 60, 200, 10);
    lines(&p, "app3", p.minute - 2 * 60000, 40, 404, 30);
    lines(&p, "db1", p.minute - 2 * 60000, 40, 404, 30);
    look(&p, CANARY_OK);
    CHECK_INT(p.c->canary.sum.n, 100);
    CHECK_INT(p.c->canary.sum.c5, 1);
    CHECK_INT(p.c->others.sum.n, 100);
    CHECK_INT(p.c->others.sum.c4, 40);
    CHECK_INT(hist_quantile(&p.c->canary.sum.took, 0.95), 20);
    CHECK_INT(hist_quantile(&p.c->others.sum.took, 0.95), 30);
    CHECK_INT(p.c->from_ms, p.minute - 2 * 60000);
    CHECK_INT(p.c->verdict.minutes, 1);                                // the canary had no line in the other
    CHECK_INT(p.c->verdict.n_c, 99);
    CHECK_INT(p.c->to_ms, p.minute + 60000);
    size_t now = (size_t)(p.minute / 60000 - p.c->first);
    CHECK_INT(p.c->points, now + 1);
    CHECK_INT(p.c->point[now - 2][0].n, 99);
    CHECK_INT(p.c->point[now - 2][0].p95, 20);
    CHECK_INT(p.c->point[now - 1][0].p95, -1);
    CHECK_INT(p.c->point[now - 1][1].p95, 10);
    CHECK(p.c->point[now - 4][0].p95 >= 300);
    end(&p);
}

TEST(minutes_in_which_the_others_have_it_too_are_not_compared)
{
    struct play p;
    begin(&p, true, "done");
    step(&p, "canary", "app1", "switch", p.minute - 5 * 60000);
    step(&p, "production", "app2", "switch", p.minute - 2 * 60000 + 30000);
    lines(&p, "app1", p.minute - 5 * 60000, 10, 200, 10);
    lines(&p, "app1", p.minute - 2 * 60000, 10, 200, 10);
    lines(&p, "app2", p.minute - 3 * 60000, 10, 200, 10);
    look(&p, CANARY_OK);
    CHECK_INT(p.c->canary.sum.n, 10);
    CHECK_INT(p.c->others.sum.n, 10);
    CHECK_INT(p.c->to_ms, p.minute - 2 * 60000);
    end(&p);
}

// The release keeps a copy of the site file, which says by what its canary is judged.
static void is_judged(struct play *p, const char *canary)
{
    struct str text = str_f(&p->a, "%.*s, canary: {%s}}}\n%s", (int)(sizeof site_text - 4), site_text, canary, log_text);
    sql(p, "update site_text set text = ?", VALS(V(text)));
    sql(p, "insert into traffic_want values ('web', 7, 0, null, '[]', 0)", NO_VALS);
}

static void mark(struct play *p, const char *host, int64_t upto_ms)
{
    sql(p, "insert or replace into traffic_mark (service, host, since, upto) values ('web', ?, 0, ?)",
        VALS(V(host), V(upto_ms)));
}

TEST(a_canary_is_judged_by_what_its_site_file_said)
{
    struct play p;
    begin(&p, true, "judging");
    is_judged(&p, "log: access, warmup: 2m, min: 5m, alpha: 0.5%, odds: 3, latency: 2, floor: 1%");
    step(&p, "canary", "app1", "switch", p.minute - 5 * 60000 + 5000);
    for (int i = 1; i <= 3; i++)
        mark(&p, i == 1 ? "app1" : i == 2 ? "app2" : "app3", p.minute + 20000);
    for (int i = 1; i <= 5; i++) {
        lines(&p, "app1", p.minute - i * 60000, 10, 200, 20);
        lines(&p, "app2", p.minute - i * 60000, 10, 200, 20);
    }
    look(&p, CANARY_OK);
    CHECK(p.c->judged && str_eq(p.c->dataset, S("access")) && p.c->late.n == 0);
    CHECK_INT(p.c->from_ms, p.minute - 2 * 60000);
    CHECK_INT(p.c->verdict.minutes, 2);
    const struct verdict_limits *l = &p.c->verdict.limits;
    CHECK(l->alpha == .005 && l->odds == 3 && l->latency == 2 && l->floor == .01 && l->minutes == 5);
    end(&p);
}

TEST(a_minute_whose_lines_are_not_all_here_is_not_judged)
{
    struct play p;
    begin(&p, true, "judging");
    is_judged(&p, "log: access, warmup: 0s");
    step(&p, "canary", "app1", "switch", p.minute - 5 * 60000 + 5000);
    for (int i = 1; i <= 4; i++) {
        lines(&p, "app1", p.minute - i * 60000, 10, 200, 20);
        lines(&p, "app2", p.minute - i * 60000, 10, 200, 20);
    }
    look(&p, CANARY_OK);
    CHECK_INT(p.c->verdict.minutes, 0);                                // nobody has told of any host
    CHECK(p.c->late.n && p.c->late_ms == 0);
    mark(&p, "app1", p.minute + 20000);
    mark(&p, "app2", p.minute + 20000);
    mark(&p, "app3", p.minute - 2 * 60000 + 30000);
    look(&p, CANARY_OK);
    CHECK_INT(p.c->verdict.minutes, 2);
    CHECK_STR(p.c->late, S("app3"));
    CHECK_INT(p.c->late_ms, p.minute - 2 * 60000 + 30000);
    mark(&p, "app3", p.minute + 20000);
    look(&p, CANARY_OK);
    CHECK_INT(p.c->verdict.minutes, 4);
    CHECK_INT(p.c->late.n, 0);
    end(&p);
}

// A page asks every five seconds, so six hours of two busy sides have to cost next to nothing.
TEST(six_hours_of_a_canary_are_looked_at_in_an_instant)
{
    struct play p;
    begin(&p, true, "asking");
    step(&p, "canary", "app1", "switch", p.minute - 361 * 60000 + 5000);
    for (int i = 1; i <= 360; i++)
        for (int k = 0; k < 4; k++) {
            lines(&p, "app1", p.minute - i * 60000, 250, k ? 200 : 404, 20 + 90 * k);
            lines(&p, "app2", p.minute - i * 60000, 250, k ? 200 : 404, 20 + 90 * k);
        }
    clock_t begun = clock();
    look(&p, CANARY_OK);
    CHECK((clock() - begun) / (CLOCKS_PER_SEC / 1000) < 150);
    CHECK_INT(p.c->verdict.minutes, 360);
    CHECK_INT(p.c->verdict.pairs, 360000);
    end(&p);
}

TEST(what_cannot_be_compared_says_why)
{
    static const struct { const char *state; bool log; int64_t tried, gone; enum canary_state want; } rows[] = {
        {"building", true, 0, 0, CANARY_NOT_YET},
        {"failed", true, 0, 0, CANARY_NONE},
        {"canary", true, -600000, 0, CANARY_NOT_YET},
        {"asking", true, 29000, 0, CANARY_NOT_YET},             // no whole minute yet
        {"asking", false, -600000, 0, CANARY_NO_LOG},
        {"asking", true, -600000, 0, CANARY_NO_LINES},
        {"rolled_back", true, -600000, -595000, CANARY_TOO_SHORT},
        {"done", true, -3 * 86400000, -3 * 86400000 + 600000, CANARY_TOO_OLD},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct play p;
        begin(&p, rows[i].log, rows[i].state);
        sql(&p, "delete from release_step", NO_VALS);
        if (rows[i].tried)
            step(&p, "canary", "app1", "switch", p.minute + rows[i].tried);
        if (rows[i].gone)
            step(&p, "rolling_back", "app1", "back", p.minute + rows[i].gone);
        if (str_eq(str_z(rows[i].state), S("failed")))
            sql(&p, "update release set ended_at = 1", NO_VALS);
        look(&p, rows[i].want);
        sql(&p, "delete from release_step", NO_VALS);
        sql(&p, "delete from release_base", NO_VALS);
        sql(&p, "delete from release", NO_VALS);
        sql(&p, "delete from site_text", NO_VALS);
        end(&p);
    }
}

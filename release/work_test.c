#include "release/stage_for_tests.h"
#include "release/work.h"

// Every host was claimed by this release before.
static void stage_claims(struct arena *a, struct db *db, const struct site *site)
{
    struct err e = {0};
    int64_t n = 0;
    CHECK(sql_int(db, &e, &n, "select count(*) from release", NO_VALS));
    if (n == 0)
        stage_release(a, db, "production", false, 0);
    for (size_t i = 0; i < site->hosts.n; i++)
        CHECK(sql_do(db, &e, "insert into release_base (release, host, base) select 1, ?1, 0 where ?1 not in "
                     "(select host from release_host where out_by <> '')", VALS(V(site->hosts.at[i].name))));
}

static struct run *stage_run(struct arena *a, struct worker *w, struct site *site, enum state s)
{
    struct run *r = NEW(a, struct run);
    struct err e = {0};
    r->worker = w;
    stage_claims(a, w->db, site);
    r->arena = arena_make(8 << 20);
    r->site = site;
    r->svc = site_service(site, S("web"));
    r->rec = (struct record){.id = 1, .service = S("web"), .state = s};
    CHECK(work_find_hosts(r, &e));
    for (size_t i = 0; i < r->hosts.n; i++)
        r->hosts.at[i].claimed = true;
    return r;
}

static struct str batch_text(struct arena *a, const struct run *r)
{
    OWN_BUF struct buf b = buf_make(1000);
    for (size_t i = 0; i < r->lanes_n; i++)
        buf_addf(&b, "%s" STR_F ":%d", i ? " " : "", STR_A(r->lanes[i].there->host->name), r->lanes[i].batch);
    return str_dup(a, buf_str(&b));
}

TEST(production_goes_in_batches_that_take_turns_between_zones)
{
    OWN_ARENA struct arena a = arena_make(8 << 20);
    struct site *site;
    OWN_DB struct db *db = stage_open(&a, &site);
    struct worker w = {.db = db};
    struct run *r = stage_run(&a, &w, site, PRODUCTION);
    work_lay_out(r);
    // 40% of five hosts is two at once; a1 is followed by a host of the other zone.
    CHECK_STR(batch_text(&a, r), S("a1:0 b1:0 a2:1 b2:1 a3:2"));
    arena_drop(&r->arena);
}

TEST(the_canary_is_alone_and_a_marked_out_host_is_nowhere)
{
    OWN_ARENA struct arena a = arena_make(8 << 20);
    struct site *site;
    OWN_DB struct db *db = stage_open(&a, &site);
    struct worker w = {.db = db};
    struct err e = {0};
    CHECK(sql_do(db, &e,
                 "insert into release_host (service, host, out_by, out_reason) values ('web', 'b1', 'kato', 'disk')",
                 NO_VALS));
    struct run *r = stage_run(&a, &w, site, CANARY);
    work_lay_out(r);
    CHECK_STR(batch_text(&a, r), S("c1:0"));
    r->rec.state = STAGING;
    work_lay_out(r);
    CHECK_STR(batch_text(&a, r), S("c1:0 a1:0 a2:0 a3:0 b2:0"));
    arena_drop(&r->arena);
}

TEST(a_host_that_is_not_claimed_in_this_life_is_claimed_first)
{
    OWN_ARENA struct arena a = arena_make(8 << 20);
    struct site *site;
    OWN_DB struct db *db = stage_open(&a, &site);
    struct worker w = {.db = db};
    struct run *r = stage_run(&a, &w, site, CANARY);
    r->hosts.at[0].claimed = false;
    work_lay_out(r);
    CHECK(r->lanes[0].steps[0] == STEP_CLAIM && r->lanes[0].steps[1] == STEP_SWITCH);
    // No restart and no health in this site file.
    CHECK_INT(r->lanes[0].count, 2);
    arena_drop(&r->arena);
}

TEST(only_hosts_whose_switch_was_begun_are_taken_back)
{
    OWN_ARENA struct arena a = arena_make(8 << 20);
    struct site *site;
    OWN_DB struct db *db = stage_open(&a, &site);
    struct worker w = {.db = db};
    struct err e = {0};
    stage_release(&a, db, "production", false, 0);
    CHECK(sql_do(db, &e, "insert into release_step (release, state, host, step, attempt, fence, intent_at) values "
                 "(1, 'production', 'a1', 'switch', 1, 1, 1), (1, 'staging', 'b1', 'stage', 1, 1, 1)", NO_VALS));
    struct run *r = stage_run(&a, &w, site, ROLLING_BACK);
    work_lay_out(r);
    CHECK_STR(batch_text(&a, r), S("a1:0"));
    arena_drop(&r->arena);
}

TEST(a_host_taken_back_in_after_the_copy_waits_for_the_next_release)
{
    OWN_ARENA struct arena a = arena_make(8 << 20);
    struct site *site;
    OWN_DB struct db *db = stage_open(&a, &site);
    struct worker w = {.db = db};
    struct err e = {0};
    stage_release(&a, db, "production", false, 0);
    struct run *r = stage_run(&a, &w, site, PRODUCTION);
    CHECK(sql_do(db, &e, "delete from release_base where host = 'a2'", NO_VALS));
    r->hosts.n = 0;
    CHECK(work_find_hosts(r, &e));
    for (size_t i = 0; i < r->hosts.n; i++)
        CHECK(!str_eq(r->hosts.at[i].host->name, S("a2")));
    CHECK_INT(r->hosts.n, 5);
    arena_drop(&r->arena);
}

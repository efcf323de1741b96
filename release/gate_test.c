#include "base/clock.h"
#include "release/gate.h"
#include "release/stage_for_tests.h"

TEST(a_lock_closes_until_it_is_lifted_or_over)
{
    OWN_ARENA struct arena a = arena_make(8 << 20);
    struct site *site;
    OWN_DB struct db *db = stage_open(&a, &site);
    const struct service *web = site_service(site, S("web"));
    struct err e = {0};
    struct closed c;
    CHECK(gate_open(&a, db, site, web, &c));
    CHECK(sql_do(db, &e,
                 "insert into lock (service, reason, author, since, until) values ('web', 'over', 'kato', 1, ?)",
                 VALS(V(now_ms() - 1))));
    CHECK(gate_open(&a, db, site, web, &c));
    CHECK(sql_do(db, &e, "insert into lock (service, reason, author, since) values ('web', 'DB migration', 'kato', 1)",
                 NO_VALS));
    CHECK(!gate_open(&a, db, site, web, &c) && c.locked);
    CHECK_STR(c.why, S("web is locked by kato: \"DB migration\""));
    CHECK(sql_do(db, &e, "update lock set lifted_at = 2", NO_VALS));
    CHECK(gate_open(&a, db, site, web, &c));
}

TEST(a_hold_on_a_release_does_not_lock_the_service)
{
    OWN_ARENA struct arena a = arena_make(8 << 20);
    struct site *site;
    OWN_DB struct db *db = stage_open(&a, &site);
    struct err e = {0};
    struct closed c;
    stage_release(&a, db, "canary", false, 0);
    CHECK(sql_do(db, &e,
                 "insert into lock (service, release, reason, author, since) values ('web', 1, 'looking', 'kato', 1)",
                 NO_VALS));
    CHECK(gate_open(&a, db, site, site_service(site, S("web")), &c));
}

TEST(a_store_that_cannot_be_asked_is_closed)
{
    OWN_ARENA struct arena a = arena_make(8 << 20);
    struct site *site;
    OWN_DB struct db *db = stage_open(&a, &site);
    struct err e = {0};
    struct closed c;
    CHECK(sql_do(db, &e, "drop table lock", NO_VALS));
    CHECK(!gate_open(&a, db, site, site_service(site, S("web")), &c) && c.locked && c.why.n);
}

// home_test.c: what releases put on the home page.
#include "release/stage_for_tests.h"
#include "base/clock.h"
#include "release/release.h"

static struct home ask_home(struct arena *a, struct db *db, const struct site *site)
{
    struct err e = {0};
    struct ask q = {.arena = a, .db = db, .site = site};
    struct home h = {.arena = a, .now_ms = now_ms()};
    CHECK(release_home(&q, &h, &e));
    return h;
}

static struct str needs_of(struct arena *a, const struct home *h)
{
    OWN_BUF struct buf b = buf_make(64 << 10);
    for (size_t i = 0; i < h->needs.n; i++)
        buf_addf(&b, "%s%s %s: " STR_F, i ? "; " : "", how_name(h->needs.at[i].how), h->needs.at[i].kind,
                 STR_A(h->needs.at[i].text));
    return str_dup(a, buf_str(&b));
}

static struct str tiles_of(struct arena *a, const struct home *h)
{
    OWN_BUF struct buf b = buf_make(64 << 10);
    for (size_t i = 0; i < h->tiles.n; i++)
        buf_addf(&b, "%s" STR_F " in " STR_F " %s: " STR_F, i ? "; " : "", STR_A(h->tiles.at[i].name),
                 STR_A(h->tiles.at[i].zone), how_name(h->tiles.at[i].how), STR_A(h->tiles.at[i].text));
    return str_dup(a, buf_str(&b));
}

TEST(a_release_that_waits_needs_somebody_and_others_only_happen)
{
    static const struct { const char *state, *needs; } rows[] = {
        {"building", ""},
        {"asking", "info release.asking: web #1 waits for a yes"},
        {"needs_human", "bad release.stuck: web #1 needs you to decide how it goes on"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        OWN_ARENA struct arena a = arena_make(8 << 20);
        struct site *site;
        OWN_DB struct db *db = stage_open(&a, &site);
        struct err e;
        CHECK(sql_do(db, &e, "delete from release", NO_VALS));
        stage_release(&a, db, rows[i].state, false, 0);
        struct home h = ask_home(&a, db, site);
        CHECK_STR(needs_of(&a, &h), str_z(rows[i].needs));
        CHECK_INT(h.happening.n, 1);
        CHECK_INT(h.happening.at[0].how, HOW_RUNNING);
        CHECK_STR(h.happening.at[0].path, S("/releases/web/1"));
    }
}

TEST(a_release_that_went_back_needs_somebody_until_the_next_one_begins)
{
    static const struct { const char *state, *stopped, *next, *needs; } rows[] = {
        {"rolled_back", "", "", "warn release.bad: web #1 was taken back from the hosts that had it"},
        {"failed", "", "", "warn release.bad: web #1 failed"},
        {"rolled_back", "aborted", "", ""},
        {"rolled_back", "rejected", "", ""},
        {"rolled_back", "", "done", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        OWN_ARENA struct arena a = arena_make(8 << 20);
        struct site *site;
        OWN_DB struct db *db = stage_open(&a, &site);
        struct err e;
        CHECK(sql_do(db, &e, "delete from release", NO_VALS));
        stage_release(&a, db, rows[i].state, false, 0);
        CHECK(sql_do(db, &e, "update release set ended_at = ?, stopped = ?",
                     VALS(V(now_ms() - 1000), V(rows[i].stopped))));
        if (*rows[i].next)
            stage_release(&a, db, rows[i].next, false, 0);
        struct home h = ask_home(&a, db, site);
        CHECK_STR(needs_of(&a, &h), str_z(rows[i].needs));
    }
}

TEST(a_service_stands_in_each_zone_as_its_hosts_do)
{
    OWN_ARENA struct arena a = arena_make(8 << 20);
    struct site *site;
    OWN_DB struct db *db = stage_open(&a, &site);
    struct err e;
    struct home h = ask_home(&a, db, site);
    CHECK_STR(tiles_of(&a, &h), S("web in a info: no release yet; web in c info: no release yet"));
    stage_release(&a, db, "done", false, 0);
    CHECK(sql_do(db, &e, "insert into release_host (service, host, current) select 'web', value, 1 from"
                 " json_each('[\"c1\",\"a1\",\"a2\",\"a3\",\"b1\",\"gone\"]')", NO_VALS));
    h = ask_home(&a, db, site);
    CHECK_STR(tiles_of(&a, &h), S("web in a ok: #1, 4 of 4 hosts; web in c warn: #1, 1 of 2 hosts"));
    CHECK(sql_do(db, &e, "update release_host set error = 'no route to host' where host in ('a2', 'gone')", NO_VALS));
    CHECK(sql_do(db, &e, "insert into release_host (service, host, out_by) values ('web', 'b2', 'kato')", NO_VALS));
    h = ask_home(&a, db, site);
    CHECK_STR(tiles_of(&a, &h), S("web in a bad: #1, 4 of 4 hosts; web in c info: #1, 1 of 2 hosts"));
    CHECK_STR(needs_of(&a, &h), S("bad host.silent: a2 cannot be released to"));
    CHECK(sql_do(db, &e, "insert into lock (service, reason, author, since, until) values"
                 " ('web', 'migration', 'kato', 1, null), ('api', 'tea', 'kato', 1, null)", NO_VALS));
    h = ask_home(&a, db, site);
    CHECK_STR(tiles_of(&a, &h), S("web in a bad: #1, 4 of 4 hosts; locked; web in c info: #1, 1 of 2 hosts; locked"));
    CHECK(sql_do(db, &e, "update lock set until = 2", NO_VALS));
    h = ask_home(&a, db, site);
    CHECK_STR(tiles_of(&a, &h), S("web in a bad: #1, 4 of 4 hosts; web in c info: #1, 1 of 2 hosts"));
}

TEST(hosts_that_a_running_release_has_moved_are_not_behind_until_it_needs_somebody)
{
    static const struct { const char *state, *tiles; } rows[] = {
        {"canary", "web in a running: #1, 3 of 4 hosts; 1 on #2; web in c ok: #1, 2 of 2 hosts"},
        {"rolling_back", "web in a running: #1, 3 of 4 hosts; 1 on #2; web in c ok: #1, 2 of 2 hosts"},
        {"needs_human", "web in a warn: #1, 3 of 4 hosts; web in c ok: #1, 2 of 2 hosts"},
        {"failed", "web in a warn: #1, 3 of 4 hosts; web in c ok: #1, 2 of 2 hosts"},
    };
    OWN_ARENA struct arena a = arena_make(8 << 20);
    struct site *site;
    OWN_DB struct db *db = stage_open(&a, &site);
    struct err e;
    stage_release(&a, db, "done", false, 0);
    stage_release(&a, db, "building", false, 0);
    CHECK(sql_do(db, &e, "insert into release_host (service, host, current) select 'web', value,"
                 " iif(value = 'c1', 2, 1) from json_each('[\"c1\",\"a1\",\"a2\",\"a3\",\"b1\",\"b2\"]')", NO_VALS));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CHECK(sql_do(db, &e, "update release set state = ?1, ended_at = iif(?1 = 'failed', 1, null) where number = 2",
                     VALS(V(rows[i].state))));
        struct home h = ask_home(&a, db, site);
        CHECK_STR(tiles_of(&a, &h), str_z(rows[i].tiles));
    }
}

TEST(the_first_release_of_a_service_is_on_its_way)
{
    OWN_ARENA struct arena a = arena_make(8 << 20);
    struct site *site;
    OWN_DB struct db *db = stage_open(&a, &site);
    struct err e;
    stage_release(&a, db, "canary", false, 0);
    CHECK(sql_do(db, &e, "insert into release_host (service, host, current) values ('web', 'c1', 1)", NO_VALS));
    struct home h = ask_home(&a, db, site);
    CHECK_STR(tiles_of(&a, &h), S("web in a running: no release yet; 1 on #1; web in c info: no release yet"));
}

TEST(what_ended_today_is_told_and_locks_are_until_they_end)
{
    OWN_ARENA struct arena a = arena_make(8 << 20);
    struct site *site;
    OWN_DB struct db *db = stage_open(&a, &site);
    struct err e;
    int64_t now = now_ms();
    stage_release(&a, db, "done", false, 0);
    stage_release(&a, db, "failed", false, 0);
    stage_release(&a, db, "done", false, 0);
    CHECK(sql_do(db, &e, "update release set started_at = ?1 - 48000, ended_at = ?1, state_at = ?1 where number > 1",
                 VALS(V(now - 1000))));
    CHECK(sql_do(db, &e, "insert into lock (service, reason, author, since, until) values ('web', 'old', 'x', 1, ?1),"
                 " ('web', 'migration', 'kato', 2, ?2)", VALS(V(now - 5), V(now + 60000))));
    struct home h = ask_home(&a, db, site);
    CHECK_INT(h.happening.n, 3);
    CHECK_STR(h.happening.at[0].text, S("web #3 live in 48.0 s"));
    CHECK_STR(h.happening.at[1].text, S("web #2: Failed"));
    CHECK_INT(h.happening.at[1].how, HOW_BAD);
    CHECK_STR(h.happening.at[2].why, S("migration"));
    CHECK_INT(h.needs.n, 0);
}

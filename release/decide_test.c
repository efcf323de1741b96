// decide_test.c: who may say yes to a canary, and who is named to those who may not.
#include "release/decide.h"
#include "release/stage_for_tests.h"

static void account(struct db *db, const char *name, const char *role, const char *services)
{
    struct err e;
    CHECK(sql_do(db, &e, "insert into account (name, role, services, created) values (?, ?, ?, 1)",
                 VALS(V(name), V(role), V(services))));
}

TEST(who_may_not_decide_is_told_why_and_who_may)
{
    static const struct { const char *name, *by, *told; enum standing role; bool not_author; } rows[] = {
        {"mei", "", "{\"you\":true,\"why\":null,\"more\":0,\"names\":[\"kato\",\"mei\"]}", DEVELOPER, false},
        {"hana", "", "{\"you\":false,\"why\":\"role\",\"more\":0,\"names\":[\"kato\",\"mei\"]}", VIEWER, false},
        {"mei", "", "{\"you\":false,\"why\":\"author\",\"more\":0,\"names\":[\"kato\"]}", DEVELOPER, true},
        {"mei", "kato", "{\"you\":false,\"why\":\"by\",\"more\":0,\"names\":[\"kato\"]}", DEVELOPER, false},
        // who has an account without the right is not named; who has none may come by a proxy
        {"kato", "hana", "{\"you\":false,\"why\":\"by\",\"more\":0,\"names\":[]}", ADMINISTRATOR, false},
        {"kato", "rin", "{\"you\":false,\"why\":\"by\",\"more\":0,\"names\":[\"rin\"]}", ADMINISTRATOR, false},
    };
    OWN_ARENA struct arena a = arena_make(8 << 20);
    struct site *site;
    OWN_DB struct db *db = stage_open(&a, &site);
    struct err e;
    account(db, "kato", "admin", "");
    account(db, "mei", "developer", "web");
    account(db, "rei", "developer", "api");
    account(db, "hana", "viewer", "");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct service svc = *site_service(site, S("web"));
        struct ask q = {.arena = &a, .db = db, .site = site};
        struct str told;
        q.who = (struct who){.name = str_z(rows[i].name), .role = rows[i].role};
        svc.approve.by = (struct strs){0};
        if (*rows[i].by)
            vec_push(&a, &svc.approve.by, str_z(rows[i].by));
        svc.approve.not_author = rows[i].not_author;
        CHECK(decide_tell(&q, &svc, S("mei"), &told, &e));
        CHECK_STR(told, str_z(rows[i].told));
    }
}

TEST(who_is_kept_to_other_services_does_not_decide)
{
    OWN_ARENA struct arena a = arena_make(8 << 20);
    struct site *site;
    OWN_DB struct db *db = stage_open(&a, &site);
    struct ask q = {.arena = &a, .db = db, .site = site, .who = {.name = S("rei"), .role = DEVELOPER}};
    vec_push(&a, &q.who.services, S("api"));
    CHECK_INT(decide_may(&q, site_service(site, S("web")), S("mei")), DECIDE_SERVICE);
}

TEST(more_names_than_a_sentence_holds_are_counted)
{
    OWN_ARENA struct arena a = arena_make(8 << 20);
    struct site *site;
    OWN_DB struct db *db = stage_open(&a, &site);
    struct err e;
    struct str told;
    for (int i = 0; i < DECIDERS_NAMED + 3; i++)
        account(db, str_zf(&a, "p%d", i), "admin", "");
    struct ask q = {.arena = &a, .db = db, .site = site, .who = {.name = S("x"), .role = VIEWER}};
    CHECK(decide_tell(&q, site_service(site, S("web")), S("mei"), &told, &e));
    CHECK_STR(told, S("{\"you\":false,\"why\":\"role\",\"more\":3,\"names\":[\"p0\",\"p1\",\"p2\",\"p3\"]}"));
}

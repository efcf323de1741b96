// rights_test.c: the table, said a second time by somebody who did not read it.
#include "base/test.h"
#include "web/rights.h"
#include <stdio.h>
#include <string.h>

TEST(each_role_has_what_the_design_gives_it_and_no_more)
{
    static const struct { enum right right; const char *who; } rows[] = {   // nobody viewer analyst developer admin
        {SEE, ".vade"}, {SELF, ".vade"}, {OWN, ".vade"}, {LOG_READ, "..ade"}, {RELEASE_START, "...de"},
        {RELEASE_APPROVE, "...de"},
        {RELEASE_STOP, "...de"}, {LOCK_SET, "...de"}, {ADMIN, "....e"}, {PEOPLE, "....e"}, {HOOK, "....."}, {PUBLIC, "nvade"},
        {R_NOBODY, "....."}};
    CHECK_INT(ARRAY_LEN(rows), RIGHTS);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        for (enum standing s = STRANGER; s <= ADMINISTRATOR; s++)
            if (standing_has(s, rows[i].right) != (rows[i].who[s] != '.'))
                test_failed(__FILE__, __LINE__, "%s and %s", standing_name(s), right_name(rows[i].right));
}

TEST(a_token_has_nothing_of_what_is_a_persons)
{
    static const char persons[] = "own people ";
    for (enum right r = SEE; r < RIGHTS; r++) {
        char name[40];
        snprintf(name, sizeof name, "%s ", right_name(r));
        CHECK_INT(right_is_a_persons(r), strstr(persons, name) != NULL);
    }
}

static const struct route start = {POST, "/services/{service}/start", RELEASE_START, .help = "x"};
static const struct route guarded = {POST, "/people", PEOPLE, .flags = R_STEP_UP, .help = "x"};

static struct ask asked(struct arena *a, const struct route *route, enum standing role, const char *services)
{
    return (struct ask){.arena = a, .route = route, .who = {.name = S("kato"), .role = role, .way = WAY_SESSION,
                                                            .services = services_parse(a, str_z(services))}};
}

TEST(who_is_limited_to_services_acts_on_them_only)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct pair service = {S("service"), S("api")};
    struct err e = {0};
    struct ask q = asked(&a, &start, DEVELOPER, "web");
    q.params = (struct pairs){&service, 1, 1};
    CHECK(rights_allow(&q, &e));
    CHECK(!rights_service(&q, &e));
    CHECK_INT(e.kind, ERR_DENIED);
    CHECK_STR(str_z(e.text), S("kato may act on web only"));
    q.who.services = services_parse(&a, S("web api"));
    CHECK(rights_service(&q, &e));
    q.who.services = (struct strs){0};
    CHECK(rights_service(&q, &e));
}

TEST(a_role_that_is_too_small_is_told_which_one_is_needed)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct err e = {0};
    struct ask q = asked(&a, &start, VIEWER, "");
    CHECK(!rights_allow(&q, &e));
    CHECK_STR(str_z(e.text), S("kato (viewer) may not do this"));
    CHECK(str_find(str_z(e.hint), S("developer, admin")) > 0);
}

TEST(a_token_is_sent_to_a_person_or_to_another_token_where_that_is_the_way_out)
{
    static const struct route settings = {POST, "/settings", ADMIN, .help = "x"};
    static const struct route sessions = {GET, "/sessions", OWN, .help = "x"};
    static const struct { const struct route *route; enum standing role; const char *text, *hint; } rows[] = {
        {&settings, DEVELOPER, "may not do this", "this takes the role admin; a token of that role does it"},
        {&guarded, DEVELOPER, "it takes a person", "one with the role admin, signed in"},
        {&guarded, ADMINISTRATOR, "it takes a person", "sign in, or use the socket"},
        {&sessions, VIEWER, "it takes a person", "sign in, or use the socket"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        OWN_ARENA struct arena a = arena_make(1 << 20);
        struct err e = {0};
        struct ask q = asked(&a, rows[i].route, rows[i].role, "");
        q.who.way = WAY_TOKEN;
        CHECK(!rights_allow(&q, &e));
        CHECK_INT(e.kind, ERR_DENIED);
        CHECK(strstr(e.text, rows[i].text) && str_starts(str_z(e.hint), str_z(rows[i].hint)));
    }
}

TEST(what_needs_the_password_anew_is_refused_until_it_was_typed_and_to_tokens_always)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct err e = {0};
    struct ask q = asked(&a, &guarded, ADMINISTRATOR, "");
    CHECK(!rights_allow(&q, &e));
    CHECK_STR(str_z(q.code), S("step_up"));
    q.who.stepped_up = true;
    CHECK(rights_allow(&q, &e));
    q = asked(&a, &guarded, ADMINISTRATOR, "");
    q.who.way = WAY_TOKEN;
    CHECK(!rights_allow(&q, &e));
    CHECK(!q.code);
    q.who.stepped_up = true;
    CHECK(!rights_allow(&q, &e));
}

TEST(a_row_may_ask_for_a_right_that_is_not_its_own)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct ask q = asked(&a, &guarded, DEVELOPER, "web");
    CHECK(rights_has(&q, RELEASE_START, S("web")));
    CHECK(!rights_has(&q, RELEASE_START, S("api")));
    CHECK(rights_has(&q, LOG_READ, S("api")));
    CHECK(!rights_has(&q, ADMIN, S("web")));
    q.who.services = (struct strs){0};
    CHECK(rights_has(&q, RELEASE_START, S("api")));
}

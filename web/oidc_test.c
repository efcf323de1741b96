// oidc_test.c: a sign-in on its way lies in a cookie; who comes, by what the provider says.
#include "web/oidc.h"
#include "base/test.h"

static struct str as_header(struct arena *a, struct str set)
{
    struct str rest = set, cookie = str_cut(&rest, ';');
    return str_f(a, "a=b; " STR_F "; __Host-rusuban=x", STR_A(cookie));
}

TEST(a_sign_in_on_its_way_is_read_back_from_its_cookie)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct oidc_way w, back;
    struct oidc_words x, y;
    oidc_way_new(&w);
    w.to = S("/releases/web?a=b.c");
    w.invite = S("abc-_9");
    CHECK(oidc_cookie_read(&a, as_header(&a, oidc_cookie_set(&a, &w)), &back));
    CHECK_STR(back.to, w.to);
    CHECK_STR(back.invite, w.invite);
    oidc_words(&a, &w, &x);
    oidc_words(&a, &back, &y);
    CHECK_STR(x.state, y.state);
    CHECK_STR(x.verifier, y.verifier);
    CHECK(x.state.n == 43 && x.verifier.n == 43 && x.challenge.n == 43);
    CHECK(!str_eq(x.state, x.nonce) && !str_eq(x.nonce, x.verifier) && !str_eq(x.verifier, x.challenge));
    oidc_way_new(&back);
    oidc_words(&a, &back, &y);
    CHECK(!str_eq(x.state, y.state));
}

#define SECRET "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
TEST(a_cookie_that_is_not_ours_begins_nothing)
{
    static const struct { struct str header; bool ok; } rows[] = {
        {S("__Host-rusuban-oidc=" SECRET ".Lw."), true}, {S("__Host-rusuban-oidc=" SECRET ".Lw.YWJj"), true},
        {S("__Host-rusuban-oidc=" SECRET "."), false}, {S("__Host-rusuban-oidc=" SECRET), false},
        {S("__Host-rusuban-oidc=" SECRET ".Ly9ldmls."), false}, {S("__Host-rusuban-oidc=" SECRET ".Lw.Lw"), false},
        {S("__Host-rusuban-oidc=" SECRET "A.Lw."), false}, {S("__Host-rusuban-oidc=.Lw."), false},
        {S("__Host-rusuban-oidc="), false}, {S("rusuban-oidc=" SECRET ".Lw."), false}, {S(""), false}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        OWN_ARENA struct arena a = arena_make(1 << 20);
        struct oidc_way w;
        if (oidc_cookie_read(&a, rows[i].header, &w) != rows[i].ok)
            test_failed(__FILE__, __LINE__, "row %zu", i);
    }
}

TEST(only_a_path_of_ours_is_a_way_to_go)
{
    static const struct { struct str to; bool ok; } rows[] = {
        {S("/"), true}, {S("/releases/web/12?x=y"), true}, {S("//evil.example"), false}, {S("/\\evil.example"), false},
        {S("https://evil.example"), false}, {S(""), false}, {S("/a b"), false}, {S("/a\r\nX: y"), false},
        {S("/a\tb"), false}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        CHECK(oidc_to_ok(rows[i].to) == rows[i].ok);
}

static void read_one(struct arena *a, const char *keys, const char *claims, struct newcomer *out)
{
    struct site *s;
    struct mistakes m = {0};
    struct err e = {0};
    struct str text = str_f(a, "site: k\nweb: {oidc: {issuer: \"https://id.example\", client_id: x, %s}}\n", keys);
    struct idtoken t = {.subject = S("7"), .claims = json_loads(claims, 0, NULL)};
    if (!t.claims || !site_parse(a, text, &s, &m, &e) || m.n)
        test_failed(__FILE__, __LINE__, "%s: %s", keys, m.n ? "mistakes" : e.text);
    else
        newcomer_read(a, s, &t, out);
    out->name = str_dup(a, out->name);
    json_decref(t.claims);
}

TEST(who_comes_by_what_the_provider_says)
{
    static const char *const groups = "roles: {admin: [ops], developer: [dev], viewer: [\"All staff\"]}";
    static const struct { const char *keys, *claims, *name; enum standing role; bool foreign; } rows[] = {
        {NULL, "{\"preferred_username\":\"Kato\",\"groups\":[\"dev\",\"All staff\"]}", "kato", DEVELOPER, false},
        {NULL, "{\"preferred_username\":\"kato\",\"groups\":\"ops\"}", "kato", ADMINISTRATOR, false},
        {NULL, "{\"preferred_username\":\"kato\",\"groups\":[\"OPS\",\"all staff\"]}", "kato", STRANGER, false},
        {NULL, "{\"email\":\"Kato.Yuki@example.com\"}", "kato.yuki", STRANGER, false},
        {NULL, "{\"preferred_username\":\"root\",\"email\":\"1@x\"}", "", STRANGER, false},
        {"role: analyst", "{\"preferred_username\":\"kato\"}", "kato", ANALYST, false},
        {"role: viewer, roles: {viewer: [x], developer: [y]}, claim: a.b", "{\"a\":{\"b\":[\"x\",\"y\"]}}", "",
         DEVELOPER, false},
        {"domains: [example.com]", "{\"email\":\"a@Example.com\",\"email_verified\":true}", "a", STRANGER, false},
        {"domains: [example.com]", "{\"email\":\"a@example.com\"}", "a", STRANGER, true},
        {"domains: [example.com]", "{\"email\":\"a@example.com\",\"email_verified\":\"yes\"}", "a", STRANGER, true},
        {"domains: [example.com]", "{\"email\":\"a@example.com.evil\",\"email_verified\":true}", "a", STRANGER, true},
        {"domains: [example.com]", "{\"email\":\"a@evil@example.com\",\"email_verified\":true}", "a", STRANGER, true},
        {"domains: [example.com]", "{}", "", STRANGER, true},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        OWN_ARENA struct arena a = arena_make(4 << 20);
        struct newcomer n = {0};
        read_one(&a, rows[i].keys ? rows[i].keys : groups, rows[i].claims, &n);
        if (!str_eq(n.name, str_z(rows[i].name)) || n.role != rows[i].role || n.foreign_mail != rows[i].foreign)
            test_failed(__FILE__, __LINE__, "row %zu: " STR_F ", role %d, foreign %d", i, STR_A(n.name), n.role,
                        n.foreign_mail);
    }
}

// origin_test.c: where a request comes from, and which pages may use somebody's cookie.
#include "base/test.h"
#include "web/origin.h"
#include <string.h>

TEST(addresses_are_read_written_and_counted)
{
    static const struct { const char *text, *shown, *key; bool loopback; } rows[] = {
        {"192.0.2.7", "192.0.2.7", "addr:192.0.2.7", false}, {"127.0.0.9", "127.0.0.9", "addr:127.0.0.9", true},
        {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:6", "addr:2001:db8:1:2::", false}, {"::1", "::1", "addr:::", true},
        {"_hidden", NULL, NULL, false}, {"", NULL, NULL, false}, {"192.0.2.7:80", NULL, NULL, false}};
    OWN_ARENA struct arena a = arena_make(1 << 20);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct address at;
        CHECK(address_parse(str_z(rows[i].text), &at) == (rows[i].shown != NULL));
        if (!rows[i].shown)
            continue;
        CHECK_STR(address_text(&a, at), str_z(rows[i].shown));
        CHECK_STR(address_key(&a, at), str_z(rows[i].key));
        CHECK(address_is_loopback(at) == rows[i].loopback);
    }
}

TEST(strangers_of_a_network_are_one)
{
    static const char *const rows[][2] = {{"192.0.2.7", "192.0.2.0/24"}, {"2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"},
                                          {"::1", "::/48"}};
    OWN_ARENA struct arena a = arena_make(1 << 16);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct address at;
        CHECK(address_parse(str_z(rows[i][0]), &at));
        CHECK_STR(address_net(&a, at), str_z(rows[i][1]));
    }
}

static bool ours(struct arena *a, enum method method, const char *origin, const char *site, const char *type)
{
    struct request r = {.method = method, .ask = {.arena = a}};
    struct err e = {0};
    const struct pair all[] = {{S("host"), S("rusuban.example:8443")}, {S("origin"), str_z(origin)},
                               {S("sec-fetch-site"), str_z(site)}, {S("content-type"), str_z(type)}};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        if (all[i].value.n)
            vec_push(a, &r.ask.headers, all[i]);
    bool ok = origin_is_ours(&r, &e);
    CHECK(ok || e.kind == ERR_DENIED);
    return ok;
}

TEST(another_sites_page_cannot_use_somebodys_cookie)
{
    static const struct { enum method m; const char *origin, *site, *type; bool ok; } rows[] = {
        {POST, "https://rusuban.example:8443", "same-origin", "application/json", true},
        {POST, "https://rusuban.example:8443", "same-origin", "application/json; charset=utf-8", true},
        {DELETE, "https://rusuban.example:8443", "same-origin", "", true},
        {POST, "", "same-origin", "application/json", false},
        {POST, "null", "same-origin", "application/json", false},
        {POST, "https://rusuban.example", "same-origin", "application/json", false},
        {POST, "https://evil.example", "same-origin", "application/json", false},
        {POST, "https://rusuban.example:8443.evil.example", "same-origin", "application/json", false},
        {POST, "ftp://rusuban.example:8443", "same-origin", "application/json", false},
        {POST, "https://rusuban.example:8443", "cross-site", "application/json", false},
        {POST, "https://rusuban.example:8443", "same-site", "application/json", false},
        {POST, "https://rusuban.example:8443", "none", "application/json", false},
        {POST, "https://rusuban.example:8443", "", "application/json", false},
        {POST, "https://rusuban.example:8443", "same-origin", "text/plain", false},
        {PUT, "https://rusuban.example:8443", "same-origin", "", false},
    };
    OWN_ARENA struct arena a = arena_make(1 << 20);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (ours(&a, rows[i].m, rows[i].origin, rows[i].site, rows[i].type) != rows[i].ok)
            test_failed(__FILE__, __LINE__, "row %zu", i);
}

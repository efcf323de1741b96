// discovery_test.c: what a provider may say about itself, claims by name, and addresses that lead inside.
#include "web/discovery.h"
#include "base/test.h"
#include "web/far.h"
#include "web/provider.h"
#include <arpa/inet.h>
#include <string.h>

#define ISS  "{\"issuer\":\"https://id.example\","
#define AUTH "\"authorization_endpoint\":\"https://id.example/auth?a=b\","
#define TOK  "\"token_endpoint\":\"https://id.example/token\","
#define KEYS "\"jwks_uri\":\"https://keys.example/jwks\""

TEST(a_provider_is_believed_where_it_can_do_no_harm)
{
    static const struct { const char *json; bool ok, post; } rows[] = {
        {ISS AUTH TOK KEYS "}", true, false},
        {ISS AUTH TOK KEYS ",\"userinfo_endpoint\":\"https://id.example/me\",\"more\":[1,{}]}", true, false},
        {ISS AUTH TOK KEYS ",\"token_endpoint_auth_methods_supported\":[\"client_secret_post\"]}", true, true},
        {ISS AUTH TOK KEYS ",\"token_endpoint_auth_methods_supported\":[\"client_secret_post\","
         "\"client_secret_basic\"]}", true, false},
        {ISS AUTH TOK KEYS ",\"token_endpoint_auth_methods_supported\":[\"private_key_jwt\"]}", false, false},
        {"{\"issuer\":\"https://id.example/\"," AUTH TOK KEYS "}", false, false},
        {ISS TOK KEYS "}", false, false},
        {ISS AUTH KEYS "}", false, false},
        {ISS AUTH TOK "\"jwks_uri\":7}", false, false},
        {ISS AUTH TOK "\"jwks_uri\":\"http://keys.example/jwks\"}", false, false},
        {ISS AUTH TOK "\"jwks_uri\":\"https://a@keys.example/jwks\"}", false, false},
        {ISS AUTH TOK "\"jwks_uri\":\"https://keys.example/a\\r\\nX: y\"}", false, false},
        {ISS AUTH TOK "\"jwks_uri\":\"https:///jwks\"}", false, false},
        {ISS AUTH TOK KEYS ",\"userinfo_endpoint\":\"file:///etc/passwd\"}", false, false},
        {ISS AUTH TOK KEYS ",\"issuer\":\"https://id.example\"}", false, false},
        {"[]", false, false}, {"", false, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        OWN_ARENA struct arena a = arena_make(1 << 20);
        struct discovery d;
        struct err e = {0};
        bool ok = discovery_read(&a, str_z(rows[i].json), S("https://id.example"), &d, &e);
        if (ok != rows[i].ok || (ok && d.post != rows[i].post))
            test_failed(__FILE__, __LINE__, "row %zu: %s", i, ok ? "believed" : e.text);
        if (!ok)
            CHECK_INT(e.kind, ERR_PEER);
    }
}

TEST(the_same_host_means_the_same_port_too)
{
    static const struct { struct str url; bool same; } rows[] = {
        {S("https://id.example:8443/x"), true}, {S("https://ID.example:8443"), true},
        {S("https://id.example/x"), false},
        {S("https://id.example:6379/x"), false}, {S("https://id.example:8443.evil.example/"), false}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        CHECK(discovery_same_host(rows[i].url, S("https://id.example:8443/realms/a")) == rows[i].same);
}

TEST(claims_are_found_by_name_and_by_path)
{
    OWN_JSON *o = json_loads("{\"groups\":[\"dev\",7,\"ops\"],\"role\":\"dev\",\"https://x.example/r\":[\"a\"],"
                             "\"realm_access\":{\"roles\":[\"dev\"],\"n\":{}}}", 0, NULL);
    static const struct { struct str name, text; bool has; } rows[] = {
        {S("groups"), S("ops"), true}, {S("groups"), S("op"), false}, {S("role"), S("dev"), true},
        {S("role"), S("de"), false}, {S("https://x.example/r"), S("a"), true},
        {S("realm_access.roles"), S("dev"), true},
        {S("realm_access.none"), S("dev"), false}, {S("realm_access"), S("dev"), false},
        {S("none.roles"), S("dev"), false},
        {S("realm_access.roles.x"), S("dev"), false}, {S("."), S("dev"), false}, {S(""), S("dev"), false}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (claim_has(claim_find(o, rows[i].name), rows[i].text) != rows[i].has)
            test_failed(__FILE__, __LINE__, "row %zu", i);
}

TEST(userinfo_adds_and_never_changes_and_is_about_the_same_person)
{
    OWN_JSON *claims = json_loads("{\"sub\":\"1\",\"email\":\"a@b\"}", 0, NULL);
    OWN_JSON *same = json_loads("{\"sub\":\"1\",\"email\":\"x@y\",\"groups\":[\"g\"]}", 0, NULL);
    OWN_JSON *other = json_loads("{\"sub\":\"2\",\"groups\":[\"ops\"]}", 0, NULL);
    OWN_JSON *none = json_loads("{}", 0, NULL);
    struct err e = {0};
    CHECK(!provider_merge(claims, other, &e));
    CHECK(!provider_merge(claims, none, &e));
    CHECK(provider_merge(claims, same, &e));
    CHECK_STR(str_z(j_text(claims, "email")), S("a@b"));
    CHECK(claim_has(claim_find(claims, S("groups")), S("g")));
}

TEST(addresses_that_lead_inside)
{
    static const struct { const char *at; bool inside; } rows[] = {
        {"127.0.0.1", true}, {"10.1.2.3", true}, {"172.16.0.1", true}, {"172.31.255.255", true}, {"172.32.0.1", false},
        {"192.168.1.1", true}, {"169.254.169.254", true}, {"100.64.0.1", true}, {"100.128.0.1", false},
        {"0.0.0.0", true},
        {"224.0.0.1", true}, {"255.255.255.255", true}, {"8.8.8.8", false}, {"192.0.2.1", false}, {"198.18.0.1", true},
        {"::1", true}, {"::", true}, {"::ffff:10.0.0.1", true}, {"::ffff:8.8.8.8", false}, {"::7f00:1", true},
        {"fd00::1", true}, {"fe80::1", true}, {"ff02::1", true}, {"64:ff9b::a00:1", true}, {"2002:a00:1::", true},
        {"2606:4700::1", false}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct sockaddr_storage at = {0};
        struct sockaddr_in v4 = {.sin_family = AF_INET};
        struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
        if (inet_pton(AF_INET, rows[i].at, &v4.sin_addr) == 1)
            memcpy(&at, &v4, sizeof v4);
        else if (inet_pton(AF_INET6, rows[i].at, &v6.sin6_addr) == 1)
            memcpy(&at, &v6, sizeof v6);
        if (far_is_inside((struct sockaddr *)&at) != rows[i].inside)
            test_failed(__FILE__, __LINE__, "%s", rows[i].at);
    }
}

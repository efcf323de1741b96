// strict_test.c: one row a request that must not pass, and the few shapes that must.
#include "base/test.h"
#include "web/strict.h"

// "name: value" lines, joined by '|'.
static struct pairs lines(struct arena *a, const char *text)
{
    struct pairs out = {0};
    for (struct str rest = str_z(text); rest.n;) {
        struct str value = str_cut(&rest, '|'), name = str_cut(&value, ':');
        vec_push(a, &out, ((struct pair){name, str_trim(value)}));
    }
    return out;
}

static const struct { enum method m; const char *target, *headers; size_t body; int http; } rows[] = {
    {GET, "/api/v1/ping", "host: localhost", 0, 0},
    {GET, "/", "host: LocalHost:7070", 0, 0},
    {GET, "/", "host: [::1]:7070", 0, 0},
    {GET, "/", "host: rusuban.kotori.example", 0, 0},
    {POST, "/", "host: localhost", 0, 0},
    {POST, "/", "host: localhost|content-length: 0", 0, 0},
    {POST, "/", "host: localhost|content-length: 2|content-type: application/json", 2, 0},
    {POST, "/", "host: localhost|content-length: 2|content-type: Application/JSON; charset=UTF-8", 2, 0},
    {POST, "/", "host: localhost|idempotency-key: 0123456789abcdef", 0, 0},
    {M_NONE, "/", "host: localhost", 0, 501},
    {GET, "http://localhost/", "host: localhost", 0, 400},
    {GET, "*", "host: localhost", 0, 400},
    {GET, "/a/../b", "host: localhost", 0, 400},
    {GET, "/", "", 0, 400},
    {GET, "/", "host: localhost|host: localhost", 0, 400},
    {GET, "/", "host: ", 0, 421},
    {GET, "/", "host: evil.example", 0, 421},
    {GET, "/", "host: localhost.evil.example", 0, 421},
    {GET, "/", "host: localhost:evil", 0, 421},
    {GET, "/", "host: localhost:", 0, 421},
    {GET, "/", "host: localhost@evil", 0, 421},
    {GET, "/", "host: user@localhost", 0, 421},
    {GET, "/", "host: localhost, localhost", 0, 421},
    {GET, "/", "host: [::1", 0, 421},
    {GET, "/", "host: [::1]x", 0, 421},
    {GET, "/", "host: localhost|a b: c", 0, 400},
    {GET, "/", "host: localhost|a : c", 0, 400},
    {GET, "/", "host: localhost|: c", 0, 400},
    {GET, "/", "host: localhost|a\xE3\x81\x82: c", 0, 400},
    {POST, "/", "host: localhost|transfer-encoding: chunked", 0, 501},
    {POST, "/", "host: localhost|transfer-encoding: identity", 0, 501},
    {POST, "/", "host: localhost|transfer-encoding: chunked|content-length: 0", 0, 400},
    {POST, "/", "host: localhost|content-length: 2|content-length: 2|content-type: application/json", 2, 400},
    {POST, "/", "host: localhost|content-length: +2|content-type: application/json", 2, 400},
    {POST, "/", "host: localhost|content-length: -2", 0, 400},
    {POST, "/", "host: localhost|content-length: 2, 2", 2, 400},
    {POST, "/", "host: localhost|content-length: 0x2", 2, 400},
    {POST, "/", "host: localhost|content-length: ", 0, 400},
    {POST, "/", "host: localhost|content-length: 99999999999", 0, 400},
    {POST, "/", "host: localhost|content-length: 101", 0, 413},
    {POST, "/", "host: localhost|content-length: 2|content-type: application/json", 1, 400},
    {GET, "/", "host: localhost|content-length: 0", 0, 400},
    {GET, "/", "host: localhost|content-length: 5", 5, 400},
    {POST, "/", "host: localhost|content-length: 2", 2, 415},
    {POST, "/", "host: localhost|content-length: 2|content-type: text/plain", 2, 415},
    {POST, "/", "host: localhost|content-length: 2|content-type: application/json; charset=sjis", 2, 415},
    {POST, "/", "host: localhost|content-length: 2|content-type: application/json|content-type: text/html", 2, 400},
    {GET, "/", "host: localhost|cookie: a|cookie: b", 0, 400},
    {GET, "/", "host: localhost|authorization: a|authorization: b", 0, 400},
    {POST, "/", "host: localhost|idempotency-key: short", 0, 400},
    {POST, "/", "host: localhost|idempotency-key: 0123456789abcde.", 0, 400},
    {POST, "/", "host: localhost|idempotency-key: 0123456789abcdef|idempotency-key: 0123456789abcdef", 0, 400},
};

TEST(the_first_broken_rule_answers)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct str site_names[] = {S("127.0.0.5"), S("rusuban.kotori.example")};
    struct strs names = {site_names, 2, 2};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct pairs headers = lines(&a, rows[i].headers);
        struct target t;
        struct facts f = {.method = rows[i].m, .target = str_z(rows[i].target), .headers = &headers,
                          .body = rows[i].body, .body_max = 100, .names = &names,
                          .target_why = target_cut(&a, str_z(rows[i].target), &t)};
        const struct refusal *no = strict_check(&f);
        if ((no ? no->http : 0) != rows[i].http)
            test_failed(__FILE__, __LINE__, "row %zu (%s | %s): %d, not %d", i, rows[i].target, rows[i].headers,
                        no ? no->http : 0, rows[i].http);
    }
}

TEST(sixty_five_header_lines_are_one_too_many)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct strs names = {0};
    struct pairs headers = lines(&a, "host: localhost");
    for (int i = 1; i < 64; i++)
        vec_push(&a, &headers, ((struct pair){S("x"), S("y")}));
    struct facts f = {.method = GET, .target = S("/"), .headers = &headers, .names = &names};
    CHECK(!strict_check(&f));
    vec_push(&a, &headers, ((struct pair){S("x"), S("y")}));
    CHECK_INT(strict_check(&f)->http, 431);
}

TEST(a_hook_takes_any_type_of_body)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct strs names = {0};
    struct pairs headers = lines(&a, "host: localhost|content-length: 2|content-type: text/plain");
    struct facts f = {.method = POST, .target = S("/hook"), .headers = &headers, .names = &names, .body = 2,
                      .body_max = 10, .hook = true};
    CHECK(!strict_check(&f));
}

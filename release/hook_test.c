#include "base/test.h"
#include "release/hook.h"
#include <string.h>

// docs.github.com "Validating webhook deliveries" gives this pair to test with.
TEST(githubs_own_example_is_signed)
{
    struct str secret = S("It's a Secret to Everybody"), body = S("Hello, World!");
    struct str digits = S("757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17");
    CHECK(hook_signed(secret, body, S("sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")));
    CHECK(hook_signed(secret, body, digits));
    CHECK(!hook_signed(secret, S("Hello, World?"), digits));
    CHECK(!hook_signed(S("It's a secret to Everybody"), body, digits));
}

TEST(a_header_that_is_not_a_signature_signs_nothing)
{
    static const char *const headers[] = {
        "", "sha256=", "sha1=757107ea0eb2509fc211221cce984b8a37570b6d",
        "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e1",
        "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e170",
        "sha256=sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
        " 757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
        "g57107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"};
    for (size_t i = 0; i < ARRAY_LEN(headers); i++)
        if (hook_signed(S("It's a Secret to Everybody"), S("Hello, World!"), str_z(headers[i])))
            test_failed(__FILE__, __LINE__, "signed by \"%s\"", headers[i]);
}

// HMAC with an empty key is something anybody can compute.
TEST(without_a_secret_nothing_is_signed)
{
    CHECK(!hook_signed(S(""), S(""), S("b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")));
}

#define HASH "0123456789abcdef0123456789abcdef01234567"

TEST(a_push_is_read_as_github_and_gitea_send_it)
{
    static const struct { const char *body, *ref, *pusher; bool deleted;
    } rows[] = {
        {"{\"ref\":\"refs/heads/main\",\"after\":\"" HASH "\",\"pusher\":{\"name\":\"kato\",\"email\":\"k@x\"}}",
         "refs/heads/main", "kato", false},
        {"{\"after\":\"" HASH
         "\",\"ref\":\"refs/heads/main\",\"pusher\":{\"login\":\"kato\",\"full_name\":\"Kato K\"}}",
         "refs/heads/main", "kato", false},
        {"{\"ref\":\"refs/heads/caf\xC3\xA9\",\"after\":\"" HASH "\"}", "refs/heads/caf\xC3\xA9", "", false},
        {"{\"ref\":\"refs/tags/v1\",\"after\":\"0000000000000000000000000000000000000000\",\"pusher\":null}",
         "refs/tags/v1", "", true},
        {"{\"ref\":\"refs/heads/x\",\"after\":\"" HASH "\",\"pusher\":{\"name\":\"a\\u001b[31m\\nb\\u0085\xC2\xA9\"}}",
         "refs/heads/x", "a[31mb\xC2\xA9", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        OWN_ARENA struct arena a = arena_make(1 << 16);
        struct hook_push p = {0};
        struct err e;
        if (!hook_push_parse(&a, str_z(rows[i].body), &p, &e)) {
            test_failed(__FILE__, __LINE__, "%s: %s", rows[i].body, e.text);
            continue;
        }
        CHECK_STR(p.ref, str_z(rows[i].ref));
        CHECK_STR(p.pusher, str_z(rows[i].pusher));
        CHECK_INT(p.after.n, 40);
        CHECK_INT(p.deleted, rows[i].deleted);
    }
}

TEST(a_long_name_ends_at_a_whole_letter)
{
    OWN_ARENA struct arena a = arena_make(1 << 16);
    OWN_BUF struct buf b = buf_make(4096);
    struct hook_push p = {0};
    struct err e;
    buf_addz(&b, "{\"ref\":\"refs/heads/x\",\"after\":\"" HASH "\",\"pusher\":{\"name\":\"x");
    for (int i = 0; i < 60; i++)
        buf_addz(&b, "\xC3\xA9");
    buf_addz(&b, "\"}}");
    CHECK(hook_push_parse(&a, buf_str(&b), &p, &e));
    CHECK_INT(p.pusher.n, 99);
    CHECK(str_utf8(p.pusher));
}

TEST(what_is_missing_or_odd_is_said)
{
    static const struct { const char *body, *says; } rows[] = {
        {"", "is not JSON"},
        {"{\"ref\":", "is not JSON"},
        {"payload=%7B%22ref%22", "is not JSON"},
        {"[]", "has no ref"},
        {"\"refs/heads/main\"", "is not JSON"},
        {"{\"zen\":\"Keep it logically awesome.\",\"hook_id\":1}", "has no ref"},
        {"{\"ref\":7,\"after\":\"" HASH "\"}", "has no ref"},
        {"{\"ref\":\"main\",\"after\":\"" HASH "\"}", "below refs/"},
        {"{\"ref\":\"refs/heads/a\\nb\",\"after\":\"" HASH "\"}", "below refs/"},
        {"{\"ref\":\"refs/heads/main\"}", "after"},
        {"{\"ref\":\"refs/heads/main\",\"after\":\"0123\"}", "after"},
        {"{\"ref\":\"refs/heads/main\",\"after\":\"0123456789ABCDEF0123456789abcdef01234567\"}", "after"},
        {"{\"ref\":\"refs/heads/main\",\"after\":\"--upload-pack=touch /tmp/x;aaaaaaaaaaaaaa\"}", "after"},
        {"{\"ref\":\"refs/heads/a\",\"ref\":\"refs/heads/b\",\"after\":\"" HASH "\"}", "is not JSON"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        OWN_ARENA struct arena a = arena_make(1 << 16);
        struct hook_push p = {0};
        struct err e = {0};
        CHECK(!hook_push_parse(&a, str_z(rows[i].body), &p, &e));
        CHECK_INT(e.kind, ERR_INPUT);
        if (!strstr(e.text, rows[i].says))
            test_failed(__FILE__, __LINE__, "%s: \"%s\" does not say \"%s\"", rows[i].body, e.text, rows[i].says);
    }
}

TEST(depth_is_bounded_and_brackets_in_strings_do_not_count)
{
    OWN_ARENA struct arena a = arena_make(1 << 16);
    OWN_BUF struct buf b = buf_make(8192);
    struct hook_push p = {0};
    struct err e;
    buf_addz(&b, "{\"ref\":\"refs/heads/x\",\"after\":\"" HASH "\",\"text\":\"\\\"");
    buf_addn(&b, '[', 500);
    buf_addz(&b, "\",\"deep\":");
    size_t before = b.n;
    for (int levels = 62; levels < 66; levels++) {
        buf_cut(&b, before);
        buf_addn(&b, '[', (size_t)levels);
        buf_addn(&b, ']', (size_t)levels);
        buf_addc(&b, '}');
        CHECK_INT(hook_push_parse(&a, buf_str(&b), &p, &e), levels < 64);
    }
}

TEST(a_body_over_four_mebibytes_is_refused_unread)
{
    OWN_ARENA struct arena a = arena_make(1 << 16);
    OWN_BUF struct buf b = buf_make(8 << 20);
    struct hook_push p = {0};
    struct err e;
    buf_addz(&b, "{\"ref\":\"refs/heads/x\",\"after\":\"" HASH "\"}");
    buf_addn(&b, ' ', (4 << 20) - b.n);
    CHECK(hook_push_parse(&a, buf_str(&b), &p, &e));
    buf_addc(&b, ' ');
    CHECK(!hook_push_parse(&a, buf_str(&b), &p, &e));
    CHECK(strstr(e.text, "4 MiB"));
}

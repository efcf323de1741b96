// spec_test.c: the OpenAPI document is JSON and holds what the rows say.
#include "base/test.h"
#include "web/client.h"
#include "web/web.h"
#include <stdlib.h>

struct wish { struct str service; int64_t keep; };
static const struct field wish_in[] = {
    {"service", F_STR, offsetof(struct wish, service), .required = true, .high = 63, .help = "which service"},
    {"keep", F_INT, offsetof(struct wish, keep), .low = 1, .high = 50, .help = "releases kept"},
};

static bool nothing(struct ask *q, struct err *e)
{
    (void)q, (void)e;
    return true;
}

static const struct route some[] = {
    {GET, "/releases/{service}", SEE, .run = nothing, .help = "list", .cli = "release list {service}"},
    {POST, "/releases", RELEASE_START, FIELDS(wish_in), .in_size = sizeof(struct wish), .flags = R_KEYED,
     .run = nothing, .help = "start"},
    {GET, "/releases", SEE, FIELDS(wish_in), .in_size = sizeof(struct wish), .run = nothing, .help = "all"},
    {POST, "/hook/{name}", HOOK, .flags = R_HOOK, .run = nothing, .help = "a forge calls"},
    {0}};

static const char *text_at(json_t *o, const char *const *keys)
{
    for (; *keys; keys++)
        o = json_is_array(o) ? json_array_get(o, (size_t)atoi(*keys)) : json_object_get(o, *keys);
    return json_is_string(o) ? json_string_value(o) : json_is_true(o) ? "true" : json_is_false(o) ? "false" : NULL;
}

#define AT(root, ...)   str_z(text_at(root, (const char *const[]){__VA_ARGS__, NULL}))

TEST(the_openapi_document_says_what_the_rows_say)
{
    OWN_BUF struct buf out = buf_make(1 << 20);
    spec_write(&out, (const struct route *const[]){some, NULL}, NULL);
    OWN_JSON *root = json_loadb(out.p, out.n, JSON_REJECT_DUPLICATES, NULL);
    CHECK(root);
    CHECK_STR(AT(root, "openapi"), S("3.1.0"));
    CHECK_STR(AT(root, "paths", "/api/v1/ping", "get", "x-right"), S("see"));
    CHECK_STR(AT(root, "paths", "/api/v1/releases/{service}", "get", "x-cli"), S("release list {service}"));
    CHECK_STR(AT(root, "paths", "/api/v1/releases/{service}", "get", "parameters", "0", "in"), S("path"));
    CHECK_STR(AT(root, "paths", "/api/v1/releases", "post", "parameters", "0", "name"), S("Idempotency-Key"));
    CHECK_STR(AT(root, "paths", "/api/v1/releases", "post", "requestBody", "content", "application/json", "schema",
                 "properties", "keep", "type"), S("integer"));
    CHECK_STR(AT(root, "paths", "/api/v1/releases", "post", "requestBody", "content", "application/json", "schema",
                 "required", "0"), S("service"));
    CHECK_STR(AT(root, "paths", "/api/v1/releases", "post", "requestBody", "content", "application/json", "schema",
                 "additionalProperties"), S("false"));
    CHECK_STR(AT(root, "paths", "/api/v1/releases", "get", "parameters", "1", "in"), S("query"));
    CHECK_STR(AT(root, "paths", "/hook/{name}", "post", "summary"), S("a forge calls"));
}

// target_test.c: targets that decode in one way, and those that do not.
#include "base/test.h"
#include "web/target.h"

static const struct { const char *target, *pieces; } good[] = {
    {"/", ""},
    {"/api/v1/ping", "api|v1|ping"},
    {"/a/b/", "a|b|"},
    {"/a%20b/%E3%81%82", "a b|あ"},
    {"/a+b", "a+b"},
    {"/a?", "a"},
    {"/a?x=1&y=a+b%26&x=", "a?x=1&y=a b&&x="},
    {"/a?x", "a?x="},
    {"/a...b", "a...b"},
};

static struct str pieces(struct arena *a, const struct target *t)
{
    struct str out = {"", 0};
    for (size_t i = 0; i < t->segments.n; i++)
        out = str_f(a, STR_F "%s" STR_F, STR_A(out), i ? "|" : "", STR_A(t->segments.at[i]));
    for (size_t i = 0; i < t->query.n; i++)
        out = str_f(a, STR_F "%s" STR_F "=" STR_F, STR_A(out), i ? "&" : "?", STR_A(t->query.at[i].name),
                    STR_A(t->query.at[i].value));
    return out;
}

TEST(a_good_target_is_cut_and_decoded)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        struct target t;
        CHECK(!target_cut(&a, str_z(good[i].target), &t));
        CHECK_STR(pieces(&a, &t), str_z(good[i].pieces));
    }
}

TEST(a_target_with_two_readings_is_refused)
{
    static const char *const bad[] = {
        "", "*", "a", "http://localhost/", "//evil/x", "/a//b", "/a/../b", "/a/./b", "/..", "/a/..", "/%2e%2e/b",
        "/a%2fb", "/a%2Fb", "/a%00b", "/%", "/%2", "/%zz", "/%ff", "/a b", "/a#b", "/a\\b", "/a\x7f", "/a\xE3\x81\x82",
        "/a?=1", "/a?x=%", "/a?%ff=1", "/a?x=%00", "/a?&&", "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17"};
    OWN_ARENA struct arena a = arena_make(1 << 20);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct target t;
        if (!target_cut(&a, str_z(bad[i]), &t))
            test_failed(__FILE__, __LINE__, "\"%s\" passed", bad[i]);
    }
}

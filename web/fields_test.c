// fields_test.c: what a query and a body may hold, and what is said of the rest.
#include "base/test.h"
#include "web/fields.h"
#include <string.h>

struct wish {
    struct str service;
    int64_t keep;
    bool force;
    struct strs hosts;
    struct pairs params;
    struct str note;
};
static const struct field wish_in[] = {
    {"service", F_STR, offsetof(struct wish, service), .required = true, .high = 8, .help = "which service"},
    {"keep", F_INT, offsetof(struct wish, keep), .low = 1, .high = 50, .help = "releases kept"},
    {"force", F_BOOL, offsetof(struct wish, force), .help = "also when locked"},
    {"hosts", F_STRS, offsetof(struct wish, hosts), .low = 1, .high = 2, .help = "only these"},
    {"params", F_PAIRS, offsetof(struct wish, params), .high = 1, .help = "values",
     .text = TEXT_ANY},
    {"note", F_STR, offsetof(struct wish, note), .help = "for others", .text = TEXT_LINES},
};

static void read_body(struct arena *a, struct str body, struct wish *w, struct wrongs *wrongs)
{
    fields_from_body(a, wish_in, ARRAY_LEN(wish_in), body, w, wrongs);
}

TEST(a_body_fills_the_struct)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct wish w = {0};
    struct wrongs wrongs = {0};
    read_body(&a, S("{\"service\":\"web\",\"keep\":7,\"force\":true,\"hosts\":[\"a\",\"b\"]}"), &w, &wrongs);
    CHECK_INT(wrongs.n, 0);
    CHECK_STR(w.service, S("web"));
    CHECK_INT(w.keep, 7);
    CHECK(w.force && w.hosts.n == 2 && str_eq(w.hosts.at[1], S("b")));
}

TEST(null_counts_as_absent)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct wish w = {0};
    struct wrongs wrongs = {0};
    read_body(&a, S("{\"service\":\"web\",\"keep\":null}"), &w, &wrongs);
    CHECK(wrongs.n == 0 && w.keep == 0);
    read_body(&a, S("{\"service\":null}"), &w, &wrongs);
    CHECK_INT(wrongs.n, 1);
}

TEST(an_object_of_texts)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct wish w = {0};
    struct wrongs wrongs = {0};
    read_body(&a, S("{\"service\":\"web\",\"params\":{\"day\":\"today\"}}"), &w, &wrongs);
    CHECK_INT(wrongs.n, 0);
    CHECK(w.params.n == 1 && str_eq(w.params.at[0].name, S("day")) && str_eq(w.params.at[0].value, S("today")));
}

static const struct { const char *body, *first, *hint; size_t wrongs; int line, col; } bodies[] = {
    {"{\"service\":\"web\",\"params\":{\"a\":1}}", "params: expected an object of texts, got a whole number in it",
     "values", 1, 1, 18},
    {"{\"service\":\"web\",\"params\":[]}", "params: expected an object of texts, got a list", "values", 1, 1, 18},
    {"{\"service\":\"web\",\"params\":{\"a\":\"1\",\"b\":\"2\"}}", "params: expected 0 to 1 texts, got 2", "values",
     1, 1, 18},
    {"", "service is missing", "which service", 1, 0, 0},
    {"{\"service\":\"web\",\n  \"kepe\":1}", "unknown name \"kepe\"", "did you mean \"keep\"?", 1, 2, 3},
    {"{\"service\":5}", "service: expected text, got a whole number", "which service", 1, 1, 2},
    {"{\"service\":\"too long a name\"}", "service: expected text of 0 to 8 bytes, got 15", "which service", 1, 1, 2},
    {"{\"service\":\"web\",\"keep\":51}", "keep: expected a whole number from 1 to 50, got 51", "releases kept", 1, 1,
     18},
    {"{\"service\":\"web\",\"keep\":1.5}", "keep: expected a whole number, got a number with a fraction",
     "releases kept", 1, 1, 18},
    {"{\"service\":\"web\",\"force\":\"yes\"}", "force: expected true or false, got text", "also when locked", 1, 1,
     18},
    {"{\"service\":\"web\",\"hosts\":[1]}", "hosts: expected a list of texts, got a whole number in it", "only these",
     1, 1, 18},
    {"{\"service\":\"web\",\"hosts\":[\"a\",\"b\",\"c\"]}", "hosts: expected 1 to 2 texts, got 3", "only these", 1, 1,
     18},
    {"{\"keep\":\"x\",\"kepe\":2,\"zzzzzzzz\":3}", "keep: expected a whole number, got text", "releases kept", 4, 1, 2},
    {"{\"service\":\"a\",\"service\":\"b\"}", NULL, "", 1, 1, 24},
    {"{\"service\":\"a\"", NULL, "", 1, 1, 14},
    {"[]", "the body must be a JSON object, not a list", "", 1, 0, 0},
    {"{\"a\":[[[[[[[[1]]]]]]]]}", "the body is nested more than 8 levels deep", "", 1, 0, 0},
    {"{\"service\":\"a\\u0000b\"}", NULL, "", 1, 1, 21},
    {"{\"service\":\"a\\u202eb\"}", "service: character 2 cannot be seen (U+202E)", "leave it out", 1, 1, 2},
    {"{\"service\":\"a\\u001bb\"}", "service: character 2 cannot be seen (U+001B)", "leave it out", 1, 1, 2},
    {"{\"service\":\"a\\nb\"}", "service: more than one line", "leave the line end out", 1, 1, 2},
    {"{\"service\":\"a\",\"hosts\":[\"b\",\"\\t\"]}", "hosts: character 1 cannot be seen (U+0009)", "leave it out", 1,
     1, 16},
    {"{\"service\":\"a\",\"params\":{\"a\":\"\\u202e\"}}", NULL, "", 0, 0, 0},
    {"{\"service\":\"a\",\"note\":\"two\\nlines\"}", NULL, "", 0, 0, 0},
    {"{\"service\":\"a\",\"note\":\"\\u009b\"}", "note: character 1 cannot be seen (U+009B)", "leave it out", 1, 1, 16},
};

TEST(every_mistake_of_a_body_is_told_with_its_place)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
        struct wish w = {0};
        struct wrongs wrongs = {0};
        read_body(&a, str_z(bodies[i].body), &w, &wrongs);
        CHECK_INT(wrongs.n, bodies[i].wrongs);
        if (!wrongs.n)
            continue;
        if (bodies[i].first)
            CHECK_STR(wrongs.at[0].text, str_z(bodies[i].first));
        CHECK_STR(wrongs.at[0].hint, str_z(bodies[i].hint));
        CHECK_INT(wrongs.at[0].line, bodies[i].line);
        CHECK_INT(wrongs.at[0].col, bodies[i].col);
    }
}

TEST(the_error_says_how_many_more_mistakes_there_are)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct wish w = {0};
    struct wrongs wrongs = {0};
    struct err e = {0};
    read_body(&a, S("{\"x\":1,\"y\":2}"), &w, &wrongs);
    CHECK(!wrongs_err(&wrongs, &e) && e.kind == ERR_INPUT);
    CHECK_STR(str_z(e.text), S("unknown name \"x\"; and 2 more mistakes"));
}

static const struct { const char *query, *first; size_t wrongs; } queries[] = {
    {"service=web&keep=5&force=true&hosts=a&hosts=b", NULL, 0},
    {"service=web&keep=five", "keep: expected a whole number, got \"five\"", 1},
    {"service=web&keep=", "keep: expected a whole number, got \"\"", 1},
    {"service=web&keep=99999999999999999999", "keep: expected a whole number, got \"99999999999999999999\"", 1},
    {"service=web&force=1", "force: expected true or false, got \"1\"", 1},
    {"service=web&service=app", "service is given twice", 1},
    {"service=web&hosts=a&hosts=b&hosts=c", "hosts: expected 1 to 2 texts, got 3", 1},
    {"service=a\xE2\x80\xAE", "service: character 2 cannot be seen (U+202E)", 1},
    {"servce=web", "unknown name \"servce\"", 2},
};

TEST(a_query_passes_the_same_checks)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    for (size_t i = 0; i < ARRAY_LEN(queries); i++) {
        struct pairs pairs = {0};
        for (struct str rest = str_z(queries[i].query); rest.n;) {
            struct str value = str_cut(&rest, '&'), name = str_cut(&value, '=');
            vec_push(&a, &pairs, ((struct pair){name, value}));
        }
        struct wish w = {0};
        struct wrongs wrongs = {0};
        fields_from_query(&a, wish_in, ARRAY_LEN(wish_in), &pairs, &w, &wrongs);
        CHECK_INT(wrongs.n, queries[i].wrongs);
        if (wrongs.n && queries[i].first)
            CHECK_STR(wrongs.at[0].text, str_z(queries[i].first));
        else
            CHECK(w.keep == 5 && w.force && w.hosts.n == 2);
    }
}

TEST(a_thousand_mistakes_do_not_make_a_long_answer)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    OWN_BUF struct buf b = buf_make(64 << 10);
    buf_addz(&b, "{\"service\":\"web\"");
    for (int i = 0; i < 1000; i++)
        buf_addf(&b, ",\"unknown%d\":1", i);
    buf_addz(&b, "}");
    struct wish w = {0};
    struct wrongs wrongs = {0};
    read_body(&a, buf_str(&b), &w, &wrongs);
    CHECK_INT(wrongs.n, 20);
}

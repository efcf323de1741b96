// told_test.c: what the engine says, and what a person hears of it.
#include "base/test.h"
#include "log/told.h"

static const struct { const char *said, *heard; enum err_kind kind; } rows[] = {
    {"{\"exception_type\":\"Catalog\",\"exception_message\":\"Table with name acces_log does not exist!\","
     "\"position\":\"21\",\"error_subtype\":\"MISSING_ENTRY\",\"type\":\"Table\",\"name\":\"acces_log\"}",
     "<query>:1:22: no table acces_log; did you mean access_log?", ERR_INPUT},
    {"{\"exception_type\":\"Catalog\",\"exception_message\":\"-\",\"position\":\"0\","
     "\"error_subtype\":\"MISSING_ENTRY\",\"type\":\"Table\",\"name\":\"wholly_else\"}",
     "<query>:1:1: no table wholly_else; there are access_log, releases", ERR_INPUT},
    {"{\"exception_type\":\"Binder\",\"exception_message\":\"-\",\"position\":\"7\","
     "\"error_subtype\":\"COLUMN_NOT_FOUND\",\"name\":\"statu\"}",
     "<query>:1:8: no column statu; did you mean status?", ERR_INPUT},
    {"Parser Error: {\"exception_type\":\"Parser\",\"exception_message\":\"syntax error\\nat end\","
     "\"position\":\"9999\"}", "syntax error; at end", ERR_INPUT},
    {"{\"exception_type\":\"IO\",\"exception_message\":\"No files found that match the pattern \\\"/etc/passwd\\\"\"}",
     "No files found that match the pattern \"<file>\"", ERR_IO},
    {"{\"exception_type\":\"Permission\",\"exception_message\":\"not /l/access/dt=2026-11-21/x.parquet,"
     " not /l, not /lake/x\"}",
     "not access, not <file>, not <file>", ERR_DENIED},
    {"{\"exception_type\":\"Invalid Input\",\"exception_message\":\"http://127.0.0.1/x and 1 / 2\"}",
     "http://127.0.0.1/x and 1 / 2", ERR_INPUT},
    {"{\"exception_type\":\"Out of Memory\",\"exception_message\":\"failed to allocate\\n\\n"
     "Possible solutions: SET threads\"}",
     "the question needs more than the 200 MB that each may use; ask for less time or fewer columns", ERR_LIMIT},
    {"{\"exception_type\":3}", "", ERR_INPUT},
    {"{ no JSON about /etc/x", "{ no JSON about <file>", ERR_INPUT},
    {NULL, "the engine failed without a word", ERR_INPUT},
};

TEST(errors_of_the_engine_become_sentences_about_the_question)
{
    OWN_ARENA struct arena a = arena_make(4 << 20);
    struct strs tables = {0}, columns = {0};
    vec_push(&a, &tables, S("access_log"));
    vec_push(&a, &tables, S("releases"));
    vec_push(&a, &columns, S("status"));
    struct told t = {.query = S("select count(*) from acces_log"), .lake = "/l", .tables = &tables, .columns = &columns,
                     .memory = 200 << 20};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct err e = {0};
        CHECK(!told_err(&a, &t, rows[i].said, 0, &e));
        CHECK_STR(str_z(e.text), str_z(rows[i].heard));
        CHECK_INT(e.kind, rows[i].kind);
    }
}

static bool has_colour(void *arg, struct str label)
{
    (void)arg;
    return str_eq(label, S("colour"));
}

TEST(a_label_that_has_no_column_yet_is_told_where_it_is)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct strs columns = {0};
    vec_push(&a, &columns, S("status"));
    struct told t = {.query = S("select colour"), .lake = "/l", .tables = &columns, .columns = &columns,
                     .in_extra = has_colour};
    static const char *const row[][2] = {
        {"colour", "<query>:1:8: no column colour yet; the label is in extra: extra->>'colour'"},
        {"col'our", "<query>:1:8: no column col'our; there are status"},
        {"statu", "<query>:1:8: no column statu; did you mean status?"}};
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct err e = {0};
        CHECK(!told_err(&a, &t, str_zf(&a, "{\"exception_type\":\"Binder\",\"exception_message\":\"-\","
                                       "\"position\":\"7\",\"error_subtype\":\"COLUMN_NOT_FOUND\",\"name\":\"%s\"}",
                                       row[i][0]), 0, &e));
        CHECK_STR(str_z(e.text), str_z(row[i][1]));
    }
}

TEST(a_place_is_of_the_second_line_and_counts_characters)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct strs none = {0};
    struct err e = {0};
    struct told t = {.query = S("select\n  'é' + x"), .lake = "/l", .tables = &none, .columns = &none};
    CHECK(!told_err(&a, &t, "{\"exception_type\":\"Binder\",\"exception_message\":\"no\",\"position\":\"26\"}", 10,
                    &e));
    CHECK_STR(str_z(e.text), S("<query>:2:9: no"));
}

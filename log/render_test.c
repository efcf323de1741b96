// render_test.c: rows become tables, CSV and JSON, and nothing foreign gets out of its cell.
#include "base/test.h"
#include "log/render.h"
#include "log/values.h"
#include <stdlib.h>
#include <string.h>

struct made { const char *name; enum ask_kind kind; };

static void put_columns(struct buf *b, const struct made *c, size_t n)
{
    put_u16(b, (uint16_t)n);
    for (size_t i = 0; i < n; i++) {
        put_u8(b, (uint8_t)c[i].kind);
        put_text(b, str_z(c[i].name));
    }
}

// NULL is NULL.
static void put_row(struct buf *b, const char *const *values, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        put_u32(b, values[i] ? (uint32_t)strlen(values[i]) : ASK_NULL);
        buf_addz(b, values[i] ? values[i] : "");
    }
}

static struct str rendered(struct arena *a, enum render_style style, size_t width, const struct made *c, size_t n,
                           const char *const *values, uint32_t rows)
{
    OWN_BUF struct buf columns = buf_make(1 << 16), all = buf_make(1 << 20);
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    struct render *r = render_new(to, style, width, false);
    put_columns(&columns, c, n);
    put_u32(&all, rows);
    for (uint32_t i = 0; i < rows; i++)
        put_row(&all, values + i * n, n);
    CHECK(render_columns(r, buf_str(&columns)));
    CHECK(render_rows(r, buf_str(&all)));
    render_end(r);
    render_free(r);
    fclose(to);
    struct str out = str_dup(a, (struct str){text, size});
    free(text);
    return out;
}

static const struct made two[] = {{"page", ASK_TEXT}, {"n", ASK_WHOLE}};

TEST(a_table_is_aligned_with_numbers_to_the_right)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    static const char *const values[] = {"/a", "5", "/日本", "12345", NULL, NULL};
    CHECK_STR(rendered(&a, RENDER_TABLE, 0, two, 2, values, 3),
              S("page       n\n/a         5\n/日本  12345\nNULL    NULL\n"));
}

TEST(a_narrow_terminal_cuts_long_cells)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    static const char *const values[] = {"/a/very/long/path", "12345"};
    CHECK_STR(rendered(&a, RENDER_TABLE, 18, two, 2, values, 1), S("page             n\n/a/very/lo…  12345\n"));
}

TEST(nothing_moves_the_cursor)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    static const char *const values[] = {"\033[2Jx\ny\xC2\x9B\xE2\x80\xAE\xFF\r", "1"};
    struct str out = rendered(&a, RENDER_TABLE, 0, two, 2, values, 1);
    CHECK(str_find(out, S("\\x1B[2Jx\\ny\\x9B\\u202E\xEF\xBF\xBD\\r")) >= 0);
}

TEST(csv_tells_null_from_empty_and_quotes_what_must_be)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    static const char *const values[] = {"a,\"b\"", NULL, "", "7", "two\nlines", "8"};
    CHECK_STR(rendered(&a, RENDER_CSV, 0, two, 2, values, 3),
              S("page,n\n\"a,\"\"b\"\"\",\n\"\",7\n\"two\nlines\",8\n"));
}

TEST(a_spreadsheet_finds_no_formula_in_a_text_and_every_number_as_it_was)
{
    static const struct { enum ask_kind kind; const char *value, *wanted; } rows[] = {
        {ASK_TEXT, "=1+1", "'=1+1"}, {ASK_TEXT, "@sum(1)", "'@sum(1)"}, {ASK_TEXT, "+81-3", "'+81-3"},
        {ASK_TEXT, "-2+cmd|x", "'-2+cmd|x"}, {ASK_TEXT, "\t=1", "'\t=1"}, {ASK_TEXT, "\r=1", "\"'\r=1\""},
        {ASK_TEXT, "\n=1", "\"'\n=1\""}, {ASK_TEXT, "=a(\"b\",1)", "\"'=a(\"\"b\"\",1)\""},
        {ASK_TEXT, "\xEF\xBC\x9D" "1", "'\xEF\xBC\x9D" "1"}, {ASK_TIME, "-1", "-1"}, {ASK_JSON, "@x", "'@x"},
        {ASK_TEXT, "-", "-"}, {ASK_TEXT, "-5", "-5"}, {ASK_TEXT, "+81", "+81"}, {ASK_TEXT, "-1.5e3", "-1.5e3"},
        {ASK_WHOLE, "-5", "-5"}, {ASK_NUMBER, "-0.5", "-0.5"}, {ASK_NUMBER, "-inf", "-inf"}, {ASK_TEXT, "", "\"\""},
        {ASK_TEXT, "a=1", "a=1"}, {ASK_TEXT, "--", "'--"}, {ASK_TEXT, "+", "'+"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        OWN_BUF struct buf safe = buf_make(200), exact = buf_make(200), plain = buf_make(200);
        struct value v = {.text = str_z(rows[i].value)};
        value_csv(&safe, rows[i].kind, &v, false);
        CHECK_STR(buf_str(&safe), str_z(rows[i].wanted));
        value_csv(&exact, rows[i].kind, &v, true);
        value_csv(&plain, ASK_NUMBER, &v, false);           // which is never touched
        CHECK_STR(buf_str(&exact), buf_str(&plain));
    }
}

TEST(a_name_of_a_column_may_be_a_formula_too)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    static const struct made one[] = {{"=1", ASK_TEXT}, {"-1", ASK_WHOLE}};
    static const char *const values[] = {"@x", "-1"};
    CHECK_STR(rendered(&a, RENDER_CSV, 0, one, 2, values, 1), S("'=1,-1\n'@x,-1\n"));
    CHECK_STR(rendered(&a, RENDER_EXACT, 0, one, 2, values, 1), S("=1,-1\n@x,-1\n"));
}

TEST(csv_and_json_on_a_terminal_move_no_cursor_either)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    static const struct made one[] = {{"a", ASK_TEXT}, {"d", ASK_JSON}};
    static const char *const values[] = {"\033[2Jx\"y\xC2\x9B", "[\"\xC2\x9B\x7F\"]"};
    CHECK_STR(rendered(&a, RENDER_CSV, 80, one, 2, values, 1), S("a,d\n\".[2Jx\"\"y.\",\"[\"\".." "\"\"]\"\n"));
    CHECK_STR(rendered(&a, RENDER_CSV, 0, one, 2, values, 1),
              S("a,d\n\"\033[2Jx\"\"y\xC2\x9B\",\"[\"\"\xC2\x9B\x7F\"\"]\"\n"));
    CHECK_STR(rendered(&a, RENDER_JSON, 80, one, 2, values, 1),
              S("{\"a\":\"\\u001b[2Jx\\\"y\\u009b\",\"d\":[\"\\u009b\\u007f\"]}\n"));
}

TEST(json_numbers_that_others_would_round_are_texts)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    static const struct made one[] = {{"a\"", ASK_WHOLE}, {"b", ASK_NUMBER}, {"c", ASK_BOOL}, {"d", ASK_JSON}};
    static const char *const values[] = {"9007199254740992", "1e+20", "true", "[1]", "9007199254740993", "inf", "yes",
                                         "[1", "007", "-.5", NULL, "{\"x\":\"\\n\"}"};
    CHECK_STR(rendered(&a, RENDER_JSON, 0, one, 4, values, 3),
              S("{\"a\\\"\":9007199254740992,\"b\":1e+20,\"c\":true,\"d\":[1]}\n"
                "{\"a\\\"\":\"9007199254740993\",\"b\":\"inf\",\"c\":\"yes\",\"d\":\"[1\"}\n"
                "{\"a\\\"\":\"007\",\"b\":\"-.5\",\"c\":null,\"d\":{\"x\":\"\\n\"}}\n"));
}

TEST(rows_that_are_not_whole_are_refused)
{
    OWN_BUF struct buf columns = buf_make(1 << 16), rows = buf_make(1 << 16);
    struct render *r = render_new(stderr, RENDER_JSON, 0, false);
    put_columns(&columns, two, 2);
    put_u32(&rows, 2);
    put_row(&rows, (const char *const[]){"a", "1"}, 2);
    CHECK(!render_rows(r, buf_str(&rows)));         // no columns yet
    CHECK(render_columns(r, buf_str(&columns)) && !render_columns(r, buf_str(&columns)));
    CHECK(!render_rows(r, buf_str(&rows)));         // says two, has one
    render_free(r);
}

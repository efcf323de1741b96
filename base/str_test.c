#include "base/test.h"
#include <string.h>

TEST(a_colon_in_the_value_stays_in_the_value)
{
    struct str rest = S("time:12:30\tstatus:200");
    CHECK_STR(str_cut(&rest, '\t'), S("time:12:30"));
    CHECK_STR(rest, S("status:200"));
}

TEST(cutting_gives_what_stands_before_and_leaves_what_stands_behind)
{
    static const struct { const char *text, *head, *rest;
    } rows[] = {{"a,b", "a", "b"}, {"a,", "a", ""}, {",b", "", "b"},      {"ab", "ab", ""},
                {"", "", ""},      {",", "", ""},   {"a,b,c", "a", "b,c"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct str rest = str_z(rows[i].text);
        CHECK_STR(str_cut(&rest, ','), str_z(rows[i].head));
        CHECK_STR(rest, str_z(rows[i].rest));
    }
}

TEST(words_stand_between_runs_of_blanks)
{
    struct str rest = S("  one\t two  ");
    CHECK_STR(str_word(&rest), S("one"));
    CHECK_STR(str_word(&rest), S("two"));
    CHECK_STR(str_word(&rest), S(""));
    CHECK_STR(str_word(&rest), S(""));
}

TEST(comparing_goes_by_bytes_shorter_first)
{
    static const struct { const char *a, *b; int order;
    } rows[] = {{"", "", 0},     {"a", "a", 0},  {"", "a", -1},    {"a", "b", -1},
                {"a", "aa", -1}, {"b", "aa", 1}, {"\xFF", "a", 1}, {"A", "a", -1}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int order = str_cmp(str_z(rows[i].a), str_z(rows[i].b)), back = str_cmp(str_z(rows[i].b), str_z(rows[i].a));
        CHECK_INT((order > 0) - (order < 0), rows[i].order);
        CHECK_INT((back > 0) - (back < 0), -rows[i].order);
        CHECK_INT(str_eq(str_z(rows[i].a), str_z(rows[i].b)), rows[i].order == 0);
    }
    CHECK(!str_eq(S("a\0b"), S("a\0c")));
    CHECK(str_eq(str_z(NULL), S("")));
}

TEST(heads_tails_and_finds)
{
    CHECK(str_starts(S("abc"), S("ab")) && str_starts(S("abc"), S("")) && !str_starts(S("a"), S("ab")));
    CHECK(str_ends(S("abc"), S("bc")) && str_ends(S("abc"), S("")) && !str_ends(S("c"), S("bc")));
    CHECK_INT(str_find(S("hello"), S("l")), 2);
    CHECK_INT(str_find(S("hello"), S("lo")), 3);
    CHECK_INT(str_find(S("hello"), S("")), 0);
    CHECK_INT(str_find(S(""), S("a")), -1);
    CHECK_INT(str_find(S("hell"), S("hello")), -1);
    CHECK(str_has(S("a\0b"), '\0') && !str_has(S(""), '\0'));
    CHECK_STR(str_from(S("abc"), 1), S("bc"));
    CHECK_STR(str_from(S("abc"), 3), S(""));
    CHECK_STR(str_from(S("abc"), 9), S(""));
    CHECK_STR(str_head(S("abc"), 2), S("ab"));
    CHECK_STR(str_head(S("abc"), 9), S("abc"));
}

TEST(trimming_takes_blanks_and_line_ends_off_both_ends)
{
    static const struct { const char *in, *out; } rows[] = {
        {"", ""}, {" \t\r\n", ""}, {" a b ", "a b"}, {"a\r\n", "a"}, {"\va", "\va"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        CHECK_STR(str_trim(str_z(rows[i].in)), str_z(rows[i].out));
}

TEST(plain_names_hold_letters_digits_and_what_is_named)
{
    CHECK(str_plain(S("web-1.a"), "-."));
    CHECK(!str_plain(S("web 1"), "-."));
    CHECK(!str_plain(S(""), "-."));
    CHECK(!str_plain(S("a\0b"), "-."));
    CHECK(!str_plain(S("caf\xC3\xA9"), "-."));
}

TEST(whole_numbers_and_nothing_else_are_numbers)
{
    static const struct { const char *text; bool is; int64_t n; } rows[] = {
        {"0", true, 0}, {"007", true, 7}, {"-0", true, 0}, {"-1", true, -1},
        {"9223372036854775807", true, INT64_MAX}, {"-9223372036854775808", true, INT64_MIN},
        {"9223372036854775808", false, 0}, {"-9223372036854775809", false, 0}, {"18446744073709551616", false, 0},
        {"", false, 0}, {"-", false, 0}, {"+1", false, 0}, {" 1", false, 0}, {"1 ", false, 0}, {"0x1", false, 0},
        {"1.0", false, 0}, {"1e3", false, 0}, {"--1", false, 0}, {"\xD9\xA1", false, 0}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int64_t n = 0;
        if (str_i64(str_z(rows[i].text), &n) != rows[i].is)
            test_failed(__FILE__, __LINE__, "\"%s\"", rows[i].text);
        CHECK_INT(n, rows[i].n);
    }
    uint64_t u;
    CHECK(str_u64(S("18446744073709551615"), &u) && u == UINT64_MAX);
    CHECK(!str_u64(S("18446744073709551616"), &u) && !str_u64(S("-1"), &u));
}

// RFC 3629, section 10, and the corners of its table in section 4.
TEST(only_well_formed_utf8_is_utf8)
{
    static const struct { const char *text; bool is; } rows[] = {
        {"", true}, {"plain", true}, {"\xC3\xA9", true}, {"\xE2\x82\xAC", true}, {"\xF0\x9F\x90\xB1", true},
        {"\xED\x9F\xBF", true}, {"\xEE\x80\x80", true}, {"\xF4\x8F\xBF\xBF", true},
        {"\x80", false}, {"\xC3", false}, {"\xC3(", false}, {"\xC0\x80", false}, {"\xC1\xBF", false},
        {"\xE0\x9F\xBF", false}, {"\xED\xA0\x80", false}, {"\xF0\x8F\xBF\xBF", false}, {"\xF4\x90\x80\x80", false},
        {"\xF5\x80\x80\x80", false}, {"\xFF", false}, {"\xE2\x82", false}, {"a\xE2\x82\xAC\xAC", false}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (str_utf8(str_z(rows[i].text)) != rows[i].is)
            test_failed(__FILE__, __LINE__, "row %zu", i);
    CHECK(!str_utf8(S("a\0b")));
}

TEST(hex_goes_there_and_back)
{
    unsigned char bytes[4];
    char text[8];
    CHECK(hex_decode(S("00fFA07f"), bytes, 4));
    hex_encode(bytes, 4, text);
    CHECK_STR(((struct str){text, 8}), S("00ffa07f"));
    CHECK(!hex_decode(S("00ffa07"), bytes, 4));
    CHECK(!hex_decode(S("00ffa07g"), bytes, 4));
    CHECK(hex_decode(S(""), bytes, 0));
}

TEST(a_distance_counts_slips)
{
    static const struct { const char *a, *b; unsigned n; } rows[] = {
        {"", "", 0}, {"kepe", "keep", 1}, {"keep", "keep", 0}, {"kep", "keep", 1}, {"xkeep", "keep", 1},
        {"kaep", "keep", 1}, {"abcd", "dcba", 3}, {"", "abc", 3}, {"ca", "abc", 3}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CHECK_INT(str_distance(str_z(rows[i].a), str_z(rows[i].b)), rows[i].n);
        CHECK_INT(str_distance(str_z(rows[i].b), str_z(rows[i].a)), rows[i].n);
    }
    char longer[65];
    memset(longer, 'x', sizeof longer);
    CHECK_INT(str_distance((struct str){longer, 65}, (struct str){longer, 65}), 64);
    CHECK_INT(str_distance((struct str){longer, 64}, (struct str){longer, 64}), 0);
}

static struct str name_at(const void *list, size_t i)
{
    return str_z(((const char *const *)list)[i]);
}

TEST(a_suggestion_is_near_or_there_is_none)
{
    static const char *const names[] = {"keep", "branch", "hosts", "on"};
    static const struct { const char *word, *near;
    } rows[] = {{"kepe", "keep"}, {"host", "hosts"}, {"brnach", "branch"}, {"no", "on"},
                {"timeout", ""},  {"", ""},          {"xyz", ""}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        CHECK_STR(str_nearest(str_z(rows[i].word), ARRAY_LEN(names), name_at, names), str_z(rows[i].near));
}

TEST(what_nobody_sees_is_found_and_what_people_write_is_not)
{
    static const struct { const char *text; bool lines; uint32_t c; size_t number; } rows[] = {
        {"", false, 0, 1}, {"DB migration until 15:00", false, 0, 25}, {"留守番 – 東京", false, 0, 9},
        {"\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB", false, 0, 4},        // joined pictures
        {"a\tb", false, '\t', 2}, {"a\nb", false, '\n', 2}, {"a\nb", true, 0, 4}, {"a\r\nb", true, '\r', 2},
        {"\033[2J", true, 0x1B, 1}, {"x\x7F", false, 0x7F, 2}, {"x\xC2\x9B", false, 0x9B, 2},
        {"日\xE2\x80\xAE", false, 0x202E, 2}, {"\xE2\x81\xA6", true, 0x2066, 1}, {"\xE2\x80\x8F", true, 0x200F, 1},
        {"\xD8\x9C", true, 0x61C, 1}, {"\xE2\x80\xA8", true, 0x2028, 1}, {"\xEF\xBB\xBFx", false, 0xFEFF, 1},
        {"ka\xE2\x80\x8Bto", false, 0x200B, 3}, {"\xF3\xA0\x81\x81", false, 0xE0041, 1}, {"a\xFF", false, 0xFFFD, 2},
        {"\xE3\x85\xA4", false, 0x3164, 1}, {"a\xE2\xA0\x80", true, 0x2800, 2}, {"\xEF\xB8\x8F", false, 0xFE0F, 1},
        {"\xE2\x9D\xA4\xEF\xB8\x8F", false, 0, 2 + 1}, {"\xE2\x80\x8D", false, 0x200D, 1}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        size_t number;
        CHECK_INT(str_unseen(str_z(rows[i].text), rows[i].lines, &number), rows[i].c);
        CHECK_INT(number, rows[i].number);
    }
    size_t number;
    CHECK_INT(str_unseen((struct str){"a\0b", 3}, true, &number), 0xFFFD);
}

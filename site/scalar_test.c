// scalar_test.c: single values: what is read, what is printed, and that printing undoes reading.
#include "site/scalar.h"
#include "base/test.h"

#define MIB ((int64_t)1 << 20)

static const char *const colours[] = {"red", "green", "blue", NULL};
static const struct key a_time = {.name = "t", .type = KEY_TIME, .high = INT64_MAX};
static const struct key a_size = {.name = "s", .type = KEY_SIZE, .high = INT64_MAX};
static const struct key an_int = {.name = "i", .type = KEY_INT, .low = -5, .high = 100};
static const struct key a_word = {.name = "w", .type = KEY_WORD, .words = colours};
static const struct key a_limit = {.name = "l", .type = KEY_LIMIT, .high = 50};

static bool read_it(const struct key *k, const char *text, void *at)
{
    struct err e;
    return scalar_of(k->type)->read(k, str_z(text), at, &e);
}

TEST(times_print_in_the_largest_unit_without_rest)
{
    static const struct { int64_t ms; const char *text; } rows[] = {
        {0, "0s"}, {1, "1ms"}, {1500, "1500ms"}, {90000, "90s"}, {900000, "15m"}, {14400000, "4h"}, {86400000, "1d"},
        {5400000, "90m"}, {34560000000, "400d"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        OWN_BUF struct buf b = buf_make(100);
        int64_t back = -1;
        scalar_of(KEY_TIME)->print(&a_time, &rows[i].ms, &b);
        CHECK_STR(buf_str(&b), str_z(rows[i].text));
        CHECK(read_it(&a_time, rows[i].text, &back));
        CHECK_INT(back, rows[i].ms);
    }
}

TEST(sizes_print_as_people_wrote_them)
{
    static const struct { const char *text; int64_t bytes; const char *printed; } rows[] = {
        {"3.75G", 3840 * MIB, "3.75G"}, {"2G", 2048 * MIB, "2G"}, {"512M", 512 * MIB, "512M"},
        {"1024M", 1024 * MIB, "1G"},
        {"1.5T", 1536 * 1024 * MIB, "1.5T"}, {"1K", 1024, "1K"}, {"0.5M", MIB / 2, "512K"},
        {"3.33G", 3575560192, "3491758K"},
        {"1.05G", 1127428096, "1101004K"}, {"100K", 102400, "100K"}, {"2.50G", 2560 * MIB, "2.5G"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        OWN_BUF struct buf b = buf_make(100);
        int64_t bytes = 0, again = 0;
        CHECK(read_it(&a_size, rows[i].text, &bytes));
        CHECK_INT(bytes, rows[i].bytes);
        scalar_of(KEY_SIZE)->print(&a_size, &bytes, &b);
        CHECK_STR(buf_str(&b), str_z(rows[i].printed));
        CHECK(read_it(&a_size, buf_z(&b), &again));
        CHECK_INT(again, bytes);
    }
}

TEST(sizes_that_are_none)
{
    static const char *const rows[] = {"", "G", "1", "1B", "1g", "1GB", "-1G", "1.G", "1.234G", ".5G", "1,5G", "1 G",
                                       "10000000T", "99999999999999999999G", "1.2.3G", "0x1G"};
    int64_t bytes;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (read_it(&a_size, rows[i], &bytes))
            test_failed(__FILE__, __LINE__, "%s was read", rows[i]);
}

TEST(numbers_have_bounds)
{
    int v;
    CHECK(read_it(&an_int, "-5", &v));
    CHECK_INT(v, -5);
    CHECK(read_it(&an_int, "100", &v));
    CHECK(!read_it(&an_int, "-6", &v));
    CHECK(!read_it(&an_int, "101", &v));
    CHECK(!read_it(&an_int, "4294967297", &v));
    CHECK(!read_it(&an_int, "1e2", &v));
    CHECK(!read_it(&an_int, " 1", &v));
}

TEST(words_become_their_place)
{
    int v;
    struct err e;
    CHECK(read_it(&a_word, "blue", &v));
    CHECK_INT(v, 2);
    CHECK(!scalar_of(KEY_WORD)->read(&a_word, S("bleu"), &v, &e));
    CHECK_STR(str_z(e.text), S("expected red, green or blue, got \"bleu\""));
    CHECK_STR(str_z(e.hint), S("did you mean \"blue\"?"));
}

TEST(a_limit_is_a_share_or_a_number)
{
    int v[2];
    CHECK(read_it(&a_limit, "50%", v));
    CHECK(v[0] == 50 && v[1] == 0);
    CHECK(read_it(&a_limit, "3", v));
    CHECK(v[0] == 0 && v[1] == 3);
    CHECK(!read_it(&a_limit, "51", v));
    CHECK(!read_it(&a_limit, "%", v));
    CHECK(!read_it(&a_limit, "-1", v));
    CHECK(!read_it(&a_limit, "50%%", v));
}

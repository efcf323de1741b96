#include "base/test.h"
#include "log/column.h"
#include "log/wide.h"
#include <stdlib.h>
#include <string.h>

// What row `at` of the column says, as a number; *null when it says nothing. *plain: bytes of `plain` read so far.
static int64_t number_at(const struct column *c, uint32_t at, size_t *plain, bool *null)
{
    *null = c->code[at] == CODE_NULL;
    if (*null)
        return 0;
    if (at < c->plain_from)
        return c->number[c->code[at]];
    int64_t v;
    memcpy(&v, c->plain + *plain, sizeof v);
    *plain += sizeof v;
    return v;
}

static void expect_numbers_back(unsigned seed, int64_t below, size_t rows)
{
    struct column *c = column_new(COLUMN_INT64);
    int64_t *want = malloc(rows * sizeof *want);
    bool *is = malloc(rows);
    uint32_t nulls = 0;
    size_t plain = 0;
    for (size_t i = 0; i < rows; i++) {
        want[i] = i && rand_r(&seed) % 4 == 0 ? want[i - 1] : rand_r(&seed) % below - 3;
        is[i] = rand_r(&seed) % 3 != 0;
        nulls += !is[i];
    }
    for (size_t i = 0; i < rows; i += BATCH_LINES)
        column_numbers(c, want + i, is + i, rows - i < BATCH_LINES ? rows - i : BATCH_LINES);
    CHECK_INT(c->rows, rows);
    CHECK_INT(c->nulls, nulls);
    for (uint32_t i = 0; i < rows; i++) {
        bool null;
        int64_t v = number_at(c, i, &plain, &null);
        if (null == is[i] || (is[i] && v != want[i])) {
            CHECK_INT(v, want[i]);
            break;
        }
    }
    CHECK_INT(plain, c->plain_n);
    free(is);
    free(want);
    column_free(c);
}

TEST(numbers_come_back_small_large_negative_and_more_than_a_dictionary_holds)
{
    expect_numbers_back(1, 100, 3000);              // all in the direct table but -3 .. -1
    expect_numbers_back(2, 70000, 20000);           // on both sides of its end
    expect_numbers_back(3, 1 << 30, GROUP_ROWS);    // too many: the rest is plain
    expect_numbers_back(4, 1 << 30, 511);
}

static void expect_texts_back(unsigned seed, uint32_t kinds, size_t longest)
{
    enum { ROWS = 4096, ROOM = 640 };
    struct column *c = column_new(COLUMN_TEXT);
    char *text = calloc(ROWS, ROOM);
    struct cell *cells = calloc(ROWS, sizeof *cells);
    for (uint32_t i = 0; i < ROWS; i++) {
        uint32_t kind = (uint32_t)rand_r(&seed) % kinds;
        cells[i] = (struct cell){i * ROOM, kind == 0 ? CELL_NONE : kind == 1 ? 1 : (uint32_t)(kind % longest)};
        memset(text + i * ROOM, 'x', ROOM - WIDE);
        if (kind == 1)
            text[i * ROOM] = '-';
        else if (cells[i].n != CELL_NONE && cells[i].n > 4)     // texts differ in one place that wanders
            memcpy(text + i * ROOM + kind % (cells[i].n - 4), &kind, sizeof kind);
    }
    for (size_t i = 0; i < ROWS; i += BATCH_LINES)
        column_text(c, text, cells + i, BATCH_LINES);
    uint32_t at[DICT_MAX];
    for (uint32_t k = 0, where = 0, n; k < c->entries; k++, where += (uint32_t)sizeof n + n) {
        at[k] = where;
        memcpy(&n, c->bytes + where, sizeof n);
    }
    for (uint32_t i = 0; i < ROWS; i++) {
        bool null = cells[i].n == CELL_NONE || (cells[i].n == 1 && text[i * ROOM] == '-');
        uint32_t n = 0;
        if (!null && c->code[i] != CODE_NULL)
            memcpy(&n, c->bytes + at[c->code[i]], sizeof n);
        if (null ? c->code[i] != CODE_NULL
                 : c->code[i] == CODE_NULL || n != cells[i].n
                     || memcmp(c->bytes + at[c->code[i]] + 4, text + i * ROOM, n)) {
            CHECK_INT(i, -1);
            break;
        }
    }
    free(cells);
    free(text);
    column_free(c);
}

TEST(texts_of_every_length_come_back)
{
    expect_texts_back(1, 3, 2);
    expect_texts_back(2, 900, 16);
    expect_texts_back(3, 900, 33);
    expect_texts_back(4, 3000, 120);
    expect_texts_back(5, 3000, 500);
}

// Eight of the same, then another one: a column whose values mostly repeat is compared with the row before.
TEST(a_repeating_column_tells_short_texts_apart)
{
    static const char *const kinds[] = {"-", "x", "", "y", NULL, "-", "long enough for two blocks", "x"};
    static char text[BATCH_LINES * 32 + WIDE];
    struct cell cells[BATCH_LINES];
    struct column *c = column_new(COLUMN_TEXT);
    for (uint32_t i = 0; i < BATCH_LINES; i++) {
        const char *z = kinds[i / 8 % ARRAY_LEN(kinds)];
        cells[i] = (struct cell){i * 32, z ? (uint32_t)strlen(z) : CELL_NONE};
        memcpy(text + i * 32, z ? z : "", z ? strlen(z) : 0);
    }
    for (int i = 0; i < 3; i++)
        column_text(c, text, cells, BATCH_LINES);
    CHECK(c->repeats);
    CHECK_INT(c->entries, 4);
    for (uint32_t i = 0; i < c->rows; i++) {
        const char *z = kinds[i % BATCH_LINES / 8 % ARRAY_LEN(kinds)];
        bool null = !z || strcmp(z, "-") == 0;
        if (null != (c->code[i] == CODE_NULL))
            test_failed(__FILE__, __LINE__, "row %u: null %d", i, !null);
    }
    CHECK_INT(c->nulls, 3 * BATCH_LINES * 3 / 8);
    column_free(c);
}

TEST(a_hash_is_the_same_for_any_number_of_blocks_that_is_enough)
{
    char text[400 + WIDE];
    hash_ready();
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)(i * 37);
    for (size_t n = 0; n <= 400; n++) {
        uint64_t h = wide_hash(text, n, wide_blocks(n));
        for (size_t blocks = wide_blocks(n); blocks <= WIDE_BLOCKS; blocks++)
            CHECK(wide_hash(text, n, blocks) == h && wide_same(text, text, n, blocks));
        for (size_t i = 0; i < n + 20; i++) {
            char copy[400 + WIDE];
            memcpy(copy, text, sizeof copy);
            copy[i] ^= 1;
            CHECK_INT(wide_same(text, copy, n, wide_blocks(n)), i >= n);
            CHECK_INT(wide_hash(copy, n, wide_blocks(n)) == h, i >= n);
        }
    }
}

#include "base/test.h"
#include "log/number.h"
#include <string.h>

static void read_one(enum column_type type, const char *text, int64_t *v, bool *is, bool *misfit)
{
    char room[200] = {0};
    struct cell c = {64, (uint32_t)strlen(text)};
    memset(room, '#', sizeof room);
    memcpy(room + 64, text, strlen(text));
    number_read(type, room, &c, 1, v, is, misfit);
}

TEST(numbers_by_type)
{
    static const struct { enum column_type type; const char *text; bool is; int64_t v; bool misfit; } rows[] = {
        {COLUMN_INT32, "200", true, 200, false},        {COLUMN_INT32, "0", true, 0, false},
        {COLUMN_INT32, "2147483647", true, INT32_MAX, false}, {COLUMN_INT32, "2147483648", false, 0, true},
        {COLUMN_INT32, "12345678", true, 12345678, false}, {COLUMN_INT32, "-5", true, -5, false},
        {COLUMN_INT32, "", false, 0, true},             {COLUMN_INT32, "-", false, 0, false},
        {COLUMN_INT32, "2o0", false, 0, true},          {COLUMN_INT32, " 200", false, 0, true},
        {COLUMN_INT32, "/00", false, 0, true},          {COLUMN_INT32, ":00", false, 0, true},
        {COLUMN_INT64, "9223372036854775807", true, INT64_MAX, false},
        {COLUMN_INT64, "9223372036854775808", false, 0, true},
        {COLUMN_INT64, "00000000000000000000001", false, 0, true},
        {COLUMN_INT64, "--5", false, 0, true},
        {COLUMN_MS, "0.123", true, 123, false},         {COLUMN_MS, "12.005", true, 12005, false},
        {COLUMN_MS, "7", true, 7000, false},            {COLUMN_MS, "0.5", true, 500, false},
        {COLUMN_MS, "1.23456", true, 1234, false},      {COLUMN_MS, "2147483.647", true, INT32_MAX, false},
        {COLUMN_MS, "2147483.648", false, 0, true},     {COLUMN_MS, "0.010, 0.020 : 0.200", true, 230, true},
        {COLUMN_MS, "-, 0.020", true, 20, true},        {COLUMN_MS, "-, -", false, 0, true},
        {COLUMN_MS, ".123", false, 0, true},            {COLUMN_MS, "1.", false, 0, true},
        {COLUMN_MS, "1.x23", false, 0, true},           {COLUMN_MS, "fast", false, 0, true},
        {COLUMN_MS, "", false, 0, true},                {COLUMN_MS, "-", false, 0, false},
        {COLUMN_MS, "0.1.2", false, 0, true},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int64_t v;
        bool is, misfit;
        read_one(rows[i].type, rows[i].text, &v, &is, &misfit);
        if (is != rows[i].is || (is && v != rows[i].v) || misfit != rows[i].misfit)
            test_failed(__FILE__, __LINE__, "\"%s\": got %d %lld %d", rows[i].text, is, (long long)v, misfit);
    }
}

TEST(a_cell_that_is_not_there_is_null_and_no_misfit)
{
    struct cell c = {0, CELL_NONE};
    int64_t v;
    bool is, misfit;
    CHECK(!number_read(COLUMN_INT32, "", &c, 1, &v, &is, &misfit));
    CHECK(!is && !misfit);
}

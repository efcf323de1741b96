#include "base/test.h"
#include "log/marks.h"
#include <stdlib.h>
#include <string.h>

static const char *const twins[] = {"avx2", "sse2"};

static void expect_same(const char *text, size_t n)
{
    uint32_t want[MARKS_ROOM(600)], got[MARKS_ROOM(600)];
    bool want_odd, got_odd;
    size_t k = marks_find_plain(text, n, want, &want_odd);
    for (size_t i = 0; i < ARRAY_LEN(twins); i++) {
        marks_fn *fn = marks_by_name(twins[i]);
        if (!fn)
            continue;
        CHECK_INT(fn(text, n, got, &got_odd), k);
        CHECK(memcmp(got, want, k * sizeof *want) == 0);
        CHECK_INT(got_odd, want_odd);
    }
}

TEST(every_kernel_finds_what_the_plain_one_finds)
{
    static const char bytes[] = {'\t', '\n', 'a', ':', '\0', '\x7f', '\x80', '\xff', '\v', '\b'};
    char text[600 + MARKS_SLACK];
    unsigned seed = 7;
    for (int round = 0; round < 2000; round++) {
        size_t n = (size_t)(rand_r(&seed) % 600), kinds = 1 + (size_t)rand_r(&seed) % sizeof bytes;
        for (size_t i = 0; i < sizeof text; i++)
            text[i] = rand_r(&seed) % 4 ? 'x' : bytes[(size_t)rand_r(&seed) % kinds];
        expect_same(text, n);
    }
}

TEST(what_stands_behind_the_text_does_not_count)
{
    char text[3 + MARKS_SLACK];
    uint32_t at[MARKS_ROOM(3)];
    bool odd;
    memset(text, '\t', sizeof text);
    memcpy(text, "a\tb", 3);
    text[3] = '\x80';
    CHECK_INT(marks_find(text, 3, at, &odd), 1);
    CHECK_INT(at[0], 1);
    CHECK(!odd);
    CHECK_INT(marks_find(text, 4, at, &odd), 1);
    CHECK(odd);
    CHECK_INT(marks_find(text, 0, at, &odd), 0);
}

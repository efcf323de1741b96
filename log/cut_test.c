// cut_test.c: parts of a cut, and lines that are counted.
#include "log/cut.h"
#include "base/test.h"
#include <string.h>

enum { BEFORE = 300, LINE = 90 };       // bytes of the file before the cut; of each of its lines

static void write_lines(char *file, size_t lines)
{
    memset(file, 'x', BEFORE);
    for (size_t i = 0; i < lines * LINE; i++)
        file[BEFORE + i] = i % LINE == LINE - 1 ? '\n' : (char)('a' + i % 26);
}

TEST(a_part_of_a_cut_ends_with_the_hash_of_the_file_there)
{
    char file[BEFORE + 5 * LINE];
    unsigned char want[TAIL_HASH];
    write_lines(file, 5);
    for (size_t before = 0; before <= BEFORE; before += 100)
        for (size_t from = 0; from < 5; from++)
            for (size_t to = from + 1; to <= 5; to++) {
                struct cut c = {.text = {file + BEFORE, 5 * LINE}, .start = before, .raw_n = 5 * LINE, .lines = 5};
                tail_hash((struct str){file + BEFORE - before, before + 5 * LINE}, c.tail);
                struct cut part = cut_part(&c, from * LINE, (to - from) * LINE);
                tail_hash((struct str){file + BEFORE - before, before + to * LINE}, want);
                CHECK_INT(part.start, before + from * LINE);
                CHECK_INT(part.raw_n, (to - from) * LINE);
                CHECK_INT(part.lines, to - from);
                CHECK(memcmp(part.tail, want, sizeof want) == 0);
            }
}

// An import adds a line break where the file's last line has none. The file is not longer by it.
TEST(the_last_part_of_a_cut_has_the_bytes_of_the_file_and_no_more)
{
    char file[BEFORE + 2 * LINE];
    write_lines(file, 2);
    struct cut c = {.text = {file + BEFORE, 2 * LINE}, .start = 7, .raw_n = 2 * LINE - 1, .lines = 2,
                    .tail = "its own"};
    struct cut part = cut_part(&c, LINE, LINE);
    CHECK_INT(part.raw_n, LINE - 1);
    CHECK_INT(part.lines, 1);
    CHECK(memcmp(part.tail, c.tail, sizeof c.tail) == 0);
    CHECK_INT(cut_part(&c, 0, 2 * LINE).raw_n, 2 * LINE - 1);
}

TEST(lines_are_counted_in_texts_of_any_length)
{
    static char text[20000];
    memset(text, '\n', sizeof text);
    for (size_t n = 0; n < sizeof text; n += n < 300 ? 1 : 997)
        CHECK_INT(cut_lines((struct str){text, n}), n);
}

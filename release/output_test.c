#include "base/fault.h"
#include "base/file.h"
#include "base/test.h"
#include "release/output.h"
#include <string.h>

static const char *at(struct arena *a)
{
    return str_zf(a, "%s/out", test_dir());
}

static struct output *opened(struct arena *a, struct str secret)
{
    struct strs secrets = {0};
    struct err e;
    vec_push(a, &secrets, secret);
    struct output *o = output_open(at(a), secret.n ? &secrets : NULL, &e);
    CHECK(o != NULL);
    return o;
}

static struct str written(struct arena *a)
{
    struct str text = S("");
    struct err e;
    if (!file_read(a, at(a), 32 << 20, &text, &e))
        test_failed(__FILE__, __LINE__, "%s", e.text);
    return text;
}

TEST(what_programs_print_becomes_clean_lines)
{
    static const struct { const char *in, *out; } rows[] = {
        {"one\ntwo\n", "one\ntwo\n"},
        {"no end", "no end\n"},
        {"", ""},
        {"\n\n", "\n\n"},
        {"a\tb\n", "a\tb\n"},
        {"bell\a del\x7F\n", "bell? del?\n"},
        {"windows\r\nline\r\n", "windows\nline\n"},
        {"\r10%\r20%\r\rdone\n", "10%\n20%\ndone\n"},
        {"last\r", "last\n"},
        {"\x1B[1;31mred\x1B[0m plain\n", "red plain\n"},
        {"\x1B[38:5:1m\x1B[?25lx\x1B[K\n", "x\n"},
        {"\x1B]0;title\ax\x1B]8;;http://a\x1B\\link\n", "xlink\n"},
        {"\x1B(Bx\x1B=y\n", "xy\n"},
        {"\x1B[31\nnever ended\n", "\nnever ended\n"},
        {"\x1B]0;never\nended\n", "\nended\n"},
        {"caf\xC3\xA9 \xFF\n", "caf\xC3\xA9 \xFF\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        for (int single = 0; single < 2; single++) {
            OWN_ARENA struct arena a = arena_make(1 << 20);
            struct output *o = opened(&a, S(""));
            struct str in = str_z(rows[i].in);
            for (size_t k = 0; single && k < in.n; k++)
                output_add(o, (struct str){in.p + k, 1});
            if (!single)
                output_add(o, in);
            output_close(o);
            CHECK_STR(written(&a), str_z(rows[i].out));
        }
}

TEST(a_nul_does_not_end_the_line)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct output *o = opened(&a, S(""));
    output_add(o, S("a\0b\n"));
    output_close(o);
    CHECK_STR(written(&a), S("a?b\n"));
}

TEST(a_secret_is_hidden_wherever_the_pieces_end)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct str in = S("token=swordfish swordfishswordfish sword\x1B[0mfish\nswordfis\n");
    for (size_t cut = 0; cut <= in.n; cut++) {
        struct output *o = opened(&a, S("swordfish"));
        output_add(o, str_head(in, cut));
        output_add(o, str_from(in, cut));
        output_close(o);
        CHECK_STR(written(&a), S("token=*** *** ***\nswordfis\n"));
    }
}

TEST(each_line_of_a_key_is_a_secret_and_overlaps_leak_nothing)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct output *o = opened(&a, S("-----BEGIN\nabcdef\nabcdefgh\nefghij\n}\n"));
    output_add(o, S("  abcdef\nxabcdefghijx\n{}\n"));
    output_close(o);
    CHECK_STR(written(&a), S("  ***\nx***x\n{}\n"));
}

TEST(a_long_line_is_cut_and_never_inside_a_secret)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct output *o = opened(&a, S("swordfish"));
    OWN_BUF struct buf b = buf_make(1 << 20);
    buf_addn(&b, 'x', (8 << 10) - 5);
    output_add(o, buf_str(&b));
    output_add(o, S("swordfish and more\nnext\n"));
    CHECK_INT(output_dropped(o), 13);
    output_close(o);
    buf_addz(&b, "*** ...\nnext\n... 13 bytes left out ...\n");
    CHECK_STR(written(&a), buf_str(&b));
}

TEST(our_own_lines_stand_alone)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct output *o = opened(&a, S("swordfish"));
    output_add(o, S("half\x1B[3"));
    output_line(o, "$ npm %s swordfish", "ci");
    output_add(o, S("done\n"));
    output_close(o);
    CHECK_STR(written(&a), S("half\n$ npm ci ***\ndone\n"));
}

TEST(it_can_be_read_while_it_grows)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct output *o = opened(&a, S(""));
    output_add(o, S("one\ntw"));
    CHECK_STR(written(&a), S("one\n"));
    output_add(o, S("o\n"));
    CHECK_STR(written(&a), S("one\ntwo\n"));
    output_close(o);
}

// Numbered lines of 16 bytes; what is kept of `count` of them.
static void print_lines(struct output *o, unsigned count)
{
    char line[24];
    for (unsigned i = 0; i < count; i++) {
        snprintf(line, sizeof line, "line %010u\n", i);
        output_add(o, str_z(line));
    }
}

TEST(the_first_and_the_last_stay_and_the_middle_is_counted)
{
    static const unsigned counts[] = {65535,     65536,      65537,          8 * 65536, 8 * 65536 + 1,
                                      9 * 65536, 15 * 65536, 16 * 65536 + 7, 30 * 65536};
    for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
        OWN_ARENA struct arena a = arena_make(32 << 20);
        struct output *o = opened(&a, S(""));
        print_lines(o, counts[i]);
        output_close(o);
        struct str all = written(&a), head = str_head(all, 1 << 20), rest = str_from(all, 1 << 20);
        unsigned left_out = counts[i] > 8 * 65536 ? counts[i] - 8 * 65536 : 0;
        CHECK(str_starts(head, S("line 0000000000\n")));
        if (left_out)
            CHECK_STR(str_cut(&rest, '\n'), str_f(&a, "... %u bytes left out ...", left_out * 16));
        CHECK_INT(head.n + rest.n, (counts[i] - left_out) * 16);
        CHECK(str_ends(all, str_f(&a, "line %010u\n", counts[i] - 1)));
        if (left_out)
            CHECK(str_starts(rest, str_f(&a, "line %010u\n", counts[i] - 7 * 65536)));
        CHECK(!path_exists(str_zf(&a, "%s.a", at(&a))) && !path_exists(str_zf(&a, "%s.b", at(&a))));
    }
}

TEST(a_tail_begins_with_a_whole_line)
{
    OWN_ARENA struct arena a = arena_make(32 << 20);
    struct output *o = opened(&a, S(""));
    OWN_BUF struct buf b = buf_make(64);
    buf_addn(&b, 'x', 30);
    buf_addc(&b, '\n');
    for (int i = 0; i < 600000; i++)
        output_add(o, buf_str(&b));
    output_close(o);
    struct str rest = written(&a);
    while (rest.n) {
        struct str line = str_cut(&rest, '\n');
        if (line.n != 30)
            CHECK(str_starts(line, S("... ")) && str_ends(line, S(" bytes left out ...")));
    }
}

// The build goes on whatever the disk does; what could not be written is counted and told.
TEST(a_disk_that_fails_stops_the_writing_and_nothing_else)
{
    for (unsigned nth = 1; nth < 8; nth++) {
        OWN_ARENA struct arena a = arena_make(32 << 20);
        struct output *o = opened(&a, S(""));
        fault_set(FAULT_FILE, nth);
        for (int i = 0; i < 5; i++)
            output_line(o, "line %d", i);
        uint64_t dropped = output_dropped(o);
        output_close(o);
        fault_set(FAULT_FILE, 0);
        struct str all = written(&a);
        CHECK(nth > 5 ? dropped == 0 : dropped > 0);
        if (dropped)
            CHECK(str_find(all, S("bytes left out ...\n")) >= 0);
        if (dropped)
            CHECK(str_find(all, S("could be written: Input/output error ...\n")) >= 0);
        CHECK(nth < 2 || str_starts(all, S("line 0\n")));
    }
}

TEST(a_full_device_does_not_end_anything)
{
    struct err e;
    struct output *o = output_open("/dev/full", NULL, &e);
    CHECK(o != NULL);
    output_line(o, "lost");
    CHECK_INT(output_dropped(o), 5);
    output_close(o);
    output_close(NULL);
    CHECK(!output_open("/nowhere/out", NULL, &e));
    CHECK_INT(e.kind, ERR_IO);
}

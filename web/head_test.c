// head_test.c: which heads pass, and that the verdict is the same however the octets are cut.
#include "base/test.h"
#include "web/head.h"
#include <string.h>

// Feeds s in pieces of `step` octets. Returns the verdict and how many octets were taken.
static int feed(struct str s, size_t step, size_t *taken)
{
    struct head h = {0};
    *taken = 0;
    while (s.n) {
        size_t used;
        int verdict = head_take(&h, s.p, s.n < step ? s.n : step, &used);
        *taken += used;
        s = str_from(s, used);
        if (verdict)
            return verdict;
    }
    return 0;
}

#define OK_LINE "GET / HTTP/1.1\r\n"
static const struct { struct str text; int verdict; } rows[] = {
    {S(OK_LINE "Host: localhost\r\n\r\n"), 1},
    {S(OK_LINE "\r\n"), 1},
    {S(OK_LINE "A: \tb\xE3\x81\x82\r\n\r\n"), 1},
    {S(OK_LINE "Host: localhost\r\n"), 0},
    {S(""), 0},
    {S("\r\n" OK_LINE "\r\n"), 400},                    // an empty line first
    {S("\n"), 400},
    {S("GET / HTTP/1.1\n\n"), 400},                     // bare line feeds
    {S(OK_LINE "A: b\n\r\n"), 400},
    {S(OK_LINE "A: b\rc\r\n\r\n"), 400},                // bare carriage return
    {S(OK_LINE "A: b\r\r\n\r\n"), 400},
    {S(OK_LINE "A: b\r\n c\r\n\r\n"), 400},             // folded
    {S(OK_LINE "\tA: b\r\n\r\n"), 400},
    {S(OK_LINE " A: b\r\n\r\n"), 400},
    {S(" " OK_LINE "\r\n"), 400},
    {S("GET\t/ HTTP/1.1\r\n\r\n"), 400},
    {S(OK_LINE "A: \0b\r\n\r\n"), 400},
    {S(OK_LINE "A: \x7f\r\n\r\n"), 400},
    {S(OK_LINE "A: \x1b[31m\r\n\r\n"), 400},
    {S("GET / HTTP/1.0\r\n\r\n"), 505},
    {S("GET / HTTP/2.0\r\n\r\n"), 505},
    {S("GET / HTTP/1.1 \r\n\r\n"), 400},
    {S("GET / HTTP/+1.1\r\n\r\n"), 400},
    {S("GET / HTTP/1.01\r\n\r\n"), 400},
    {S("GET / http/1.1\r\n\r\n"), 400},
    {S("GET /HTTP/1.1\r\n\r\n"), 400},
    {S("HTTP/1.1\r\n\r\n"), 400},
    {S("GET /\r\n\r\n"), 400},
};

TEST(a_head_gets_the_same_verdict_however_its_octets_are_cut)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        for (size_t step = 1; step < 40; step++) {
            size_t taken;
            int verdict = feed(rows[i].text, step, &taken);
            if (verdict != rows[i].verdict)
                test_failed(__FILE__, __LINE__, "row %zu in steps of %zu: %d, not %d", i, step, verdict,
                            rows[i].verdict);
        }
}

TEST(what_stands_behind_the_head_is_not_taken)
{
    size_t taken;
    CHECK_INT(feed(S(OK_LINE "A: b\r\n\r\nGET /"), 1000, &taken), 1);
    CHECK_INT(taken, strlen(OK_LINE) + 8);
}

TEST(a_head_announces_the_length_of_its_body)
{
    static const struct { struct str lines; uint64_t length; } lengths[] = {
        {S("Content-Length: 4194305\r\n"), 4194305}, {S("CONTENT-LENGTH:7\r\nA: 9\r\n"), 7},
        {S("A: content-length: 5\r\n"), 0}, {S("X-Content-Length: 5\r\n"), 0}, {S("Content-Lengths: 5\r\n"), 0},
        {S("Content-Length: 5\r\nContent-Length: 6\r\n"), 6},
    };
    for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
        OWN_ARENA struct arena a = arena_make(1 << 16);
        struct head h = {0};
        size_t used;
        struct str text = str_z(str_zf(&a, "POST / HTTP/1.1\r\n" STR_F "\r\n", STR_A(lengths[i].lines)));
        CHECK_INT(head_take(&h, text.p, text.n, &used), 1);
        CHECK_INT(h.length, lengths[i].length);
    }
}

TEST(a_head_ends_at_16_kilobytes)
{
    static char big[HEAD_MAX + 1];
    memset(big, 'a', sizeof big);
    memcpy(big, OK_LINE, strlen(OK_LINE));
    size_t taken;
    CHECK_INT(feed((struct str){big, HEAD_MAX}, 1000, &taken), 0);
    CHECK_INT(feed((struct str){big, sizeof big}, 1000, &taken), 431);
    memcpy(big + HEAD_MAX - 4, "\r\n\r\n", 4);
    CHECK_INT(feed((struct str){big, sizeof big}, 1000, &taken), 1);
}

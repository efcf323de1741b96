// answer_test.c: the client's reading of an answer's head.
#include "base/test.h"
#include "web/answer.h"

static const struct { struct str head; int status; int64_t length; } rows[] = {
    {S("HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n"), 200, 12},
    {S("HTTP/1.1 200 OK\r\ncontent-length:12 \r\nA: b\r\n\r\n"), 200, 12},
    {S("HTTP/1.1 503 \r\n\r\n"), 503, -1},
    {S("HTTP/1.1 204 No Content\r\n\r\n"), 204, 0},
    {S("HTTP/1.1 200\r\n\r\n"), 200, -1},
    {S("HTTP/1.1 200 OK\r\nContent-Length: 12\r\n"), 0, 0},
    {S("HTTP/1.0 200 OK\r\n\r\n"), 0, 0},
    {S("HTTP/1.1 2000 OK\r\n\r\n"), 0, 0},
    {S("HTTP/1.1 099 OK\r\n\r\n"), 0, 0},
    {S("HTTP/1.1 200 OK\nA: b\r\n\r\n"), 0, 0},
    {S("HTTP/1.1 200 OK\r\nA b\r\n\r\n"), 0, 0},
    {S("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"), 0, 0},
    {S("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"), 0, 0},
    {S("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), 200, -1},
    {S("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"), 0, 0},
    {S("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"), 0, 0},
    {S("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n"), 0, 0},
    {S("\r\n\r\n"), 0, 0},
};

TEST(an_answer_that_is_not_ours_is_a_broken_peer)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct answer_head h;
        struct err e = {0};
        bool ok = answer_head(rows[i].head, &h, &e);
        if (ok != (rows[i].status > 0))
            test_failed(__FILE__, __LINE__, "row %zu: %s", i, ok ? "passed" : e.text);
        if (ok) {
            CHECK_INT(h.status, rows[i].status);
            CHECK_INT(h.length, rows[i].length);
            CHECK(h.chunked == (str_find(rows[i].head, S("chunked")) >= 0));
        } else {
            CHECK_INT(e.kind, ERR_PEER);
        }
    }
}

static const struct { struct str text, body; bool ok, whole; } pieces[] = {
    {S("0\r\n\r\n"), S(""), true, true},
    {S("3\r\nabc\r\n0\r\n\r\n"), S("abc"), true, true},
    {S("3;name=\"x\"\r\nabc\r\nA \r\n0123456789\r\n00\r\nTrailer: x\r\n\r\n"), S("abc0123456789"), true, true},
    {S(""), S(""), true, false},
    {S("3\r\nab"), S(""), true, false},
    {S("3\r\nabc"), S(""), true, false},
    {S("3\r\nabc\r\n"), S("abc"), true, false},
    {S("3\r\nabc\r\n0\r\n"), S("abc"), true, false},
    {S("3\r\nabcd\r\n0\r\n\r\n"), S(""), false, false},
    {S("-3\r\nabc\r\n"), S(""), false, false},
    {S("\r\nabc\r\n"), S(""), false, false},
    {S("123456789\r\nabc\r\n"), S(""), false, false},
    {S("0x3\r\nabc\r\n"), S(""), false, false},
};

TEST(chunks_are_put_together)
{
    for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
        OWN_BUF struct buf b = buf_make(1000);
        struct err e = {0};
        bool whole, ok = answer_unchunk(pieces[i].text, &b, &whole, &e);
        if (ok != pieces[i].ok || (ok && whole != pieces[i].whole))
            test_failed(__FILE__, __LINE__, "row %zu: ok %d, whole %d", i, ok, whole);
        if (ok)
            CHECK_STR(buf_str(&b), pieces[i].body);
    }
}

// However they are cut.
TEST(chunks_are_put_together_as_they_come)
{
    for (size_t i = 0; i < ARRAY_LEN(pieces); i++)
        for (size_t step = 1; step < 8; step++) {
            OWN_BUF struct buf b = buf_make(1000);
            struct err e = {0};
            struct pieces p = {0};
            bool ok = true;
            for (size_t done = 0, have = 0, used = 0; ok && have < pieces[i].text.n; done += used) {
                have = have + step < pieces[i].text.n ? have + step : pieces[i].text.n;
                ok = answer_pieces(&p, str_from(str_head(pieces[i].text, have), done), &used, &b, &e);
            }
            if (ok != pieces[i].ok || (ok && (p.at == PIECES_END) != pieces[i].whole))
                test_failed(__FILE__, __LINE__, "row %zu, %zu at a time: ok %d, at %d", i, step, ok, (int)p.at);
            if (ok && pieces[i].whole)
                CHECK_STR(buf_str(&b), pieces[i].body);
        }
}

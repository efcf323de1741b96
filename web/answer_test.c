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
    {S("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), 0, 0},
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
        } else {
            CHECK_INT(e.kind, ERR_PEER);
        }
    }
}

#include "base/test.h"
#include "log/crc32c.h"
#include "log/frame.h"
#include <string.h>

TEST(frames_are_cut_one_after_the_other_and_halves_wait)
{
    OWN_BUF struct buf b = buf_make(1000);
    struct frame f;
    struct err e = {0};
    for (int i = 0; i < 2; i++) {
        size_t at = frame_open(&b, i ? FRAME_PING : FRAME_WINDOW, 0);
        if (i == 0)
            put_u32(&b, 8 << 20);
        frame_close(&b, at);
    }
    for (size_t n = 0; n < 12; n++)
        CHECK_INT(frame_cut(str_head(buf_str(&b), n), &f, &e), 0);
    CHECK_INT(frame_cut(buf_str(&b), &f, &e), 12);
    CHECK_INT(f.type, FRAME_WINDOW);
    struct bytes in = bytes_of(f.payload);
    CHECK_INT(bytes_u32(&in), 8 << 20);
    CHECK(bytes_done(&in));
    CHECK_INT(frame_cut(str_from(buf_str(&b), 12), &f, &e), 8);
    CHECK_INT(f.type, FRAME_PING);
}

TEST(what_is_not_our_protocol_ends_the_connection)
{
    static const char *const rows[] = {"GET / HTTP/1.1\r\n", "\0\0\0\0\0\0\0\0", "\1\0\0\0\x1e\0\0\0",
                                       "\0\0\0\0\1\0\1\0",
                                       "\xff\xff\xff\0\7\0\0\0"};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct frame f;
        struct err e = {0};
        CHECK(frame_cut((struct str){rows[i], 8}, &f, &e) == SIZE_MAX);
        CHECK_INT(e.kind, ERR_PEER);
    }
}

static struct str made_block(struct buf *b, const char *text)
{
    unsigned char head[BLOCK_HEAD];
    uint32_t n = (uint32_t)strlen(text);
    struct block block = {.stream = 7, .start = 100, .raw_n = n, .lines = 1, .clear_n = n, .packed_n = n};
    block_head_put(head, &block);
    block.crc = crc32c(crc32c(0, head, BLOCK_HEAD - 4), text, n);
    block_head_put(head, &block);
    buf_add(b, (struct str){(const char *)head, sizeof head});
    buf_addz(b, text);
    return buf_str(b);
}

TEST(a_block_comes_out_as_it_went_in_and_every_changed_bit_is_seen)
{
    OWN_BUF struct buf b = buf_make(1000);
    struct str payload = made_block(&b, "time:1\turi:/\n");
    struct block got;
    struct err e = {0};
    char text[64];
    CHECK(block_read(payload, &got, &e));
    CHECK(block_text(payload, &got, true, text, &e));
    CHECK_STR(((struct str){text, got.clear_n}), S("time:1\turi:/\n"));
    for (size_t i = 0; i < payload.n; i++) {
        b.p[i] ^= 4;
        bool ok = block_read(payload, &got, &e) && got.clear_n <= sizeof text
            && block_text(payload, &got, true, text, &e);
        CHECK(!ok);
        b.p[i] ^= 4;
    }
    for (size_t n = 0; n < payload.n; n++)
        CHECK(!block_read(str_head(payload, n), &got, &e));
}

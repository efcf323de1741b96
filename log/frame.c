// frame.c: see frame.h.
#include "log/frame.h"
#include "log/crc32c.h"
#include <string.h>
#include <zstd.h>

size_t frame_cut(struct str text, struct frame *out, struct err *e)
{
    if (text.n < FRAME_HEAD)
        return 0;
    struct bytes b = bytes_of(str_head(text, FRAME_HEAD));
    uint32_t n = bytes_u32(&b);
    uint8_t type = bytes_u8(&b), flags = bytes_u8(&b);
    uint16_t zero = bytes_u16(&b);
    if (n > FRAME_MAX || type == 0 || type >= FRAME_TYPES || zero) {
        err_set(e, ERR_PEER, "a frame of type %u with %u bytes: that is not our protocol", type, n);
        return SIZE_MAX;
    }
    if (text.n - FRAME_HEAD < n)
        return 0;
    *out = (struct frame){(enum frame_type)type, flags, {text.p + FRAME_HEAD, n}};
    return FRAME_HEAD + n;
}

size_t frame_open(struct buf *b, enum frame_type type, uint8_t flags)
{
    size_t at = b->n;
    put_u32(b, 0);
    put_u8(b, (uint8_t)type);
    put_u8(b, flags);
    put_u16(b, 0);
    return at;
}

void frame_close(struct buf *b, size_t opened)
{
    uint32_t n = (uint32_t)(b->n - opened - FRAME_HEAD);
    if (n > FRAME_MAX)
        b->failed = true;
    if (!b->failed)
        memcpy(b->p + opened, &n, sizeof n);
}

void block_head_put(unsigned char head[BLOCK_HEAD], const struct block *b)
{
    memcpy(head, &b->stream, 8);
    memcpy(head + 8, &b->start, 8);
    memcpy(head + 16, &b->raw_n, 4);
    memcpy(head + 20, &b->lines, 4);
    memcpy(head + 24, &b->policy, 4);
    memcpy(head + 28, &b->clear_n, 4);
    memcpy(head + 32, &b->read_us, 8);
    memcpy(head + 40, b->tail, 16);
    memcpy(head + 56, &b->packed_n, 4);
    memcpy(head + 60, &b->crc, 4);
}

bool block_read(struct str payload, struct block *out, struct err *e)
{
    struct bytes b = bytes_of(payload);
    *out = (struct block){.stream = bytes_u64(&b), .start = bytes_u64(&b), .raw_n = bytes_u32(&b),
                          .lines = bytes_u32(&b), .policy = bytes_u32(&b), .clear_n = bytes_u32(&b),
                          .read_us = (int64_t)bytes_u64(&b)};
    struct str tail = bytes_take(&b, sizeof out->tail);
    out->packed_n = bytes_u32(&b);
    out->crc = bytes_u32(&b);
    out->packed = bytes_take(&b, out->packed_n);
    if (!bytes_done(&b))
        return err_set(e, ERR_PEER, "a block that is shorter or longer than it says");
    memcpy(out->tail, tail.p, sizeof out->tail);
    if (out->clear_n > BLOCK_MAX || out->raw_n == 0 || out->start + out->raw_n < out->start)
        return err_set(e, ERR_PEER, "a block with impossible lengths");
    return true;
}

bool block_text(struct str payload, const struct block *b, bool stored, char *to, struct err *e)
{
    if (stored) {
        if (b->packed_n != b->clear_n)
            return err_set(e, ERR_PEER, "a stored block with two lengths");
        memcpy(to, b->packed.p, b->clear_n);
    } else {
        size_t n = ZSTD_decompress(to, b->clear_n, b->packed.p, b->packed.n);
        if (ZSTD_isError(n) || n != b->clear_n)
            return err_set(e, ERR_PEER, "a block that cannot be unpacked");
    }
    if (crc32c(crc32c(0, payload.p, BLOCK_HEAD - 4), to, b->clear_n) != b->crc)
        return err_set(e, ERR_PEER, "a block whose checksum is wrong");
    return true;
}

void stream_state_put(struct buf *b, const struct stream_state *s)
{
    put_u64(b, s->id);
    put_u64(b, s->dev);
    put_u64(b, s->inode);
    put_u64(b, s->offset);
    put_u32(b, s->head_n);
    buf_add(b, (struct str){(const char *)s->head, sizeof s->head});
    buf_add(b, (struct str){(const char *)s->tail, sizeof s->tail});
    put_u8(b, s->done);
}

struct stream_state stream_state_read(struct bytes *b)
{
    struct stream_state s = {.id = bytes_u64(b), .dev = bytes_u64(b), .inode = bytes_u64(b), .offset = bytes_u64(b),
                             .head_n = bytes_u32(b)};
    struct str head = bytes_take(b, sizeof s.head), tail = bytes_take(b, sizeof s.tail);
    memcpy(s.head, head.p, head.n);
    memcpy(s.tail, tail.p, tail.n);
    s.done = bytes_u8(b);
    return s;
}

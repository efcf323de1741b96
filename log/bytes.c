// bytes.c: see bytes.h. The host is little-endian (asserted where the first file is opened).
#include "log/bytes.h"
#include <string.h>

struct bytes bytes_of(struct str s)
{
    return (struct bytes){.p = s.p, .n = s.n};
}

struct str bytes_take(struct bytes *b, size_t n)
{
    if (n > b->n) {
        b->short_ = true;
        b->n = 0;
        return (struct str){b->p, 0};
    }
    struct str s = {b->p, n};
    b->p += n;
    b->n -= n;
    return s;
}

static uint64_t number(struct bytes *b, size_t n)
{
    uint64_t v = 0;
    struct str s = bytes_take(b, n);
    memcpy(&v, s.p, s.n);
    return v;
}

uint8_t bytes_u8(struct bytes *b)
{
    return (uint8_t)number(b, 1);
}

uint16_t bytes_u16(struct bytes *b)
{
    return (uint16_t)number(b, 2);
}

uint32_t bytes_u32(struct bytes *b)
{
    return (uint32_t)number(b, 4);
}

uint64_t bytes_u64(struct bytes *b)
{
    return number(b, 8);
}

void bytes_copy(struct bytes *b, void *out, size_t n)
{
    struct str s = bytes_take(b, n);
    memset(out, 0, n);
    memcpy(out, s.p, s.n);
}

struct str bytes_text(struct bytes *b)
{
    return bytes_take(b, bytes_u16(b));
}

bool bytes_done(const struct bytes *b)
{
    return !b->short_ && b->n == 0;
}

static void put(struct buf *b, const void *p, size_t n)
{
    buf_add(b, (struct str){p, n});
}

void put_u8(struct buf *b, uint8_t v)
{
    put(b, &v, sizeof v);
}

void put_u16(struct buf *b, uint16_t v)
{
    put(b, &v, sizeof v);
}

void put_u32(struct buf *b, uint32_t v)
{
    put(b, &v, sizeof v);
}

void put_u64(struct buf *b, uint64_t v)
{
    put(b, &v, sizeof v);
}

void put_varint(struct buf *b, uint64_t v)
{
    for (; v >= 0x80; v >>= 7)
        buf_addc(b, (char)(v | 0x80));
    buf_addc(b, (char)v);
}

void put_text(struct buf *b, struct str s)
{
    if (s.n > UINT16_MAX) {
        b->failed = true;
        return;
    }
    put_u16(b, (uint16_t)s.n);
    buf_add(b, s);
}

bool cut_varint(struct str *in, uint64_t *v)
{
    *v = 0;
    for (int shift = 0; in->n && shift < 63; shift += 7) {
        unsigned char c = (unsigned char)in->p[0];
        *in = str_from(*in, 1);
        *v |= (uint64_t)(c & 0x7f) << shift;
        if (c < 0x80)
            return true;
    }
    return false;
}

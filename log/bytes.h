// bytes.h: little-endian numbers and short texts, into a buf and out of foreign bytes.
//
//     struct bytes b = bytes_of(payload);
//     uint64_t id = bytes_u64(&b);
//     struct str path = bytes_text(&b);
//     if (!bytes_done(&b))                    // too short, or something is left over
#pragma once
#include "base/base.h"
#include <string.h>

// 8 bytes of a text, wherever they stand.
static inline uint64_t load64(const void *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

struct bytes { const char *p; size_t n; bool short_; };

struct bytes bytes_of(struct str s);
// 0 and empty when there are too few; bytes_done says so.
uint8_t bytes_u8(struct bytes *b);
uint16_t bytes_u16(struct bytes *b);
uint32_t bytes_u32(struct bytes *b);
uint64_t bytes_u64(struct bytes *b);
struct str bytes_take(struct bytes *b, size_t n);
void bytes_copy(struct bytes *b, void *out, size_t n);   // what is too few is filled up with zeros
struct str bytes_text(struct bytes *b);         // u16 length before it
bool bytes_done(const struct bytes *b);

void put_u8(struct buf *b, uint8_t v);
void put_u16(struct buf *b, uint16_t v);
void put_u32(struct buf *b, uint32_t v);
void put_u64(struct buf *b, uint64_t v);
void put_varint(struct buf *b, uint64_t v);      // 7 bits a byte, lowest first (LEB128)
void put_text(struct buf *b, struct str s);     // at most 65,535 bytes, more makes b fail
// Takes one from the front of *in. false: it is cut off, or longer than 63 bits.
bool cut_varint(struct str *in, uint64_t *v);

// wide.h: hash and compare the texts of a column without a branch on how long each of them is.
//
// Lengths of a log's texts follow no rule, so a loop over the bytes of each one ends where the processor does not expect
// it, and that costs more than the bytes do. Here all texts of a batch are looked at with as many blocks of 16 bytes as
// the longest of them needs; what stands behind a text is masked away. The hash is NH (Black and others, "UMAC", 1999),
// sums of products of 32 by 32 bits, over a key that is random per process: a visitor cannot choose where his texts land.
//
// Reads WIDE bytes from where a text begins, and from each 128th of its bytes on.
//
//     hash_ready();                                   // once, before the others
//     size_t blocks = wide_blocks(longest);
//     uint64_t h = wide_hash(p, n, blocks);           // the same for any number of blocks that is enough
#pragma once
#include "log/hash.h"

enum { WIDE = 128, WIDE_BLOCKS = WIDE / 16 };

// empty[i]: what the blocks from i on add to a sum when there is nothing in them.
struct wide_key { uint32_t block[WIDE_BLOCKS][4]; uint64_t empty[WIDE_BLOCKS + 1][2]; };
extern struct wide_key wide_key;

static inline size_t wide_blocks(size_t longest)
{
    return longest >= WIDE ? WIDE_BLOCKS : (longest + 15) / 16;
}

#if defined __x86_64__
#include <emmintrin.h>

static inline __m128i wide_load(const void *p)
{
    return _mm_loadu_si128((const __m128i *)p);
}

// ff for the bytes of a block that belong to a text of n bytes, n at most WIDE. SSE2 compares bytes with their signs, so
// both sides are less by 128.
static inline __m128i wide_mask(size_t block, size_t n)
{
    __m128i place = _mm_set_epi8(-113, -114, -115, -116, -117, -118, -119, -120, -121, -122, -123, -124, -125, -126,
                                 -127, -128);
    place = _mm_add_epi8(place, _mm_set1_epi8((char)(block * 16)));
    return _mm_cmpgt_epi8(_mm_set1_epi8((char)(n - 128)), place);
}

// n at most WIDE; before: the hash of what stands before these bytes.
static inline uint64_t wide_window(const char *p, size_t n, size_t blocks, uint64_t before)
{
    __m128i sum = wide_load(wide_key.empty[blocks]);
    for (size_t i = 0; i < blocks; i++) {
        __m128i x = _mm_and_si128(wide_load(p + 16 * i), wide_mask(i, n));
        x = _mm_add_epi32(x, wide_load(wide_key.block[i]));
        sum = _mm_add_epi64(sum, _mm_mul_epu32(x, _mm_srli_epi64(x, 32)));
    }
    uint64_t low = (uint64_t)_mm_cvtsi128_si64(sum), high = (uint64_t)_mm_cvtsi128_si64(_mm_unpackhi_epi64(sum, sum));
    return hash_fold(low ^ hash_key[1] ^ before, high ^ hash_key[2] ^ n);
}

static inline bool wide_same_window(const char *p, const char *q, size_t n, size_t blocks)
{
    __m128i differs = _mm_setzero_si128();
    for (size_t i = 0; i < blocks; i++)
        differs = _mm_or_si128(differs, _mm_and_si128(_mm_xor_si128(wide_load(p + 16 * i), wide_load(q + 16 * i)),
                                                      wide_mask(i, n)));
    return _mm_movemask_epi8(_mm_cmpeq_epi8(differs, _mm_setzero_si128())) == 0xffff;
}
#else
static inline uint64_t wide_window(const char *p, size_t n, size_t blocks, uint64_t before)
{
    (void)blocks;
    return hash_fold(hash_text(p, n), hash_key[1] ^ before);
}

static inline bool wide_same_window(const char *p, const char *q, size_t n, size_t blocks)
{
    (void)blocks;
    return same_text(p, q, n);
}
#endif

static inline uint64_t wide_hash(const char *p, size_t n, size_t blocks)
{
    uint64_t h = 0;
    for (; n > WIDE; p += WIDE, n -= WIDE)
        h = wide_window(p, WIDE, WIDE_BLOCKS, h);
    return wide_window(p, n, blocks, h);
}

// blocks: enough for both, which have n bytes.
static inline bool wide_same(const char *p, const char *q, size_t n, size_t blocks)
{
    for (; n > WIDE; p += WIDE, q += WIDE, n -= WIDE)
        if (memcmp(p, q, WIDE) != 0)
            return false;
    return wide_same_window(p, q, n, blocks);
}

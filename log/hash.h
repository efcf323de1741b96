// hash.h: a hash of short texts, and whether two are the same, 16 bytes at a time.
//
// A multiplication of 64 by 64 bits per 16 bytes, folded (as wyhash does, Wang Yi 2019), over a start that is random
// per process, so that a visitor cannot choose where his texts land. Reads up to 16 bytes behind the text.
//
//     hash_ready();                               // once, before the others
//     uint64_t h = hash_text(p, n);
#pragma once
#include "log/bytes.h"

extern uint64_t hash_key[3];
void hash_ready(void);

static inline uint64_t hash_fold(uint64_t a, uint64_t b)
{
    unsigned __int128 m = (unsigned __int128)a * b;
    return (uint64_t)m ^ (uint64_t)(m >> 64);
}

struct hash_pair { uint64_t a, b; };

// The first n of 16 bytes, the others 0; n 0 to 16.
static inline struct hash_pair head16(const char *p, size_t n)
{
    static const unsigned char mask[32] = {255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
                                           255};
    const char *m = (const char *)mask + 16 - n;
    return (struct hash_pair){load64(p) & load64(m), load64(p + 8) & load64(m + 8)};
}

static inline uint64_t hash_text(const char *p, size_t n)
{
    uint64_t h = hash_key[0] ^ n;
    size_t i = 0;
    for (; i + 16 < n; i += 16)
        h = hash_fold(load64(p + i) ^ hash_key[1], load64(p + i + 8) ^ h);
    struct hash_pair t = head16(p + i, n - i);
    h = hash_fold(t.a ^ hash_key[1], t.b ^ h);
    return hash_fold(h, hash_key[0]);
}

static inline bool same_text(const char *p, const char *q, size_t n)
{
    size_t i = 0;
    for (; i + 16 < n; i += 16)
        if ((load64(p + i) ^ load64(q + i)) | (load64(p + i + 8) ^ load64(q + i + 8)))
            return false;
    struct hash_pair a = head16(p + i, n - i), b = head16(q + i, n - i);
    return ((a.a ^ b.a) | (a.b ^ b.b)) == 0;
}

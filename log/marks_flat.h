// marks_flat.h: from 64-bit masks to positions; included by the kernels, so that each compiles it for its own
// processor.
#pragma once
#include <stdint.h>

// Position of the lowest bit; any number when there is none. The highest bit, always set, keeps that defined.
static inline uint32_t flat_lowest(uint64_t mask)
{
    return (uint32_t)__builtin_ctzll(mask | (uint64_t)1 << 63);
}

// Writes the positions of the set bits, five without asking how many there are: most masks of a log hold two to four,
// and a branch for each number would be guessed wrong once per mask (the idea is simdjson's, Langdale and Lemire 2019).
static inline uint32_t *flat_put(uint32_t *out, uint32_t base, uint64_t mask)
{
    uint32_t *end = out + __builtin_popcountll(mask);
    for (int i = 0; i < 5; i++) {
        out[i] = base + flat_lowest(mask);
        mask &= mask - 1;
    }
    out += 5;
    while (__builtin_expect(out < end, 0)) {
        for (int i = 0; i < 4; i++) {
            out[i] = base + flat_lowest(mask);
            mask &= mask - 1;
        }
        out += 4;
    }
    return end;
}

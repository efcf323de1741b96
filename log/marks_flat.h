// marks_flat.h: from 64-bit masks to positions; included by the kernels, so that each compiles it for its own processor.
#pragma once
#include <stdint.h>

// Writes the positions of the set bits, four at a time without asking how many there are: most masks of a log hold two to
// four, and a branch per bit would be guessed wrong once per mask (the idea is simdjson's, Langdale and Lemire 2019).
static inline uint32_t *flat_put(uint32_t *out, uint32_t base, uint64_t mask)
{
    uint32_t *end = out + __builtin_popcountll(mask);
    while (out < end) {
        for (int i = 0; i < 4; i++) {
            out[i] = base + (mask ? (uint32_t)__builtin_ctzll(mask) : 0);
            mask &= mask - 1;
        }
        out += 4;
    }
    return end;
}

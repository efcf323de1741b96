// bits.h: Parquet's hybrid of run lengths and packed bits (Encodings.md, "RLE"), for codes of up to 16 bits.
#pragma once
#include "base/base.h"

// Bits for codes 0 to n - 1; at least 1, since some readers do not expect 0.
int bits_width(uint32_t n);
void bits_put_codes(struct buf *b, const uint16_t *v, size_t n, int width);
// 1 for each code that is not UINT16_MAX, 0 for each that is. nulls: there may be some.
void bits_put_levels(struct buf *b, const uint16_t *code, size_t n, bool nulls);

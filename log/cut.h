// cut.h: what is cut off a file to become a block: whole lines, where they began, and a hash of the bytes before their
// end.
//
//     struct cut part = cut_part(&c, at, taken);      // lines that grew do not fit into one block
#pragma once
#include "log/wire.h"

enum { TAIL_HASH = 16 };

// Whole lines, one line that is longer than LINE_MAX_BYTES (its beginning, BLOCK_LONG), or at the end of a file what
// stands behind the last line break (BLOCK_TORN).
struct cut {
    struct str text;            // borrowed; the 256 bytes of the file before it, or all there are, stand before it
    uint64_t start;
    uint32_t raw_n, lines;
    uint8_t flags;
    unsigned char tail[TAIL_HASH];
};

void tail_hash(struct str bytes, unsigned char out[TAIL_HASH]);     // of its last 256 bytes
uint32_t cut_lines(struct str text);                                // how many line breaks
// `taken` bytes of its lines, from `at` on, as a cut of its own. One with flags has one line and stays whole.
struct cut cut_part(const struct cut *c, size_t at, size_t taken);

// head.h: does the head of a request consist of clean lines? Knows octets and line ends, not HTTP, but for the length
// that it announces.
//
// What it passes has no control octets, no bare CR or LF, no folded line, no empty first line, at most 16 KiB, and
// a first line that ends in " HTTP/1.1". It may be fed octet by octet: the verdict does not depend on the cuts.
//
//     struct head h = {0};
//     size_t used;
//     switch (head_take(&h, p, n, &used)) ...     // used: octets that belong to the head
#pragma once
#include "base/def.h"

enum { HEAD_MAX = 16 << 10 };

struct head {
    uint64_t tail;          // the last 8 octets of the first line
    uint8_t before;         // and the one before them
    uint32_t octets, line;  // so far, in all and in this line
    bool behind_first, cr;
    uint8_t named;          // octets of this line that are those of "content-length:"
    uint64_t length;        // the last one announced, at most 10^12 or so; strict.c judges its form
};

// 0: needs more; 1: the head has ended; else the status to refuse with (400, 431, 505).
int head_take(struct head *h, const char *p, size_t n, size_t *used);

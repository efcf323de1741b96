// marks.h: where the tabs and line breaks of a text are, the first step of reading LTSV.
//
// 64 bytes at a time become bit masks, set bits become positions. The same function exists for AVX2, for SSE2 and in
// plain C, which is also the others' oracle (marks_test.c, marks_fuzz.c); the best that this processor knows is chosen
// once.
//
//     uint32_t at[MARKS_ROOM(WINDOW)];
//     bool odd;
//     size_t n = marks_find(text, text_n, at, &odd);
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Bytes behind the text that must be readable, whatever they hold: kernels load 64 at a time.
enum { MARKS_SLACK = 64 };
// Places that `out` must have for a text of n bytes: one each, and some that are written before they are counted.
#define MARKS_ROOM(n) ((n) + 16)

// Writes the offsets of every '\t' and '\n' in order, returns how many. *odd: there is a byte of 0 or of 0x80 or more,
// so somebody must look whether it is text.
typedef size_t marks_fn(const char *text, size_t n, uint32_t *out, bool *odd);

extern marks_fn *marks_find;            // the best one here
marks_fn marks_find_plain;
#if defined __x86_64__
marks_fn marks_find_sse2, marks_find_avx2;
#endif

// For tests and benchmarks: "avx2", "sse2", "plain"; NULL where this processor does not know it.
marks_fn *marks_by_name(const char *name);

// bits.c: see bits.h. Runs begin at multiples of 8, where packed groups end, so nothing is ever packed twice.
#include "log/bits.h"
#include "log/bytes.h"
#include <string.h>

enum { RUN_MIN = 16 };

int bits_width(uint32_t n)
{
    return n <= 2 ? 1 : 32 - __builtin_clz(n - 1);
}

static void put_run(struct buf *b, uint16_t value, size_t n, int width)
{
    put_varint(b, (uint64_t)n << 1);
    buf_addc(b, (char)value);
    if (width > 8)
        buf_addc(b, (char)(value >> 8));
}

// Eight values are `width` whole bytes; 16 are written, whatever comes next overwrites the rest.
static inline void put_eight(char *to, const uint16_t *v, int width)
{
    uint64_t low = 0, high = 0;
    for (int i = 0; i < 4; i++) {
        low |= (uint64_t)v[i] << (i * width);
        high |= (uint64_t)v[i + 4] << (i * width);
    }
    // 4 * width bits each, at most 64: the second four begin in the middle of a byte when width is odd.
    unsigned __int128 all = (unsigned __int128)high << (4 * width) | low;
    memcpy(to, &all, sizeof all);
}

static void put_packed(struct buf *b, const uint16_t *v, size_t n, int width)
{
    size_t groups = (n + 7) / 8;
    if (groups == 0)
        return;
    put_varint(b, (uint64_t)groups << 1 | 1);
    size_t at = b->n;
    buf_addn(b, 0, groups * (size_t)width + 16);
    if (b->failed)
        return;
    char *to = b->p + at;
    for (size_t i = 0; i + 8 <= n; i += 8, to += width)
        put_eight(to, v + i, width);
    if (n % 8) {
        uint16_t last[8] = {0};
        memcpy(last, v + n - n % 8, n % 8 * sizeof *last);
        put_eight(to, last, width);
    }
    buf_cut(b, at + groups * (size_t)width);
}

static size_t run_of(const uint16_t *v, size_t n)
{
    size_t k = 1;
    while (k < n && v[k] == v[0])
        k++;
    return k;
}

static bool eight_same(const uint16_t *v)
{
    uint64_t all = (uint64_t)v[0] * 0x0001000100010001;
    return ((load64(v) ^ all) | (load64(v + 4) ^ all)) == 0;
}

void bits_put_codes(struct buf *b, const uint16_t *v, size_t n, int width)
{
    size_t packed = 0;          // values before i that are not written yet begin here
    for (size_t i = 0; i < n;) {
        size_t run = n - i >= RUN_MIN && eight_same(v + i) ? run_of(v + i, n - i) : 0;
        if (run < RUN_MIN) {
            i += 8;
            continue;
        }
        if (i + run < n)
            run -= run % 8;
        put_packed(b, v + packed, i - packed, width);
        put_run(b, v[i], run, width);
        i += run;
        packed = i;
    }
    if (packed < n)
        put_packed(b, v + packed, n - packed, width);
}

typedef uint16_t v8 __attribute__((vector_size(16)));
typedef uint64_t v2 __attribute__((vector_size(16)));

// Eight bits, the first value's lowest.
static inline uint8_t eight_levels(const uint16_t *code)
{
    static const v8 bit = {1, 2, 4, 8, 16, 32, 64, 128};
    v8 v;
    memcpy(&v, code, sizeof v);
    v2 w = (v2)((v8)(v != UINT16_MAX) & bit);
    uint64_t sum = w[0] + w[1];                 // no carries: every bit stands in one of eight places
    sum += sum >> 32;
    return (uint8_t)(sum + (sum >> 16));
}

void bits_put_levels(struct buf *b, const uint16_t *code, size_t n, bool nulls)
{
    size_t none = 0, bytes = (n + 7) / 8;
    for (size_t i = 0; nulls && i < n; i++)
        none += code[i] == UINT16_MAX;
    if (none == 0 || none == n) {
        put_run(b, none == 0, n, 1);
        return;
    }
    put_varint(b, (uint64_t)bytes << 1 | 1);
    size_t at = b->n;
    buf_addn(b, 0, bytes);
    if (b->failed)
        return;
    for (size_t i = 0; i + 8 <= n; i += 8)
        b->p[at + i / 8] = (char)eight_levels(code + i);
    for (size_t i = n - n % 8; i < n; i++)
        b->p[at + i / 8] = (char)(b->p[at + i / 8] | (code[i] != UINT16_MAX) << (i % 8));
}

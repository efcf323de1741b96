// marks_sse2.c: marks.h with 16-byte vectors, which every x86-64 processor knows.
#include "log/marks.h"
#if defined __x86_64__
#include "log/marks_flat.h"
#include <emmintrin.h>

struct four { __m128i at[4]; };

static inline struct four load(const char *p)
{
    struct four f;
    for (int i = 0; i < 4; i++)
        f.at[i] = _mm_loadu_si128((const __m128i *)(const void *)(p + 16 * i));
    return f;
}

static inline uint64_t marks_of(struct four f)
{
    const __m128i tab = _mm_set1_epi8('\t'), line = _mm_set1_epi8('\n');
    uint64_t mask = 0;
    for (int i = 0; i < 4; i++)
        mask |= (uint64_t)(uint32_t)_mm_movemask_epi8(
            _mm_or_si128(_mm_cmpeq_epi8(f.at[i], tab), _mm_cmpeq_epi8(f.at[i], line))) << (16 * i);
    return mask;
}

// The bytes of 0 or of 0x80 or more.
static inline uint64_t odd_of(struct four f)
{
    uint64_t mask = 0;
    for (int i = 0; i < 4; i++)
        mask |= (uint64_t)(uint32_t)_mm_movemask_epi8(
            _mm_or_si128(f.at[i], _mm_sub_epi8(f.at[i], _mm_set1_epi8(1)))) << (16 * i);
    return mask;
}

size_t marks_find_sse2(const char *text, size_t n, uint32_t *out, bool *odd)
{
    uint64_t seen = 0;
    uint32_t *o = out;
    size_t i = 0;
    for (; i + 64 <= n; i += 64) {
        struct four f = load(text + i);
        seen |= odd_of(f);
        o = flat_put(o, (uint32_t)i, marks_of(f));
    }
    if (i < n) {
        uint64_t live = ((uint64_t)1 << (n - i)) - 1;
        struct four f = load(text + i);
        seen |= odd_of(f) & live;
        o = flat_put(o, (uint32_t)i, marks_of(f) & live);
    }
    *odd = seen != 0;
    return (size_t)(o - out);
}
#endif

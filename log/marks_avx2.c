// marks_avx2.c: marks.h with 32-byte vectors.
#include "log/marks.h"
#if defined __x86_64__
#include "log/marks_flat.h"
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2,bmi,popcnt")))

// The highest bit of each byte of 0 or of 0x80 or more.
AVX2 static inline __m256i odd_of(__m256i a)
{
    return _mm256_or_si256(a, _mm256_sub_epi8(a, _mm256_set1_epi8(1)));
}

AVX2 static inline uint64_t both(__m256i a, __m256i b)
{
    return (uint32_t)_mm256_movemask_epi8(a) | (uint64_t)(uint32_t)_mm256_movemask_epi8(b) << 32;
}

AVX2 size_t marks_find_avx2(const char *text, size_t n, uint32_t *out, bool *odd)
{
    const __m256i tab = _mm256_set1_epi8('\t'), line = _mm256_set1_epi8('\n');
    __m256i seen = _mm256_setzero_si256();
    uint64_t rest_seen = 0;
    uint32_t *o = out;
    size_t i = 0;
    for (; i + 64 <= n; i += 64) {
        __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)(text + i));
        __m256i b = _mm256_loadu_si256((const __m256i *)(const void *)(text + i + 32));
        seen = _mm256_or_si256(seen, _mm256_or_si256(odd_of(a), odd_of(b)));
        o = flat_put(o, (uint32_t)i, both(_mm256_or_si256(_mm256_cmpeq_epi8(a, tab), _mm256_cmpeq_epi8(a, line)),
                                          _mm256_or_si256(_mm256_cmpeq_epi8(b, tab), _mm256_cmpeq_epi8(b, line))));
    }
    if (i < n) {
        uint64_t live = ((uint64_t)1 << (n - i)) - 1;
        __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)(text + i));
        __m256i b = _mm256_loadu_si256((const __m256i *)(const void *)(text + i + 32));
        rest_seen = both(odd_of(a), odd_of(b)) & live;
        o = flat_put(o, (uint32_t)i,
                     live & both(_mm256_or_si256(_mm256_cmpeq_epi8(a, tab), _mm256_cmpeq_epi8(a, line)),
                                 _mm256_or_si256(_mm256_cmpeq_epi8(b, tab), _mm256_cmpeq_epi8(b, line))));
    }
    *odd = _mm256_movemask_epi8(seen) != 0 || rest_seen != 0;
    return (size_t)(o - out);
}
#endif

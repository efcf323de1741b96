// crc32c.c: see crc32c.h. The instruction takes 8 bytes in 3 cycles and can begin one each cycle, so three parts of a
// long text are summed side by side and joined by multiplying with x^(8n) modulo the polynomial.
#include "log/crc32c.h"
#include "log/bytes.h"
#include <pthread.h>
#include <string.h>

enum { POLYNOMIAL = (int)0x82f63b78, PART = 4096 };

static uint32_t table[256], shift_by_part[4][256];

static uint32_t times_x8(uint32_t crc)
{
    return crc >> 8 ^ table[crc & 255];
}

// What `crc` becomes when PART zero bytes follow, one table look per byte of it: the map is linear.
static uint32_t shifted(uint32_t crc)
{
    return shift_by_part[0][crc & 255] ^ shift_by_part[1][crc >> 8 & 255] ^ shift_by_part[2][crc >> 16 & 255] ^
        shift_by_part[3][crc >> 24];
}

static void make_tables(void)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int k = 0; k < 8; k++)
            c = c >> 1 ^ (c & 1 ? (uint32_t)POLYNOMIAL : 0);
        table[i] = c;
    }
    for (int byte = 0; byte < 4; byte++)
        for (uint32_t i = 0; i < 256; i++) {
            uint32_t c = i << (8 * byte);
            for (int k = 0; k < PART; k++)
                c = times_x8(c);
            shift_by_part[byte][i] = c;
        }
}

uint32_t crc32c_plain(uint32_t crc, const void *p, size_t n)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_tables);
    const unsigned char *b = p;
    crc = ~crc;
    for (size_t i = 0; i < n; i++)
        crc = crc >> 8 ^ table[(crc ^ b[i]) & 255];
    return ~crc;
}

#if defined __x86_64__
__attribute__((target("sse4.2"))) static uint32_t by_instruction(uint32_t crc, const unsigned char *p, size_t n)
{
    uint64_t a = (uint32_t)~crc;
    for (; n >= 3 * PART; p += 3 * PART, n -= 3 * PART) {
        uint64_t b = 0, c = 0;
        for (size_t i = 0; i < PART; i += 8) {
            a = __builtin_ia32_crc32di(a, load64(p + i));
            b = __builtin_ia32_crc32di(b, load64(p + PART + i));
            c = __builtin_ia32_crc32di(c, load64(p + 2 * (size_t)PART + i));
        }
        a = shifted((uint32_t)(shifted((uint32_t)a) ^ (uint32_t)b)) ^ (uint32_t)c;
    }
    for (; n >= 8; p += 8, n -= 8)
        a = __builtin_ia32_crc32di(a, load64(p));
    for (; n; p++, n--)
        a = __builtin_ia32_crc32qi((uint32_t)a, *p);
    return ~(uint32_t)a;
}
#endif

uint32_t crc32c(uint32_t crc, const void *p, size_t n)
{
#if defined __x86_64__
    if (__builtin_cpu_supports("sse4.2")) {
        crc32c_plain(0, "", 0);         // makes the tables
        return by_instruction(crc, p, n);
    }
#endif
    return crc32c_plain(crc, p, n);
}

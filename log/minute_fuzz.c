// minute_fuzz.c: a row of figures that somebody damaged is refused, and two that can be read can be added: the sum of
// what both hold, in the same order.
#include "log/minute.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

// Whether it can be read, with keys that ascend; how many requests it holds.
static bool readable(struct str row, uint64_t *n, size_t *keys)
{
    static struct page_minute m;
    struct str last = {0}, key;
    *n = *keys = 0;
    while (row.n) {
        if (!minute_cut(&row, &key, &m) || (*keys && str_cmp(last, key) >= 0) || m.n > UINT32_MAX)
            return false;
        last = key;
        *n += m.n;
        ++*keys;
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str all = {(const char *)data, size};
    size_t half = size ? data[0] * size / 256 : 0;
    struct str a = str_head(all, half), b = str_from(all, half);
    OWN_BUF struct buf sum = buf_make(4 << 20);
    uint64_t n, m, both;
    size_t k, j, keys;
    bool good = readable(a, &n, &k) && readable(b, &m, &j);
    bool merged = minute_merge(a, b, &sum);
    if (good) {
        assert(merged);
        assert(readable(buf_str(&sum), &both, &keys));
        assert(both == n + m && keys <= k + j && keys >= k && keys >= j);
    }
    return 0;
}

// cut.c: see cut.h.
#include "log/cut.h"
#include <assert.h>
#include <sodium.h>

void tail_hash(struct str bytes, unsigned char out[TAIL_HASH])
{
    struct str last = bytes.n > TAIL_BYTES ? str_from(bytes, bytes.n - TAIL_BYTES) : bytes;
    crypto_generichash(out, TAIL_HASH, (const unsigned char *)last.p, last.n, NULL, 0);
}

// Vectors, 255 at a time so that the counters stay bytes.
uint32_t cut_lines(struct str text)
{
    uint32_t lines = 0;
    for (size_t at = 0; at < text.n;) {
        size_t k = text.n - at < 255 * 32 ? text.n - at : 255 * 32, whole = k / 32 * 32;
        uint8_t sums[32] = {0};
        for (size_t i = 0; i < whole; i += 32)
            for (size_t j = 0; j < 32; j++)
                sums[j] = (uint8_t)(sums[j] + (text.p[at + i + j] == '\n'));
        for (size_t j = 0; j < 32; j++)
            lines += sums[j];
        for (size_t i = whole; i < k; i++)
            lines += text.p[at + i] == '\n';
        at += k;
    }
    return lines;
}

struct cut cut_part(const struct cut *c, size_t at, size_t taken)
{
    struct cut part = *c;
    size_t before = c->start < TAIL_BYTES ? (size_t)c->start : TAIL_BYTES;
    bool last = at + taken == c->text.n;
    assert(at + taken <= c->text.n && (!c->flags || taken == c->text.n));
    if (c->flags)
        return part;
    part.start = c->start + at;
    part.raw_n = (uint32_t)(last ? c->raw_n - at : taken);  // an import adds a line break that the file lacks
    part.text = (struct str){c->text.p + at, taken};
    part.lines = cut_lines(part.text);
    if (!last)
        tail_hash((struct str){c->text.p - before, before + at + taken}, part.tail);
    return part;
}

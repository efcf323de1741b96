// pack.c: see pack.h.
#include "log/pack.h"
#include "log/crc32c.h"
#include <assert.h>
#include <stdlib.h>
#include <zstd.h>

struct packer { ZSTD_CCtx *z; char *out; size_t cap; };

struct packer *packer_new(int level)
{
    struct packer *p = calloc(1, sizeof *p);
    p->z = ZSTD_createCCtx();
    p->cap = FRAME_HEAD + BLOCK_HEAD + ZSTD_COMPRESSBOUND(BLOCK_MAX);
    p->out = malloc(p->cap);
    assert(p->z && p->out);
    ZSTD_CCtx_setParameter(p->z, ZSTD_c_compressionLevel, level);
    return p;
}

void packer_free(struct packer *p)
{
    ZSTD_freeCCtx(p->z);
    free(p->out);
    free(p);
}

// Returns the length of what was packed; 0: it did not get smaller.
static size_t press(struct packer *p, char *to, struct str text)
{
    size_t n = ZSTD_compress2(p->z, to, p->cap - FRAME_HEAD - BLOCK_HEAD, text.p, text.n);
    return ZSTD_isError(n) || n >= text.n ? 0 : n;
}

struct str packer_block(struct packer *p, const struct cut *c, struct str text, uint64_t stream, uint32_t policy,
                        int64_t read_us)
{
    assert(text.n <= BLOCK_MAX);
    unsigned char *head = (unsigned char *)p->out + FRAME_HEAD;
    char *to = p->out + FRAME_HEAD + BLOCK_HEAD;
    size_t n = press(p, to, text);
    struct block b = {.stream = stream, .start = c->start, .raw_n = c->raw_n, .lines = c->lines, .policy = policy,
                      .clear_n = (uint32_t)text.n, .read_us = read_us, .packed_n = (uint32_t)(n ? n : text.n)};
    uint32_t payload = BLOCK_HEAD + b.packed_n;
    memcpy(b.tail, c->tail, sizeof b.tail);
    if (n == 0)
        memcpy(to, text.p, text.n);
    block_head_put(head, &b);
    b.crc = crc32c(crc32c(0, head, BLOCK_HEAD - 4), text.p, text.n);
    block_head_put(head, &b);
    memcpy(p->out, &payload, sizeof payload);
    memset(p->out + 4, 0, 4);
    p->out[4] = FRAME_BLOCK;
    p->out[5] = (char)(c->flags | (n ? 0 : BLOCK_STORED));
    return (struct str){p->out, FRAME_HEAD + payload};
}

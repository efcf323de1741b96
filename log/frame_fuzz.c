// frame_fuzz.c: any bytes as frames: nothing is read beyond them, what is cut fits in, and a block that is taken has
// the sum that it says.
#include "log/frame.h"
#include "log/hist.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool x)
{
    if (!x)
        abort();
}

static void try_block(struct frame f)
{
    struct err e = {0};
    struct block b;
    if (!block_read(f.payload, &b, &e))
        return;
    char *text = malloc(b.clear_n + 1);
    must(text && b.packed.n == b.packed_n && b.clear_n <= BLOCK_MAX);
    if (!block_text(f.payload, &b, f.flags & BLOCK_STORED, text, &e))
        must(e.kind == ERR_PEER);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size}, as_hist = text;
    static struct hist h;
    struct frame f;
    struct err e = {0};
    for (size_t n; (n = frame_cut(text, &f, &e)) != 0 && n != SIZE_MAX; text = str_from(text, n)) {
        must(n <= text.n && f.payload.n + FRAME_HEAD == n);
        if (f.type == FRAME_BLOCK)
            try_block(f);
        struct bytes b = bytes_of(f.payload);
        for (int i = 0; i < STREAMS_MAX && b.n; i++)
            stream_state_read(&b);
    }
    if (hist_read(&as_hist, &h))
        must(hist_quantile(&h, 0.5) >= (h.n ? 0 : -1));
    return 0;
}

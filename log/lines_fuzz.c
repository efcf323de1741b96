// lines_fuzz.c: any bytes as lines of an answer: what is taken makes whole frames, and rows of as many values as there
// are columns.
#include "log/lines.h"
#include "log/values.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void frames_are_whole(struct str frames, const struct lines *l)
{
    struct ask_frame f;
    struct err e = {0};
    struct bytes b;
    size_t n, rows;
    for (; frames.n; frames = str_from(frames, n)) {
        n = ask_cut(frames, &f, &e);
        if (n == 0 || n == SIZE_MAX)
            abort();
        if (f.type == ASK_ROWS && (!values_open(f.payload, l->n, &b, &rows) || rows != 1))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    OWN_ARENA struct arena a = arena_make(64 << 20);
    struct lines l = {.arena = &a};
    struct err e = {0};
    struct str rest = {(const char *)data, size};
    while (rest.n) {
        OWN_BUF struct buf frames = buf_make(64 << 20);
        if (!lines_take(&l, str_cut(&rest, '\n'), &frames, &e))
            break;
        frames_are_whole(buf_str(&frames), &l);
    }
    return 0;
}

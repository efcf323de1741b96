// client_fuzz.c: the head of an answer is read or refused; what is read is a status and a length that make sense. Chunks
// are the same however they come.
#include "web/answer.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool in_pieces(struct str text, size_t step, struct buf *out, bool *whole)
{
    struct pieces p = {0};
    struct err e = {0};
    bool ok = true;
    for (size_t done = 0, have = 0, used = 0; ok && have < text.n; done += used) {
        have = have + step < text.n ? have + step : text.n;
        ok = answer_pieces(&p, (struct str){text.p + done, have - done}, &used, out, &e);
        if (used > have - done || (!ok && e.kind != ERR_PEER))
            abort();
    }
    *whole = p.at == PIECES_END;
    return ok;
}

static void chunks(struct str text)
{
    OWN_BUF struct buf once = buf_make(1 << 20), cut = buf_make(1 << 20), slow = buf_make(1 << 20);
    struct err e = {0};
    bool whole = false, cut_whole = false, slow_whole = false;
    bool ok = answer_unchunk(text, &once, &whole, &e);
    bool cut_ok = in_pieces(text, 1 + text.n / 5, &cut, &cut_whole), slow_ok = in_pieces(text, 1, &slow, &slow_whole);
    if (cut_ok != slow_ok || (cut_ok && cut_whole != slow_whole))
        abort();
    if (ok && whole && !(cut_ok && cut_whole && str_eq(buf_str(&once), buf_str(&cut))
                         && str_eq(buf_str(&once), buf_str(&slow))))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    chunks((struct str){(const char *)data, size});
    struct str text = {(const char *)data, size};
    struct answer_head h;
    struct err e = {0};
    size_t end = answer_head_end(text);
    bool ok = answer_head(end ? str_head(text, end) : text, &h, &e);
    if (!ok && (e.kind != ERR_PEER || !e.text[0]))
        abort();
    if (ok && (!end || h.status < 100 || h.status > 599 || h.length < -1))
        abort();
    return 0;
}

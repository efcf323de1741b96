// client_fuzz.c: the head of an answer is read or refused; what is read is a status and a length that make sense.
#include "web/answer.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
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

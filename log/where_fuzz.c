// where_fuzz.c: any bytes as a filter and a line: a filter that is taken has one answer, and "not" turns it round.
#include "log/where.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool x)
{
    if (!x)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str line = {(const char *)data, size}, text = str_cut(&line, '\n');
    struct err e = {0};
    OWN_BUF struct buf b = buf_make(WHERE_BYTES * 4);
    struct where *w = where_new(text, &e);
    if (!w) {
        must(e.kind == ERR_INPUT && str_starts(str_z(e.text), S("where:")));
        return 0;
    }
    buf_addf(&b, "not (" STR_F ")", STR_A(text));
    struct where *turned = where_new(buf_str(&b), &e);
    must(!turned || where_match(turned, line) != where_match(w, line));
    where_free(turned);
    where_free(w);
    return 0;
}

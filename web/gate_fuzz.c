// gate_fuzz.c: the verdict on a head does not depend on how its octets are cut, and what passes is clean.
#include "web/head.h"
#include "base/str.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
    if (!ok)
        abort();
}

struct outcome { int verdict; size_t taken; };

// seed 0: in one piece; 1: octet by octet; else in pieces that it decides.
static struct outcome feed(struct str s, unsigned seed)
{
    struct head h = {0};
    struct outcome o = {0};
    while (s.n && !o.verdict) {
        seed = seed > 1 ? seed * 1103515245 + 12345 : seed;
        size_t used, n = seed == 0 ? s.n : seed == 1 ? 1 : 1 + (seed >> 16) % 50;
        o.verdict = head_take(&h, s.p, n < s.n ? n : s.n, &used);
        o.taken += used;
        s = str_from(s, used);
    }
    return o;
}

static void must_be_clean(struct str head)
{
    bool first = true;
    must(head.n <= HEAD_MAX && str_ends(head, S("\r\n\r\n")));
    while (head.n) {
        ptrdiff_t end = str_find(head, S("\r\n"));
        must(end >= 0);
        struct str line = str_head(head, (size_t)end);
        head = str_from(head, (size_t)end + 2);
        must(!first || str_ends(line, S(" HTTP/1.1")));
        must(line.n ? line.p[0] != ' ' && line.p[0] != '\t' : !head.n);
        for (size_t i = 0; i < line.n; i++)
            must((unsigned char)line.p[i] >= 0x20 ? line.p[i] != 0x7F : line.p[i] == '\t' && !first);
        first = false;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    struct str s = {(const char *)data + 1, size - 1};
    struct outcome whole = feed(s, 0), drip = feed(s, 1), cut = feed(s, 2u + data[0]);
    must(whole.verdict == drip.verdict && whole.taken == drip.taken);
    must(whole.verdict == cut.verdict && whole.taken == cut.taken);
    if (whole.verdict == 1)
        must_be_clean(str_head(s, whole.taken));
    return 0;
}

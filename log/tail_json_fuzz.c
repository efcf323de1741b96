// tail_json_fuzz.c: any bytes as a line: what comes out is one object of JSON without a line break.
#include "log/tail_json.h"
#include <jansson.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str line = {(const char *)data, size};
    OWN_BUF struct buf b = buf_make(8 * size + 100);
    json_error_t why;
    tail_json(&b, line);
    if (b.failed || str_has(buf_str(&b), '\n'))
        abort();
    json_t *j = json_loadb(b.p, b.n, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &why);
    if (!json_is_object(j))
        abort();
    json_decref(j);
    return 0;
}

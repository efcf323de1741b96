// json_fuzz.c: the input is a script for the writer: which values, which texts, how deep. Whatever it writes, jansson
// reads, and a text that was UTF-8 comes back as it was.
#include <jansson.h>    // first: json.h has a macro that is named like a function of jansson's
#include "base/json.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool x)
{
    if (!x)
        abort();
}

enum { DEPTH_MAX = 40 };

static unsigned take(struct str *in)
{
    unsigned c = in->n ? (unsigned char)in->p[0] : 0;
    *in = str_from(*in, 1);
    return c;
}

static struct str take_text(struct str *in)
{
    struct str text = str_head(*in, take(in) % 64);
    text = str_head(*in, text.n);
    *in = str_from(*in, text.n);
    return text;
}

static void write_scalar(struct buf *b, struct str *in, unsigned kind)
{
    int64_t n = 0;
    double d = 0;
    struct str raw = str_head(*in, sizeof n);
    memcpy(&n, raw.p, raw.n);
    memcpy(&d, raw.p, raw.n);
    if (fabs(d) > 1e308)
        d = 0;      // the 15 digits we write round the very largest up, beyond what readers can hold
    switch (kind) {
    case 0: json_val(b, V_NULL); return;
    case 1: json_val(b, V((bool)(n & 1))); return;
    case 2: json_val(b, V(n)); return;
    case 3: json_val(b, V(d)); return;
    case 4: json_val(b, V(take_text(in))); return;
    case 5: json_val(b, V_BLOB(take_text(in))); return;
    default: json_val(b, V_OPT(take_text(in))); return;
    }
}

// One value, then what follows it in the same array, until the script says 0 or ends.
static void write_values(struct buf *b, struct str *in, int depth)
{
    while (in->n) {
        unsigned kind = take(in) % 10;
        if (kind < 7)
            write_scalar(b, in, kind);
        else if (kind == 7 && depth < DEPTH_MAX) {
            json_open(b, '[');
            write_values(b, in, depth + 1);
            json_close(b, ']');
        } else if (kind == 8) {
            json_object(b, KV("n", (int)in->n), KV("text", take_text(in)), KV("\"odd\\\n", V_NULL));
        } else {
            return;
        }
    }
}

static void check_round(struct str text)
{
    OWN_BUF struct buf b = buf_make(1 << 20);
    json_error_t where;
    json_text(&b, text);
    json_t *j = json_loadb(b.p, b.n, JSON_DECODE_ANY | JSON_ALLOW_NUL, &where);
    must(json_is_string(j));
    struct str back = {json_string_value(j), json_string_length(j)};
    must(!str_utf8(text) || str_eq(text, back));
    json_decref(j);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    OWN_BUF struct buf b = buf_make(8 << 20);
    struct str in = {(const char *)data, size};
    json_error_t where;
    check_round(in);
    json_open(&b, '[');
    write_values(&b, &in, 1);
    json_close(&b, ']');
    must(!b.failed && str_utf8(buf_str(&b)) && !str_has(buf_str(&b), '\n'));
    json_t *j = json_loadb(b.p, b.n, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &where);
    must(json_is_array(j));
    json_decref(j);
    return 0;
}

// policy_fuzz.c: any bytes as lines under a policy: line breaks in = line breaks out, and in a dataset with rules
// neither a masked address, nor a dropped label, nor a parameter that is not allowed comes out under any label.
#include "log/policy.h"
#include "log/field.h"
#include "log/ltsv.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool x)
{
    if (!x)
        abort();
}

static struct policy *make(const char *format, const char *privacy)
{
    char json[1024];
    struct err e;
    snprintf(json, sizeof json, "{\"name\":\"a\",\"format\":\"%s\",\"policy\":1,\"hash_key\":\"00ff\",\"privacy\":"
    "[%s]}",
             format, privacy);
    json_t *j = json_loads(json, 0, NULL);
    struct policy *p = policy_read(j, &e);
    json_decref(j);
    must(p != NULL);
    return p;
}

static size_t breaks(struct str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += s.p[i] == '\n';
    return n;
}

// An address that still has its last byte is seen by a zero that is not there.
static void masked(struct str v)
{
    struct str last = v, piece;
    while (last.n)
        piece = str_cut(&last, '.');
    must(!str_has(v, '.') || v.p[v.n - 1] == '0' || !str_plain(piece, "") || str_has(v, '*') || str_has(v, ',')
         || str_has(v, ' '));
}

static void nothing_leaks(struct str out)
{
    while (out.n) {
        struct str line = str_cut(&out, '\n');
        for (bool first = true; line.n; first = false) {
            struct field at;
            struct str field = str_cut(&line, '\t');
            if (!field_cut(field, first, &at))
                continue;
            must(at.before.n == 0 && !str_eq(at.label, S("b")) && !str_eq(at.label, S("c")));
            if (str_eq(at.label, S("a")) && at.value.n)
                masked(at.value);
        }
    }
}

static void run(struct policy *p, struct str lines, bool rules)
{
    OWN_BUF struct buf out = buf_make(LINE_MAX_BYTES * 2);
    size_t in = 0, back = 0;
    while (in < lines.n) {
        size_t n = policy_apply(p, str_from(lines, in), &out);
        must(n > 0 && !out.failed);
        in += n;
        back += breaks(buf_str(&out));
        if (rules)
            nothing_leaks(buf_str(&out));
        buf_clear(&out);
    }
    must(back == breaks(lines));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const formats[] = {"ltsv", "combined", "json"};
    static struct policy *bare[3], *strict[3];
    struct str lines = {(const char *)data, size};
    for (size_t i = 0; i < 3; i++) {
        if (!bare[i]) {
            bare[i] = make(formats[i], "");
            strict[i] = make(formats[i], "{\"label\":\"a\",\"do\":\"mask\"},{\"label\":\"b\",\"do\":\"drop\"},"
                             "{\"label\":\"c\",\"do\":\"hash\"},{\"label\":\"query\",\"do\":\"keep\",\"allow\":"
                             "[\"q\"]}");
        }
        run(bare[i], lines, false);
        run(strict[i], lines, true);
    }
    return 0;
}

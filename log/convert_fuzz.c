// convert_fuzz.c: any bytes as a line: what comes out is one line of labelled fields, and what another JSON parser
// takes as an object we take too.
#include "base/jansson.h"
#include "log/convert.h"
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

static void labelled(struct str line)
{
    must(line.n <= LINE_MAX_BYTES && !str_has(line, '\n'));
    while (line.n) {
        struct field at;
        must(field_cut(str_cut(&line, '\t'), false, &at) && at.before.n == 0);
    }
}

static bool is_object(struct str line)
{
    json_t *j = json_loadb(line.p, line.n, JSON_ALLOW_NUL, NULL);
    bool is = json_is_object(j) && json_object_size(j) > 0;
    json_decref(j);
    return is;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str rest = {(const char *)data, size}, out;
    static struct convert *combined, *json;
    enum log_format told;
    struct err e;
    combined = combined ? combined : convert_new(FORMAT_COMBINED);
    json = json ? json : convert_new(FORMAT_JSON);
    must(convert_guess(rest, &told, &e) || e.kind == ERR_INPUT);
    while (rest.n) {
        struct str line = str_cut(&rest, '\n');
        if (convert_line(combined, line, &out))
            labelled(out);
        bool ours = convert_line(json, line, &out);
        if (ours)
            labelled(out);
        // Jansson passes over a NUL behind a number, RFC 8259 does not.
        must(ours || line.n > 1000 || str_has(line, '\0') || !is_object(line));
    }
    return 0;
}

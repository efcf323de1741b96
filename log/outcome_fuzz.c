// outcome_fuzz.c: any bytes as what rusuban-sql says: however they are cut, the client reads the same; every line is one
// JSON value; and no path of this machine is among the reasons.
#include "base/jansson.h"
#include "log/outcome.h"
#include "log/told.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool x)
{
    if (!x)
        abort();
}

// As relay.c does it: what was not used stays in front of what comes next.
static enum outcome_step run(struct arena *a, enum outcome_form form, struct str came, size_t piece, struct buf *out,
                             struct err *e)
{
    struct outcome o = {.arena = a, .form = form};
    enum outcome_step step = OUTCOME_MORE;
    size_t done = 0, have = 0;
    while (step == OUTCOME_MORE && have < came.n) {
        size_t used;
        have = have + piece < came.n ? have + piece : came.n;
        step = outcome_take(&o, (struct str){came.p + done, have - done}, &used, out, e);
        must(used <= have - done);
        done += used;
    }
    must(step != OUTCOME_FAILED || e->kind != ERR_NONE);
    return step;
}

static void every_line_is_json(struct str out)
{
    while (out.n) {
        struct str line = str_cut(&out, '\n');
        json_error_t why;
        json_t *j = json_loadb(line.p, line.n, JSON_DECODE_ANY | JSON_ALLOW_NUL, &why);
        must(j != NULL);
        json_decref(j);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str came = {(const char *)data, size};
    for (int form = OUTCOME_LINES; form <= OUTCOME_ESTIMATE; form++) {
        OWN_ARENA struct arena a = arena_make(256 << 20);
        OWN_BUF struct buf whole = buf_make(8 << 20), cut = buf_make(8 << 20);
        struct err e = {0}, again = {0};
        enum outcome_step step = run(&a, (enum outcome_form)form, came, size + 1, &whole, &e);
        must(run(&a, (enum outcome_form)form, came, 1 + size / 7, &cut, &again) == step);
        must(str_eq(buf_str(&whole), buf_str(&cut)) && strcmp(e.text, again.text) == 0);
        if (form != OUTCOME_CSV && form != OUTCOME_EXACT && !whole.failed)
            every_line_is_json(buf_str(&whole));
        must(e.kind == ERR_NONE || e.kind == ERR_INPUT
             || str_eq(told_paths(&a, str_z(e.text), "\n"), str_z(e.text)));
    }
    return 0;
}

// ask_fuzz.c: any bytes as what rusuban-sql or an asker says: frames are cut within their bounds, whatever renders is
// one line a row without a control character, and a job that is taken comes back the same.
#include "log/render.h"
#include "log/told.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool x)
{
    if (!x)
        abort();
}

static bool controls(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (((unsigned char)p[i] < 0x20 && p[i] != '\n' && !(p[i] == '\r' && i + 1 < n && p[i + 1] == '\n'))
            || p[i] == 0x7F
            || ((unsigned char)p[i] == 0xC2 && i + 1 < n && (unsigned char)p[i + 1] < 0xA0))
            return true;
    return false;
}

static void try_render(enum render_style style, struct str payload)
{
    char *text = NULL;
    size_t n = 0, half = payload.n / 2;
    FILE *to = open_memstream(&text, &n);
    struct render *r = render_new(to, style, 40, false);
    if (render_columns(r, str_head(payload, half)))
        (void)render_rows(r, str_from(payload, half));
    render_end(r);
    render_free(r);
    fclose(to);
    must(!controls(text, n));
    free(text);
}

static void try_job(struct arena *a, struct str payload)
{
    struct ask_job j, again;
    struct err e = {0};
    OWN_BUF struct buf b = buf_make(8 << 20);
    if (!ask_job_read(a, payload, &j, &e))
        return;
    ask_job_put(&b, &j);
    must(ask_job_read(a, buf_str(&b), &again, &e) && str_eq(again.query, j.query) && str_eq(again.person, j.person));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    OWN_ARENA struct arena a = arena_make(256 << 20);
    struct str all = {(const char *)data, size}, text = all;
    struct ask_frame f;
    struct err e = {0};
    struct strs none = {0};
    for (size_t n; (n = ask_cut(text, &f, &e)) != 0 && n != SIZE_MAX; text = str_from(text, n))
        must(n <= text.n && f.payload.n + ASK_HEAD == n);
    (void)ask_fail_read(all, &e);
    for (int style = RENDER_TABLE; style <= RENDER_JSON; style++)
        try_render((enum render_style)style, all);
    try_job(&a, all);
    struct told t = {.query = S("select 1"), .lake = "/lake", .tables = &none, .columns = &none};
    must(!told_err(&a, &t, str_zdup(&a, all), 0, &e) && e.kind != ERR_NONE);
    return 0;
}

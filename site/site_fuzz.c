// site_fuzz.c: any bytes as a site file. They may be full of mistakes, each with a place in the file; if they are
// not, then what `site show` prints must be free of mistakes too, and mean the same.
#include "base/command.h"
#include "site/site.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool x)
{
    if (!x)
        abort();
}

// What a terminal gets: nothing that moves its cursor.
static void must_be_one_line(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        must((unsigned char)s.p[i] >= 0x20 && s.p[i] != 0x7F);
}

static struct site *parse(struct arena *a, struct str text)
{
    struct mistakes m;
    struct site *s;
    struct err e;
    if (!site_parse(a, text, &s, &m, &e))
        return NULL;
    must((s == NULL) == (m.n > 0));
    for (size_t i = 0; i < m.n; i++) {
        must(m.at[i].line > 0 && m.at[i].col > 0 && m.at[i].text.n > 0);
        must_be_one_line(m.at[i].text);
        must_be_one_line(m.at[i].hint);
    }
    return s;
}

typedef void print_fn(struct arena *a, const struct site *s, struct buf *out);

static struct str shown_as(struct arena *a, const struct site *s, print_fn *print)
{
    OWN_BUF struct buf b = buf_make(32 << 20);
    print(a, s, &b);
    must(!b.failed);
    return str_dup(a, buf_str(&b));
}

static void ask_windows(struct arena *a, const struct site *s)
{
    int64_t until;
    struct str why;
    for (size_t i = 0; i < s->services.n && i < 3; i++)
        must(window_open(a, s, &s->services.at[i], 1795600000000, &until, &why) == (why.n == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    OWN_ARENA struct arena a = arena_make(8 << 20);
    OWN_ARENA struct arena b = arena_make(8 << 20);
    OWN_ARENA struct arena prints = arena_make(128 << 20);
    struct site *s = parse(&a, (struct str){(const char *)data, size});
    if (!s)
        return 0;
    struct str yaml = shown_as(&prints, s, site_yaml);
    struct site *again = parse(&b, yaml);
    must(again != NULL);
    must(str_eq(shown_as(&prints, again, site_yaml), yaml));
    must(str_eq(shown_as(&prints, again, site_json), shown_as(&prints, s, site_json)));
    ask_windows(&prints, s);
    return 0;
}

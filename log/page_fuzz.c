// page_fuzz.c: any paths, some of them learned or only looked for: "(other)" stays itself, names stay short and begin
// with a slash, a page's number leads to one that leads nowhere else, and its name leads back to it.
#include "log/page.h"
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool x)
{
    if (!x)
        abort();
}

// Names that are are learned are those that somebody else made of a path.
static void ask(struct pages *p, struct pages *other, struct str line)
{
    static int (*const ways[])(struct pages *, struct str) = {pages_of, pages_find, pages_learn};
    struct str path = str_from(line, 1);
    unsigned way = line.n ? (unsigned char)line.p[0] % 3u : 0;
    int n = pages_n(p), page = ways[way](p, way < 2 ? path : pages_name(other, pages_of(other, path)));
    must(page >= 0 && page < pages_n(p) && pages_n(p) <= n + 1 && pages_n(p) <= PAGES_MAX);
    // Sixty-six brothers, so that parents fold.
    for (int i = 0; line.n > 2 && line.p[0] == '*' && i < 66; i++) {
        char room[300];
        struct str head = str_head(path, 200);
        int k = snprintf(room, sizeof room, STR_F "/b%c%c-/" STR_F, STR_A(head), 'a' + i / 26, 'a' + i % 26,
                         STR_A(str_head(path, 20)));
        pages_of(p, (struct str){room, (size_t)k});
    }
}

static void check(struct pages *p)
{
    must(pages_now(p, PAGE_OTHER) == PAGE_OTHER && str_eq(pages_name(p, PAGE_OTHER), S("(other)")));
    for (int i = 1, n = pages_n(p); i < n; i++) {
        int now = pages_now(p, i);
        struct str name = pages_name(p, i);
        must(pages_now(p, now) == now && now != PAGE_OTHER);
        must(name.n > 0 && name.n <= 400 && name.p[0] == '/');
        if (name.n < 300 && !str_has(name, '?'))
            must(pages_now(p, pages_learn(p, name)) == pages_now(p, i));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pages *p = pages_new(), *other = pages_new();
    struct str text = {(const char *)data, size};
    for (int lines = 0; text.n && lines < 400; lines++)
        ask(p, other, str_cut(&text, '\n'));
    check(p);
    pages_free(p);
    pages_free(other);
    return 0;
}

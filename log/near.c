// near.c: see near.h.
#include "log/near.h"
#include <stdlib.h>
#include <string.h>

enum { PAGES_NAMED = 3, FAR = 8 };

struct near { struct str name; unsigned far; };

static int by_nearness(const void *a, const void *b)
{
    const struct near *x = a, *y = b;
    return (x->far > y->far) - (x->far < y->far);
}

// The part before the second slash: who types a page knows at least where it is.
static struct str first_part(struct str page)
{
    const char *slash = page.n > 1 ? memchr(page.p + 1, '/', page.n - 1) : NULL;
    return slash ? str_head(page, (size_t)(slash - page.p)) : page;
}

const char *near_pages(struct arena *a, const struct strs *known, struct str page)
{
    OWN_BUF struct buf b = buf_make(16 << 10);
    struct near *at = NEW_N(a, struct near, known->n + 1);
    for (size_t i = 0; i < known->n; i++) {
        unsigned far = str_distance(known->at[i], page);
        unsigned begins = str_distance(first_part(known->at[i]), first_part(page));
        at[i] = (struct near){known->at[i], far < begins + 4 ? far : begins + 4};
    }
    qsort(at, known->n, sizeof *at, by_nearness);
    for (size_t i = 0; i < known->n && i < PAGES_NAMED && at[i].far <= FAR; i++)
        buf_addf(&b, "%s" STR_F, i ? ", " : "", STR_A(str_head(at[i].name, 200)));
    return b.n ? str_zdup(a, buf_str(&b)) : NULL;
}

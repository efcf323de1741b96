// figures_for_tests.h: lines through the scanner into figures, as a thread of the log server does. Only tests include
// it.
#pragma once
#include "log/figures.h"
#include <stdlib.h>
#include <string.h>

struct reading { struct schema schema; struct figures *f; struct str host; };

static inline void reading_batch(void *arg, const struct batch *b)
{
    struct reading *r = arg;
    figures_batch(r->f, b, &r->schema, r->host);
}

static inline void read_text(struct figures *f, struct str host, struct str text)
{
    struct reading *r = calloc(1, sizeof *r);
    char *room = calloc(1, text.n + LTSV_SLACK + 16);
    memcpy(room + 16, text.p, text.n);
    *r = (struct reading){schema_make(), f, host};
    struct ltsv *l = ltsv_new(&r->schema, reading_batch, r);
    ltsv_read(l, room + 16, text.n);
    ltsv_free(l);
    free(room);
    free(r);
}

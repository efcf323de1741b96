// columns.c: see columns.h.
#include "log/columns.h"
#include "log/catalog.h"

enum { CATALOG_BYTES = 512 << 20 };

void columns_add_known(struct schema *s)
{
    size_t n;
    const struct label_row *known = label_rows(&n);
    for (size_t i = 0; i < n; i++)
        if (schema_find(s, str_z(known[i].label)) < 0 && schema_add(s, str_z(known[i].label)) < 0)
            break;
}

bool columns_read(const char *lake, struct str dataset, struct schema *out, bool *any, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(CATALOG_BYTES);
    struct catalog m = {0};
    bool there = catalog_read(&a, str_zf(&a, "%s/" STR_F "/manifest", lake, STR_A(dataset)), &m, e);
    if (!there && e->kind != ERR_NOT_FOUND)
        return err_in(e, "the columns of " STR_F, STR_A(dataset));
    *any = there && (m.files.n || m.schema.n > SCHEMA_FIXED);       // a log server makes a catalog when it starts
    *out = *any ? m.schema : schema_make();
    if (!*any)
        columns_add_known(out);
    e->kind = ERR_NONE;
    return true;
}

static struct str dataset_name(const void *site, size_t i)
{
    return ((const struct site *)site)->log.datasets.at[i].name;
}

bool columns_dataset(const struct site *s, struct str named, const char *option, struct str *out, struct err *e)
{
    *out = named.n ? named : site_dataset(s, S("access")) || !s->log.datasets.n ? S("access") : dataset_name(s, 0);
    if (!named.n || site_dataset(s, named))
        return true;
    struct str near = str_nearest(named, s->log.datasets.n, dataset_name, s);
    err_set(e, ERR_NOT_FOUND, "the site has no dataset \"" STR_F "\"", STR_A(str_head(named, 64)));
    return near.n ? err_hint(e, "did you mean %s" STR_F "?", option, STR_A(near)) : false;
}

// site.c: from a path or text to the struct, and looking names up in it.
#include "site/site.h"
#include "base/file.h"
#include "site/decode.h"

enum { FILE_MAX = 1 << 20, SCRATCH_MAX = 64 << 20 };

bool site_parse(struct arena *a, struct str text, struct site **out, struct mistakes *m, struct err *e)
{
    OWN_ARENA struct arena scratch = arena_make(SCRATCH_MAX);
    struct reading r = {.arena = a, .scratch = &scratch, .mistakes = m};
    struct node *root;
    *out = NULL;
    *m = (struct mistakes){0};
    if (text.n > FILE_MAX)
        return err_set(e, ERR_LIMIT, "the site file is larger than %d bytes", FILE_MAX);
    struct site *s = NEW(a, struct site);
    s->text = str_dup(a, text);
    if (node_read(&r, s->text, &root)) {
        if (root->kind == NODE_MAP || node_empty(root))
            decode_map(&r, &site_table, root, s);
        else
            mistake_at(&r, root->at, "expected a map of keys, got %s", node_shown(root).z);
    }
    mistakes_sort(m);
    if (!m->n)
        *out = s;
    return true;
}

bool site_read(struct arena *a, const char *path, struct site **out, struct mistakes *m, struct err *e)
{
    struct str text;
    *out = NULL;
    *m = (struct mistakes){0};
    if (!file_read(a, path, FILE_MAX, &text, e)) {
        if (e->kind == ERR_NOT_FOUND) {
            e->kind = ERR_IO;       // this machine is not set up, which is no mistyped name
            err_hint(e, "an example: rusuban site init --site %s", path);
        }
        return err_in(e, "read the site file");
    }
    return site_parse(a, text, out, m, e);
}

bool site_load(struct arena *a, const char *path, struct site **out, struct err *e)
{
    struct mistakes m;
    if (!site_read(a, path, out, &m, e))
        return false;
    if (!m.n)
        return true;
    const struct mistake *first = &m.at[0];
    err_set(e, ERR_INPUT, "%s:%d:%d: " STR_F "%s" STR_F, path, first->line, first->col, STR_A(first->text),
            first->hint.n ? "; " : "", STR_A(first->hint));
    if (m.n > 1)
        err_hint(e, "%zu more mistake%s: rusuban site check --site %s", m.n - 1, m.n == 2 ? "" : "s", path);
    return false;
}

const struct service *site_service(const struct site *s, struct str name)
{
    for (size_t i = 0; i < s->services.n; i++)
        if (str_eq(s->services.at[i].name, name))
            return &s->services.at[i];
    return NULL;
}

const struct host *site_host(const struct site *s, struct str name)
{
    for (size_t i = 0; i < s->hosts.n; i++)
        if (str_eq(s->hosts.at[i].name, name))
            return &s->hosts.at[i];
    return NULL;
}

void dataset_hosts(struct arena *a, const struct dataset *d, struct strs *out)
{
    for (size_t i = 0; i < d->from.n; i++)
        for (size_t k = 0; k < d->from.at[i].on.n; k++)
            if (!strs_have(out, d->from.at[i].on.at[k]))
                vec_push(a, out, d->from.at[i].on.at[k]);
}

const char *site_lake(struct arena *a, const struct site *s, const char *data)
{
    return s->log.lake.n && s->log.lake.p[0] == '/' ? str_zdup(a, s->log.lake)
                                                    : str_zf(a, "%s/" STR_F, data, STR_A(s->log.lake));
}

const struct dataset *site_dataset(const struct site *s, struct str name)
{
    for (size_t i = 0; i < s->log.datasets.n; i++)
        if (str_eq(s->log.datasets.at[i].name, name))
            return &s->log.datasets.at[i];
    return NULL;
}

static struct str service_name(const void *s, size_t i)
{
    return ((const struct site *)s)->services.at[i].name;
}

bool site_need_service(const struct site *s, struct str name, const struct service **out, struct err *e)
{
    *out = site_service(s, name);
    if (*out)
        return true;
    struct str near = str_nearest(name, s->services.n, service_name, s);
    err_set(e, ERR_NOT_FOUND, "no service \"" STR_F "\" in the site file", STR_A(str_head(name, 60)));
    if (near.n)
        err_hint(e, "did you mean \"" STR_F "\"?", STR_A(near));
    return false;
}

// there.c: see there.h.
#include "log/there.h"
#include "log/columns.h"
#include "web/client.h"

static void put_parameter(struct buf *b, const char *name, struct str value)
{
    static const char digits[] = "0123456789ABCDEF";
    buf_addf(b, "%c%s=", str_has(buf_str(b), '?') ? '&' : '?', name);
    for (size_t i = 0; i < value.n; i++) {
        unsigned char c = (unsigned char)value.p[i];
        if (str_plain(str_head(str_from(value, i), 1), "-_."))
            buf_addc(b, (char)c);
        else
            buf_addf(b, "%%%c%c", digits[c >> 4], digits[c & 15]);
    }
}

static bool get(struct call *c, const char *path, json_t **out, struct err *e)
{
    return api_json(c->arena, c->data, "GET", path, S(""), out, e);
}

static int64_t ms_of(const json_t *page, const char *key)
{
    return json_is_integer(json_object_get(page, key)) ? j_int(page, key) : -1;
}

static void tell_pages(const json_t *items, there_page_fn *fn, void *arg)
{
    size_t i;
    const json_t *x;
    json_array_foreach(items, i, x) {
        struct page_sum s = {.id = j_int(x, "id"), .page = str_z(j_text(x, "page")), .requests = j_u64(x, "requests"),
                             .e4xx = j_u64(x, "e4xx"), .e5xx = j_u64(x, "e5xx"), .bytes = j_u64(x, "bytes"),
                             .p50_ms = ms_of(x, "p50_ms"), .p95_ms = ms_of(x, "p95_ms")};
        fn(arg, &s);
    }
}

static void put_times(struct buf *b, const struct times *t)
{
    const struct { const char *name; struct str value; } rows[] = {
        {"since", t->since}, {"day", t->day}, {"from", t->from}, {"to", t->to}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (rows[i].value.n)
            put_parameter(b, rows[i].name, rows[i].value);
}

bool there_pages(struct call *c, struct str named, const struct times *t, struct str *dataset, there_page_fn *fn,
                 void *arg, int64_t *all, const char **note, struct err *e)
{
    OWN_BUF struct buf path = buf_make(64 << 10);
    OWN_JSON *root = NULL;
    buf_addz(&path, "/api/v1/log/pages");
    if (named.n)
        put_parameter(&path, "dataset", named);
    put_times(&path, t);
    if (!get(c, buf_z(&path), &root, e)) {
        if (e->kind == ERR_INPUT)               // the rest of the question was looked at here
            e->kind = ERR_NOT_FOUND;
        return false;
    }
    *dataset = str_dup(c->arena, str_z(j_text(root, "dataset")));
    *all = j_int(root, "pages");
    *note = *j_text(root, "note") ? str_zdup(c->arena, str_z(j_text(root, "note"))) : NULL;
    tell_pages(json_object_get(root, "items"), fn, arg);
    return true;
}

static void ignore_page(void *arg, const struct page_sum *s)
{
    (void)arg, (void)s;
}

static bool is_made(struct str column)      // by the view, of labels
{
    static const char *const made[] = {"dt", "hour", "page", "client"};
    for (size_t i = 0; i < ARRAY_LEN(made); i++)
        if (str_eq(column, str_z(made[i])))
            return true;
    return false;
}

static void take_columns(const json_t *columns, struct schema *out)
{
    size_t i;
    const json_t *x;
    json_array_foreach(columns, i, x) {
        struct str name = str_z(j_text(x, "name"));
        if (!is_made(name) && schema_find(out, name) < 0 && schema_add(out, name) < 0)
            return;
    }
}

bool there_columns(struct call *c, struct str named, struct str *dataset, struct schema *out, bool *any, struct err *e)
{
    OWN_JSON *root = NULL;
    int64_t all;
    size_t i;
    const json_t *x;
    const char *note;
    *out = schema_make();
    *any = false;
    if (!there_pages(c, named, &(struct times){.since = S("1m")}, dataset, ignore_page, NULL, &all, &note, e)
        || !get(c, "/api/v1/log/tables", &root, e))
        return false;
    json_array_foreach(json_object_get(root, "items"), i, x)
        if (str_eq(str_z(j_text(x, "dataset")), *dataset)) {
            take_columns(json_object_get(x, "columns"), out);
            *any = j_int(x, "files") > 0 || out->n > SCHEMA_FIXED;
        }
    if (!*any)
        columns_add_known(out);
    return true;
}

struct known { struct arena *a; struct strs *out; };

static void add_name(void *arg, const struct page_sum *s)
{
    struct known *k = arg;
    vec_push(k->a, k->out, str_dup(k->a, s->page));
}

bool there_known_pages(struct call *c, struct str dataset, struct strs *out, struct err *e)
{
    struct known k = {c->arena, out};
    struct str same;
    const char *note;
    int64_t all;
    return there_pages(c, dataset, &(struct times){.since = S("7d")}, &same, add_name, &k, &all, &note, e);
}

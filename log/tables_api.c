// tables_api.c: GET /log/tables: what a question may name, read from the catalogs; the role sql is not asked.
#include "base/clock.h"
#include "log/api.h"
#include "log/catalog.h"
#include "log/view.h"

enum { CATALOG_BYTES = 512 << 20 };

static void put_column(struct buf *out, struct str name, const char *type)
{
    json_object(out, KV("name", name), KV("type", type));
}

static void put_columns(struct arena *a, struct buf *out, const struct schema *s)
{
    struct view_columns all = {0};
    view_columns(a, s, &all);
    json_key(out, "columns");
    json_open(out, '[');
    for (size_t i = 0; i < all.n; i++)
        put_column(out, all.at[i].name, all.at[i].type);
    json_close(out, ']');
}

static void put_size(struct buf *out, const struct catalog *m)
{
    int64_t rows = 0, bytes = 0, low = INT64_MAX, high = INT64_MIN;
    char from[TIME_TEXT_MAX], to[TIME_TEXT_MAX];
    for (size_t i = 0; i < m->files.n; i++) {
        const struct lake_file *f = &m->files.at[i];
        rows += f->rows;
        bytes += f->bytes;
        low = f->low_us < low ? f->low_us : low;
        high = f->high_us > high ? f->high_us : high;
    }
    json_kvs(out, KVS(KV("rows", rows), KV("bytes", bytes), KV("files", m->files.n),
                      KV("from", rows ? V(time_text(low / 1000, from)) : V_NULL),
                      KV("to", rows ? V(time_text(high / 1000, to)) : V_NULL)));
}

// Nothing where nothing was ever written.
static bool put_table(struct ask *q, const char *lake, struct str dataset, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(CATALOG_BYTES);
    struct catalog m = {0};
    if (!catalog_read(&a, str_zf(&a, "%s/" STR_F "/manifest", lake, STR_A(dataset)), &m, e)) {
        bool none = e->kind == ERR_NOT_FOUND;
        e->kind = none ? ERR_NONE : e->kind;
        return none || err_set(e, ERR_CHECK, "the catalog of " STR_F " cannot be read; rusuban log audit says why",
                               STR_A(dataset));
    }
    json_open(q->out, '{');
    json_kvs(q->out, KVS(KV("table", view_name(&a, dataset)), KV("dataset", dataset)));
    put_columns(&a, q->out, &m.schema);
    put_size(q->out, &m);
    json_close(q->out, '}');
    return true;
}

static void put_releases(struct buf *out)
{
    static const struct { const char *name, *type; } columns[] = {
        {"service", "VARCHAR"}, {"number", "BIGINT"}, {"state", "VARCHAR"}, {"state_at", "TIMESTAMPTZ"},
        {"kind", "VARCHAR"}, {"target", "BIGINT"}};
    json_open(out, '{');
    json_kvs(out, KVS(KV("table", "releases"), KV("dataset", V_NULL)));
    json_key(out, "columns");
    json_open(out, '[');
    for (size_t i = 0; i < ARRAY_LEN(columns); i++)
        put_column(out, str_z(columns[i].name), columns[i].type);
    json_close(out, ']');
    json_kvs(out, KVS(KV("rows", V_NULL), KV("bytes", V_NULL), KV("files", V_NULL), KV("from", V_NULL),
                      KV("to", V_NULL)));
    json_close(out, '}');
}

bool api_log_tables(struct ask *q, struct err *e)
{
    if (!ask_site(q, e))
        return false;
    const char *lake = site_lake(q->arena, q->site, q->data);
    json_open(q->out, '{');
    json_key(q->out, "items");
    json_open(q->out, '[');
    for (size_t i = 0; i < q->site->log.datasets.n; i++) {
        struct str name = q->site->log.datasets.at[i].name;
        if (!put_table(q, lake, name, e) || !put_table(q, lake, str_f(q->arena, STR_F "_bad", STR_A(name)), e))
            return false;
    }
    put_releases(q->out);
    json_close(q->out, ']');
    json_kv(q->out, "next", V_NULL);
    json_close(q->out, '}');
    return true;
}

// view.c: see view.h.
#include "log/view.h"
#include <string.h>

enum { SQL_MAX = 64 << 20 };

struct str view_name(struct arena *a, struct str dataset)
{
    return str_ends(dataset, S("_bad")) ? str_dup(a, dataset) : str_f(a, STR_F "_log", STR_A(dataset));
}

static struct str column_name(const struct column_def *c)
{
    return (struct str){c->name, c->name_n};
}

static const char *sql_type(enum column_type t)
{
    static const char *const names[] = {[COLUMN_TIME] = "TIMESTAMPTZ", [COLUMN_INT32] = "INTEGER",
                                        [COLUMN_INT64] = "BIGINT", [COLUMN_MS] = "INTEGER", [COLUMN_TEXT] = "VARCHAR"};
    return names[t];
}

// Quotes are doubled; labels and paths of the lake hold none, but that is proved elsewhere.
static void put_quoted(struct buf *b, char quote, struct str s)
{
    buf_addc(b, quote);
    for (size_t i = 0; i < s.n; i++)
        buf_addn(b, s.p[i], s.p[i] == quote ? 2 : 1);
    buf_addc(b, quote);
}

// A label that nobody knew lived in `extra` until it had come often enough, also in the file where it became a column.
static bool may_be_extra(const struct column_def *c, int i)
{
    enum column_type type;
    return i >= SCHEMA_FIXED && c->type == COLUMN_TEXT && !label_type(column_name(c), &type)
        && !str_ends(column_name(c), S("__s"));
}

static void put_extra(struct buf *b, const struct column_def *c)
{
    buf_addz(b, "json_extract_string(extra, '$.\"");
    buf_add(b, column_name(c));
    buf_addz(b, "\"')");
}

static void put_column(struct buf *b, const struct schema *s, int i, int columns)
{
    const struct column_def *c = &s->at[i];
    if (i < columns && !may_be_extra(c, i))
        put_quoted(b, '"', column_name(c));
    else if (i < columns) {
        buf_addz(b, "coalesce(");
        put_quoted(b, '"', column_name(c));
        buf_addz(b, ", ");
        put_extra(b, c);
        buf_addz(b, ")");
    } else if (may_be_extra(c, i))
        put_extra(b, c);
    else
        buf_addf(b, "CAST(NULL AS %s)", sql_type(c->type));
    buf_addz(b, " AS ");
    put_quoted(b, '"', column_name(c));
    buf_addz(b, ", ");
}

static void put_client(struct buf *b, const struct schema *s, int columns)
{
    int forwarded = schema_find(s, S("forwardedfor")), remote = schema_find(s, S("remote_addr"));
    if (forwarded < 0 && remote < 0)
        return;
    buf_addz(b, ", coalesce(");
    if (forwarded >= 0 && forwarded < columns)
        buf_addz(b, "nullif(trim(split_part(forwardedfor, ',', 1)), ''), ");
    buf_addz(b, remote >= 0 && remote < columns ? "remote_addr" : "CAST(NULL AS VARCHAR)");
    buf_addz(b, ") AS client");
}

static void put_made(struct buf *b, const struct schema *s, int columns)
{
    int uri = schema_find(s, S("uri"));
    buf_addz(b, "dt, \"hour\"");
    if (uri >= 0)
        buf_addz(b, uri < columns ? ", page(uri) AS page" : ", CAST(NULL AS VARCHAR) AS page");
    put_client(b, s, columns);
}

static void put_select(struct buf *b, const struct schema *s, int columns)
{
    buf_addz(b, "SELECT ");
    for (int i = 0; i < s->n; i++)
        put_column(b, s, i, columns);
    put_made(b, s, columns);
}

// An end that is open has no number: the engine's times end before 2^63 microseconds.
static void add_filter(struct buf *b, const struct range *r)
{
    bool low = r->low_us > INT64_MIN, high = r->high_us < INT64_MAX;
    if (low || high)
        buf_addz(b, " WHERE ");
    if (low)
        buf_addf(b, "\"time\" >= make_timestamptz(%lld)", (long long)r->low_us);
    if (high)
        buf_addf(b, "%s\"time\" <= make_timestamptz(%lld)", low ? " AND " : "", (long long)r->high_us);
}

static void put_group(struct buf *b, const char *dir, const struct schema *s, const struct view_group *g,
                      const struct range *r)
{
    put_select(b, s, g->columns);
    buf_addz(b, " FROM read_parquet([");
    for (size_t i = 0; i < g->files.n; i++) {
        OWN_BUF struct buf path = buf_make(8192);
        buf_addf(&path, "%s/" STR_F, dir, STR_A(g->files.at[i]->path));
        buf_addz(b, i ? "," : "");
        put_quoted(b, '\'', buf_str(&path));
    }
    buf_addz(b, "], hive_partitioning = true, hive_types = {'dt': DATE, 'hour': INT})");
    if (r->filter)
        add_filter(b, r);
}

// No file at all: the columns stand, without a row.
static void put_nothing(struct buf *b, const struct schema *s)
{
    buf_addz(b, "SELECT * FROM (SELECT ");
    for (int i = 0; i < s->n; i++)
        put_column(b, s, i, -1);
    buf_addz(b, "CAST(NULL AS DATE) AS dt, CAST(NULL AS INTEGER) AS \"hour\"");
    if (schema_find(s, S("uri")) >= 0)
        buf_addz(b, ", CAST(NULL AS VARCHAR) AS page");
    put_client(b, s, -1);
    buf_addz(b, " FROM (SELECT CAST(NULL AS VARCHAR) AS extra)) WHERE false");
}

void view_columns(struct arena *a, const struct schema *s, struct view_columns *out)
{
    for (int i = 0; i < s->n; i++)
        vec_push(a, out, ((struct view_column){column_name(&s->at[i]), sql_type(s->at[i].type)}));
    vec_push(a, out, ((struct view_column){S("dt"), "DATE"}));
    vec_push(a, out, ((struct view_column){S("hour"), "INTEGER"}));
    if (schema_find(s, S("uri")) >= 0)
        vec_push(a, out, ((struct view_column){S("page"), "VARCHAR"}));
    if (schema_find(s, S("forwardedfor")) >= 0 || schema_find(s, S("remote_addr")) >= 0)
        vec_push(a, out, ((struct view_column){S("client"), "VARCHAR"}));
}

static struct view_group *group_of(struct arena *a, struct view *v, int columns)
{
    for (size_t i = 0; i < v->groups.n; i++)
        if (v->groups.at[i].columns == columns)
            return &v->groups.at[i];
    vec_push(a, &v->groups, ((struct view_group){.columns = columns}));
    return &v->groups.at[v->groups.n - 1];
}

bool view_make(struct arena *a, const char *lake, struct str dataset, const struct catalog *m, const struct range *r,
               struct view *out, struct err *e)
{
    OWN_BUF struct buf b = buf_make(SQL_MAX);
    const char *dir = str_zf(a, "%s/" STR_F, lake, STR_A(dataset));
    *out = (struct view){.name = view_name(a, dataset), .dataset = dataset, .catalog = m, .of = m->files.n};
    for (size_t i = 0; i < m->files.n; i++) {
        const struct lake_file *f = &m->files.at[i];
        if (!range_has(r, f->hour, f->low_us, f->high_us))
            continue;
        vec_push(a, &group_of(a, out, f->schema)->files, f);
        out->files++;
        out->bytes += f->bytes;
    }
    for (size_t i = 0; i < out->groups.n; i++) {
        buf_addz(&b, i ? " UNION ALL " : "");
        put_group(&b, dir, &m->schema, &out->groups.at[i], r);
    }
    if (!out->groups.n)
        put_nothing(&b, &m->schema);
    if (!buf_ok(&b, e))
        return err_in(e, "the view of " STR_F, STR_A(dataset));
    out->sql = str_dup(a, buf_str(&b));
    return true;
}

// ---- how much a plan reads ----

enum { GROUPS = 64 };
struct sum { const struct view *views; size_t n; int64_t bytes; size_t files, seen[GROUPS]; uint64_t taken; };

static bool named(const json_t *projections, struct str column)
{
    if (json_is_string(projections))
        return str_eq(str_z(json_string_value(projections)), column);
    for (size_t i = 0; i < json_array_size(projections); i++) {
        const char *z = json_string_value(json_array_get(projections, i));
        if (z && str_eq(str_z(z), column))
            return true;
    }
    return false;
}

// The footer, which is read whatever is asked; of small files it is most of them.
static int64_t footer_bytes(const struct lake_file *f)
{
    int64_t columns = 0;
    for (size_t c = 0; c < f->column_bytes.n; c++)
        columns += f->column_bytes.at[c];
    return f->column_bytes.n && columns < f->bytes ? f->bytes - columns : 0;
}

static int64_t bytes_read(const struct view *v, const struct view_group *g, const json_t *projections,
                          const char *filters)
{
    int64_t bytes = 0;
    for (size_t i = 0; i < g->files.n; i++)
        bytes += footer_bytes(g->files.at[i]);
    for (int c = 0; c < g->columns; c++) {
        struct str name = column_name(&v->catalog->schema.at[c]);
        if (!named(projections, name) && (!filters || str_find(str_z(filters), name) < 0))
            continue;
        for (size_t i = 0; i < g->files.n; i++)
            if ((size_t)c < g->files.at[i]->column_bytes.n)
                bytes += g->files.at[i]->column_bytes.at[c];
    }
    return bytes;
}

// Every column that the plan names is one of these files, or made from their paths.
static bool has_columns(const struct view *v, const struct view_group *g, const json_t *projections)
{
    size_t n = json_is_string(projections) ? 1 : json_array_size(projections);
    for (size_t i = 0; i < n; i++) {
        const char *z = json_string_value(json_is_string(projections) ? projections : json_array_get(projections, i));
        int c = z ? schema_find(&v->catalog->schema, str_z(z)) : -1;
        if (z && *z && (c < 0 || c >= g->columns) && strcmp(z, "dt") != 0 && strcmp(z, "hour") != 0)
            return false;
    }
    return true;
}

struct scan { const struct view *view; const struct view_group *group; unsigned number; };

// The plan does not say whose files it scans: the first that fit and were not met yet, since it keeps their order;
// after that (a view that is read twice) the first that fit.
static bool find_scan(const struct sum *s, uint64_t of, const json_t *projections, struct scan *out)
{
    bool any = false;
    unsigned number = 0;
    for (size_t i = 0; i < s->n; i++)
        for (size_t k = 0; k < s->views[i].groups.n; k++, number++) {
            const struct view_group *g = &s->views[i].groups.at[k];
            bool fresh = number < GROUPS && !(s->taken >> number & 1);
            if ((of && of != g->files.n) || !has_columns(&s->views[i], g, projections) || (any && !fresh))
                continue;
            *out = (struct scan){&s->views[i], g, number};
            if (fresh)
                return true;
            any = true;
        }
    return any;
}

static void add_scan(struct sum *s, const json_t *info)
{
    const char *said = json_string_value(json_object_get(info, "Scanning Files"));
    const char *filters = json_string_value(json_object_get(info, "Filters"));
    const json_t *projections = json_object_get(info, "Projections");
    struct str rest = str_z(said ? said : "");
    uint64_t scanned = 0, of = 0;
    struct scan scan;
    bool counted = str_u64(str_cut(&rest, '/'), &scanned) && str_u64(rest, &of) && of;
    if (!find_scan(s, counted ? of : 0, projections, &scan))
        return;
    int64_t bytes = bytes_read(scan.view, scan.group, projections, filters);
    // Rows of a LIMIT are found first and fetched then: the same files are scanned twice, and are not more for it.
    size_t files = counted ? (size_t)scanned : scan.group->files.n, *seen = &s->seen[scan.number % GROUPS];
    s->taken |= scan.number < GROUPS ? UINT64_C(1) << scan.number : 0;
    s->files += scan.number >= GROUPS ? files : files > *seen ? files - *seen : 0;
    *seen = files > *seen ? files : *seen;
    s->bytes += counted ? (int64_t)((double)bytes * (double)scanned / (double)of) : bytes;
}

static void add_node(struct sum *s, const json_t *node)
{
    const char *name = json_string_value(json_object_get(node, "name"));
    const json_t *children = json_object_get(node, "children");
    if (name && (strstr(name, "PARQUET") || strstr(name, "parquet")))
        add_scan(s, json_object_get(node, "extra_info"));
    for (size_t i = 0; i < json_array_size(children); i++)
        add_node(s, json_array_get(children, i));
}

int64_t view_estimate(const struct view *views, size_t n, struct str plan, size_t *files)
{
    json_error_t why;
    struct sum s = {.views = views, .n = n};
    json_t *root = json_loadb(plan.p, plan.n, 0, &why);
    for (size_t i = 0; i < json_array_size(root); i++)
        add_node(&s, json_array_get(root, i));
    json_decref(root);
    *files = s.files;
    return s.bytes;
}

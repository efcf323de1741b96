// engine.c: see engine.h.
#include "sql/engine.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

struct str engine_string(duckdb_string_t *s)
{
    return (struct str){s->length <= sizeof s->near.text ? s->near.text : s->far.text, s->length};
}

struct str engine_quote(struct arena *a, struct str text)
{
    OWN_BUF struct buf b = buf_make(2 * text.n + 3);
    buf_addc(&b, '\'');
    for (size_t i = 0; i < text.n; i++)
        buf_addn(&b, text.p[i], text.p[i] == '\'' ? 2 : 1);
    buf_addc(&b, '\'');
    return str_dup(a, buf_str(&b));
}

// page(uri). Constants too are folded here, so it says of itself that it may change.
static void page_of_rows(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output)
{
    struct engine *g = duckdb_scalar_function_get_extra_info(info);
    duckdb_vector uri = duckdb_data_chunk_get_vector(input, 0);
    duckdb_string_t *text = duckdb_vector_get_data(uri);
    uint64_t *validity = duckdb_vector_get_validity(uri);
    idx_t n = duckdb_data_chunk_get_size(input);
    for (idx_t i = 0; i < n; i++) {
        if (engine_is_null(validity, i)) {
            duckdb_vector_ensure_validity_writable(output);
            duckdb_validity_set_row_invalid(duckdb_vector_get_validity(output), i);
            continue;
        }
        struct str name = pages_name(g->pages, pages_of(g->pages, engine_string(&text[i])));
        duckdb_vector_assign_string_element_len(output, i, name.p, name.n);
    }
}

static bool add_page(struct engine *g, struct err *e)
{
    duckdb_logical_type text = duckdb_create_logical_type(DUCK_VARCHAR);
    duckdb_scalar_function f = duckdb_create_scalar_function();
    duckdb_scalar_function_set_name(f, "page");
    duckdb_scalar_function_add_parameter(f, text);
    duckdb_scalar_function_set_return_type(f, text);
    duckdb_scalar_function_set_extra_info(f, g, NULL);
    duckdb_scalar_function_set_function(f, page_of_rows);
    duckdb_scalar_function_set_volatile(f);
    duckdb_state state = duckdb_register_scalar_function(g->con, f);
    duckdb_destroy_scalar_function(&f);
    duckdb_destroy_logical_type(&text);
    return state == 0 || err_set(e, ERR_BUG, "DuckDB does not take page()");
}

static bool open_db(struct engine *g, int64_t memory, struct err *e)
{
    char bytes[32];
    snprintf(bytes, sizeof bytes, "%lldB", (long long)memory);
    const struct { const char *name, *value; } rows[] = {
        {"threads", "1"}, {"memory_limit", bytes}, {"autoinstall_known_extensions", "false"},
        {"autoload_known_extensions", "false"}, {"allow_unsigned_extensions", "false"},
        {"allow_community_extensions", "false"}, {"errors_as_json", "true"}, {"temp_directory", ""}};
    duckdb_config c;
    char *why = NULL;
    if (duckdb_create_config(&c) != 0)
        return err_set(e, ERR_BUG, "DuckDB makes no configuration");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (duckdb_set_config(c, rows[i].name, rows[i].value) != 0)
            return err_set(e, ERR_BUG, "DuckDB does not take %s = %s", rows[i].name, rows[i].value);
    duckdb_state state = duckdb_open_ext(NULL, &g->db, c, &why);
    duckdb_destroy_config(&c);
    if (state != 0 || duckdb_connect(g->db, &g->con) != 0) {
        err_set(e, ERR_IO, "DuckDB does not start: %s", why ? why : "no reason given");
        duckdb_free(why);
        return false;
    }
    return true;
}

struct engine *engine_open(int64_t memory, const char *timezone, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct str version;
    struct engine *g = calloc(1, sizeof *g);
    assert(g);
    g->pages = pages_new();
    const char *zone = str_zf(&a, "SET GLOBAL TimeZone = " STR_F, STR_A(engine_quote(&a, str_z(timezone))));
    if (!open_db(g, memory, e) || !add_page(g, e) || !engine_do(g, zone, e)
        || !engine_text(g, &a, "SELECT version()", &version, e))       // the first question warms the rest
        return NULL;
    return g;
}

bool engine_fence(struct engine *g, const struct engine_fence *f, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(8 << 20);
    OWN_BUF struct buf dirs = buf_make(1 << 20);
    for (size_t i = 0; i < f->directories->n; i++)
        buf_addf(&dirs, "%s" STR_F, i ? ", " : "",
                 STR_A(engine_quote(&a, str_f(&a, STR_F "/", STR_A(f->directories->at[i])))));
    if (f->spill) {
        const char *spill = str_zf(&a, "SET temp_directory = " STR_F, STR_A(engine_quote(&a, str_z(f->spill))));
        if (!engine_do(g, spill, e)
            || !engine_do(g, str_zf(&a, "SET max_temp_directory_size = '%lldB'", (long long)f->spill_bytes), e))
            return false;
    }
    if (f->open)
        return true;
    return engine_do(g, str_zf(&a, "SET allowed_directories = [%s]", buf_z(&dirs)), e)
        && engine_do(g, "SET enable_external_access = false", e) && engine_do(g, "SET lock_configuration = true", e);
}

bool engine_do(struct engine *g, const char *sql, struct err *e)
{
    duckdb_result r;
    bool ok = duckdb_query(g->con, sql, &r) == 0;
    if (!ok)
        err_set(e, ERR_INPUT, "%s", duckdb_result_error(&r));
    duckdb_destroy_result(&r);
    return ok;
}

bool engine_each(struct engine *g, const char *sql, engine_text_fn *fn, void *arg, struct err *e)
{
    duckdb_result r;
    bool ok = duckdb_query(g->con, sql, &r) == 0;
    if (!ok)
        err_set(e, ERR_INPUT, "%s", duckdb_result_error(&r));
    for (duckdb_data_chunk c; ok && (c = duckdb_fetch_chunk(r)) != NULL; duckdb_destroy_data_chunk(&c)) {
        duckdb_vector v = duckdb_data_chunk_get_vector(c, 0);
        duckdb_string_t *text = duckdb_vector_get_data(v);
        for (idx_t i = 0; i < duckdb_data_chunk_get_size(c); i++)
            if (!engine_is_null(duckdb_vector_get_validity(v), i))
                fn(arg, engine_string(&text[i]));
    }
    duckdb_destroy_result(&r);
    return ok;
}

struct first { struct arena *a; struct str text; bool any; };

static void keep_first(void *arg, struct str text)
{
    struct first *f = arg;
    if (!f->any)
        f->text = str_dup(f->a, text);
    f->any = true;
}

bool engine_text(struct engine *g, struct arena *a, const char *sql, struct str *out, struct err *e)
{
    struct first f = {.a = a};
    if (!engine_each(g, sql, keep_first, &f, e))
        return false;
    *out = f.text;
    return f.any || err_set(e, ERR_NOT_FOUND, "no row");
}

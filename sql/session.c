// session.c: see session.h.
//
// Whoever asks may be hostile, and may have taken this process over: nothing outside relies on what is done here. What
// stands here is only for those who ask honestly: a small range, an estimate, errors that help.
#include "sql/session.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "log/ask.h"
#include "log/told.h"
#include "log/view.h"
#include "sql/lease.h"
#include "sql/sandbox.h"
#include "sql/stream.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ARENA_MAX = 512 << 20, DAY_S = 86400 };

struct question {
    struct session *s;
    struct arena *a;
    struct ask_job job;
    struct strs names, view_names;      // datasets and their views
    struct strs used;                   // views that it names
    struct strs tables, columns;        // for suggestions
    struct view *views;
    size_t views_n;
    struct range range;
    const char *note;                   // what the person should know of the range
    bool reads_lake;
    bool deed;                          // no question (test builds only): it is done, and there are no rows
    int64_t began;
    struct str wrapped;                 // what is run
    size_t shift;                       // bytes of it before the question
};

// ---- frames ----

static bool read_exactly(int fd, char *to, size_t n)
{
    for (ssize_t k; n; to += k, n -= (size_t)k)
        if ((k = read(fd, to, n)) <= 0)
            return false;
    return true;
}

static bool next_frame(struct question *q, enum ask_type want, struct str *payload)
{
    char head[ASK_HEAD];
    enum ask_type type;
    if (!read_exactly(q->s->socket, head, sizeof head))
        return false;
    size_t n = ask_head_read(head, &type);
    if (n == SIZE_MAX || type != want)
        return false;
    char *p = arena_take(q->a, n + 1, 1);
    *payload = (struct str){p, n};
    return read_exactly(q->s->socket, p, n);
}

static void send_frame(struct question *q, enum ask_type type, struct str payload)
{
    OWN_BUF struct buf b = buf_make(ASK_MAX + ASK_HEAD);
    struct err ignored;
    ask_put(&b, type, payload);
    if (!fd_write_all(q->s->socket, buf_str(&b), &ignored))
        _exit(0);               // nobody listens any more
}

static void send_fail(struct question *q, const struct err *e)
{
    OWN_BUF struct buf b = buf_make(8192);
    ask_fail_put(&b, e);
    send_frame(q, ASK_FAIL, buf_str(&b));
}

// ---- what the store knows ----

static bool add_releases(struct question *q, const json_t *rows, struct err *e)
{
    duckdb_appender to;
    size_t i;
    json_t *row;
    if (!engine_do(q->s->engine, "CREATE SCHEMA inside; CREATE TABLE inside.release_rows (service VARCHAR, number BIGINT,"
                                    " state VARCHAR, ms BIGINT)", e)
        || !engine_do(q->s->engine, "CREATE VIEW releases AS SELECT service, number, state, make_timestamptz(ms * 1000) AS state_at"
                                    " FROM inside.release_rows", e))
        return false;
    if (duckdb_appender_create(q->s->engine->con, "inside", "release_rows", &to) != 0)
        return err_set(e, ERR_BUG, "the releases could not be kept");
    json_array_foreach(rows, i, row) {
        const char *service = json_string_value(json_array_get(row, 0)), *state = json_string_value(json_array_get(row, 2));
        duckdb_append_varchar_length(to, service ? service : "", strlen(service ? service : ""));
        duckdb_append_int64(to, json_integer_value(json_array_get(row, 1)));
        duckdb_append_varchar_length(to, state ? state : "", strlen(state ? state : ""));
        duckdb_append_int64(to, json_integer_value(json_array_get(row, 3)));
        duckdb_appender_end_row(to);
    }
    return duckdb_appender_destroy(&to) == 0 || err_set(e, ERR_BUG, "the releases could not be kept");
}

static bool add_known(struct question *q, struct str setup, bool *pages, struct err *e)
{
    json_error_t why;
    json_t *root = json_loadb(setup.p, setup.n, 0, &why), *row;
    size_t i;
    json_array_foreach(json_object_get(root, "pages"), i, row)
        if (json_is_string(row)) {
            pages_learn(q->s->engine->pages, str_z(json_string_value(row)));
            *pages = true;
        }
    bool ok = add_releases(q, json_object_get(root, "releases"), e);
    json_decref(root);
    return ok;
}

// ---- which time it is about ----

static json_t *first_one(json_t *j)
{
    const char *key;
    json_t *v, *found;
    size_t i;
    if (json_is_object(j)) {
        if (strcmp(json_string_value(json_object_get(j, "class")) ? json_string_value(json_object_get(j, "class")) : "",
                   "CONSTANT") == 0)
            return j;
        json_object_foreach(j, key, v)
            if ((found = first_one(v)) != NULL)
                return found;
    }
    json_array_foreach(j, i, v)
        if ((found = first_one(v)) != NULL)
            return found;
    return NULL;
}

// "Nowhere" is written as 2^64 - 1, which is no number to our parser.
static json_t *parse_ast(struct str text)
{
    static const char nowhere[] = "\"query_location\":18446744073709551615";
    json_error_t why;
    OWN_BUF struct buf b = buf_make(text.n + 1);
    for (ptrdiff_t at; (at = str_find(text, ((struct str){nowhere, sizeof nowhere - 1}))) >= 0; text = str_from(text, (size_t)at + sizeof nowhere - 1)) {
        buf_add(&b, str_head(text, (size_t)at));
        buf_addz(&b, "\"query_location\":0");
    }
    buf_add(&b, text);
    return json_loadb(b.p, b.n, 0, &why);
}

// The value of a constant expression is asked from the engine, put in the place of the 1.
static bool constant_value(void *arg, const json_t *expression, enum range_unit unit, int64_t *out)
{
    static const char *const shapes[] = {
        [RANGE_DAY] = "SELECT CAST(CAST(1 AS DATE) - DATE ''1970-01-01'' AS VARCHAR) AS v",
        [RANGE_HOUR] = "SELECT CAST(CAST(1 AS BIGINT) AS VARCHAR) AS v",
        [RANGE_TIME] = "SELECT CAST(epoch_us(CAST(1 AS TIMESTAMPTZ)) AS VARCHAR) AS v"};
    struct question *q = arg;
    struct err ignored;
    struct str shape, value;
    if (!engine_text(q->s->engine, q->a, str_zf(q->a, "SELECT json_serialize_sql('%s')::VARCHAR", shapes[unit]), &shape, &ignored))
        return false;
    json_t *root = parse_ast(shape), *one = first_one(root);
    if (one) {
        json_object_clear(one);
        json_object_update(one, (json_t *)(uintptr_t)expression);
    }
    char *text = one ? json_dumps(root, JSON_COMPACT) : NULL;
    json_decref(root);
    if (!text)
        return false;
    const char *sql = str_zf(q->a, "SELECT v FROM json_execute_serialized_sql(" STR_F ")", STR_A(engine_quote(q->a, str_z(text))));
    free(text);
    return engine_text(q->s->engine, q->a, sql, &value, &ignored) && str_i64(value, out);
}

static bool when_typed(struct question *q, const char *option, struct str text, const char *expression, int64_t *out, struct err *e)
{
    struct str value;
    const char *sql = str_zf(q->a, "SELECT CAST(%s AS VARCHAR) FROM (SELECT " STR_F " AS t)", expression, STR_A(engine_quote(q->a, text)));
    struct err inner;
    if (engine_text(q->s->engine, q->a, sql, &value, &inner) && str_i64(value, out))
        return true;
    return err_set(e, ERR_INPUT, "--%s: \"" STR_F "\" is no %s", option, STR_A(text), strcmp(option, "day") == 0
                   ? "day; write 2026-11-20, today or yesterday" : "time; write 2026-11-20 or '2026-11-20 14:30'");
}

static bool typed_range(struct question *q, struct range *r, struct err *e)
{
    int64_t v;
    static const char day[] = "CASE t WHEN 'today' THEN current_date WHEN 'yesterday' THEN current_date - 1 ELSE t::DATE END"
                              " - DATE '1970-01-01'";
    *r = range_everything();
    if (q->job.day.n) {
        if (!when_typed(q, "day", q->job.day, day, &v, e))
            return false;
        r->low_hour = (int32_t)(v * 24);
        r->high_hour = (int32_t)(v * 24 + 23);
    }
    if (q->job.from.n && !when_typed(q, "from", q->job.from, "epoch_us(t::TIMESTAMPTZ)", &r->low_us, e))
        return false;
    if (q->job.to.n) {
        if (!when_typed(q, "to", q->job.to, "epoch_us(t::TIMESTAMPTZ)", &r->high_us, e))
            return false;
        r->high_us--;
    }
    r->filter = q->job.from.n || q->job.to.n;
    return true;
}

static struct range last_day(void)
{
    struct range r = range_everything();
    r.low_us = (now_ms() - DAY_S * INT64_C(1000)) * 1000;
    r.high_us = (now_ms() + DAY_S * INT64_C(1000)) * 1000;      // lines of a clock that runs ahead are seen too
    r.filter = true;
    return r;
}

static json_t *serialized(struct question *q)
{
    struct str text;
    struct err ignored;
    const char *sql = str_zf(q->a, "SELECT json_serialize_sql(" STR_F ")::VARCHAR", STR_A(engine_quote(q->a, q->job.query)));
    return engine_text(q->s->engine, q->a, sql, &text, &ignored) ? parse_ast(text) : NULL;
}

static bool find_range(struct question *q, struct err *e)
{
    bool typed = q->job.day.n || q->job.from.n || q->job.to.n || q->job.all;
    struct range found;
    json_t *ast = serialized(q);
    enum range_found how = range_of_query(q->a, ast, &q->view_names, constant_value, q, &found, &q->used);
    json_decref(ast);
    q->range = found;
    q->reads_lake = how != RANGE_NONE;
    if (typed)
        return typed_range(q, &q->range, e);
    if (how == RANGE_UNBOUND || how == RANGE_UNKNOWN || how == RANGE_NONE)
        q->range = last_day();
    else if (how == RANGE_PARTLY)
        q->range = range_hull(found, last_day());
    if (how == RANGE_UNBOUND || how == RANGE_UNKNOWN)
        q->note = "the last 24 hours, since the question names no dt, hour or time (--day, --from, --all)";
    else if (how == RANGE_PARTLY)
        q->note = "one part of the question names no dt, hour or time: it reads from the first day named until now";
    return true;
}

// ---- views ----

static void note_columns(struct question *q, const struct catalog *m)
{
    static const char *const made[] = {"dt", "hour", "page", "client"};
    for (int i = 0; i < m->schema.n; i++) {
        struct str name = str_dup(q->a, (struct str){m->schema.at[i].name, m->schema.at[i].name_n});
        if (!strs_have(&q->columns, name))
            vec_push(q->a, &q->columns, name);
    }
    for (size_t i = 0; i < ARRAY_LEN(made); i++)
        if (!strs_have(&q->columns, str_z(made[i])))
            vec_push(q->a, &q->columns, str_z(made[i]));
}

// Rows of the largest chosen file teach page(), so that a page has one name from the first row on.
static bool learn(struct question *q, const struct view *v, struct err *e)
{
    const struct lake_file *most = NULL;
    for (size_t i = 0; i < v->groups.n; i++)
        for (size_t k = 0; k < v->groups.at[i].files.n; k++) {
            const struct lake_file *f = v->groups.at[i].files.at[k];
            int uri = schema_find(&v->catalog->schema, S("uri"));
            if (uri >= 0 && uri < f->schema && (!most || f->rows > most->rows))
                most = f;
        }
    if (!most)
        return true;
    struct str path = str_f(q->a, "%s/" STR_F "/" STR_F, q->s->lake, STR_A(v->dataset), STR_A(most->path));
    struct str said;
    return engine_text(q->s->engine, q->a, str_zf(q->a, "SELECT count(page(uri))::VARCHAR FROM (SELECT DISTINCT uri FROM read_parquet("
                       STR_F ") LIMIT 200000)", STR_A(engine_quote(q->a, path))), &said, e);
}

static bool add_view(struct question *q, struct str dataset, uint64_t *generation, struct err *e)
{
    struct catalog *m = NEW(q->a, struct catalog);
    struct view *v = &q->views[q->views_n];
    const char *path = str_zf(q->a, "%s/" STR_F "/manifest", q->s->lake, STR_A(dataset));
    if (!catalog_read(q->a, path, m, e)) {
        bool gone = e->kind == ERR_NOT_FOUND;   // it was there a moment ago; then there is no such table
        e->kind = gone ? ERR_NONE : e->kind;
        return gone;
    }
    if (!view_make(q->a, q->s->lake, dataset, m, &q->range, v, e))
        return false;
    q->views_n++;
    if (m->generation < *generation)
        *generation = m->generation;
    note_columns(q, m);
    const char *sql = str_zf(q->a, "CREATE VIEW " STR_F " AS " STR_F, STR_A(v->name), STR_A(v->sql));
    return engine_do(q->s->engine, sql, e) || err_in(e, "the view " STR_F, STR_A(v->name));
}

static bool add_views(struct question *q, struct err *e)
{
    uint64_t generation = UINT64_MAX;
    q->views = NEW_N(q->a, struct view, q->names.n + 1);
    OWN_FD lease = lease_begin(q->s->spill, e);
    if (lease < 0)
        return false;
    for (size_t i = 0; i < q->names.n; i++)
        if (!q->used.n || strs_have(&q->used, q->view_names.at[i]))
            if (!add_view(q, q->names.at[i], &generation, e))
                return false;
    return lease_holds(fd_give(&lease), generation, e);      // and held until this process ends
}

// Only the datasets that the question names stay visible.
static bool narrow(struct question *q, struct err *e)
{
    struct strs dirs = {0};
    for (size_t i = 0; i < q->views_n; i++)
        vec_push(q->a, &dirs, str_f(q->a, "%s/" STR_F, q->s->lake, STR_A(q->views[i].dataset)));
    return sandbox_paths(&dirs, q->s->spill, e);
}

// ---- the question itself ----

static bool told(struct question *q, const char *said, size_t shift, struct err *e)
{
    struct told t = {.query = q->job.query, .lake = q->s->lake, .tables = &q->tables, .columns = &q->columns, .memory = q->s->memory};
    return told_err(q->a, &t, said, shift, e);
}

static enum ask_kind kind_of(int type)
{
    switch (type) {
    case DUCK_BOOLEAN:
        return ASK_BOOL;
    case DUCK_FLOAT:
    case DUCK_DOUBLE:
    case DUCK_DECIMAL:
        return ASK_NUMBER;
    case DUCK_HUGEINT:
    case DUCK_UHUGEINT:
    case DUCK_BIGNUM:
        return ASK_WHOLE;
    case DUCK_LIST:
    case DUCK_STRUCT:
    case DUCK_MAP:
    case DUCK_ARRAY:
    case DUCK_UNION:
        return ASK_JSON;
    default:
        return type > DUCK_BOOLEAN && type <= DUCK_UBIGINT ? ASK_WHOLE : ASK_TEXT;
    }
}

struct shape { struct ask_column *at; size_t n; };

static bool shape_of(struct question *q, duckdb_prepared_statement p, struct shape *out, struct err *e)
{
    OWN_BUF struct buf b = buf_make(ASK_MAX);
    out->n = duckdb_prepared_statement_column_count(p);
    if (out->n == 0 || out->n > ASK_COLUMNS_MAX)
        return err_set(e, ERR_INPUT, "the question has %zu columns; it may have 1 to %d", out->n, ASK_COLUMNS_MAX);
    out->at = NEW_N(q->a, struct ask_column, out->n);
    put_u16(&b, (uint16_t)out->n);
    for (size_t i = 0; i < out->n; i++) {
        const char *name = duckdb_prepared_statement_column_name(p, i);
        out->at[i] = (struct ask_column){kind_of(duckdb_prepared_statement_column_type(p, i)), str_dup(q->a, str_head(str_z(name), 1000))};
        duckdb_free((void *)(uintptr_t)name);
        put_u8(&b, (uint8_t)out->at[i].kind);
        put_text(&b, out->at[i].name);
    }
    if (!buf_ok(&b, e))
        return false;
    send_frame(q, ASK_COLUMNS, buf_str(&b));
    return true;
}

// A ; at the end means nothing here and would end the parenthesis below.
static struct str trimmed(struct str s)
{
    for (s = str_trim(s); s.n && s.p[s.n - 1] == ';';)
        s = str_trim(str_head(s, s.n - 1));
    return s;
}

// Every value comes as text: "SELECT c0::VARCHAR, ... FROM (question) AS q(c0, ...)".
static void wrap(struct question *q, const struct shape *shape, struct str query)
{
    OWN_BUF struct buf b = buf_make(ASK_JOB_MAX + (1 << 20));
    buf_addz(&b, "SELECT ");
    for (size_t i = 0; i < shape->n; i++)
        buf_addf(&b, shape->at[i].kind == ASK_JSON ? "%sto_json(c%zu)::VARCHAR" : "%sc%zu::VARCHAR", i ? ", " : "", i);
    buf_addz(&b, " FROM (");
    q->shift = b.n;
    buf_add(&b, query);
    buf_addz(&b, "\n) AS q(");
    for (size_t i = 0; i < shape->n; i++)
        buf_addf(&b, "%sc%zu", i ? ", " : "", i);
    buf_addz(&b, ")");
    if (q->job.limit)
        buf_addf(&b, " LIMIT %lld", (long long)q->job.limit + 1);
    q->wrapped = str_dup(q->a, buf_str(&b));
}

static bool prepares(struct question *q, duckdb_prepared_statement *p)
{
    if (duckdb_prepare(q->s->engine->con, q->wrapped.p, p) == 0)
        return true;
    duckdb_destroy_prepare(p);
    return false;
}

// The text as it was typed, or, where a comment or the like stands in the way, as the engine writes it down itself.
static bool wrap_prepare(struct question *q, const struct shape *shape, duckdb_prepared_statement *p, struct err *e)
{
    struct str again;
    struct err ignored;
    wrap(q, shape, trimmed(q->job.query));
    if (prepares(q, p))
        return true;
    const char *sql = str_zf(q->a, "SELECT json_deserialize_sql(json_serialize_sql(" STR_F "))", STR_A(engine_quote(q->a, q->job.query)));
    if (engine_text(q->s->engine, q->a, sql, &again, &ignored)) {
        wrap(q, shape, trimmed(again));
        q->shift = SIZE_MAX;                // places are those of another text
        if (prepares(q, p))
            return true;
    }
    wrap(q, shape, trimmed(q->job.query));
    if (duckdb_prepare(q->s->engine->con, q->wrapped.p, p) == 0)
        return true;
    told(q, duckdb_prepare_error(*p), q->shift, e);
    duckdb_destroy_prepare(p);
    return false;
}

static bool one_statement(struct question *q, struct err *e)
{
    duckdb_extracted_statements all = NULL;
    idx_t n = duckdb_extract_statements(q->s->engine->con, q->job.query.p, &all);
    const char *why = duckdb_extract_statements_error(all);
    if (n == 0 && why)
        told(q, why, 0, e);
    else if (n == 0)
        err_set(e, ERR_INPUT, "there is no question");
    else if (n > 1)
        err_set(e, ERR_INPUT, "these are %d questions; ask one at a time", (int)n);
    if (n > 1 && strcasestr(q->job.query.p, "pivot"))
        err_hint(e, "PIVOT asks twice unless it is told the values: ON method IN ('GET', 'POST')");
    duckdb_destroy_extracted(&all);
    return n == 1;
}

static bool no_question(struct err *e)
{
    err_set(e, ERR_INPUT, "only questions are answered: SELECT, WITH, FROM, VALUES, SUMMARIZE, DESCRIBE, SHOW, PIVOT, EXPLAIN");
    return false;
}

// Prepares it as typed, for its errors and columns, then as it is run.
static bool prepare(struct question *q, duckdb_prepared_statement *p, struct shape *shape, struct err *e)
{
    duckdb_prepared_statement typed = NULL;
    if (!one_statement(q, e))
        return false;
    if (duckdb_prepare(q->s->engine->con, q->job.query.p, &typed) != 0) {
        told(q, duckdb_prepare_error(typed), 0, e);
        duckdb_destroy_prepare(&typed);
        return false;
    }
    int type = duckdb_prepared_statement_type(typed);
    bool ok = q->s->open || type == DUCK_SELECT || type == DUCK_EXPLAIN || no_question(e);
    if (ok && duckdb_nparams(typed))
        ok = err_set(e, ERR_INPUT, "a question has no parameters; write the value instead of ? or $1");
    ok = ok && shape_of(q, typed, shape, e);
    q->deed = type != DUCK_SELECT && type != DUCK_EXPLAIN;
    if (ok && type != DUCK_SELECT) {
        *p = typed;                             // EXPLAIN: two columns of text as it is
        return true;
    }
    duckdb_destroy_prepare(&typed);
    return ok && wrap_prepare(q, shape, p, e);
}

static bool plan_text(struct question *q, struct str *plan)
{
    duckdb_result r;
    const char *sql = str_zf(q->a, "EXPLAIN (FORMAT json) " STR_F, STR_A(q->wrapped));
    bool ok = duckdb_query(q->s->engine->con, sql, &r) == 0;
    duckdb_data_chunk c = ok ? duckdb_fetch_chunk(r) : NULL;
    ok = c && duckdb_column_count(&r) == 2 && duckdb_data_chunk_get_size(c) > 0;
    if (ok) {
        duckdb_string_t *text = duckdb_vector_get_data(duckdb_data_chunk_get_vector(c, 1));
        *plan = str_dup(q->a, engine_string(text));
    }
    if (c)
        duckdb_destroy_data_chunk(&c);
    duckdb_destroy_result(&r);
    return ok;
}

// false: the asker heard how much it is and left.
static bool estimate(struct question *q)
{
    struct ask_estimate m = {0};
    struct str plan, go;
    for (size_t i = 0; i < q->views_n; i++)
        m.of += q->views[i].of;
    size_t files = 0;
    if (q->note)
        send_frame(q, ASK_NOTE, str_z(q->note));
    if (!q->reads_lake || !q->wrapped.n || !plan_text(q, &plan))
        return true;
    m.bytes = (uint64_t)view_estimate(q->views, q->views_n, plan, &files);
    m.files = files;
    m.waits = q->job.confirm_over && m.bytes > (uint64_t)q->job.confirm_over;
    OWN_BUF struct buf b = buf_make(64);
    ask_estimate_put(&b, &m);
    send_frame(q, ASK_ESTIMATE, buf_str(&b));
    return !m.waits || next_frame(q, ASK_GO, &go);
}

// Bytes this process has read so far, from the disk or its cache.
static uint64_t bytes_read(struct session *s)
{
    char text[512];
    uint64_t v = 0;
    ssize_t n = pread(s->io, text, sizeof text, 0);
    struct str rest = {text, n > 0 ? (size_t)n : 0}, line = str_cut(&rest, '\n');
    str_cut(&line, ' ');
    s->looked += n > 0 ? (uint64_t)n : 0;       // what is read here counts from the next look on
    return str_u64(line, &v) ? v - (s->looked - (uint64_t)n) : 0;
}

static bool run(struct question *q, duckdb_prepared_statement p, const struct shape *shape, struct err *e)
{
    struct ask_end end = {0};
    uint64_t before = bytes_read(q->s);
    duckdb_result r;
    const char *why = NULL;
    e->kind = ERR_NONE;
    bool ok = duckdb_execute_prepared_streaming(p, &r) == 0
           && (q->deed || stream_rows(q->s->socket, r, shape->n, (uint64_t)q->job.limit, &end.rows, &end.more, &why, e));
    if (!ok && !e->kind)
        told(q, why ? why : duckdb_result_error(&r), q->shift, e);
    duckdb_destroy_result(&r);
    if (!ok)
        return false;
    OWN_BUF struct buf b = buf_make(64);
    end.bytes = bytes_read(q->s) - before;
    end.ms = (uint64_t)(tick_ms() - q->began);
    ask_end_put(&b, &end);
    send_frame(q, ASK_END, buf_str(&b));
    return true;
}

static bool mentions_page(struct str query)
{
    return strcasestr(query.p, "page") != NULL;
}

static void name_views(struct question *q)
{
    static const char *const release[] = {"service", "number", "state", "state_at"};
    for (size_t i = 0; i < ARRAY_LEN(release) && strcasestr(q->job.query.p, "releases"); i++)
        vec_push(q->a, &q->columns, str_z(release[i]));
    q->names = q->s->datasets;
    for (size_t i = 0; i < q->names.n; i++) {
        vec_push(q->a, &q->view_names, view_name(q->a, q->names.at[i]));
        vec_push(q->a, &q->tables, q->view_names.at[i]);
    }
    vec_push(q->a, &q->tables, S("releases"));
}

static bool answer(struct question *q, struct str setup, struct err *e)
{
    duckdb_prepared_statement p = NULL;
    struct shape shape = {0};
    bool pages = false;
    q->began = tick_ms();
    name_views(q);
    if (!add_known(q, setup, &pages, e) || !find_range(q, e) || !add_views(q, e))
        return false;
    for (size_t i = 0; i < q->views_n && !pages && mentions_page(q->job.query); i++)
        if (!learn(q, &q->views[i], e))
            return false;
    if (!narrow(q, e) || !prepare(q, &p, &shape, e))
        return false;
    if (estimate(q) && !run(q, p, &shape, e))
        return false;
    duckdb_destroy_prepare(&p);
    return true;
}

void session_run(struct session *s)
{
    OWN_ARENA struct arena a = arena_make(ARENA_MAX);
    struct question q = {.s = s, .a = &a};
    struct str setup, payload;
    struct err e = {0};
    if (!next_frame(&q, ASK_SETUP, &setup) || !next_frame(&q, ASK_JOB, &payload))
        return;
    if (!ask_job_read(&a, payload, &q.job, &e) || !answer(&q, setup, &e))
        send_fail(&q, &e);
}

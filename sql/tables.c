// tables.c: what a question may name: releases, pages, a view for each dataset, and nothing else of the lake.
#include "sql/question.h"
#include "log/times.h"
#include "sql/lease.h"
#include "sql/sandbox.h"
#include <jansson.h>
#include <string.h>

void question_names(struct question *q)
{
    static const char *const release[] = {"service", "number", "state", "state_at", "kind", "target"};
    for (size_t i = 0; i < ARRAY_LEN(release) && strcasestr(q->job.query.p, "releases"); i++)
        vec_push(q->a, &q->columns, str_z(release[i]));
    q->names = q->s->datasets;
    for (size_t i = 0; i < q->names.n; i++) {
        vec_push(q->a, &q->view_names, view_name(q->a, q->names.at[i]));
        vec_push(q->a, &q->tables, q->view_names.at[i]);
    }
    vec_push(q->a, &q->tables, S("releases"));
}

static void add_text(duckdb_appender to, const json_t *j)
{
    const char *text = json_string_value(j);
    duckdb_append_varchar_length(to, text ? text : "", strlen(text ? text : ""));
}

static bool add_releases(struct question *q, const json_t *rows, struct err *e)
{
    static const char make_table[] =
        "CREATE SCHEMA inside;"
        " CREATE TABLE inside.release_rows (service VARCHAR, number BIGINT, state VARCHAR, ms BIGINT, kind VARCHAR,"
        " target BIGINT)";
    static const char make_view[] =
        "CREATE VIEW releases AS SELECT service, number, state, make_timestamptz(ms * 1000) AS state_at, kind, target"
        " FROM inside.release_rows";
    duckdb_appender to;
    size_t i;
    json_t *row;
    if (!engine_do(q->s->engine, make_table, e) || !engine_do(q->s->engine, make_view, e))
        return false;
    if (duckdb_appender_create(q->s->engine->con, "inside", "release_rows", &to) != 0)
        return err_set(e, ERR_BUG, "the releases could not be kept");
    json_array_foreach(rows, i, row) {
        add_text(to, json_array_get(row, 0));
        duckdb_append_int64(to, json_integer_value(json_array_get(row, 1)));
        add_text(to, json_array_get(row, 2));
        duckdb_append_int64(to, json_integer_value(json_array_get(row, 3)));
        add_text(to, json_array_get(row, 4));
        duckdb_append_int64(to, json_integer_value(json_array_get(row, 5)));
        duckdb_appender_end_row(to);
    }
    return duckdb_appender_destroy(&to) == 0 || err_set(e, ERR_BUG, "the releases could not be kept");
}

bool question_known(struct question *q, struct str setup, bool *pages, struct err *e)
{
    json_error_t why;
    json_t *root = json_loadb(setup.p, setup.n, 0, &why), *row;
    size_t i;
    json_array_foreach(json_object_get(root, "pages"), i, row)
        if (json_is_string(row)) {
            pages_learn(q->s->engine->pages, str_z(json_string_value(row)));
            *pages = true;
        }
    const char *trouble = json_string_value(json_object_get(root, "trouble"));
    bool ok = (!trouble || !strcasestr(q->job.query.p, "releases")
               || err_set(e, ERR_IO, "the releases cannot be read now: %s", trouble))
        && add_releases(q, json_object_get(root, "releases"), e);
    json_decref(root);
    return ok;
}

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

bool question_learn(struct question *q, const struct view *v, struct err *e)
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
    struct str said, quoted = engine_quote(q->a, path);
    const char *sql = str_zf(q->a, "SELECT count(page(uri))::VARCHAR"
                             " FROM (SELECT DISTINCT uri FROM read_parquet(" STR_F ") LIMIT 200000)", STR_A(quoted));
    return engine_text(q->s->engine, q->a, sql, &said, e);
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

bool question_views(struct question *q, struct err *e)
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

struct days { int64_t *at; size_t n, cap; };

static void add_days(struct question *q, struct days *to, const struct catalog *m)
{
    for (size_t i = 0; i < m->files.n; i++) {
        int64_t hour = m->files.at[i].hour, day = hour / 24 - (hour % 24 < 0);
        if (!to->n || to->at[to->n - 1] != day)
            vec_push(q->a, to, day);
    }
}

void question_no_lines(struct question *q)
{
    struct days days = {0};
    size_t chosen = 0;
    OWN_BUF struct buf b = buf_make(1024);
    for (size_t i = 0; i < q->views_n; i++) {
        chosen += q->views[i].files;
        add_days(q, &days, q->views[i].catalog);
    }
    if (!q->reads_lake || chosen || !days.n)
        return;
    times_days(&b, days.at, days.n);
    q->note = q->note ? str_zf(q->a, "%s; lines are of %s", q->note, buf_z(&b))
                      : str_zf(q->a, ASK_NO_LINES "lines are of %s", buf_z(&b));
}

bool question_narrow(struct question *q, struct err *e)
{
    struct strs dirs = {0};
    for (size_t i = 0; i < q->views_n; i++)
        vec_push(q->a, &dirs, str_f(q->a, "%s/" STR_F, q->s->lake, STR_A(q->views[i].dataset)));
    return sandbox_paths(&dirs, q->s->spill, e);
}

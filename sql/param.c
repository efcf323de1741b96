// param.c: the values that come with a question, bound to the statement by the engine's own means; none ever becomes
// SQL. A day and a time are values of their type, so that they may stand wherever such a column may.
#include "sql/question.h"
#include "base/clock.h"
#include <stdlib.h>
#include <string.h>

static bool moment_of(struct question *q, const struct param *p, int64_t *out, struct err *e)
{
    const char *name = str_zf(q->a, "{{" STR_F "}}", STR_A(p->name));
    if (!p->value.n || (p->type != PARAM_DAY && p->type != PARAM_TIME))
        return true;
    return p->type == PARAM_DAY ? question_day(q, name, p->value, out, e) : question_time(q, name, p->value, out, e);
}

bool question_params(struct question *q, struct err *e)
{
    struct str text;
    if (!params_of(q->a, q->job.query, &text, &q->open, e) || !params_fill(&q->open, &q->job.params, e))
        return false;
    q->job.query = text;
    q->moments = NEW_N(q->a, int64_t, q->open.n + 1);
    for (size_t i = 0; i < q->open.n; i++)
        if (!moment_of(q, &q->open.at[i], &q->moments[i], e))
            return false;
    return true;
}

static duckdb_state bind_number(duckdb_prepared_statement p, idx_t at, struct str text)
{
    int64_t whole;
    char digits[64] = {0};
    if (str_i64(text, &whole))
        return duckdb_bind_int64(p, at, whole);
    memcpy(digits, text.p, text.n < sizeof digits ? text.n : sizeof digits - 1);
    return duckdb_bind_double(p, at, strtod(digits, NULL));
}

static duckdb_state bind_one(duckdb_prepared_statement p, idx_t at, const struct param *x, int64_t moment)
{
    if (!x->value.n)
        return duckdb_bind_null(p, at);
    switch (x->type) {
    case PARAM_DAY:
        return duckdb_bind_date(p, at, (duckdb_date){(int32_t)moment});
    case PARAM_TIME:
        return duckdb_bind_timestamp_tz(p, at, (duckdb_timestamp){moment});
    case PARAM_NUMBER:
        return bind_number(p, at, x->value);
    default:
        return duckdb_bind_varchar_length(p, at, x->value.p, x->value.n);
    }
}

bool question_bind(const struct question *q, duckdb_prepared_statement p, struct err *e)
{
    for (size_t i = 0; i < q->open.n; i++) {
        const struct param *x = &q->open.at[i];
        idx_t at;
        if (duckdb_bind_parameter_index(p, &at, str_zf(q->a, STR_F, STR_A(x->name))) == 0
            && bind_one(p, at, x, q->moments[i]) != 0)
            return err_set(e, ERR_INPUT, "{{" STR_F "}}: this value cannot be taken", STR_A(x->name));
    }
    return true;
}

static json_t *shown(const struct question *q, size_t i)
{
    const struct param *x = &q->open.at[i];
    char text[TIME_TEXT_MAX];
    if (!x->value.n)
        return json_pack("{s:{s:s,s:n},s:b}", "type", "id", "NULL", "type_info", "is_null", 1);
    struct str value = x->value;
    if (x->type == PARAM_DAY)
        value = str_head(str_z(time_text(q->moments[i] * 86400000, text)), 10);
    if (x->type == PARAM_TIME)
        value = str_z(time_text(q->moments[i] / 1000, text));
    return json_pack("{s:{s:s,s:n},s:b,s:s%}", "type", "id", "VARCHAR", "type_info", "is_null", 0, "value", value.p,
                     value.n);
}

static void replace(const struct question *q, json_t *node)
{
    const char *name = json_string_value(json_object_get(node, "identifier"));
    const struct param *x = name ? params_find(&q->open, str_z(name)) : NULL;
    if (!x)
        return;
    json_object_clear(node);
    json_object_set_new(node, "class", json_string("CONSTANT"));
    json_object_set_new(node, "type", json_string("VALUE_CONSTANT"));
    json_object_set_new(node, "alias", json_string(""));
    json_object_set_new(node, "query_location", json_integer(0));
    json_object_set_new(node, "value", shown(q, (size_t)(x - q->open.at)));
}

void question_params_shown(const struct question *q, json_t *ast)
{
    const char *key, *class = json_string_value(json_object_get(ast, "class"));
    json_t *v;
    size_t i;
    if (class && strcmp(class, "PARAMETER") == 0) {
        replace(q, ast);
        return;
    }
    json_object_foreach(ast, key, v)
        question_params_shown(q, v);
    json_array_foreach(ast, i, v)
        question_params_shown(q, v);
}

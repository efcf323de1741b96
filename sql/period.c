// period.c: which time a question is about: what was typed beside it, or what its WHERE says, which the engine writes
// down as JSON (log/range.h).
#include "sql/question.h"
#include "base/clock.h"
#include "log/times.h"
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { DAY_S = 86400 };

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
    const struct str nowhere = S("\"query_location\":18446744073709551615");
    json_error_t why;
    OWN_BUF struct buf b = buf_make(text.n + 1);
    for (ptrdiff_t at; (at = str_find(text, nowhere)) >= 0; text = str_from(text, (size_t)at + nowhere.n)) {
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
    const char *sql = str_zf(q->a, "SELECT json_serialize_sql('%s')::VARCHAR", shapes[unit]);
    if (!engine_text(q->s->engine, q->a, sql, &shape, &ignored))
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
    struct str quoted = engine_quote(q->a, str_z(text));
    free(text);
    sql = str_zf(q->a, "SELECT v FROM json_execute_serialized_sql(" STR_F ")", STR_A(quoted));
    return engine_text(q->s->engine, q->a, sql, &value, &ignored) && str_i64(value, out);
}

static bool when_typed(struct question *q, struct str text, const char *expression, int64_t *out)
{
    struct str value, quoted = engine_quote(q->a, text);
    const char *sql = str_zf(q->a, "SELECT CAST(%s AS VARCHAR) FROM (SELECT " STR_F " AS t)", expression,
                             STR_A(quoted));
    struct err inner;
    return engine_text(q->s->engine, q->a, sql, &value, &inner) && str_i64(value, out);
}

bool question_day(struct question *q, const char *name, struct str text, int64_t *out, struct err *e)
{
    return when_typed(q, text, "CASE t WHEN 'today' THEN current_date WHEN 'yesterday' THEN current_date - 1"
                      " ELSE t::DATE END - DATE '1970-01-01'", out)
        || err_set(e, ERR_INPUT, "%s: \"" STR_F "\" is no day; write 2026-11-20, today or yesterday", name,
                   STR_A(text));
}

// "-2h" is so long ago.
bool question_time(struct question *q, const char *name, struct str text, int64_t *out, struct err *e)
{
    int64_t ago_ms;
    if (str_starts(text, S("-")) && duration_parse(str_from(text, 1), &ago_ms)) {
        *out = (now_ms() - ago_ms) * 1000;
        return true;
    }
    if (times_zoned(text, out)) {
        *out *= 1000;
        return true;
    }
    return when_typed(q, text, "epoch_us(t::TIMESTAMPTZ)", out)
        || err_set(e, ERR_INPUT, "%s: \"" STR_F "\" is no time; write 2026-11-20 or '2026-11-20 14:30'", name,
                   STR_A(text));
}

static bool typed_range(struct question *q, struct range *r, struct err *e)
{
    int64_t v;
    *r = range_everything();
    if (q->job.day.n) {
        if (!question_day(q, "--day", q->job.day, &v, e))
            return false;
        r->low_hour = (int32_t)(v * 24);
        r->high_hour = (int32_t)(v * 24 + 23);
    }
    if (q->job.from.n && !question_time(q, "--from", q->job.from, &r->low_us, e))
        return false;
    if (q->job.to.n) {
        if (!question_time(q, "--to", q->job.to, &r->high_us, e))
            return false;
        r->high_us--;
    }
    if (q->job.from.n && q->job.to.n && r->low_us > r->high_us) {
        err_set(e, ERR_INPUT, "--to %s is not after --from %s", str_zf(q->a, STR_F, STR_A(q->job.to)),
                str_zf(q->a, STR_F, STR_A(q->job.from)));
        return err_hint(e, "--to names the first moment that is no longer asked for");
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
    struct str text, quoted = engine_quote(q->a, q->job.query);
    struct err ignored;
    const char *sql = str_zf(q->a, "SELECT json_serialize_sql(" STR_F ")::VARCHAR", STR_A(quoted));
    return engine_text(q->s->engine, q->a, sql, &text, &ignored) ? parse_ast(text) : NULL;
}

// Columns have no time. (SUMMARIZE reads rows.)
static bool only_describes(struct str query)
{
    static const char *const words[] = {"describe", "desc", "show"};
    struct str rest = str_trim(query);
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (rest.n > strlen(words[i]) && strncasecmp(rest.p, words[i], strlen(words[i])) == 0
            && strchr(" \t\n\r", rest.p[strlen(words[i])]))
            return true;
    return false;
}

bool question_range(struct question *q, struct err *e)
{
    bool typed = q->job.day.n || q->job.from.n || q->job.to.n || q->job.all;
    struct range found;
    json_t *ast = serialized(q);
    question_params_shown(q, ast);
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
    if (only_describes(q->job.query))
        q->note = NULL;
    else if (how == RANGE_UNBOUND || how == RANGE_UNKNOWN)
        q->note = "the last 24 hours, since nothing in the question narrows dt or time (--since, --day, --from, --all)";
    else if (how == RANGE_PARTLY)
        q->note = "one part of the question does not narrow dt or time: it reads from the first day named until now";
    return true;
}

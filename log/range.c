// range.c: see range.h.
#include "log/range.h"
#include <string.h>

enum { DEEP = 200 };        // levels of a question that are looked at

struct range range_everything(void)
{
    return (struct range){.low_hour = INT32_MIN, .high_hour = INT32_MAX, .low_us = INT64_MIN, .high_us = INT64_MAX};
}

bool range_empty(const struct range *r)
{
    return r->low_hour > r->high_hour || r->low_us > r->high_us;
}

struct range range_hull(struct range a, struct range b)
{
    if (range_empty(&a) || range_empty(&b))
        return range_empty(&a) ? b : a;
    a.low_hour = a.low_hour < b.low_hour ? a.low_hour : b.low_hour;
    a.high_hour = a.high_hour > b.high_hour ? a.high_hour : b.high_hour;
    a.low_us = a.low_us < b.low_us ? a.low_us : b.low_us;
    a.high_us = a.high_us > b.high_us ? a.high_us : b.high_us;
    a.filter = false;
    return a;
}

bool range_has(const struct range *r, int32_t hour, int64_t low_us, int64_t high_us)
{
    return hour >= r->low_hour && hour <= r->high_hour && high_us >= r->low_us && low_us <= r->high_us;
}

struct look {
    struct arena *a;
    const struct strs *views;
    range_value_fn *fn;
    void *arg;
    bool *used;                     // [views->n]
    bool any, any_bound, any_free, lost;
    struct range hull;
};

static const char *text(const json_t *o, const char *key)
{
    const char *z = json_string_value(json_object_get(o, key));
    return z ? z : "";
}

// ---- which table a condition is about ----

// A reference to one of our views in a FROM: under which name its columns go.
struct table { const char *name; int view; };
struct tables { struct table *at; size_t n, cap; };

static int view_of(const struct look *l, const char *name)
{
    for (size_t i = 0; i < l->views->n; i++)
        if (strcasecmp(l->views->at[i].p, name) == 0)
            return (int)i;
    return -1;
}

// Tables directly in this FROM, not those of questions inside it.
static void collect(struct look *l, const json_t *from, struct tables *t, int deep)
{
    const char *type = text(from, "type"), *alias = text(from, "alias");
    if (deep > DEEP)
        l->lost = true;
    else if (strcmp(type, "JOIN") == 0) {
        collect(l, json_object_get(from, "left"), t, deep + 1);
        collect(l, json_object_get(from, "right"), t, deep + 1);
    } else if (strcmp(type, "BASE_TABLE") == 0) {
        int view = view_of(l, text(from, "table_name"));
        if (view >= 0)
            vec_push(l->a, t, ((struct table){*alias ? alias : text(from, "table_name"), view}));
    }
}

// The unit when this is dt, hour or time of that table. `alone`: a name without a table can only mean it.
static bool is_column(const json_t *o, const struct table *t, bool alone, enum range_unit *unit)
{
    static const char *const names[] = {[RANGE_DAY] = "dt", [RANGE_HOUR] = "hour", [RANGE_TIME] = "time"};
    const json_t *words = json_object_get(o, "column_names");
    size_t n = json_array_size(words);
    if (strcmp(text(o, "class"), "COLUMN_REF") != 0 || n == 0 || n > 2)
        return false;
    const char *last = json_string_value(json_array_get(words, n - 1)),
        *first = json_string_value(json_array_get(words, 0));
    if (!last || !first || (n == 2 ? strcasecmp(first, t->name) != 0 : !alone))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strcasecmp(last, names[i]) == 0) {
            *unit = (enum range_unit)i;
            return true;
        }
    return false;
}

// ---- what the conditions say ----

struct bounds3 { int64_t low[3], high[3]; };       // by enum range_unit

static void at_least(struct bounds3 *b, enum range_unit u, int64_t v)
{
    if (v > b->low[u])
        b->low[u] = v;
}

static void at_most(struct bounds3 *b, enum range_unit u, int64_t v)
{
    if (v < b->high[u])
        b->high[u] = v;
}

// < is taken as <=, > as >=: a day that is compared with a moment loses its hours, and too wide is never wrong.
static void compare(struct look *l, const char *type, enum range_unit u, const json_t *value, bool turned,
                    struct bounds3 *b)
{
    int64_t v;
    bool equal = strcmp(type, "COMPARE_EQUAL") == 0;
    bool less = strncmp(type, "COMPARE_LESSTHAN", 16) == 0, greater = strncmp(type, "COMPARE_GREATERTHAN", 19) == 0;
    if ((!equal && !less && !greater) || !l->fn(l->arg, value, u, &v))
        return;
    if (equal || (less == turned))
        at_least(b, u, v);
    if (equal || (greater == turned))
        at_most(b, u, v);
}

static void within(struct look *l, const json_t *values, size_t from, enum range_unit u, struct bounds3 *b)
{
    int64_t low = INT64_MAX, high = INT64_MIN, v;
    for (size_t i = from; i < json_array_size(values); i++) {
        if (!l->fn(l->arg, json_array_get(values, i), u, &v))
            return;
        low = v < low ? v : low;
        high = v > high ? v : high;
    }
    if (low <= high) {
        at_least(b, u, low);
        at_most(b, u, high);
    }
}

static struct bounds3 no_bounds(void)
{
    return (struct bounds3){{INT64_MIN, INT64_MIN, INT64_MIN}, {INT64_MAX, INT64_MAX, INT64_MAX}};
}

static struct bounds3 no_rows(void)
{
    return (struct bounds3){{INT64_MAX, INT64_MAX, INT64_MAX}, {INT64_MIN, INT64_MIN, INT64_MIN}};
}

// "'2026-11-20' is null", which is what a parameter that has a value leaves of "{{day?}} is null".
static bool never_true(const json_t *w)
{
    bool null = strcmp(text(w, "type"), "OPERATOR_IS_NULL") == 0;
    const json_t *x = json_array_get(json_object_get(w, "children"), 0), *value;
    while (strcmp(text(x, "class"), "CAST") == 0 && !json_is_true(json_object_get(x, "try_cast")))
        x = json_object_get(x, "child");
    value = json_object_get(x, "value");
    return (null || strcmp(text(w, "type"), "OPERATOR_IS_NOT_NULL") == 0) && strcmp(text(x, "class"), "CONSTANT") == 0
        && json_is_object(value) && json_is_true(json_object_get(value, "is_null")) != null;
}

static void condition(struct look *l, const json_t *w, const struct table *t, bool alone, struct bounds3 *b, int deep);

// From the lowest to the highest that one of them allows.
static void one_of(struct look *l, const json_t *children, const struct table *t, bool alone, struct bounds3 *b,
                   int deep)
{
    struct bounds3 sum = no_rows();
    for (size_t i = 0; i < json_array_size(children); i++) {
        struct bounds3 one = no_bounds();
        condition(l, json_array_get(children, i), t, alone, &one, deep);
        for (size_t u = 0; u < ARRAY_LEN(sum.low); u++) {
            sum.low[u] = one.low[u] < sum.low[u] ? one.low[u] : sum.low[u];
            sum.high[u] = one.high[u] > sum.high[u] ? one.high[u] : sum.high[u];
        }
    }
    for (size_t u = 0; u < ARRAY_LEN(sum.low); u++) {
        at_least(b, (enum range_unit)u, sum.low[u]);
        at_most(b, (enum range_unit)u, sum.high[u]);
    }
}

static void condition(struct look *l, const json_t *w, const struct table *t, bool alone, struct bounds3 *b, int deep)
{
    const char *type = text(w, "type");
    const json_t *children = json_object_get(w, "children");
    enum range_unit u;
    int64_t v;
    if (deep > DEEP)
        return;
    if (never_true(w))
        *b = no_rows();
    else if (strcmp(type, "CONJUNCTION_AND") == 0)
        for (size_t i = 0; i < json_array_size(children); i++)
            condition(l, json_array_get(children, i), t, alone, b, deep + 1);
    else if (strcmp(type, "CONJUNCTION_OR") == 0)
        one_of(l, children, t, alone, b, deep + 1);
    else if (strcmp(type, "COMPARE_BETWEEN") == 0 && is_column(json_object_get(w, "input"), t, alone, &u)) {
        if (l->fn(l->arg, json_object_get(w, "lower"), u, &v))
            at_least(b, u, v);
        if (l->fn(l->arg, json_object_get(w, "upper"), u, &v))
            at_most(b, u, v);
    } else if (strcmp(type, "COMPARE_IN") == 0 && is_column(json_array_get(children, 0), t, alone, &u))
        within(l, children, 1, u, b);
    else if (is_column(json_object_get(w, "left"), t, alone, &u))
        compare(l, type, u, json_object_get(w, "right"), false, b);
    else if (is_column(json_object_get(w, "right"), t, alone, &u))
        compare(l, type, u, json_object_get(w, "left"), true, b);
}

static int32_t hour_of_day(int64_t day, int64_t hour)
{
    int64_t h = day <= -80000000 || day >= 80000000 ? (day < 0 ? INT32_MIN : INT32_MAX) : day * 24 + hour;
    return (int32_t)h;
}

// An hour narrows within one day; without its day it would leave holes, and those are the engine's work.
static bool to_range(const struct bounds3 *b, struct range *r)
{
    *r = range_everything();
    bool days = b->low[RANGE_DAY] > INT64_MIN || b->high[RANGE_DAY] < INT64_MAX;
    bool one = b->low[RANGE_DAY] == b->high[RANGE_DAY];
    bool times = b->low[RANGE_TIME] > INT64_MIN || b->high[RANGE_TIME] < INT64_MAX;
    int64_t low = one && b->low[RANGE_HOUR] > 0 ? b->low[RANGE_HOUR] : 0;
    int64_t high = one && b->high[RANGE_HOUR] < 23 ? b->high[RANGE_HOUR] : 23;
    if (b->low[RANGE_DAY] > INT64_MIN)
        r->low_hour = hour_of_day(b->low[RANGE_DAY], low < 24 ? low : 24);
    if (b->high[RANGE_DAY] < INT64_MAX)
        r->high_hour = hour_of_day(b->high[RANGE_DAY], high > -1 ? high : -1);
    r->low_us = b->low[RANGE_TIME];
    r->high_us = b->high[RANGE_TIME];
    return days || times;
}

static void select_node(struct look *l, const json_t *node)
{
    struct tables t = {0};
    collect(l, json_object_get(node, "from_table"), &t, 0);
    for (size_t i = 0; i < t.n; i++) {
        struct bounds3 b = no_bounds();
        struct range r;
        condition(l, json_object_get(node, "where_clause"), &t.at[i], t.n == 1, &b, 0);
        l->used[t.at[i].view] = l->any = true;
        if (!to_range(&b, &r)) {
            l->any_free = true;
            continue;
        }
        l->hull = l->any_bound ? range_hull(l->hull, r) : r;
        l->any_bound = true;
    }
}

// Questions stand in FROM, in WITH, in expressions: everywhere.
static void walk(struct look *l, const json_t *j, int deep)
{
    const char *key;
    json_t *v;
    size_t i;
    if (deep > DEEP) {
        l->lost = true;
        return;
    }
    if (json_is_object(j) && strcmp(text(j, "type"), "SELECT_NODE") == 0)
        select_node(l, j);
    // DESCRIBE names a view and reads none of its rows.
    else if (json_is_object(j) && strcmp(text(j, "type"), "SHOW_REF") == 0) {
        int view = view_of(l, text(j, "table_name"));
        if (view >= 0)
            l->used[view] = true;
    }
    if (json_is_object(j))
        json_object_foreach((json_t *)(uintptr_t)j, key, v)
            walk(l, v, deep + 1);
    else if (json_is_array(j))
        json_array_foreach(j, i, v)
            walk(l, v, deep + 1);
}

enum range_found range_of_query(struct arena *a, const json_t *ast, const struct strs *views, range_value_fn *fn,
                                void *arg, struct range *r, struct strs *used)
{
    struct look l = {.a = a, .views = views, .fn = fn, .arg = arg, .used = NEW_N(a, bool, views->n + 1)};
    bool read = json_is_object(ast) && !json_is_true(json_object_get(ast, "error"));
    *r = range_everything();
    *used = (struct strs){0};
    if (read)
        walk(&l, ast, 0);
    for (size_t i = 0; i < views->n; i++)
        if (!read || l.lost || l.used[i])
            vec_push(a, used, views->at[i]);
    if (!read || l.lost)
        return RANGE_UNKNOWN;
    if (l.any_bound)
        *r = l.hull;
    return !l.any ? RANGE_NONE : !l.any_bound ? RANGE_UNBOUND : l.any_free ? RANGE_PARTLY : RANGE_BOUND;
}

// route.c: the table of all rows, checked once at the start: a mistake in a row is a bug and stops the program
// before it serves anybody.
#include "web/route.h"
#include "web/rights.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *method_name(enum method m)
{
    static const char *const names[] = {[M_NONE] = "?", [GET] = "GET", [POST] = "POST", [PUT] = "PUT",
                                        [DELETE] = "DELETE"};
    return names[m];
}

static bool is_param(struct str segment)
{
    return str_starts(segment, S("{"));
}

static struct str param_name(struct str segment)
{
    return str_head(str_from(segment, 1), segment.n - 2);
}

static bool can_both_match(const struct strs *x, const struct strs *y)
{
    if (x->n != y->n)
        return false;
    for (size_t i = 0; i < x->n; i++)
        if (!is_param(x->at[i]) && !is_param(y->at[i]) && !str_eq(x->at[i], y->at[i]))
            return false;
    return true;
}

static void bad_row(const struct route *r, const char *why)
{
    fprintf(stderr, "route %s %s: %s\n", method_name(r->method), r->path, why);
    abort();
}

static size_t size_of(enum field_type type)
{
    static const size_t sizes[] = {[F_STR] = sizeof(struct str), [F_INT] = sizeof(int64_t), [F_BOOL] = sizeof(bool),
                                   [F_STRS] = sizeof(struct strs), [F_PAIRS] = sizeof(struct pairs)};
    return sizes[type];
}

static void check_row(const struct route *r)
{
    bool hook = r->flags & R_HOOK;
    if (!r->help || !*r->help || !r->run)
        bad_row(r, "needs a help text and a handler");
    if (r->right == R_NOBODY || hook != (r->right == HOOK))
        bad_row(r, "needs a right; HOOK and R_HOOK go together");
    if (r->flags & R_STEP_UP && !right_is_a_persons(r->right))
        bad_row(r, "a password is a person's: R_STEP_UP needs a right that no token has");
    if (right_is_of_a_service(r->right) && !rights_row_names_service(r))
        bad_row(r, "a right of services needs a {service} in the path or a required field of that name");
    if (r->path[0] != '/' || (hook && r->method != POST)
        || (r->flags & R_KEYED && (r->method == GET || r->flags & R_ASIDE))
        || (r->flags & R_ROWS && (r->method != POST || r->flags & R_KEYED)))
        bad_row(r, "path, method and flags do not fit together");
    if (r->flags & R_PAGE && r->method != GET)
        bad_row(r, "a page shows what a GET answers");
    for (size_t i = 0; i < r->in_n; i++) {
        const struct field *f = &r->in[i];
        if (!f->name || !f->help || f->at + size_of(f->type) > r->in_size)
            bad_row(r, "a field needs a name, a help text and a place inside in_size");
        for (size_t k = 0; k < i; k++)
            if (strcmp(r->in[k].name, f->name) == 0)
                bad_row(r, "a field is there twice");
    }
}

static void add_row(struct arena *a, struct router *r, const struct route *route)
{
    struct row row = {.route = route};
    check_row(route);
    if (route->out)
        row.out = form_make(a, &r->shapes, route->out);
    struct str rest = str_z(route->path + 1);
    while (rest.n)
        vec_push(a, &row.segments, str_cut(&rest, '/'));
    for (size_t i = 0; i < r->n; i++) {
        const struct route *other = r->at[i].route;
        if (other->method == route->method && !((other->flags ^ route->flags) & R_HOOK)
            && can_both_match(&r->at[i].segments, &row.segments))
            bad_row(route, "another row matches the same path");
    }
    vec_push(a, r, row);
}

static struct shapes all_shapes(struct arena *a, const struct shape *const *tables)
{
    struct { const struct shape **at; size_t n, cap; } all = {0};
    vec_push(a, &all, web_shapes);
    for (; tables && *tables; tables++)
        vec_push(a, &all, *tables);
    vec_push(a, &all, NULL);
    return shapes_make(a, all.at);
}

struct router router_make(struct arena *a, const struct route *const *tables, const struct shape *const *shapes)
{
    struct router r = {.shapes = all_shapes(a, shapes)};
    for (const struct route *route = web_routes; route->method; route++)
        add_row(a, &r, route);
    for (; tables && *tables; tables++)
        for (const struct route *route = *tables; route->method && *tables != web_routes; route++)
            add_row(a, &r, route);
    return r;
}

const struct form *route_out(const struct router *r, const struct route *route)
{
    for (size_t i = 0; i < r->n; i++)
        if (r->at[i].route == route)
            return r->at[i].out;
    return NULL;
}

static bool matches(const struct row *row, const struct strs *path, size_t from)
{
    if (row->segments.n != path->n - from)
        return false;
    for (size_t i = 0; i < row->segments.n; i++) {
        struct str want = row->segments.at[i], got = path->at[from + i];
        if (is_param(want) ? !got.n : !str_eq(want, got))
            return false;
    }
    return true;
}

static void fill_params(struct arena *a, const struct row *row, const struct strs *path, size_t from, struct pairs *out)
{
    for (size_t i = 0; i < row->segments.n; i++)
        if (is_param(row->segments.at[i]))
            vec_push(a, out, ((struct pair){param_name(row->segments.at[i]), path->at[from + i]}));
}

static bool below_api(const struct strs *path)
{
    return path->n >= 2 && str_eq(path->at[0], S("api")) && str_eq(path->at[1], S("v1"));
}

const struct route *route_find(const struct router *r, struct arena *a, bool hook, enum method m,
                               const struct strs *path, struct pairs *params, unsigned *others)
{
    size_t from = hook ? 0 : 2;
    *others = 0;
    if (!hook && !below_api(path))
        return NULL;
    for (size_t i = 0; i < r->n; i++) {
        const struct row *row = &r->at[i];
        if (hook != !!(row->route->flags & R_HOOK) || !matches(row, path, from))
            continue;
        if (row->route->method == m) {
            fill_params(a, row, path, from, params);
            return row->route;
        }
        *others |= 1u << row->route->method;
    }
    return NULL;
}

bool route_is_page(const struct router *r, const struct strs *path)
{
    for (size_t i = 0; i < r->n; i++)
        if (r->at[i].route->flags & R_PAGE && matches(&r->at[i], path, 0))
            return true;
    return false;
}

static struct str path_of(const void *list, size_t i)
{
    return ((const struct strs *)list)->at[i];
}

struct str route_nearest(const struct router *r, struct arena *a, const struct strs *path)
{
    struct strs known = {0};
    OWN_BUF struct buf asked = buf_make(256);
    for (size_t i = 0; i < path->n; i++) {
        buf_addc(&asked, '/');
        buf_add(&asked, path->at[i]);
    }
    for (size_t i = 0; i < r->n; i++)
        if (!(r->at[i].route->flags & R_HOOK))
            vec_push(a, &known, str_f(a, "/api/v1%s", r->at[i].route->path));
    return str_nearest(buf_str(&asked), known.n, path_of, &known);
}

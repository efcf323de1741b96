// route_fuzz.c: whatever target somebody sends, the row that is found is the one whose path it has, its parameters are the
// target's own, and what may be said of a path by another method agrees with that.
#include "web/asset.h"
#include "web/route.h"
#include "web/target.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool never(struct ask *q, struct err *e)
{
    (void)q, (void)e;
    return false;
}

static const struct route rows[] = {
    {GET, "/things", SEE, .flags = R_LIST | R_PAGE, .run = never, .help = "h"},
    {POST, "/things", SEE, .run = never, .help = "h"},
    {GET, "/things/{name}", SEE, .flags = R_PAGE, .run = never, .help = "h"},
    {DELETE, "/things/{name}", SEE, .run = never, .help = "h"},
    {GET, "/things/{name}/parts/{number}", SEE, .run = never, .help = "h"},
    {PUT, "/things/{name}/parts/{number}", SEE, .run = never, .help = "h"},
    {POST, "/hook/{name}", HOOK, .flags = R_HOOK, .run = never, .help = "h"},
    {0}};

static void must(bool ok)
{
    if (!ok)
        abort();
}

static bool is_parameter(struct str s)
{
    return str_starts(s, S("{")) && str_ends(s, S("}"));
}

// Segment by segment, the row's path is what was asked for.
static void must_fit(const struct route *found, const struct strs *path, size_t from, const struct pairs *params)
{
    struct str rest = str_from(str_z(found->path), 1);
    size_t n = 0, named = 0;
    for (; rest.n; n++) {
        struct str want = str_cut(&rest, '/');
        must(from + n < path->n);
        struct str got = path->at[from + n];
        if (!is_parameter(want)) {
            must(str_eq(want, got));
            continue;
        }
        must(named < params->n && got.n);
        must(str_eq(params->at[named++].value, got));
    }
    must(from + n == path->n && named == params->n);
}

static void try_all(struct arena *a, const struct router *r, const struct strs *path, bool hook)
{
    const size_t from = hook ? 0 : 2;
    unsigned others = 0, found = 0;
    for (enum method m = GET; m <= DELETE; m++) {
        struct pairs params = {0};
        const struct route *row = route_find(r, a, hook, m, path, &params, &others);
        if (!row)
            continue;
        found |= 1u << m;
        must(row->method == m && !(row->flags & R_HOOK) == !hook && path->n >= from);
        must(hook || (str_eq(path->at[0], S("api")) && str_eq(path->at[1], S("v1"))));
        must_fit(row, path, from, &params);
    }
    for (enum method m = GET; m <= DELETE; m++) {
        struct pairs params = {0};
        if (!route_find(r, a, hook, m, path, &params, &others))
            must(others == found);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 8 << 10)
        return 0;
    OWN_ARENA struct arena a = arena_make(64 << 20);
    const struct route *tables[] = {rows, NULL};
    struct router r = router_make(&a, tables, NULL);
    struct target t;
    if (target_cut(&a, str_dup(&a, (struct str){(const char *)data, size}), &t))
        return 0;
    try_all(&a, &r, &t.segments, false);
    try_all(&a, &r, &t.segments, true);
    struct str near = route_nearest(&r, &a, &t.segments);
    must(near.n == 0 || str_starts(near, S("/")));
    (void)asset_is_page(&r, &t.segments);
    return 0;
}

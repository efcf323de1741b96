// route.h: finds the row for a method and a path.
//
//     struct router r = router_make(&arena, tables, shapes);      // asserts that no two rows match one path
//     const struct route *row = route_find(&r, a, false, GET, &target.segments, &params, &others);
//
// Rows for hooks live at the root of their own listener; all others below /api/v1.
#pragma once
#include "web/shape.h"

struct row { const struct route *route; struct strs segments; const struct form *out; };
struct router { struct row *at; size_t n, cap; struct shapes shapes; };

// tables is NULL-ended; web_routes is added. So are shapes and web_shapes; NULL: no others.
struct router router_make(struct arena *a, const struct route *const *tables, const struct shape *const *shapes);
// What the row's answers look like; NULL: nobody said.
const struct form *route_out(const struct router *r, const struct route *route);
// NULL when no row matches; then *others has bit 1 << M for each method M that this path does have.
const struct route *route_find(const struct router *r, struct arena *a, bool hook, enum method m,
                               const struct strs *path, struct pairs *params, unsigned *others);
// Is there a page at this path (from the root)? Then a row with R_PAGE has its data.
bool route_is_page(const struct router *r, const struct strs *path);
// The path of a row that looks like the one asked for, or empty.
struct str route_nearest(const struct router *r, struct arena *a, const struct strs *path);
const char *method_name(enum method m);

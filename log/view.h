// view.h: a dataset of the lake as a view for SQL: "access" is access_log, "access_bad" is access_bad.
//
// A view names its files one by one. Files of one width of the schema are one read_parquet; widths are joined by UNION
// ALL, with NULL for columns that came later, or what `extra` holds of them. Beside its columns a view has dt (DATE)
// and hour (INT) of the site's zone, page (when there is a uri) and client (the first address of forwardedfor, else
// remote_addr).
//
//     struct view v;
//     view_make(a, lake, S("access"), &catalog, &range, &v);
//     ... "create view access_log as " + v.sql
#pragma once
#include "log/catalog.h"
#include "log/range.h"

struct view_group { int columns; struct { const struct lake_file **at; size_t n, cap; } files; };
struct view {
    struct str name, dataset;
    struct str sql;                         // a SELECT
    const struct catalog *catalog;
    struct { struct view_group *at; size_t n, cap; } groups;
    size_t files, of;                       // chosen, of all
    int64_t bytes;                          // of the chosen ones
};

struct view_column { struct str name; const char *type; };
struct view_columns { struct view_column *at; size_t n, cap; };

struct str view_name(struct arena *a, struct str dataset);
// What a view of this schema has, and of which types: for who wants to know without asking. Names are borrowed.
void view_columns(struct arena *a, const struct schema *s, struct view_columns *out);
bool view_make(struct arena *a, const char *lake, struct str dataset, const struct catalog *m, const struct range *r,
               struct view *out, struct err *e) MUST_USE;
// Bytes that a plan (EXPLAIN (FORMAT json)) will read: its columns in the files that it says it scans. All of the
// chosen files where the plan does not say.
int64_t view_estimate(const struct view *views, size_t n, struct str plan, size_t *files);

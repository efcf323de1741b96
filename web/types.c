// types.c: the rows as types of TypeScript: what pages and scripts send and get cannot be another thing than what the
// dispatcher reads and test builds check.
#include "web/route.h"

static void field_type(struct buf *out, const struct field *f)
{
    static const char *const types[] = {[F_STR] = "string", [F_INT] = "number", [F_BOOL] = "boolean",
                                        [F_STRS] = "string[]", [F_PAIRS] = "Record<string, string>"};
    buf_addf(out, "%s%s: %s", f->name, f->required ? "" : "?", types[f->type]);
}

static void asked(struct buf *out, const struct route *r)
{
    if (!r->in_n)
        return;
    buf_addf(out, "%s: { ", r->method == GET ? "query" : "body");
    for (size_t i = 0; i < r->in_n; i++) {
        buf_addz(out, i ? "; " : "");
        field_type(out, &r->in[i]);
    }
    buf_addz(out, " }; ");
}

static void one_route(struct buf *out, const struct row *row)
{
    buf_addf(out, "    \"%s %s\": { ", method_name(row->route->method), row->route->path);
    asked(out, row->route);
    buf_addz(out, row->route->flags & R_LINES ? "line: " : "answer: ");
    if (row->out)
        form_type(out, row->out);
    else
        buf_addz(out, "unknown");
    buf_addz(out, " };\n");
}

static void one_shape(struct buf *out, const struct shape *row, const struct form *f)
{
    buf_addf(out, "// %s\nexport interface %s {\n", row->help, row->name);
    for (size_t i = 0; i < f->fields.n; i++) {
        buf_addz(out, "    ");
        form_type_field(out, &f->fields.at[i]);
        buf_addz(out, ";\n");
    }
    buf_addz(out, "}\n\n");
}

void types_write(struct buf *out, const struct route *const *tables, const struct shape *const *shapes)
{
    OWN_ARENA struct arena a = arena_make(16 << 20);
    struct router all = router_make(&a, tables, shapes);
    buf_addz(out, "// Written by `rusuban api types` from the rows of the API; a test compares the two.\n\n");
    for (size_t i = 0; i < all.shapes.n; i++)
        one_shape(out, all.shapes.at[i].row, all.shapes.at[i].form);
    buf_addz(out, "export interface Api {\n");
    for (size_t i = 0; i < all.n; i++)
        if (!(all.at[i].route->flags & R_HOOK))
            one_route(out, &all.at[i]);
    buf_addz(out, "}");
}

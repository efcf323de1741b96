// cmd_columns.c: `rusuban log columns`: the columns of a dataset, what each means, and in which unit; docs/columns.md is
// what comes out here.
#include "log/cli.h"
#include "base/json.h"
#include "log/columns.h"
#include "log/names.h"
#include "log/view.h"
#include <stdio.h>
#include <string.h>

// What no label says.
static const struct label_row made[] = {
    {"extra", COLUMN_TEXT, false, "", "", "labels that have no column (yet), as JSON: extra->>'colour'", ""},
    {"dt", COLUMN_TEXT, false, "", "a day of the site's zone", "the day, which decides what files are read", ""},
    {"hour", COLUMN_INT32, false, "", "0 to 23", "the hour of that day", ""},
    {"page", COLUMN_TEXT, false, "", "", "uri with its numbers, dates and the like folded: /works/{n}", ""},
    {"client", COLUMN_TEXT, false, "", "", "the first address of forwardedfor, else remote_addr", ""},
};

static const struct label_row *row_of(struct str name)
{
    size_t n;
    const struct label_row *known = label_rows(&n);
    for (size_t i = 0; i < n; i++)
        if (str_eq(name, str_z(known[i].label)))
            return &known[i];
    for (size_t i = 0; i < ARRAY_LEN(made); i++)
        if (str_eq(name, str_z(made[i].label)))
            return &made[i];
    return NULL;
}

// What stands in a column of a label that nobody knows, or beside one that is known.
static struct str yours(struct arena *a, struct str name)
{
    bool misfit = str_ends(name, S("__s")), hash = str_ends(name, S("__h"));
    struct str of = misfit || hash ? str_head(name, name.n - 3) : name;
    if (misfit)
        return str_f(a, "what a line said of " STR_F " where that is no plain number", STR_A(of));
    return hash ? str_f(a, "the hash of " STR_F, STR_A(of)) : S("a label of yours");
}

static void put_text(struct arena *a, const struct view_column *c, const struct label_row *r, bool fills)
{
    printf("%-15.*s  %-11s  ", STR_A(c->name), c->type);
    put_foreign(stdout, r ? str_z(r->what) : yours(a, c->name));
    if (r && r->line[0] && strcmp(r->line, r->sql) != 0)
        printf("; %s (in lines: %s)", r->sql, r->line);
    else if (r && r->sql[0])
        printf("; %s", r->sql);
    if (fills && r && r->nginx[0])
        printf("; nginx: %s", r->nginx);
    putchar('\n');
}

static void put_json(struct arena *a, const struct view_column *c, const struct label_row *r)
{
    struct str line = str_z(r ? r->line : ""), sql = str_z(r ? r->sql : ""), nginx = str_z(r ? r->nginx : "");
    OWN_BUF struct buf b = buf_make(64 << 10);
    json_open(&b, '{');
    json_kvs(&b, KVS(KV("column", c->name), KV("type", c->type), KV("what", r ? str_z(r->what) : yours(a, c->name)),
                     KV("in_lines", V_OPT(line)), KV("in_sql", V_OPT(sql)), KV("nginx", V_OPT(nginx)),
                     KV("combined", V_BOOL(r && r->combined))));
    json_key(&b, "json");
    json_open(&b, '[');
    struct str other;
    for (size_t i = 0; (other = names_other(c->name, i)).n; i++)
        json_val(&b, V(other.p[0] == '_' ? S("@timestamp") : other));      // no label has an @
    json_close(&b, ']');
    json_close(&b, '}');
    printf("%s\n", buf_z(&b));
}

bool cmd_log_columns(struct call *c, struct err *e)
{
    struct site *site;
    struct str name;
    struct schema s;
    struct view_columns all = {0};
    bool any;
    if (!site_load(c->arena, c->site, &site, e) || !columns_dataset(site, call_arg(c, 0), "", &name, e)
        || !columns_read(site_lake(c->arena, site, c->data), name, &s, &any, e))
        return false;
    if (!any && !c->quiet)
        fprintf(stderr, "There are no lines of " STR_F " yet: these are the columns that labels can have.\n",
                STR_A(name));
    if (call_flag(c, "all"))
        columns_add_known(&s);
    view_columns(c->arena, &s, &all);
    for (size_t i = 0; i < all.n; i++)
        if (c->json)
            put_json(c->arena, &all.at[i], row_of(all.at[i].name));
        else
            put_text(c->arena, &all.at[i], row_of(all.at[i].name), call_flag(c, "all"));
    return true;
}

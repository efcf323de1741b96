// shape.c: reads the texts of shape.h.
#include "web/shape.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reader { struct arena *a; const struct shapes *all; struct str whole, rest; };

static void bad(const struct reader *r, const char *why)
{
    fprintf(stderr, "shape \"" STR_F "\": %s before \"" STR_F "\"\n", STR_A(r->whole), why, STR_A(r->rest));
    abort();
}

static bool take(struct reader *r, const char *mark)
{
    while (r->rest.n && (r->rest.p[0] == ' ' || r->rest.p[0] == '\n'))
        r->rest = str_from(r->rest, 1);
    if (!str_starts(r->rest, str_z(mark)))
        return false;
    r->rest = str_from(r->rest, strlen(mark));
    return true;
}

static void need(struct reader *r, const char *mark)
{
    if (!take(r, mark))
        bad(r, str_zf(r->a, "expected %s", mark));
}

static struct str word(struct reader *r)
{
    size_t n = 0;
    take(r, "");
    while (n < r->rest.n && str_plain(str_head(str_from(r->rest, n), 1), "_-."))
        n++;
    if (!n)
        bad(r, "expected a word");
    struct str w = str_head(r->rest, n);
    r->rest = str_from(r->rest, n);
    return w;
}

static const struct form *read_form(struct reader *r);

static struct form *find(const struct shapes *all, struct str name)
{
    for (size_t i = 0; i < all->n; i++)
        if (str_eq(str_z(all->at[i].row->name), name))
            return all->at[i].form;
    return NULL;
}

static void add_field(struct reader *r, struct form *f, struct form_field x)
{
    for (size_t i = 0; i < f->fields.n; i++)
        if (str_eq(f->fields.at[i].name, x.name))
            bad(r, "a field is there twice");
    vec_push(r->a, &f->fields, x);
}

static void read_field(struct reader *r, struct form *f)
{
    if (take(r, "...")) {
        const struct form *other = find(r->all, word(r));
        if (!other || !other->fields.n)
            bad(r, "expected a shape that stands before");
        for (size_t i = 0; i < other->fields.n; i++)
            add_field(r, f, other->fields.at[i]);
        return;
    }
    struct form_field x = {.name = word(r)};
    x.may_miss = take(r, "?");
    need(r, ":");
    x.form = read_form(r);
    add_field(r, f, x);
}

static void read_fields(struct reader *r, struct form *f)
{
    f->kind = FORM_OBJECT;
    do
        read_field(r, f);
    while (take(r, ","));
}

static void read_braces(struct reader *r, struct form *f)
{
    f->kind = FORM_OBJECT;
    if (take(r, "}"))
        return;
    if (take(r, "*")) {
        need(r, ":");
        f->kind = FORM_MAP;
        f->of = read_form(r);
    } else {
        read_fields(r, f);
    }
    need(r, "}");
}

static void read_word(struct reader *r, struct form *f)
{
    static const char *const simple[] = {[FORM_TEXT] = "text", [FORM_INT] = "int", [FORM_NUMBER] = "number",
                                         [FORM_BOOL] = "bool", [FORM_TIME] = "time", [FORM_PLAIN] = "plain",
                                         [FORM_ANY] = "any"};
    struct str w = word(r);
    if (take(r, "|")) {
        f->kind = FORM_WORDS;
        vec_push(r->a, &f->words, w);
        do
            vec_push(r->a, &f->words, word(r));
        while (take(r, "|"));
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(simple); i++)
        if (str_eq(w, str_z(simple[i]))) {
            f->kind = (enum form_kind)i;
            return;
        }
    f->kind = FORM_NAMED;
    f->name = w;
    f->of = find(r->all, w);
    if (!f->of)
        bad(r, str_zf(r->a, "there is no shape " STR_F, STR_A(w)));
    if (take(r, "[")) {
        f->kind = FORM_CHOICE;
        f->by = word(r);
        need(r, "]");
    }
}

static const struct form *read_one(struct reader *r)
{
    struct form *f = NEW(r->a, struct form);
    if (take(r, "[")) {
        f->kind = FORM_LIST;
        f->of = read_form(r);
        need(r, "]");
    } else if (take(r, "{")) {
        read_braces(r, f);
    } else {
        read_word(r, f);
    }
    f->or_null = take(r, "?");
    return f;
}

static const struct form *read_form(struct reader *r)
{
    const struct form *first = read_one(r);
    if (!take(r, "or"))
        return first;
    struct form *f = NEW(r->a, struct form);
    f->kind = FORM_EITHER;
    vec_push(r->a, &f->either, first);
    do
        vec_push(r->a, &f->either, read_one(r));
    while (take(r, "or"));
    return f;
}

static void need_end(struct reader *r)
{
    take(r, "");
    if (r->rest.n)
        bad(r, "expected the end");
}

static struct reader reader_of(struct arena *a, const struct shapes *all, const char *text)
{
    return (struct reader){.a = a, .all = all, .whole = str_z(text), .rest = str_z(text)};
}

struct shapes shapes_make(struct arena *a, const struct shape *const *tables)
{
    struct shapes all = {0};
    for (; tables && *tables; tables++)
        for (const struct shape *row = *tables; row->name; row++) {
            struct reader r = reader_of(a, &all, row->text);
            if (!row->help || find(&all, str_z(row->name)))
                bad(&r, "needs a help text, and a name of its own");
            vec_push(a, &all, ((struct named){row, NEW(a, struct form)}));
        }
    // Names first, so that shapes may name each other.
    for (size_t i = 0; i < all.n; i++) {
        struct reader r = reader_of(a, &all, all.at[i].row->text);
        read_fields(&r, all.at[i].form);
        need_end(&r);
    }
    return all;
}

const struct form *form_make(struct arena *a, const struct shapes *all, const char *text)
{
    struct reader r = reader_of(a, all, text);
    const struct form *f = read_form(&r);
    need_end(&r);
    return f;
}

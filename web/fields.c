// fields.c: the checks every value passes, wherever it came from, and the two ways in: query and JSON body.
#include "web/fields.h"
#include "base/jansson.h"
#include "web/place.h"
#include <inttypes.h>
#include <string.h>

enum { STR_HIGH = 4096, STRS_HIGH = 100, WRONGS_MAX = 20 };

struct fill {               // one decoding
    struct arena *a;
    const struct field *table;
    size_t n;
    const char *in;         // "query" or "body"
    struct str text;        // the body, for places
    char *to;               // the struct
    bool *given;            // one per field
    struct wrongs *wrongs;
};

static void wrong(struct fill *f, struct str name, struct str text, struct str hint)
{
    if (f->wrongs->n == WRONGS_MAX)     // a body may hold thousands; nobody reads on
        return;
    struct wrong w = {.in = f->in, .name = str_dup(f->a, name), .text = text, .hint = hint};
    if (f->text.n)
        place_of_key(f->text, name, &w.line, &w.col);
    vec_push(f->a, f->wrongs, w);
}

static void wrong_value(struct fill *f, const struct field *d, const char *wanted, const char *got)
{
    wrong(f, str_z(d->name), str_f(f->a, "%s: expected %s%s%s", d->name, wanted, *got ? ", got " : "", got),
          str_z(d->help));
}

// Bounds.

static bool check_int(struct fill *f, const struct field *d, int64_t x)
{
    bool any = !d->low && !d->high;
    if (any || (x >= d->low && x <= d->high))
        return true;
    wrong_value(f, d, str_zf(f->a, "a whole number from %" PRId64 " to %" PRId64, d->low, d->high),
                str_zf(f->a, "%" PRId64, x));
    return false;
}

// Names and reasons are read by others, on pages and terminals: what hides in one, or turns the words around it, is
// refused here, before any route sees it.
static bool check_seen(struct fill *f, const struct field *d, struct str s)
{
    size_t number;
    uint32_t c = d->text == TEXT_ANY ? 0 : str_unseen(s, d->text == TEXT_LINES, &number);
    if (!c)
        return true;
    if (c == '\n')
        wrong(f, str_z(d->name), str_f(f->a, "%s: more than one line", d->name), S("leave the line end out"));
    else
        wrong(f, str_z(d->name), str_f(f->a, "%s: character %zu cannot be seen (U+%04X)", d->name, number, c),
              S("leave it out"));
    return false;
}

static bool check_str(struct fill *f, const struct field *d, struct str s)
{
    int64_t high = d->high && d->type == F_STR ? d->high : STR_HIGH, low = d->type == F_STR ? d->low : 0;
    if ((int64_t)s.n >= low && (int64_t)s.n <= high)
        return check_seen(f, d, s);
    wrong_value(f, d, str_zf(f->a, "text of %" PRId64 " to %" PRId64 " bytes", low, high),
                str_zf(f->a, "%zu", s.n));
    return false;
}

static bool check_count(struct fill *f, const struct field *d, size_t n)
{
    int64_t high = d->high ? d->high : STRS_HIGH;
    if ((int64_t)n >= d->low && (int64_t)n <= high)
        return true;
    wrong_value(f, d, str_zf(f->a, "%" PRId64 " to %" PRId64 " texts", d->low, high), str_zf(f->a, "%zu", n));
    return false;
}

static struct str name_of(const void *list, size_t i)
{
    return str_z(((const struct field *)list)[i].name);
}

static const struct field *find(struct fill *f, struct str name)
{
    for (size_t i = 0; i < f->n; i++)
        if (str_eq(str_z(f->table[i].name), name))
            return &f->table[i];
    struct str near = str_nearest(name, f->n, name_of, f->table);
    struct str hint = !f->n ? S("this request takes no fields")
                      : near.n ? str_f(f->a, "did you mean \"" STR_F "\"?", STR_A(near)) : S("");
    wrong(f, name, str_f(f->a, "unknown name \"" STR_F "\"", STR_A(str_head(name, 100))), hint);
    return NULL;
}

static bool *given(struct fill *f, const struct field *d)
{
    return &f->given[d - f->table];
}

static void required(struct fill *f)
{
    for (size_t i = 0; i < f->n; i++)
        if (f->table[i].required && !f->given[i])
            wrong(f, str_z(f->table[i].name), str_f(f->a, "%s is missing", f->table[i].name),
                  str_z(f->table[i].help));
}

static struct fill begin(struct arena *a, const struct field *table, size_t n, const char *in, void *to,
                         struct wrongs *wrongs)
{
    return (struct fill){.a = a, .table = table, .n = n, .in = in, .to = to, .given = NEW_N(a, bool, n + 1),
                         .wrongs = wrongs};
}

// From a query: everything is text, and a repeated name is a list.

static void take_text(struct fill *f, const struct field *d, struct str s)
{
    char *to = f->to + d->at;
    int64_t x;
    if (d->type == F_STR && check_str(f, d, s))
        *(struct str *)(void *)to = s;
    if (d->type == F_STRS && check_str(f, d, s))
        vec_push(f->a, (struct strs *)(void *)to, s);
    if (d->type == F_INT && !str_i64(s, &x))
        wrong_value(f, d, "a whole number", str_zf(f->a, "\"" STR_F "\"", STR_A(str_head(s, 100))));
    else if (d->type == F_INT && check_int(f, d, x))
        *(int64_t *)(void *)to = x;
    if (d->type == F_BOOL && !str_eq(s, S("true")) && !str_eq(s, S("false")))
        wrong_value(f, d, "true or false", str_zf(f->a, "\"" STR_F "\"", STR_A(str_head(s, 100))));
    else if (d->type == F_BOOL)
        *(bool *)to = s.n == 4;
}

void fields_from_query(struct arena *a, const struct field *table, size_t n, const struct pairs *query, void *in,
                       struct wrongs *wrongs)
{
    struct fill f = begin(a, table, n, "query", in, wrongs);
    for (size_t i = 0; i < query->n; i++) {
        const struct field *d = find(&f, query->at[i].name);
        if (d && *given(&f, d) && d->type != F_STRS)
            wrong(&f, str_z(d->name), str_f(a, "%s is given twice", d->name), S(""));
        else if (d)
            take_text(&f, d, query->at[i].value);
        if (d)
            *given(&f, d) = true;
    }
    for (size_t i = 0; i < n; i++)
        if (table[i].type == F_STRS && f.given[i])
            (void)check_count(&f, &table[i], ((struct strs *)(void *)(f.to + table[i].at))->n);
    required(&f);
}

// From a body.

static const char *kind_of(const json_t *v)
{
    static const char *const names[] = {[JSON_OBJECT] = "an object", [JSON_ARRAY] = "a list", [JSON_STRING] = "text",
                                        [JSON_INTEGER] = "a whole number", [JSON_REAL] = "a number with a fraction",
                                        [JSON_TRUE] = "true", [JSON_FALSE] = "false", [JSON_NULL] = "null"};
    return names[json_typeof(v)];
}

static struct str text_of(struct fill *f, const json_t *v)
{
    return str_dup(f->a, (struct str){json_string_value(v), json_string_length(v)});
}

static void take_list(struct fill *f, const struct field *d, const json_t *list)
{
    struct strs out = {0};
    size_t i;
    const json_t *v;
    if (!check_count(f, d, json_array_size(list)))
        return;
    json_array_foreach(list, i, v) {
        if (!json_is_string(v)) {
            wrong_value(f, d, "a list of texts", str_zf(f->a, "%s in it", kind_of(v)));
            return;
        }
        if (!check_str(f, d, (struct str){json_string_value(v), json_string_length(v)}))
            return;
        vec_push(f->a, &out, text_of(f, v));
    }
    *(struct strs *)(void *)(f->to + d->at) = out;
}

static void take_pairs(struct fill *f, const struct field *d, const json_t *object)
{
    struct pairs out = {0};
    const char *key;
    const json_t *v;
    if (!check_count(f, d, json_object_size(object)))
        return;
    json_object_foreach((json_t *)(uintptr_t)object, key, v) {
        if (!json_is_string(v)) {
            wrong_value(f, d, "an object of texts", str_zf(f->a, "%s in it", kind_of(v)));
            return;
        }
        if (!check_str(f, d, str_z(key)) || !check_str(f, d, (struct str){json_string_value(v), json_string_length(v)}))
            return;
        vec_push(f->a, &out, ((struct pair){str_dup(f->a, str_z(key)), text_of(f, v)}));
    }
    *(struct pairs *)(void *)(f->to + d->at) = out;
}

static void take_json(struct fill *f, const struct field *d, const json_t *v)
{
    static const char *const wanted[] = {[F_STR] = "text", [F_INT] = "a whole number", [F_BOOL] = "true or false",
                                         [F_STRS] = "a list of texts", [F_PAIRS] = "an object of texts"};
    char *to = f->to + d->at;
    bool right = d->type == F_STR ? json_is_string(v) : d->type == F_INT ? json_is_integer(v)
                 : d->type == F_BOOL ? json_is_boolean(v) : d->type == F_PAIRS ? json_is_object(v) : json_is_array(v);
    if (!right)
        wrong_value(f, d, wanted[d->type], kind_of(v));
    else if (d->type == F_PAIRS)
        take_pairs(f, d, v);
    else if (d->type == F_STRS)
        take_list(f, d, v);
    else if (d->type == F_BOOL)
        *(bool *)to = json_is_true(v);
    else if (d->type == F_INT && check_int(f, d, json_integer_value(v)))
        *(int64_t *)(void *)to = json_integer_value(v);
    else if (d->type == F_STR && check_str(f, d, (struct str){json_string_value(v), json_string_length(v)}))
        *(struct str *)(void *)to = text_of(f, v);
}

static json_t *parse(struct fill *f, struct str body)
{
    json_error_t why;
    struct wrong w = {.in = f->in};
    json_t *root = NULL;
    if (place_depth(body) > BODY_DEPTH_MAX)
        w.text = str_f(f->a, "the body is nested more than %d levels deep", BODY_DEPTH_MAX);
    else if (!(root = json_loadb(body.p, body.n, JSON_REJECT_DUPLICATES, &why)))
        w = (struct wrong){.in = f->in, .text = str_f(f->a, "the body is not JSON: %s", why.text),
                           .line = why.line > 0 ? why.line : 0, .col = why.column > 0 ? why.column : 0};
    else if (!json_is_object(root))
        w.text = str_f(f->a, "the body must be a JSON object, not %s", kind_of(root));
    if (!w.text.n)
        return root;
    json_decref(root);
    vec_push(f->a, f->wrongs, w);
    return NULL;
}

void fields_from_body(struct arena *a, const struct field *table, size_t n, struct str body, void *in,
                      struct wrongs *wrongs)
{
    struct fill f = begin(a, table, n, "body", in, wrongs);
    f.text = body;
    json_t *root = str_trim(body).n ? parse(&f, body) : (json_object)();
    if (!root)
        return;
    const char *key;
    json_t *v;
    json_object_foreach(root, key, v) {
        const struct field *d = find(&f, str_z(key));
        if (!d || json_is_null(v))
            continue;
        *given(&f, d) = true;
        take_json(&f, d, v);
    }
    required(&f);
    json_decref(root);
}

bool wrongs_err(const struct wrongs *w, struct err *e)
{
    const struct wrong *first = &w->at[0];
    err_set(e, ERR_INPUT, STR_F, STR_A(first->text));
    if (w->n > 1)
        err_set(e, ERR_INPUT, STR_F "; and %zu more mistake%s", STR_A(first->text), w->n - 1, w->n > 2 ? "s" : "");
    return err_hint(e, STR_F, STR_A(first->hint));
}

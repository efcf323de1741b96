// param.c: see param.h.
#include "log/param.h"
#include "base/json.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { QUERY_MAX = 2 << 20 };

const char *param_type_name(enum param_type t)
{
    static const char *const names[PARAM_TYPES] = {"text", "text", "day", "number", "time"};
    return names[t];
}

struct param *params_find(const struct params *p, struct str name)
{
    for (size_t i = 0; i < p->n; i++)           // the engine does not tell {{a}} from {{A}} either
        if (p->at[i].name.n == name.n && strncasecmp(p->at[i].name.p, name.p, name.n) == 0)
            return &p->at[i];
    return NULL;
}

static bool is_name(struct str s)
{
    return s.n && s.n <= PARAM_NAME_MAX && str_plain(s, "_") && (s.p[0] < '0' || s.p[0] > '9');
}

// ---- where texts, quoted names and comments end ----

struct scan { struct str s; size_t i; };

static bool here(const struct scan *x, const char *mark)
{
    return str_starts(str_from(x->s, x->i), str_z(mark));
}

// Behind the quote that ends what begins here; a doubled one stands for itself, and in E'...' a backslash shields.
static void skip_quoted(struct scan *x, char quote, bool shields)
{
    for (x->i++; x->i < x->s.n; x->i++) {
        if (shields && x->s.p[x->i] == '\\')
            x->i++;
        else if (x->s.p[x->i] == quote && (x->i + 1 >= x->s.n || x->s.p[x->i + 1] != quote))
            break;
        else if (x->s.p[x->i] == quote)
            x->i++;
    }
    x->i++;
}

static void skip_to(struct scan *x, struct str end)
{
    ptrdiff_t at = str_find(str_from(x->s, x->i), end);
    x->i = at < 0 ? x->s.n : x->i + (size_t)at + end.n;
}

static void skip_comment(struct scan *x)        // they nest
{
    int depth = 0;
    do {
        bool opens = here(x, "/*"), closes = here(x, "*/");
        depth += opens ? 1 : closes ? -1 : 0;
        x->i += opens || closes ? 2 : 1;
    } while (depth && x->i < x->s.n);
}

static bool word_char(char c)
{
    return str_plain((struct str){&c, 1}, "_") || (unsigned char)c >= 0x80;
}

static void skip_line(struct scan *x)
{
    while (x->i < x->s.n && x->s.p[x->i] != '\n' && x->s.p[x->i] != '\r')
        x->i++;
}

// "$a", or "$a$" where a text begins.
static struct str dollar_word(const struct scan *x)
{
    size_t n = 1;
    while (x->i + n < x->s.n && word_char(x->s.p[x->i + n]))
        n++;
    bool tag = x->i + n < x->s.n && x->s.p[x->i + n] == '$';
    return str_head(str_from(x->s, x->i), n + tag);
}

static bool is_tag(struct str word)
{
    return word.n > 1 && word.p[word.n - 1] == '$';
}

// $$ ... $$ and $tag$ ... $tag$; a lone $ is skipped.
static void skip_dollar(struct scan *x)
{
    struct str word = dollar_word(x);
    x->i += word.n;
    if (is_tag(word))
        skip_to(x, word);
}

static bool shielded(const struct scan *x)      // E'...'
{
    return x->i > 0 && (x->s.p[x->i - 1] | 0x20) == 'e' && (x->i < 2 || !word_char(x->s.p[x->i - 2]));
}

static bool skip(struct scan *x)
{
    char c = x->s.p[x->i];
    size_t before = x->i;
    if (c == '\'' || c == '"')
        skip_quoted(x, c, c == '\'' && shielded(x));
    else if (here(x, "--"))
        skip_line(x);
    else if (here(x, "/*"))
        skip_comment(x);
    else if (c == '$')
        skip_dollar(x);
    x->i = x->i < x->s.n ? x->i : x->s.n;
    return x->i > before;
}

// ---- parameters ----

static void place_of(struct str s, size_t at, int *line, int *col)
{
    *line = *col = 1;
    for (size_t i = 0; i < at; i++)
        if (s.p[i] == '\n')
            ++*line, *col = 1;
        else if (((unsigned char)s.p[i] & 0xC0) != 0x80)
            ++*col;
}

struct braced { char text[PARAM_NAME_MAX + 6]; };

static struct braced braced(struct str name, const char *mark)
{
    struct braced b;
    snprintf(b.text, sizeof b.text, "{{" STR_F "%s}}", STR_A(str_head(name, PARAM_NAME_MAX)), mark);
    return b;
}

static bool at_place(const struct param *p, struct err *e)
{
    return err_in(e, "<query>:%d:%d", p->line, p->col);
}

static bool no_param(const struct param *p, struct str typed, struct err *e)
{
    err_set(e, ERR_INPUT, "\"" STR_F "\" is no parameter", STR_A(str_head(typed, 100)));
    err_hint(e, "write %s, %s for one that may be missing, or %s: text, day, number, time", "{{day}}", "{{app?}}",
             "{{n:number}}");
    return at_place(p, e);
}

// $a: the engine's own form, whose value would be that of {{a}}.
static bool is_bare(const struct scan *x)
{
    if (x->s.p[x->i] != '$' || (x->i > 0 && (word_char(x->s.p[x->i - 1]) || x->s.p[x->i - 1] == '$')))
        return false;
    struct str word = dollar_word(x);
    return word.n > 1 && !is_tag(word);
}

static bool no_bare(const struct scan *x, struct err *e)
{
    struct param p = {0};
    place_of(x->s, x->i, &p.line, &p.col);
    err_set(e, ERR_INPUT, "write %s for a value that comes with the question, not " STR_F, "{{name}}",
            STR_A(str_head(dollar_word(x), PARAM_NAME_MAX)));
    return at_place(&p, e);
}

static bool type_of(struct str word, enum param_type *out)
{
    for (int t = PARAM_TEXT; t < PARAM_TYPES; t++)
        if (str_eq(word, str_z(param_type_name((enum param_type)t)))) {
            *out = (enum param_type)t;
            return true;
        }
    return false;
}

static bool cut_mark(struct str *s)
{
    bool is = str_ends(*s, S("?"));
    *s = is ? str_trim(str_head(*s, s->n - 1)) : *s;
    return is;
}

// The inside of the braces: name, ":type", "?" behind either.
static bool read_inside(struct str inside, struct param *p)
{
    inside = str_trim(inside);
    p->optional = cut_mark(&inside);
    bool said = str_has(inside, ':');
    p->name = str_trim(str_cut(&inside, ':'));
    p->optional = cut_mark(&p->name) || p->optional;
    return is_name(p->name) && (!said || type_of(str_trim(inside), &p->type));
}

// One that stands there several times may be missing when each of its places says so.
static bool add(struct arena *a, struct params *open, const struct param *p, struct err *e)
{
    struct param *known = params_find(open, p->name);
    if (!known) {
        vec_push(a, open, *p);
        return open->n <= PARAMS_MAX
            || err_set(e, ERR_INPUT, "the question has more than %d parameters", PARAMS_MAX);
    }
    known->optional = known->optional && p->optional;
    if (p->type && known->type && p->type != known->type) {
        err_set(e, ERR_INPUT, "%s is a %s here and a %s before", braced(p->name, "").text, param_type_name(p->type),
                param_type_name(known->type));
        return at_place(p, e);
    }
    known->type = p->type ? p->type : known->type;
    return true;
}

// A blank first, so that it begins no word that stands before it.
static void put_place(struct buf *out, struct str name, size_t n)
{
    buf_addf(out, " $" STR_F, STR_A(name));
    buf_addn(out, ' ', n - name.n - 2);
}

static bool take(struct arena *a, struct scan *x, struct buf *out, struct params *open, struct err *e)
{
    struct param p = {0};
    struct str rest = str_from(x->s, x->i);
    ptrdiff_t end = str_find(rest, S("}}"));
    size_t n = end < 0 ? rest.n : (size_t)end + 2;
    place_of(x->s, x->i, &p.line, &p.col);
    if (end < 0 || !read_inside(str_head(str_from(rest, 2), n - 4), &p))
        return no_param(&p, str_head(rest, n), e);
    if (!add(a, open, &p, e))
        return false;
    put_place(out, p.name, n);
    x->i += n;
    return true;
}

static void settle_types(struct params *open)
{
    for (size_t i = 0; i < open->n; i++) {
        struct param *p = &open->at[i];
        bool day = str_eq(p->name, S("day")) || str_ends(p->name, S("_day"));
        if (p->type == PARAM_UNSAID)
            p->type = day ? PARAM_DAY : PARAM_TEXT;
    }
}

bool params_of(struct arena *a, struct str query, struct str *out, struct params *open, struct err *e)
{
    OWN_BUF struct buf b = buf_make(QUERY_MAX);
    struct scan x = {query, 0};
    while (x.i < query.n) {
        size_t from = x.i;
        if (is_bare(&x))
            return no_bare(&x, e);
        if (skip(&x)) {
            buf_add(&b, str_head(str_from(query, from), x.i - from));
        } else if (here(&x, "{{")) {
            if (!take(a, &x, &b, open, e))
                return false;
        } else {
            buf_addc(&b, query.p[x.i++]);
        }
    }
    settle_types(open);
    *out = str_dup(a, buf_str(&b));
    return buf_ok(&b, e);
}

// ---- values ----

static bool is_number(struct str s)
{
    char text[64], *end;
    if (s.n >= sizeof text || !str_plain(s, "+-."))
        return false;
    memcpy(text, s.p, s.n);
    text[s.n] = 0;
    for (size_t i = 0; i < s.n; i++)
        if (!strchr("0123456789+-.eE", text[i]))
            return false;
    double v = strtod(text, &end);
    return end == text + s.n && isfinite(v);
}

static struct str given_name(const void *list, size_t i)
{
    return ((const struct params *)list)->at[i].name;
}

static bool all_have_places(const struct params *open, const struct params *given, struct err *e)
{
    for (size_t i = 0; i < given->n; i++) {
        struct str name = given->at[i].name;
        if (params_find(open, name))
            continue;
        struct str near = open->n ? str_nearest(name, open->n, given_name, open) : S("");
        err_set(e, ERR_INPUT, "the question has no %s", braced(name, "").text);
        return near.n ? err_hint(e, "did you mean " STR_F "?", STR_A(near)) : false;
    }
    return true;
}

static bool no_value(const struct param *p, struct err *e)
{
    err_set(e, ERR_INPUT, "%s has no value", braced(p->name, "").text);
    err_hint(e, "--param " STR_F "=..., or %s where it may be missing", STR_A(p->name), braced(p->name, "?").text);
    return at_place(p, e);
}

bool params_fill(struct params *open, const struct params *given, struct err *e)
{
    if (!all_have_places(open, given, e))
        return false;
    for (size_t i = 0; i < open->n; i++) {
        struct param *p = &open->at[i];
        const struct param *g = params_find(given, p->name);
        p->value = g ? g->value : S("");
        if (!p->value.n && !p->optional)
            return no_value(p, e);
        if (p->value.n && p->type == PARAM_NUMBER && !is_number(p->value))
            return err_set(e, ERR_INPUT, "%s: \"" STR_F "\" is no number", braced(p->name, "").text,
                           STR_A(str_head(p->value, 100)));
    }
    return true;
}

// ---- on their way ----

bool params_give(struct arena *a, struct params *given, struct str name, struct str value, struct err *e)
{
    struct param p = {.name = str_dup(a, name), .value = str_dup(a, value)};
    if (!is_name(name))
        return err_set(e, ERR_INPUT, "\"" STR_F "\" is no name of a parameter", STR_A(str_head(name, 100)));
    if (params_find(given, name))
        return err_set(e, ERR_INPUT, "%s is given twice", braced(name, "").text);
    if (value.n > PARAM_VALUE_MAX || !str_utf8(value) || memchr(value.p ? value.p : "", 0, value.n))
        return err_set(e, ERR_INPUT, "%s: expected a text in UTF-8 of at most %d bytes", braced(name, "").text,
                       PARAM_VALUE_MAX);
    vec_push(a, given, p);
    return given->n <= PARAMS_MAX || err_set(e, ERR_INPUT, "a question has at most %d parameters", PARAMS_MAX);
}

void params_put(struct buf *b, const struct params *p)
{
    json_open(b, '{');
    for (size_t i = 0; i < p->n; i++) {
        char name[PARAM_NAME_MAX + 1] = {0};
        memcpy(name, p->at[i].name.p, p->at[i].name.n);
        json_kv(b, name, p->at[i].value);
    }
    json_close(b, '}');
}

bool params_read(struct arena *a, const json_t *o, struct params *given, struct err *e)
{
    const char *key;
    json_t *v;
    json_object_foreach((json_t *)(uintptr_t)o, key, v)
        if (!json_is_string(v))
            return err_set(e, ERR_INPUT, "values of parameters are texts");
        else if (!params_give(a, given, str_z(key), (struct str){json_string_value(v), json_string_length(v)}, e))
            return false;
    return true;
}

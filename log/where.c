// where.c: see where.h. Parts are kept in an array, each before the part that asks for it; a line is cut once and the
// values of all labels that are asked for are noted, then the last part is asked.
#include "log/where.h"
#include "log/field.h"
#include "log/label.h"
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum op { OR, AND, NOT, EQUAL, UNEQUAL, LESS, GREATER, LESS_EQUAL, GREATER_EQUAL, LIKE };

struct part {
    enum op op;
    int a, b;                   // OR, AND: parts; NOT: a; else a is a label
    struct str value;
    bool is_number;
    double number;
};

struct where {
    struct arena arena;
    struct str label[WHERE_LABELS];
    int labels, parts, root;
    struct part part[WHERE_PARTS];
};

// ---- words of the text ----

enum kind { END, WORD, TEXT, OPERATOR, OPEN, CLOSE };

struct token { enum kind kind; struct str text; size_t at; };   // at: its first byte, from 1

struct parser { struct where *w; struct str all, rest; struct token now; int deep; struct err *e; };

static PRINTF(4, 5) bool wrong(struct parser *p, size_t at, const char *hint, const char *format, ...)
{
    char text[200];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    err_set(p->e, ERR_INPUT, "where:%zu: %s", at, text);
    return hint ? err_hint(p->e, "%s", hint) : false;
}

// What stands where something else was expected.
static struct str met(const struct parser *p)
{
    return str_head(p->now.text, 80);
}

static bool ends_word(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '(' || c == ')' || c == '\'' || c == '"' || c == '=' || c == '!'
        || c == '<' || c == '>' || c == '~';
}

// Inside quotes a backslash keeps the next byte.
static bool quoted(struct parser *p)
{
    char quote = p->rest.p[0];
    OWN_BUF struct buf b = buf_make(WHERE_BYTES);
    size_t i = 1;
    for (; i < p->rest.n && p->rest.p[i] != quote; i++) {
        if (p->rest.p[i] == '\\' && i + 1 < p->rest.n)
            i++;
        buf_addc(&b, p->rest.p[i]);
    }
    if (i >= p->rest.n)
        return wrong(p, p->now.at, "close it with the same quote", "the quote that begins here has no end");
    p->now.kind = TEXT;
    p->now.text = str_dup(&p->w->arena, buf_str(&b));
    p->rest = str_from(p->rest, i + 1);
    return true;
}

static void take(struct parser *p, enum kind kind, size_t n)
{
    p->now.kind = kind;
    p->now.text = str_head(p->rest, n);
    p->rest = str_from(p->rest, n);
}

// A value may have every byte but blanks, parentheses and quotes: where one is expected, operators are part of it.
static bool next(struct parser *p, bool value)
{
    p->rest = str_from(p->rest, (size_t)(strspn(p->rest.p, " \t\n")));
    p->now = (struct token){.at = p->all.n - p->rest.n + 1};
    if (p->rest.n == 0)
        return true;
    char c = p->rest.p[0];
    if (c == '\'' || c == '"')
        return quoted(p);
    if (c == '(' || c == ')') {
        take(p, c == '(' ? OPEN : CLOSE, 1);
        return true;
    }
    size_t n = 0;
    if (!value && strchr("=!<>~&|", c)) {
        take(p, OPERATOR, strspn(p->rest.p, "=!<>~&|"));
        return true;
    }
    while (n < p->rest.n && (value ? !strchr(" \t\n()'\"", p->rest.p[n]) : !ends_word(p->rest.p[n])))
        n++;
    take(p, WORD, n);
    return true;
}

static bool is_word(const struct parser *p, const char *word)
{
    return p->now.kind == WORD && p->now.text.n == strlen(word) && strncasecmp(p->now.text.p, word, p->now.text.n) == 0;
}

// ---- parts ----

static bool add(struct parser *p, struct part part, int *out)
{
    if (p->w->parts == WHERE_PARTS)
        return wrong(p, p->now.at, NULL, "too many comparisons");
    *out = p->w->parts;
    p->w->part[p->w->parts++] = part;
    return true;
}

static int label_number(struct where *w, struct str label)
{
    for (int i = 0; i < w->labels; i++)
        if (str_eq(w->label[i], label))
            return i;
    if (w->labels == WHERE_LABELS)
        return -1;
    w->label[w->labels] = label;
    return w->labels++;
}

// Decimal numbers, "-12.5", of at most 32 bytes; with a unit of time where units is true, as seconds.
static bool number(struct str s, bool units, double *out)
{
    double v = 0, unit = 1;
    bool negative = s.n && s.p[0] == '-', point = false, any = false;
    size_t i = negative;
    if (s.n > 32)
        return false;
    for (; i < s.n && ((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] == '.' && !point)); i++) {
        point = point || s.p[i] == '.';
        if (s.p[i] == '.')
            continue;
        v = v * 10 + (s.p[i] - '0');
        unit *= point ? 10 : 1;
        any = true;
    }
    struct str rest = str_from(s, i);
    if (units && str_eq(rest, S("ms")))
        unit *= 1000;
    else if (rest.n && !(units && str_eq(rest, S("s"))))
        return false;
    *out = (negative ? -v : v) / unit;
    return any;
}

static const struct { const char *text; enum op op; const char *meant; } operators[] = {
    {"=", EQUAL, NULL}, {"!=", UNEQUAL, NULL}, {"<", LESS, NULL}, {">", GREATER, NULL}, {"<=", LESS_EQUAL, NULL},
    {">=", GREATER_EQUAL, NULL}, {"~", LIKE, NULL},
    {"==", EQUAL, "did you mean ="}, {"=~", LIKE, "did you mean ~"}, {"<>", UNEQUAL, "did you mean !="},
    {"!~", LIKE, "say: not LABEL ~ VALUE"}, {"=<", LESS, "did you mean <="}, {"=>", GREATER, "did you mean >="},
    {"&&", AND, "say: and"}, {"||", OR, "say: or"}, {"!", NOT, "say: not"},
};

static bool no_operator(struct parser *p, const char *hint)
{
    return wrong(p, p->now.at, hint, "there is no operator \"" STR_F "\"", STR_A(met(p)));
}

static bool operator(struct parser *p, enum op *out)
{
    static const char usual[] = "there are = != < > <= >= ~";
    if (is_word(p, "like") || is_word(p, "in") || is_word(p, "is"))
        return wrong(p, p->now.at, "did you mean ~ or =", "expected an operator, got \"" STR_F "\"", STR_A(met(p)));
    if (p->now.kind == END)
        return wrong(p, p->now.at, usual, "expected an operator, but the text ends");
    if (p->now.kind != OPERATOR)
        return wrong(p, p->now.at, usual, "expected an operator, got \"" STR_F "\"", STR_A(met(p)));
    for (size_t i = 0; i < ARRAY_LEN(operators); i++)
        if (str_eq(p->now.text, str_z(operators[i].text))) {
            *out = operators[i].op;
            return !operators[i].meant || no_operator(p, operators[i].meant);
        }
    return no_operator(p, usual);
}

// A number is never more or less than a word: a tail that asks for it would be silent for ever.
static bool comparable(struct parser *p, const struct part *part)
{
    bool ordered = part->op >= LESS && part->op <= GREATER_EQUAL;
    enum column_type type = COLUMN_TEXT;
    struct str label = p->w->label[part->a];
    label_type(label, &type);
    if (!ordered || part->is_number || type == COLUMN_TEXT || type == COLUMN_TIME)
        return true;
    return wrong(p, p->now.at, "numbers are written as 500, 0.8 or 800ms, and without quotes",
                 STR_F " is a number, got \"" STR_F "\"", STR_A(label), STR_A(met(p)));
}

static bool comparison(struct parser *p, int *out)
{
    static const char comparison_is[] = "a comparison is LABEL OPERATOR VALUE, as in: status >= 500";
    struct part part = {.op = EQUAL};
    if (p->now.kind == OPERATOR && p->now.text.p[0] == '!')
        return no_operator(p, "say: not");
    if (p->now.kind == END)
        return wrong(p, p->now.at, comparison_is, "expected a label, but the text ends");
    if (p->now.kind != WORD || !label_ok(p->now.text))
        return wrong(p, p->now.at, comparison_is, "expected a label, got \"" STR_F "\"", STR_A(met(p)));
    part.a = label_number(p->w, p->now.text);
    if (part.a < 0)
        return wrong(p, p->now.at, NULL, "too many different labels");
    if (!next(p, false) || !operator(p, &part.op) || !next(p, true))
        return false;
    if (p->now.kind != WORD && p->now.kind != TEXT)
        return wrong(p, p->now.at, "an empty value is ''", "expected a value");
    part.value = p->now.text;
    part.is_number = p->now.kind == WORD && number(part.value, true, &part.number);
    return comparable(p, &part) && add(p, part, out) && next(p, false);
}

static bool any_of(struct parser *p, int *out);

static bool one(struct parser *p, int *out)
{
    size_t at = p->now.at;
    int inside;
    if (p->deep == WHERE_DEEP)
        return wrong(p, at, NULL, "nested too deep");
    p->deep++;
    bool ok;
    if (is_word(p, "not")) {
        ok = next(p, false) && one(p, &inside) && add(p, (struct part){.op = NOT, .a = inside}, out);
    } else if (p->now.kind == OPEN) {
        ok = next(p, false) && any_of(p, out)
            && (p->now.kind == CLOSE || wrong(p, at, "close it with )", "the parenthesis that begins here has no end"))
            && next(p, false);
    } else {
        ok = comparison(p, out);
    }
    p->deep--;
    return ok;
}

static bool all_of(struct parser *p, int *out)
{
    int right;
    bool ok = one(p, out);
    while (ok && is_word(p, "and"))
        ok = next(p, false) && one(p, &right) && add(p, (struct part){.op = AND, .a = *out, .b = right}, out);
    return ok;
}

static bool any_of(struct parser *p, int *out)
{
    int right;
    bool ok = all_of(p, out);
    while (ok && is_word(p, "or"))
        ok = next(p, false) && all_of(p, &right) && add(p, (struct part){.op = OR, .a = *out, .b = right}, out);
    return ok;
}

static bool read_all(struct parser *p)
{
    if (p->all.n > WHERE_BYTES || !str_utf8(p->all))
        return wrong(p, 1, NULL, "it is longer than 4096 bytes, or no text");
    if (!next(p, false) || !any_of(p, &p->w->root))
        return false;
    const char *hint = str_eq(p->now.text, S("&&")) ? "say: and" : str_eq(p->now.text, S("||")) ? "say: or"
        : "comparisons are joined by and, or; a value with blanks stands in quotes";
    return p->now.kind == END || wrong(p, p->now.at, hint, "expected and, or, or the end, got \"" STR_F "\"",
                                           STR_A(met(p)));
}

struct where *where_new(struct str text, struct err *e)
{
    struct where *w = calloc(1, sizeof *w);
    assert(w);
    w->arena = arena_make(1 << 20);
    struct str copy = str_dup(&w->arena, str_head(text, WHERE_BYTES + 1));
    struct parser p = {.w = w, .all = copy, .rest = copy, .e = e};
    if (read_all(&p))
        return w;
    where_free(w);
    return NULL;
}

void where_free(struct where *w)
{
    if (!w)
        return;
    arena_drop(&w->arena);
    free(w);
}

// ---- asking it ----

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

// Where `what` first stands in s from `from` on; -1: nowhere.
static ptrdiff_t find(struct str s, size_t from, struct str what)
{
    for (size_t at = from; at + what.n <= s.n; at++) {
        size_t k = 0;
        while (k < what.n && lower(s.p[at + k]) == lower(what.p[k]))
            k++;
        if (k == what.n)
            return (ptrdiff_t)at;
    }
    return -1;
}

// The pieces between the stars one after the other; the first place of each is as good as any later one.
static bool like(struct str s, struct str pattern)
{
    size_t at = 0;
    while (pattern.n) {
        struct str piece = str_cut(&pattern, '*');
        ptrdiff_t found = find(s, at, piece);
        if (found < 0)
            return false;
        at = (size_t)found + piece.n;
    }
    return true;
}

// -1, 0, 1; 2: they cannot be compared.
static int compare(struct str s, const struct part *p)
{
    double v;
    if (p->is_number)
        return !number(s, false, &v) ? 2 : v < p->number ? -1 : v > p->number;
    int c = str_eq(s, S("-")) ? 2 : str_cmp(s, p->value);
    return c == 2 ? 2 : c < 0 ? -1 : c > 0;
}

static bool ask(const struct where *w, int at, const struct str *value)
{
    const struct part *p = &w->part[at];
    switch (p->op) {
    case OR: return ask(w, p->a, value) || ask(w, p->b, value);
    case AND: return ask(w, p->a, value) && ask(w, p->b, value);
    case NOT: return !ask(w, p->a, value);
    case EQUAL: return str_eq(value[p->a], p->value);
    case UNEQUAL: return !str_eq(value[p->a], p->value);
    case LIKE: return like(value[p->a], p->value);
    case LESS: return compare(value[p->a], p) == -1;
    case GREATER: return compare(value[p->a], p) == 1;
    case LESS_EQUAL: return compare(value[p->a], p) < 1;
    case GREATER_EQUAL: return (unsigned)compare(value[p->a], p) < 2;
    }
    return false;
}

bool where_match(const struct where *w, struct str line)
{
    struct str value[WHERE_LABELS];
    bool met[WHERE_LABELS] = {false};
    int left = w ? w->labels : 0;
    for (int i = 0; i < left; i++)
        value[i] = S("-");
    if (line.n && line.p[line.n - 1] == '\r')
        line.n--;
    for (bool first = true; left && line.n; first = false) {
        struct field f;
        if (!field_cut(str_cut(&line, '\t'), first, &f))
            continue;
        for (int i = 0; i < w->labels; i++)
            if (!met[i] && str_eq(w->label[i], f.label)) {
                value[i] = f.value;
                met[i] = true;
                left--;
            }
    }
    return !w || ask(w, w->root, value);
}

struct str where_label(const struct where *w, size_t n)
{
    return n < (size_t)w->labels ? w->label[n] : S("");
}

bool where_of_lines(const struct where *w, struct err *e)
{
    static const struct { const char *name, *way_out; } columns[] = {
        {"page", "a path is the label uri; * stands for anything: uri ~ /works/*"},
        {"client", "an address is the label forwardedfor or remote_addr"},
        {"dt", "a tail shows what comes now"}, {"hour", "a tail shows what comes now"}};
    struct str label;
    for (size_t n = 0; w && (label = where_label(w, n)).n; n++)
        for (size_t i = 0; i < ARRAY_LEN(columns); i++)
            if (str_eq(label, str_z(columns[i].name))) {
                err_set(e, ERR_INPUT, "%s is a column of rows, and no label of lines", columns[i].name);
                return err_hint(e, "%s", columns[i].way_out);
            }
    return true;
}

// values.c: see values.h.
#include "log/values.h"
#include "base/jansson.h"
#include "base/json.h"
#include <string.h>

static const int64_t safe_whole = INT64_C(1) << 53;      // larger numbers lose digits in many readers of JSON

const char *value_kind(enum ask_kind kind)
{
    static const char *const names[ASK_KINDS] = {[ASK_TEXT] = "text", [ASK_WHOLE] = "whole", [ASK_NUMBER] = "number",
                                                 [ASK_BOOL] = "bool", [ASK_JSON] = "json", [ASK_TIME] = "timestamp"};
    return names[kind];
}

bool value_next(struct bytes *b, struct value *v)
{
    uint32_t n = bytes_u32(b);
    *v = (struct value){.null = n == ASK_NULL};
    if (!v->null)
        v->text = bytes_take(b, n);
    return !b->short_;
}

static bool all_there(struct bytes b, size_t n)
{
    struct value v;
    while (n--)
        if (!value_next(&b, &v))
            return false;
    return bytes_done(&b);
}

bool values_open(struct str payload, size_t columns, struct bytes *b, size_t *rows)
{
    *b = bytes_of(payload);
    *rows = bytes_u32(b);
    return columns && !b->short_ && *rows <= ASK_MAX / 4 && all_there(*b, *rows * columns);
}

// ---- what is a number ----

static bool skip_digits(struct str s, size_t *i)
{
    size_t from = *i;
    while (*i < s.n && s.p[*i] >= '0' && s.p[*i] <= '9')
        ++*i;
    return *i > from;
}

static bool skip(struct str s, size_t *i, const char *any)
{
    bool is = *i < s.n && s.p[*i] && strchr(any, s.p[*i]);
    *i += is;
    return is;
}

// RFC 8259, section 6.
static bool is_json_number(struct str s)
{
    size_t i = 0;
    skip(s, &i, "-");
    size_t first = i;
    if (!skip_digits(s, &i) || (s.p[first] == '0' && i > first + 1))
        return false;
    if (skip(s, &i, ".") && !skip_digits(s, &i))
        return false;
    if (skip(s, &i, "eE")) {
        skip(s, &i, "+-");
        if (!skip_digits(s, &i))
            return false;
    }
    return i == s.n;
}

// ---- CSV ----

static bool is_plain(struct str s)
{
    bool plain = s.n > 0;
    for (size_t i = 0; i < s.n && plain; i++)
        plain = s.p[i] != '"' && s.p[i] != ',' && s.p[i] != '\n' && s.p[i] != '\r';
    return plain;
}

// What a formula begins with, also behind a tab or a line end that a spreadsheet throws away, and in its wide letters
// (U+FF1D, U+FF0B, U+FF0D, U+FF20): the list of OWASP's "CSV injection".
static const char *const formulas[] = {"=", "+", "-", "@", "\t", "\r", "\n",
                                       "\xEF\xBC\x9D", "\xEF\xBC\x8B", "\xEF\xBC\x8D", "\xEF\xBC\xA0"};

// "-5", "+81" and "-", which nginx writes for nothing, are what they look like.
static bool is_harmless(struct str s)
{
    return is_json_number(s.p[0] == '+' ? str_from(s, 1) : s) || str_eq(s, S("-"));
}

static bool is_formula(enum ask_kind kind, struct str s)
{
    if (kind == ASK_WHOLE || kind == ASK_NUMBER || kind == ASK_BOOL || !s.n)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(formulas); i++)
        if (str_starts(s, str_z(formulas[i])))
            return !is_harmless(s);
    return false;
}

void value_csv(struct buf *b, enum ask_kind kind, const struct value *v, bool exact)
{
    struct str s = v->text;
    bool formula = !v->null && !exact && is_formula(kind, s);
    if (v->null)
        return;
    if (is_plain(s)) {
        buf_addz(b, formula ? "'" : "");
        buf_add(b, s);
        return;
    }
    buf_addz(b, formula ? "\"'" : "\"");
    for (bool more = true; more;) {
        more = str_has(s, '"');
        buf_add(b, str_cut(&s, '"'));
        buf_addz(b, more ? "\"\"" : "");
    }
    buf_addc(b, '"');
}

// ---- JSON ----

static bool as_it_is(enum ask_kind kind, struct str s)
{
    int64_t v;
    if (kind == ASK_WHOLE)
        return str_i64(s, &v) && v >= -safe_whole && v <= safe_whole && is_json_number(s);
    if (kind == ASK_NUMBER)
        return is_json_number(s);
    return kind == ASK_BOOL && (str_eq(s, S("true")) || str_eq(s, S("false")));
}

// A nested value comes as JSON and is put in as it is, if it is one.
static bool put_nested(struct buf *b, struct str s)
{
    json_error_t why;
    json_t *j = json_loadb(s.p, s.n, JSON_DECODE_ANY, &why);
    for (size_t i = 0; j && i < s.n; i++)
        if ((unsigned char)s.p[i] < 0x20) {
            json_decref(j);
            return false;
        }
    json_decref(j);
    // What a terminal would obey stands within texts, so it may be escaped.
    for (size_t i = 0; j && i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i], next = i + 1 < s.n ? (unsigned char)s.p[i + 1] : 0;
        bool high = c == 0xC2 && next < 0xA0;
        if (high || c == 0x7F)
            buf_addf(b, "\\u%04x", high ? next : c);
        else
            buf_addc(b, (char)c);
        i += high;
    }
    return j != NULL;
}

void value_json(struct buf *b, const struct ask_column *c, const struct value *v)
{
    if (v->null)
        buf_addz(b, "null");
    else if (as_it_is(c->kind, v->text))
        buf_add(b, v->text);
    else if (c->kind != ASK_JSON || !put_nested(b, v->text))
        json_text(b, v->text);
}

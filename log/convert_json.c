// convert_json.c: JSON to LTSV in one pass over the text, nothing allocated. Keys are written as labels, values behind
// them; a nested object writes its members with its own label before theirs.
#include "log/convert_json.h"
#include "log/label.h"

enum { DEEP_MAX = 64 };

struct scan { const char *p, *end; struct line *out; char prefix[LABEL_MAX + 1]; size_t prefix_n; };

static void blanks(struct scan *s)
{
    while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' || *s->p == '\r' || *s->p == '\n'))
        s->p++;
}

static bool take(struct scan *s, char c)
{
    blanks(s);
    if (s->p == s->end || *s->p != c)
        return false;
    s->p++;
    return true;
}

// ---- strings ----

static bool hex4(const char *p, const char *end, unsigned *out)
{
    *out = 0;
    if (end - p < 4)
        return false;
    for (int i = 0; i < 4; i++) {
        unsigned char c = (unsigned char)p[i];
        int v = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
        if (v < 0)
            return false;
        *out = *out << 4 | (unsigned)v;
    }
    return true;
}

static void put_utf8(struct line *out, unsigned u)
{
    if (u < 0x20 || u == 0x7f)
        line_escaped(out, (unsigned char)u);
    else if (u < 0x80)
        line_char(out, (char)u);
    else if (u < 0x800)
        line_add(out, (char[]){(char)(0xc0 | u >> 6), (char)(0x80 | (u & 63))}, 2);
    else if (u < 0x10000)
        line_add(out, (char[]){(char)(0xe0 | u >> 12), (char)(0x80 | (u >> 6 & 63)), (char)(0x80 | (u & 63))}, 3);
    else
        line_add(out, (char[]){(char)(0xf0 | u >> 18), (char)(0x80 | (u >> 12 & 63)), (char)(0x80 | (u >> 6 & 63)),
                               (char)(0x80 | (u & 63))}, 4);
}

// Behind "\u". A lone half of a pair becomes U+FFFD, as it has no UTF-8.
static bool unicode(struct scan *s)
{
    unsigned u, low;
    if (!hex4(s->p, s->end, &u))
        return false;
    s->p += 4;
    if (u >= 0xd800 && u < 0xdc00 && s->end - s->p >= 6 && s->p[0] == '\\' && s->p[1] == 'u'
        && hex4(s->p + 2, s->end, &low) && low >= 0xdc00 && low < 0xe000) {
        s->p += 6;
        u = 0x10000 + ((u - 0xd800) << 10) + (low - 0xdc00);
    }
    put_utf8(s->out, u >= 0xd800 && u < 0xe000 ? 0xfffd : u);
    return true;
}

static bool escape(struct scan *s)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    if (s->p == s->end)
        return false;
    char c = *s->p++;
    const char *at = c ? strchr(from, c) : NULL;
    if (at)
        put_utf8(s->out, (unsigned char)to[at - from]);
    return at || (c == 'u' && unicode(s));
}

// The opening quote is behind us. Unescaped text goes to the line.
static bool string(struct scan *s)
{
    for (;;) {
        const char *run = s->p;
        while (s->p < s->end && *s->p != '"' && *s->p != '\\' && (unsigned char)*s->p >= 0x20)
            s->p++;
        line_add(s->out, run, (size_t)(s->p - run));
        if (s->p == s->end || s->out->full)
            return false;
        char c = *s->p++;
        if (c == '"')
            return true;
        if (c != '\\' || !escape(s))
            return false;
    }
}

// ---- values ----

static bool digits(struct scan *s)
{
    const char *from = s->p;
    while (s->p < s->end && *s->p >= '0' && *s->p <= '9')
        s->p++;
    return s->p > from;
}

static bool number(struct scan *s)
{
    if (*s->p == '-')
        s->p++;
    const char *first = s->p;
    if (!digits(s) || (*first == '0' && s->p - first > 1))
        return false;
    if (s->p < s->end && *s->p == '.') {
        s->p++;
        if (!digits(s))
            return false;
    }
    if (s->p < s->end && (*s->p | 32) == 'e') {
        s->p++;
        if (s->p < s->end && (*s->p == '+' || *s->p == '-'))
            s->p++;
        return digits(s);
    }
    return true;
}

static bool word(struct scan *s, struct str w)
{
    if ((size_t)(s->end - s->p) < w.n || memcmp(s->p, w.p, w.n) != 0)
        return false;
    s->p += w.n;
    return true;
}

static bool skip_value(struct scan *s, int deep);

// Members of an object or array, checked and passed over.
static bool skip_inside(struct scan *s, char end, int deep)
{
    if (take(s, end))
        return true;
    do {
        blanks(s);
        if (end == '}' && (!take(s, '"') || !string(s) || !take(s, ':')))
            return false;
        if (!skip_value(s, deep))
            return false;
    } while (take(s, ','));
    return take(s, end);
}

// What string() writes on the way is thrown away by whoever skips.
static bool skip_value(struct scan *s, int deep)
{
    blanks(s);
    if (deep == DEEP_MAX || s->p == s->end)
        return false;
    switch (*s->p) {
    case '"': s->p++; return string(s);
    case '{': s->p++; return skip_inside(s, '}', deep + 1);
    case '[': s->p++; return skip_inside(s, ']', deep + 1);
    case 't': return word(s, S("true"));
    case 'f': return word(s, S("false"));
    case 'n': return word(s, S("null"));
    default: return number(s);
    }
}

// The value as it stands; tabs can only be between its words.
static bool as_text(struct scan *s)
{
    const char *from = s->p;
    size_t at = s->out->n;
    if (!skip_value(s, 0))
        return false;
    s->out->n = at;
    line_add(s->out, from, (size_t)(s->p - from));
    if (s->out->full)
        return false;
    for (char *p = s->out->p + at; p < s->out->p + s->out->n; p++)
        if ((unsigned char)*p < 0x20)
            *p = ' ';
    return true;
}

// ---- objects ----

// The key becomes a label behind the prefix: what no label has becomes '_'.
static bool key(struct scan *s)
{
    line_add(s->out, s->prefix, s->prefix_n);
    size_t at = s->out->n;
    if (!take(s, '"') || !string(s))
        return false;
    if (s->out->n == at)
        line_char(s->out, '_');
    for (size_t i = at; i < s->out->n; i++)
        if (!label_ok((struct str){s->out->p + i, 1}))
            s->out->p[i] = '_';
    return take(s, ':') && !s->out->full;
}

static bool members(struct scan *s, int deep);

// An object whose label leaves room for those of its members; otherwise its text.
static bool nested(struct scan *s, size_t label_at, int deep)
{
    size_t before = s->prefix_n, n = s->out->n - label_at;
    const char *inside = s->p + 1;
    struct scan peek = {.p = inside, .end = s->end};
    blanks(&peek);
    if (n >= LABEL_MAX || deep + 1 == DEEP_MAX || (peek.p < peek.end && *peek.p == '}')) {
        line_char(s->out, ':');
        return as_text(s);
    }
    memcpy(s->prefix, s->out->p + label_at, n);
    s->prefix[n] = '.';
    s->prefix_n = n + 1;
    s->out->n = label_at;
    s->p++;
    bool ok = members(s, deep + 1);
    s->prefix_n = before;
    return ok;
}

static bool member(struct scan *s, int deep)
{
    size_t at = s->out->n;
    if (!key(s))
        return false;
    blanks(s);
    if (s->p < s->end && *s->p == '{')
        return nested(s, at, deep);
    line_char(s->out, ':');
    if (s->p < s->end && *s->p == '"') {
        s->p++;
        return string(s);
    }
    if (s->p < s->end && *s->p == 'n') {
        line_char(s->out, '-');
        return word(s, S("null"));
    }
    return as_text(s);
}

// Behind the opening brace.
static bool members(struct scan *s, int deep)
{
    if (take(s, '}'))
        return true;
    for (;;) {
        if (!member(s, deep) || s->out->full)
            return false;
        if (take(s, '}'))
            return true;
        if (!take(s, ','))
            return false;
        line_char(s->out, '\t');
    }
}

bool json_to_ltsv(struct str text, struct line *out)
{
    struct scan s = {.p = text.p, .end = text.p + text.n, .out = out};
    if (!take(&s, '{') || !members(&s, 0))
        return false;
    blanks(&s);
    return s.p == s.end && out->n > 0 && !out->full;
}

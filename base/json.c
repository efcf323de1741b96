// json.c: the writer knows from the last byte whether a comma is due, so it needs no state of its own.
#include "base/json.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void comma(struct buf *b)
{
    char last = b->n ? b->p[b->n - 1] : '[';
    if (last != '[' && last != '{' && last != ':')
        buf_addc(b, ',');
}

void json_open(struct buf *b, char bracket)
{
    comma(b);
    buf_addc(b, bracket);
}

void json_close(struct buf *b, char bracket)
{
    buf_addc(b, bracket);
}

// Terminals obey U+0080 to U+009F, and marks of direction show a text otherwise than it is: both are escaped.
static bool add_escaped(struct buf *b, struct str s)
{
    const unsigned char *p = (const unsigned char *)s.p;
    unsigned c = s.n == 2 ? (p[0] & 0x1Fu) << 6 | (p[1] & 0x3Fu)
        : s.n == 3 ? (p[0] & 0xFu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu) : 0x10000;
    bool obeyed = c < 0xA0 || (c >= 0x200E && c <= 0x200F) || (c >= 0x202A && c <= 0x202E)
        || (c >= 0x2066 && c <= 0x2069);
    if (obeyed)
        buf_addf(b, "\\u%04x", c);
    return obeyed;
}

// U+FFFD for each byte that does not belong to a well-formed sequence.
static size_t add_rune(struct buf *b, struct str s)
{
    for (size_t n = 2; n <= 4 && n <= s.n; n++)
        if (str_utf8(str_head(s, n)) && (unsigned char)s.p[0] >= 0xC0) {
            if (!add_escaped(b, str_head(s, n)))
                buf_add(b, str_head(s, n));
            return n;
        }
    buf_addz(b, "\xEF\xBF\xBD");
    return 1;
}

// Bytes that stay as they are, from there on.
static size_t plain_run(struct str s, size_t i)
{
    size_t from = i;
    for (; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c < 0x20 || c >= 0x7F || c == '"' || c == '\\')
            break;
    }
    return i - from;
}

void json_text(struct buf *b, struct str s)
{
    buf_addc(b, '"');
    for (size_t i = 0; i < s.n;) {
        size_t run = plain_run(s, i);
        if (run) {
            buf_add(b, str_head(str_from(s, i), run));
            i += run;
            continue;
        }
        unsigned char c = (unsigned char)s.p[i];
        if (c >= 0x80) {
            i += add_rune(b, str_from(s, i));
            continue;
        }
        if (c == '"' || c == '\\')
            buf_addf(b, "\\%c", c);
        else if (c == '\n')
            buf_addz(b, "\\n");
        else if (c == '\t')
            buf_addz(b, "\\t");
        else
            buf_addf(b, "\\u%04x", c);
        i++;
    }
    buf_addc(b, '"');
}

void json_key(struct buf *b, const char *key)
{
    comma(b);
    json_text(b, str_z(key));
    buf_addc(b, ':');
}

// The shorter of the two that reads back as the same number.
static void add_real(struct buf *b, double d)
{
    char text[40];
    snprintf(text, sizeof text, "%.15g", d);
    if (strtod(text, NULL) != d)
        snprintf(text, sizeof text, "%.17g", d);
    buf_addz(b, isfinite(d) ? text : "null");
}

void json_val(struct buf *b, struct val v)
{
    static const int64_t exact = (int64_t)1 << 53;
    comma(b);
    switch (v.type) {
    case VAL_NULL:
        buf_addz(b, "null");
        break;
    case VAL_BOOL:
        buf_addz(b, v.i ? "true" : "false");
        break;
    case VAL_INT:
        buf_addf(b, v.i > exact || v.i < -exact ? "\"%lld\"" : "%lld", (long long)v.i);
        break;
    case VAL_REAL:
        add_real(b, v.real);
        break;
    case VAL_TEXT:
    case VAL_BLOB:
        json_text(b, v.text);
        break;
    case VAL_JSON:
        buf_add(b, v.text.n ? v.text : S("null"));
        break;
    }
}

void json_kvs(struct buf *b, struct kvs kvs)
{
    for (size_t i = 0; i < kvs.n; i++) {
        json_key(b, kvs.at[i].key);
        json_val(b, kvs.at[i].v);
    }
}

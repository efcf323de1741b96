// print.c: a tree of nodes as YAML that reads back to the same tree, and as JSON.
#include "base/json.h"
#include "site/node.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

// Plain text that no reader of YAML takes for anything but text: letters first, no blanks, no ": " and no " #".
static bool may_be_plain(struct str s)
{
    static const char *const words[] = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"};
    bool starts_well = s.n && (str_plain(str_head(s, 1), "/_-.") && !(s.n == 1 && !str_plain(s, "")));
    if (!starts_well || !str_plain(s, "/_-.@+%=:") || s.p[s.n - 1] == ':')
        return false;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (s.n == strlen(words[i]) && strncasecmp(s.p, words[i], s.n) == 0)
            return false;
    return str_find(s, S("---")) != 0 && str_find(s, S("...")) != 0;
}

// A number or time by the looks of it gets quotes, so that other readers of the file keep it a text.
static bool looks_numeric(struct str s)
{
    size_t n = 0;
    while (n < s.n && s.p[n] && strchr("0123456789.-+eExX_:", s.p[n]))
        n++;
    return n == s.n && s.n && !str_has(S("eExX_:"), s.p[0]);
}

static unsigned rune_of(struct str s, size_t *n)
{
    const unsigned char *p = (const unsigned char *)s.p;
    *n = p[0] < 0x80 ? 1 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
    assert(*n <= s.n);
    unsigned v = *n == 1 ? p[0] : p[0] & (0xFFu >> (*n + 1));
    for (size_t i = 1; i < *n; i++)
        v = v << 6 | (p[i] & 0x3Fu);
    return v;
}

// Characters that YAML 1.1 (section 5.1) does not count as printable, takes for line ends, or drops.
static bool must_escape(unsigned v)
{
    bool control = v < 0x20 || (v >= 0x7F && v < 0xA0);
    return control || v == 0x2028 || v == 0x2029 || v == 0xFEFF || v == 0xFFFE || v == 0xFFFF;
}

static void quoted(struct buf *b, struct str s)
{
    buf_addc(b, '"');
    for (size_t i = 0, n; i < s.n; i += n) {
        unsigned v = rune_of(str_from(s, i), &n);
        if (v == '"' || v == '\\')
            buf_addf(b, "\\%c", (char)v);
        else if (v == '\n' || v == '\t')
            buf_addz(b, v == '\n' ? "\\n" : "\\t");
        else if (must_escape(v))
            buf_addf(b, "\\u%04X", v);
        else
            buf_add(b, str_head(str_from(s, i), n));
    }
    buf_addc(b, '"');
}

static void text(struct buf *b, const struct node *n)
{
    if (n->plain || (may_be_plain(n->text) && !looks_numeric(n->text)))
        buf_add(b, n->text);
    else
        quoted(b, n->text);
}

static void key(struct buf *b, struct str name)
{
    text(b, &(struct node){.text = name});
    buf_addz(b, ":");
}

// On one line: [a, b], {a: 1}.
static void flow(struct buf *b, const struct node *n)
{
    if (n->kind == NODE_TEXT) {
        text(b, n);
        return;
    }
    buf_addc(b, n->kind == NODE_LIST ? '[' : '{');
    for (const struct node *c = n->first; c; c = c->next) {
        buf_addz(b, c == n->first ? "" : ", ");
        if (n->kind == NODE_MAP) {
            key(b, c->key);
            buf_addc(b, ' ');
        }
        flow(b, c);
    }
    buf_addc(b, n->kind == NODE_LIST ? ']' : '}');
}

static bool on_one_line(const struct node *n)
{
    return n->kind == NODE_TEXT || !n->first || (n->kind == NODE_LIST && n->first->kind == NODE_TEXT);
}

static void block(struct buf *b, const struct node *n, size_t indent)
{
    for (const struct node *c = n->first; c; c = c->next) {
        buf_addn(b, ' ', indent);
        if (n->kind == NODE_LIST)
            buf_addz(b, "- ");
        else
            key(b, c->key);
        if (n->kind == NODE_LIST || on_one_line(c)) {
            buf_addz(b, n->kind == NODE_LIST ? "" : " ");
            flow(b, c);
            buf_addc(b, '\n');
            continue;
        }
        buf_addc(b, '\n');
        block(b, c, indent + 2);
    }
}

void node_yaml(struct buf *b, const struct node *n)
{
    block(b, n, 0);
}

// 1.3: digits around one dot.
static bool is_decimal(struct str s)
{
    uint64_t whole, rest;
    struct str behind = s, before = str_cut(&behind, '.');
    return before.n < s.n && str_u64(before, &whole) && str_u64(behind, &rest);
}

static struct val typed(const struct node *n)
{
    int64_t i;
    if (n->plain && str_i64(n->text, &i))
        return V(i);
    if (n->plain && is_decimal(n->text))
        return V(strtod(n->text.p, NULL));          // what scalar.c printed, with a NUL behind it
    if (n->plain && (str_eq(n->text, S("true")) || str_eq(n->text, S("false"))))
        return V(str_eq(n->text, S("true")));
    return V(n->text);
}

void node_json(struct buf *b, const struct node *n)
{
    if (n->kind == NODE_TEXT) {
        json_val(b, typed(n));
        return;
    }
    char open = n->kind == NODE_LIST ? '[' : '{';
    json_open(b, open);
    for (const struct node *c = n->first; c; c = c->next) {
        if (n->kind == NODE_MAP)
            json_key(b, c->key.p);      // names are words of the table or of rule_name: no NUL inside, one behind
        node_json(b, c);
    }
    json_close(b, n->kind == NODE_LIST ? ']' : '}');
}

// target.c: RFC 3986 paths and form-encoded queries, strictly: what two readers could read differently is refused.
#include "web/target.h"
#include <string.h>

// Printable ASCII that RFC 3986 allows somewhere in a path or query.
static bool octet_ok(char c)
{
    return c > 0x20 && c < 0x7F && !memchr("\"#<>\\^`{|}", c, 10);
}

// plus: '+' is a blank (queries). false: a bad escape, NUL, or not UTF-8.
static bool decode(struct arena *a, struct str s, bool plus, struct str *out)
{
    char *p = arena_take(a, s.n + 1, 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '%') {
            if (i + 2 >= s.n || !hex_decode(str_head(str_from(s, i + 1), 2), &c, 1))
                return false;
            i += 2;
        } else if (c == '+' && plus) {
            c = ' ';
        }
        p[n++] = c;
    }
    *out = (struct str){p, n};
    return str_utf8(*out);
}

static const char *cut_path(struct arena *a, struct str path, struct strs *out)
{
    struct str rest = str_from(path, 1);
    bool more = rest.n > 0;
    while (more) {
        struct str raw = rest, s;
        ptrdiff_t slash = str_find(rest, S("/"));
        more = slash >= 0;
        if (more) {
            raw = str_head(rest, (size_t)slash);
            rest = str_from(rest, (size_t)slash + 1);
        }
        if (more && !raw.n)
            return "the path holds an empty segment";
        if (!decode(a, raw, false, &s))
            return "the path does not decode to UTF-8 text";
        if (str_has(s, '/') || str_eq(s, S(".")) || str_eq(s, S("..")))
            return "the path holds a dot segment or an encoded slash";
        if (out->n == SEGMENTS_MAX)
            return "the path has too many segments";
        vec_push(a, out, s);
    }
    return NULL;
}

static const char *cut_query(struct arena *a, struct str query, struct pairs *out)
{
    while (query.n) {
        struct str value = str_cut(&query, '&'), name = str_cut(&value, '=');
        struct pair p;
        if (!decode(a, name, true, &p.name) || !decode(a, value, true, &p.value))
            return "the query does not decode to UTF-8 text";
        if (!p.name.n)
            return "the query holds a field without a name";
        if (out->n == QUERY_MAX)
            return "the query has too many fields";
        vec_push(a, out, p);
    }
    return NULL;
}

const char *target_cut(struct arena *a, struct str target, struct target *out)
{
    *out = (struct target){0};
    if (!target.n || target.p[0] != '/')
        return "the target must be a path: /api/v1/...";
    for (size_t i = 0; i < target.n; i++)
        if (!octet_ok(target.p[i]))
            return "the target holds an octet that must be percent-encoded";
    out->has_query = str_has(target, '?');
    struct str query = target, path = str_cut(&query, '?');
    const char *why = cut_path(a, path, &out->segments);
    return why ? why : cut_query(a, query, &out->query);
}

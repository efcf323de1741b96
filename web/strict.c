// strict.c: the table of what a request must not be. evhttp takes the first of two Content-Lengths, reads "+5" as a
// length, passes absolute targets on and asks for no Host: harmless alone, a way in behind a proxy that reads them
// differently (request smuggling, RFC 9112 section 11.2; DNS rebinding, hence the allow-list of names).
#include "web/strict.h"
#include <string.h>
#include <strings.h>

enum { LINES_MAX = 64 };

static const char token_marks[] = "!#$%&'*+-.^_`|~";    // RFC 9110 section 5.6.2, besides letters and digits

static bool is(struct str s, const char *z)
{
    return s.n == strlen(z) && strncasecmp(s.p, z, s.n) == 0;
}

static size_t count(const struct facts *f, const char *name, struct str *last)
{
    size_t n = 0;
    for (size_t i = 0; i < f->headers->n; i++)
        if (is(f->headers->at[i].name, name)) {
            *last = f->headers->at[i].value;
            n++;
        }
    return n;
}

static struct str header(const struct facts *f, const char *name)
{
    struct str s = {"", 0};
    count(f, name, &s);
    return s;
}

static bool has(const struct facts *f, const char *name)
{
    struct str s;
    return count(f, name, &s) > 0;
}

static bool method_unknown(const struct facts *f)
{
    return !f->method && !f->options;
}

static bool target_long(const struct facts *f)
{
    return f->target.n > TARGET_MAX;
}

static bool target_broken(const struct facts *f)
{
    return f->target_why;
}

static bool lines_many(const struct facts *f)
{
    return f->headers->n > LINES_MAX;
}

static bool name_broken(const struct facts *f)
{
    for (size_t i = 0; i < f->headers->n; i++)
        if (!str_plain(f->headers->at[i].name, token_marks))
            return true;
    return false;
}

static bool host_count(const struct facts *f)
{
    struct str host;
    return count(f, "host", &host) != 1;
}

struct str host_name(struct str host)
{
    ptrdiff_t colon = host.n && host.p[0] == '[' ? str_find(host, S("]")) + 1 : str_find(host, S(":"));
    if (colon < 0 || (size_t)colon >= host.n)
        return host;
    struct str port = str_from(host, (size_t)colon + 1);
    bool digits = port.n && port.n <= 5 && strspn(port.p, "0123456789") >= port.n;
    return digits && host.p[colon] == ':' ? str_head(host, (size_t)colon) : (struct str){"", 0};
}

static bool host_foreign(const struct facts *f)
{
    static const char *const own[] = {"localhost", "127.0.0.1", "[::1]"};
    struct str name = host_name(header(f, "host"));
    for (size_t i = 0; i < ARRAY_LEN(own); i++)
        if (is(name, own[i]))
            return false;
    for (size_t i = 0; i < f->names->n; i++)
        if (name.n && name.n == f->names->at[i].n && strncasecmp(name.p, f->names->at[i].p, name.n) == 0)
            return false;
    return true;
}

static bool length_and_coding(const struct facts *f)
{
    return has(f, "transfer-encoding") && has(f, "content-length");
}

static bool coding(const struct facts *f)
{
    return has(f, "transfer-encoding");
}

static bool length_broken(const struct facts *f)
{
    struct str s = {0};
    size_t n = count(f, "content-length", &s);
    return n > 1 || (n == 1 && (!s.n || s.n > 10 || strspn(s.p, "0123456789") < s.n));
}

static bool length_on_get(const struct facts *f)
{
    return (f->method == GET || f->options) && (f->body || has(f, "content-length"));
}

static bool length_over(const struct facts *f)
{
    uint64_t n;
    struct str s = header(f, "content-length");
    return f->body > f->body_max || (s.n && str_u64(s, &n) && n > f->body_max);
}

static bool length_untrue(const struct facts *f)
{
    uint64_t n = 0;
    struct str s = header(f, "content-length");
    return (s.n && !str_u64(s, &n)) || n != f->body;
}

static bool single_twice(const struct facts *f)
{
    static const char *const single[] = {"cookie", "authorization", "origin", "content-type", "if-match",
                                         "idempotency-key", "expect", "connection"};
    struct str s;
    for (size_t i = 0; i < ARRAY_LEN(single); i++)
        if (count(f, single[i], &s) > 1)
            return true;
    return false;
}

static bool body_not_json(const struct facts *f)
{
    struct str type = header(f, "content-type");
    if (!f->body || f->hook)
        return false;
    struct str charset = type, name = str_trim(str_cut(&charset, ';'));
    charset = str_trim(charset);
    return !is(name, "application/json") || (charset.n && !is(charset, "charset=utf-8"));
}

static bool key_broken(const struct facts *f)
{
    struct str key = header(f, "idempotency-key");
    return has(f, "idempotency-key") && (key.n < 16 || key.n > 64 || !str_plain(key, "_-"));
}

static const struct rule { bool (*broken)(const struct facts *f); struct refusal then; } rules[] = {
    {method_unknown, {501, "input", "this method does not exist here", "GET, POST, PUT and DELETE do"}},
    {target_long, {414, "limit", "the request target is longer than 4096 bytes", ""}},
    {target_broken, {400, "input", NULL, "percent-encode what is not a plain letter, digit or mark"}},
    {lines_many, {431, "limit", "the request has more than 64 header lines", ""}},
    {name_broken, {400, "input", "a header name holds an octet that is not allowed", "no blank before the colon"}},
    {host_count, {400, "input", "a request needs exactly one Host header", ""}},
    {host_foreign, {421, "input", "this server does not go by the name in the Host header",
                    "add the name to web: names: in the site file"}},
    {length_and_coding, {400, "input", "Content-Length and Transfer-Encoding exclude each other", ""}},
    {coding, {501, "input", "requests with Transfer-Encoding are not taken", "send a Content-Length"}},
    {length_broken, {400, "input", "Content-Length must be there once and be a plain number", ""}},
    {length_on_get, {400, "input", "a GET or HEAD has no body and no Content-Length", ""}},
    {length_over, {413, "limit", "the body is larger than this route takes", ""}},
    {length_untrue, {400, "input", "Content-Length and the body do not agree", ""}},
    {single_twice, {400, "input", "a header that may be there once is there twice", ""}},
    {body_not_json, {415, "input", "a body must be JSON", "Content-Type: application/json"}},
    {key_broken, {400, "input", "an Idempotency-Key has 16 to 64 letters, digits, - and _", ""}},
};

const struct refusal *strict_check(const struct facts *f)
{
    for (size_t i = 0; i < ARRAY_LEN(rules); i++)
        if (rules[i].broken(f))
            return &rules[i].then;
    return NULL;
}

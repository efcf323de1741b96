// convert.c: see convert.h.
#include "log/convert.h"
#include "log/convert_json.h"
#include "log/field.h"
#include "log/ltsv.h"
#include "log/names.h"
#include <assert.h>
#include <stdlib.h>

struct convert {
    enum log_format format;
    char time[26], iso[25];         // the last one read: lines of one second follow each other
    bool time_known;
    struct names names;
    char room[LINE_MAX_BYTES], settled[LINE_MAX_BYTES];
};

static const char *const names[] = {[FORMAT_LTSV] = "ltsv", [FORMAT_COMBINED] = "combined", [FORMAT_JSON] = "json"};

struct str log_format_name(enum log_format f)
{
    return str_z(names[f]);
}

bool log_format_read(struct str name, enum log_format *out)
{
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq(name, str_z(names[i]))) {
            *out = (enum log_format)i;
            return true;
        }
    return false;
}

struct convert *convert_new(enum log_format f)
{
    struct convert *c = calloc(1, sizeof *c);
    assert(c);
    c->format = f;
    c->names = names_make();
    return c;
}

void convert_free(struct convert *c)
{
    free(c);
}

void convert_keep(struct convert *c, struct str label)
{
    names_keep(&c->names, label);
}

// ---- combined ----

static bool put_time(struct convert *c, struct line *out, struct str s)
{
    if (s.n != sizeof c->time)
        return false;
    if (!c->time_known || memcmp(s.p, c->time, sizeof c->time) != 0) {
        c->time_known = time_from_common(s, c->iso);
        memcpy(c->time, s.p, sizeof c->time);
    }
    line_lit(out, "time:");
    line_add(out, c->iso, sizeof c->iso);
    return c->time_known;
}

static bool needs_care(struct str s)
{
    return memchr(s.p, '\\', s.n) || memchr(s.p, '\t', s.n);
}

// Apache writes \" \\ \t \n, nginx \x22: the first become what they mean or nginx's way, the others stay.
static void put_value(struct line *out, struct str s)
{
    if (!needs_care(s)) {
        line_str(out, s);
        return;
    }
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i], next = i + 1 < s.n ? s.p[i + 1] : 0;
        if (c == '\t')
            line_escaped(out, '\t');
        else if (c != '\\')
            line_char(out, c);
        else if (next == '"' || next == '\\')
            line_char(out, s.p[++i]);
        else if (next == 't' || next == 'n' || next == 'r')
            line_escaped(out, s.p[++i] == 't' ? '\t' : s.p[i] == 'n' ? '\n' : '\r');
        else
            line_char(out, c);
    }
}

static void put(struct line *out, struct str label, struct str value)
{
    line_char(out, '\t');
    line_str(out, label);
    line_char(out, ':');
    put_value(out, value);
}

// A quote ends at the next one that no backslash escapes.
static bool quoted(struct str *rest, struct str *out)
{
    if (rest->n == 0 || rest->p[0] != '"')
        return false;
    for (size_t at = 1; at < rest->n; at++) {
        const char *q = memchr(rest->p + at, '"', rest->n - at);
        if (!q)
            return false;
        size_t back = 0;
        while (q - back > rest->p + 1 && q[-1 - (ptrdiff_t)back] == '\\')
            back++;
        at = (size_t)(q - rest->p);
        if (back % 2 == 0) {
            *out = (struct str){rest->p + 1, at - 1};
            *rest = str_from(*rest, at + 1);
            return true;
        }
    }
    return false;
}

static bool space(struct str *rest)
{
    if (rest->n == 0 || rest->p[0] != ' ')
        return false;
    *rest = str_from(*rest, 1);
    return true;
}

static void put_request(struct line *out, struct str request)
{
    struct request r;
    if (!request_cut(request, &r)) {
        put(out, S("request"), request);
        return;
    }
    put(out, S("method"), r.method);
    put(out, S("uri"), r.uri);
    put(out, S("query"), r.query);
    put(out, S("protocol"), r.protocol);
}

static bool is_number(struct str s)
{
    uint64_t v;
    return str_eq(s, S("-")) || str_u64(s, &v);
}

// Apache's vhost_combined begins with "www.example.com:443 ".
static bool is_vhost(struct str s, struct str next)
{
    struct str port = s, name = str_cut(&port, ':');
    uint64_t v;
    return name.n && str_u64(port, &v) && !str_eq(next, S("-"));
}

// 10.0.0.1 - user [15/Feb/2018:11:38:53 +0900] "GET / HTTP/1.1" 200 5 "referer" "ua". A user's name may have blanks.
static bool combined(struct convert *c, struct str line, struct line *out)
{
    struct str rest = line, request, referer, ua, forwardedfor;
    struct str addr = str_cut(&rest, ' '), ident = str_cut(&rest, ' '), vhost = {0};
    if (is_vhost(addr, ident)) {
        vhost = addr;
        addr = ident;
        ident = str_cut(&rest, ' ');
    }
    ptrdiff_t bracket = str_find(rest, S(" ["));
    if (addr.n == 0 || ident.n == 0 || bracket <= 0)
        return false;
    struct str user = str_head(rest, (size_t)bracket);
    rest = str_from(rest, (size_t)bracket + 2);
    struct str time = str_cut(&rest, ']');
    if (!put_time(c, out, time) || !space(&rest) || !quoted(&rest, &request) || !space(&rest))
        return false;
    struct str status = str_cut(&rest, ' '), size = str_cut(&rest, ' ');
    if (status.n != 3 || !is_number(status) || !is_number(size))
        return false;
    if (vhost.n)
        put(out, S("vhost"), vhost);
    put(out, S("remote_addr"), addr);
    if (!str_eq(ident, S("-")))
        put(out, S("ident"), ident);
    put(out, S("remote_user"), user);
    put_request(out, request);
    put(out, S("status"), status);
    put(out, S("size"), size);
    if (rest.n == 0)
        return !out->full;
    if (!quoted(&rest, &referer) || !space(&rest) || !quoted(&rest, &ua))
        return false;
    put(out, S("referer"), referer);
    put(out, S("ua"), ua);
    struct str then = rest;
    if (space(&then) && quoted(&then, &forwardedfor)) {
        put(out, S("forwardedfor"), forwardedfor);
        rest = then;
    }
    if (rest.n && (!space(&rest) || rest.n))
        put(out, S("rest"), rest);
    return !out->full;
}

// ---- any of them ----

static bool has_time(struct str line)
{
    for (bool first = true; line.n; first = false) {
        struct field at;
        if (field_cut(str_cut(&line, '\t'), first, &at) && str_eq(at.label, S("time")))
            return true;
    }
    return false;
}

static bool json(struct convert *c, struct str line, struct line *out)
{
    struct line settled = {.p = c->settled, .cap = sizeof c->settled};
    if (!json_to_ltsv(line, out))
        return false;
    if (names_settle(&c->names, (struct str){out->p, out->n}, &settled))
        *out = settled;
    return !out->full;
}

bool convert_line(struct convert *c, struct str line, struct str *out)
{
    struct line l = {.p = c->room, .cap = sizeof c->room};
    if (line.n && line.p[line.n - 1] == '\r')
        line.n--;
    *out = line;
    if (c->format == FORMAT_LTSV)
        return has_time(line);
    if (!(c->format == FORMAT_COMBINED ? combined(c, line, &l) : json(c, line, &l)))
        return false;
    *out = (struct str){l.p, l.n};
    return true;
}

bool convert_guess(struct str lines, enum log_format *out, struct err *e)
{
    size_t n[ARRAY_LEN(names)] = {0}, all = 0;
    struct str text = lines, first = {0};
    for (enum log_format f = FORMAT_LTSV; f <= FORMAT_JSON; f++) {
        struct convert *c = convert_new(f);
        all = 0;
        for (struct str rest = text; rest.n;) {
            struct str line = str_trim(str_cut(&rest, '\n')), ltsv;
            if (line.n == 0)
                continue;
            first = first.n ? first : line;
            all++;
            n[f] += convert_line(c, line, &ltsv) && (f != FORMAT_LTSV || line.p[0] != '{');
        }
        convert_free(c);
    }
    if (all == 0)
        return err_set(e, ERR_INPUT, "there are no lines in it");
    *out = n[FORMAT_JSON] > n[FORMAT_LTSV] ? FORMAT_JSON : FORMAT_LTSV;
    *out = n[FORMAT_COMBINED] > n[*out] ? FORMAT_COMBINED : *out;
    if (n[*out])
        return true;
    if (all == 1)
        err_set(e, ERR_INPUT, "its only line is neither LTSV with a time nor combined nor a JSON object: \"" STR_F "\"",
                STR_A(str_head(first, 120)));
    else
        err_set(e, ERR_INPUT,
                "none of its first %zu lines is LTSV with a time, combined or a JSON object; the first is \""
                STR_F "\"", all, STR_A(str_head(first, 120)));
    return err_hint(e, "say --format combined, or ltsv, or json, if you know better");
}

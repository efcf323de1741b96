// mask.c: see mask.h.
#include "log/mask.h"
#include <arpa/inet.h>

enum { ADDRESS_MAX = 64 };

static bool between_addresses(char c)
{
    return c == ',' || c == ' ' || c == ';' || c == '=' || c == '"';
}

static void put_v6(unsigned char a[16], struct line *out)
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
    char text[INET6_ADDRSTRLEN];
    if (memcmp(a, mapped, sizeof mapped) == 0)          // an IPv4 address in its IPv6 clothes
        a[15] = 0;
    else
        memset(a + 6, 0, 10);
    inet_ntop(AF_INET6, a, text, sizeof text);
    line_str(out, str_z(text));
}

// Without "[...]:443", ":443" behind IPv4 and "%eth0".
static struct str bare_address(struct str s)
{
    struct str inside = str_from(s, 1), port = s, head = str_cut(&port, ':');
    if (s.n && s.p[0] == '[')
        s = str_cut(&inside, ']');
    else if (port.n && !str_has(port, ':'))
        s = head;
    return str_cut(&s, '%');
}

static bool put_address(struct str token, struct line *out)
{
    char z[ADDRESS_MAX], text[INET_ADDRSTRLEN];
    unsigned char v4[4], v6[16];
    struct str s = bare_address(token);
    if (s.n == 0 || s.n >= sizeof z || memchr(s.p, 0, s.n))
        return false;
    memcpy(z, s.p, s.n);
    z[s.n] = 0;
    if (inet_pton(AF_INET, z, v4) == 1) {
        v4[3] = 0;
        inet_ntop(AF_INET, v4, text, sizeof text);
        line_str(out, str_z(text));
        return true;
    }
    if (inet_pton(AF_INET6, z, v6) != 1)
        return false;
    put_v6(v6, out);
    return true;
}

void mask_addresses(struct str value, struct line *out)
{
    while (value.n) {
        size_t n = 0;
        while (n < value.n && !between_addresses(value.p[n]))
            n++;
        struct str token = str_head(value, n);
        if (str_eq(token, S("-")) || str_eq(token, S("unknown")) || str_eq(token, S("unix:")))
            line_str(out, token);
        else if (n && !put_address(token, out))
            line_char(out, '*');
        if (n < value.n)
            line_char(out, value.p[n++]);
        value = str_from(value, n);
    }
}

void mask_query(struct str query, const struct strs *allow, struct line *out)
{
    if (str_eq(query, S("-"))) {
        line_char(out, '-');
        return;
    }
    if (query.n && query.p[0] == '?') {
        line_char(out, '?');
        query = str_from(query, 1);
    }
    while (query.n) {
        size_t n = 0;
        while (n < query.n && query.p[n] != '&' && query.p[n] != ';' && query.p[n] != '#')
            n++;
        struct str value = str_head(query, n), name = str_cut(&value, '=');
        if (name.n < n && strs_have(allow, name)) {
            line_add(out, query.p, n);
        } else if (n) {
            if (name.n < n)
                line_str(out, name), line_char(out, '=');
            line_char(out, '*');
        }
        if (n < query.n)
            line_char(out, query.p[n++]);
        query = str_from(query, n);
    }
}

void mask_url(struct str url, const struct strs *allow, struct line *out)
{
    const char *asks = memchr(url.p, '?', url.n);
    if (!asks) {
        line_str(out, url);
        return;
    }
    size_t head = (size_t)(asks + 1 - url.p);
    line_add(out, url.p, head);
    struct str query = str_from(url, head), behind = {0};
    const char *blank = memchr(query.p, ' ', query.n);      // "GET /?a=b HTTP/1.1"
    if (blank) {
        behind = str_from(query, (size_t)(blank - query.p));
        query.n = (size_t)(blank - query.p);
    }
    if (query.n)
        mask_query(query, allow, out);
    line_str(out, behind);
}
